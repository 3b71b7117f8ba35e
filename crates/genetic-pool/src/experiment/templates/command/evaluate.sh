#!/bin/sh
# What `genetic-pool run experiment.toml` keeps running in each slot: the price of a can. Any program will do.
#
# Both sides write lines of JSON, this program to its standard output. The first line of each names the version of the
# protocol; then each candidate is answered, by its outcome or by why it has none:
#
#   > {"genetic-pool":1,"parameters":["radius","height"],"goals":["cost"],"constraints":["volume"],…}
#   < {"genetic-pool": 1}
#   > {"candidate":"17","seed":123,"scratch":"/a/folder/of/its/own","parameters":{"radius":3.3,"height":11.5}}
#   < {"candidate": "17", "outcome": {"cost": 61.4, "volume": 393.4}}
#   < {"candidate": "17", "failure": "the can is too thin to stand"}
#
# What it prints on standard error is kept with the candidate. It ends when its input does.

# The number called $1 in the line.
number() {
    printf '%s\n' "$line" | sed -n 's/.*"'"$1"'": *"\{0,1\}\([-+0-9.eE]*\).*/\1/p'
}

IFS= read -r hello || exit
echo '{"genetic-pool": 1}'

while IFS= read -r line; do
    awk -v candidate="$(number candidate)" -v radius="$(number radius)" -v height="$(number height)" 'BEGIN {
        pi = 3.14159265358979
        cost = 0.2 * 2 * pi * radius * (radius + height)
        volume = pi * radius * radius * height
        # 17 digits keep a number as it is.
        answer = "{\"candidate\": \"%s\", \"outcome\": {\"cost\": %.17g, \"volume\": %.17g}}\n"
        printf answer, candidate, cost, volume
    }'
done
