#!/bin/sh
# What `genetic-pool run experiment.toml` keeps running in each slot: the price of a can. Any program will do.
#
# It says which version of the protocol it speaks, then answers each line of JSON with one of its own:
#
#   > {"genetic-pool": 1, "parameters": ["radius", "height"], "goals": ["cost"], "constraints": ["volume"], …}
#   < {"genetic-pool": 1}
#   > {"candidate": "17", "seed": 123, "scratch": "/tmp/…", "parameters": {"radius": 3.3, "height": 11.5}}
#   < {"candidate": "17", "outcome": {"cost": 59.2, "volume": 393.4}}
#   < {"candidate": "17", "failure": "why this candidate cannot be evaluated"}
#
# Only answers go to standard output; what it prints on standard error is kept with the candidate. It ends when its input
# does.

# The number or the id called $1 in the line.
value() {
    printf '%s\n' "$line" | sed -n 's/.*"'"$1"'": *"\{0,1\}\([-+0-9.eE]*\).*/\1/p'
}

IFS= read -r hello || exit
echo '{"genetic-pool": 1}'
while IFS= read -r line; do
    awk -v candidate="$(value candidate)" -v radius="$(value radius)" -v height="$(value height)" 'BEGIN {
        pi = 3.14159265358979
        cost = 0.2 * 2 * pi * radius * (radius + height)
        volume = pi * radius * radius * height
        # 17 digits keep a number as it is.
        format = "{\"candidate\": \"%s\", \"outcome\": {\"cost\": %.17g, \"volume\": %.17g}}\n"
        printf format, candidate, cost, volume
    }'
done
