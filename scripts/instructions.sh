#!/usr/bin/env bash
# Instructions per packet-hop of a short run, against committed limits: the guard of the engine's speed
# in CI, where clocks cannot be trusted and instruction counts can.
#
#     scripts/instructions.sh            fails when a system needs over 5 % more than its limit
#     scripts/instructions.sh --update   writes what it measures as the new limits
#
# A run is counted at two durations; their difference leaves out start-up, building and output. The
# limits hold for the release build with Debian 12's compiler; another compiler moves them by some per
# cent. Needs valgrind.
set -euo pipefail
shopt -s inherit_errexit # or a run that fails inside $(...) would go on as an empty number
cd "$(dirname "$0")/.."

program=${MTPSIM:-build/release/mtpsim}
scenario=scenarios/bench/dumbbell.yaml
limits=tests/golden/instructions.txt
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v valgrind >/dev/null || {
    echo "$0: valgrind is missing; on Debian: apt-get install valgrind" >&2
    exit 1
}
[ -f "$limits" ] || [ "${1:-}" = --update ] || {
    echo "$0: there is no $limits; write it with --update" >&2
    exit 1
}

# run SYSTEM DURATION: prints instructions and packet-hops. The run is a child of the program.
run() {
    rm -rf "$folder/out" "$folder"/count.*
    valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$folder/count.%p" \
        "$program" run "$scenario" --system "$1" --duration "$2" --set measure.after=0us \
        --out "$folder/out" --quiet >/dev/null 2>"$folder/messages" || {
        cat "$folder/messages" >&2
        return 1
    }
    awk '/^(summary|totals):/ {sum[FILENAME] = $2} END {for (f in sum) total += sum[f]; printf "%d ", total}' \
        "$folder"/count.*
    sed -n 's/^ *"packet_hops": \([0-9]*\),*$/\1/p' "$folder/out/summary.json"
}

measure() {
    local short long
    short=$(run "$1" 1ms)
    long=$(run "$1" 6ms)
    echo "$short $long" | awk '
        NF != 4 || $4 <= $2 {print "no numbers from the runs: " $0 >"/dev/stderr"; exit 1}
        {printf "%.1f\n", ($3 - $1) / ($4 - $2)}'
}

failed=0
measured=
for system in dctcp mtp; do
    value=$(measure "$system")
    measured+="$system $value"$'\n'
done
measured=${measured%$'\n'}
if [ "${1:-}" = --update ]; then
    {
        echo "# Instructions per packet-hop in $scenario; see scripts/instructions.sh."
        echo "$measured"
    } >"$limits"
    cat "$limits"
    exit
fi
while read -r system value; do
    limit=$(awk -v name="$system" '$1 == name {print $2}' "$limits")
    verdict=$(awk -v v="$value" -v l="$limit" 'BEGIN {print (l == "" || v > l * 1.05) ? "TOO MANY" : "good"}')
    echo "$system: $value instructions per packet-hop, committed ${limit:-none}: $verdict"
    [ "$verdict" = good ] || failed=1
done <<<"$measured"
exit $failed
