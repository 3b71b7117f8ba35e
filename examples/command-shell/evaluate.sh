#!/bin/sh
# Answers lines of JSON with sed and awk alone. What it has to say goes to standard error.

# The value of key $1 in the object $2, without quotes around it.
value() {
    printf '%s\n' "$2" | sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'
}

read -r greeting
if [ "$(value genetic-pool "$greeting")" != 1 ]; then
    echo '{"genetic-pool":1,"error":"this script speaks version 1 of the protocol"}'
    exit 1
fi
echo '{"genetic-pool":1}'

while read -r line; do
    awk -v candidate="$(value candidate "$line")" -v x="$(value x "$line")" -v y="$(value y "$line")" 'BEGIN {
        a = x + 2 * y - 7
        b = 2 * x + y - 5
        distance = sqrt((x - 1) * (x - 1) + (y - 3) * (y - 3))
        printf "{\"candidate\":\"%s\",\"outcome\":{\"cost\":%.17g,\"distance\":%.17g}}\n", candidate, a * a + b * b, distance
    }'
done
