#!/bin/sh
# What `genetic-pool run experiment.toml` keeps running in each slot: the price of a can. Any program will do.
#
# It says which version of the protocol it speaks, then answers each line of JSON with one of its own:
#
#   < {"genetic-pool": 1}
#   > {"id": 17, "seed": 123, "parameters": {"radius": 3.3, "height": 11.5}, "scratch": "/tmp/…", "deadline": null}
#   < {"id": 17, "objectives": {"cost": 59.2}, "constraints": {"volume": 393.4}, "measures": {}}
#   < {"id": 17, "failure": "why this candidate cannot be evaluated"}
#
# Only answers go to standard output; what it prints on standard error is kept with the candidate. It ends when its input
# does.

# The number called $1 in the line.
number() {
    printf '%s\n' "$line" | sed -n 's/.*"'"$1"'": *\([-+0-9.eE]*\).*/\1/p'
}

echo '{"genetic-pool": 1}'
while IFS= read -r line; do
    awk -v id="$(number id)" -v radius="$(number radius)" -v height="$(number height)" 'BEGIN {
        pi = 3.14159265358979
        cost = 0.2 * 2 * pi * radius * (radius + height)
        volume = pi * radius * radius * height
        # 17 digits keep a number as it is.
        format = "{\"id\": %s, \"objectives\": {\"cost\": %.17g}, \"constraints\": {\"volume\": %.17g}, \"measures\": {}}\n"
        printf format, id, cost, volume
    }'
done
