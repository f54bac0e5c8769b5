#!/usr/bin/env bash
# Speed: packet-hops per CPU second of every system of scenarios/bench/*.yaml, one run at a time, the best
# of several; and ns-3 on the dumbbell's work (scripts/peers/dumbbell.cc) where libns3-dev is installed.
#
#     scripts/bench.sh [NAME...]        RUNS=5 PEERS=no scripts/bench.sh dumbbell
#
# Reported, never asserted: on a machine that does other work the figures mean little. MTPSIM names the
# program, build/release/mtpsim unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${MTPSIM:-build/release/mtpsim}
runs=${RUNS:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ -x "$program" ] || {
    echo "$0: there is no $program; build it: cmake --preset release && cmake --build --preset release" >&2
    exit 1
}

# wanted NAME: whether it is to run.
wanted() {
    case " $names " in '  ' | *" $1 "*) return 0 ;; esac
    return 1
}
names=$*

# measured RESULT: a row "system packet-hops cpu-seconds peak-bytes" for each system.
measured() {
    awk '
        function value(line) {sub(/^[^:]*: /, "", line); gsub(/[",]/, "", line); return line}
        FILENAME ~ /summary.json$/ && /^    "[^"]*": \{$/ {split($0, part, "\""); name = part[2]}
        FILENAME ~ /summary.json$/ && /^      "packet_hops": / {hops[name] = value($0)}
        FILENAME ~ /summary.json$/ && /^      "cpu_seconds": / {seconds[name] = value($0)}
        FILENAME ~ /manifest.json$/ && /^      "system": / {name = value($0)}
        FILENAME ~ /manifest.json$/ && /^      "peak_memory_bytes": / {print name, hops[name], seconds[name], value($0)}
        ' "$1/summary.json" "$1/manifest.json"
}

# scenario FILE: its rows "scenario system packet-hops cpu-seconds peak-bytes", of the best run.
scenario() {
    local name i
    name=$(basename "$1" .yaml)
    for i in $(seq "$runs"); do
        echo "$name: run $i of $runs" >&2
        "$program" run "$1" --jobs 1 --quiet --out "$folder/out" >"$folder/table" ||
            [ $? -eq 5 ] || return 1
        measured "$folder/out"
    done | awk -v name="$name" '
        !($1 in seconds) {order[++count] = $1}
        !($1 in seconds) || $3 + 0 < seconds[$1] {hops[$1] = $2; seconds[$1] = $3 + 0}
        $4 + 0 > peak[$1] {peak[$1] = $4}
        END {for (i = 1; i <= count; i++) print name, order[i], hops[order[i]], seconds[order[i]], peak[order[i]]}'
}

# ns-3 on the work of the dumbbell: one row like those above, of one run, since it takes that long.
peer() {
    local libraries="-lns3-applications -lns3-internet -lns3-traffic-control -lns3-point-to-point -lns3-network -lns3-core"
    local milliseconds peak_kb
    milliseconds=$(sed -n 's/^duration: *\([0-9.]*\)ms.*/\1/p' scenarios/bench/dumbbell.yaml)
    echo "dumbbell: ns-3, one run" >&2
    # shellcheck disable=SC2086
    g++ -O2 -std=c++17 -o "$folder/dumbbell" scripts/peers/dumbbell.cc $libraries
    "$folder/dumbbell" "$milliseconds" >"$folder/ns3" &
    peak_kb=$(peak_of $!)
    awk -v peak="$peak_kb" '{print "dumbbell", "ns-3_dctcp", $1, $2, peak * 1024}' "$folder/ns3"
}

# peak_of PID: the greatest resident size of a process in KiB, when it has ended.
peak_of() {
    local now peak=0
    while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        sleep 0.2
    done
    echo "$peak"
}

for file in scenarios/bench/*.yaml; do
    wanted "$(basename "$file" .yaml)" || continue
    scenario "$file" >>"$folder/rows"
done
[ -s "$folder/rows" ] || {
    echo "$0: no such benchmark: $names" >&2
    exit 2
}
ns3=no
if wanted dumbbell && [ "${PEERS:-yes}" != no ] && [ -e /usr/include/ns3/core-module.h ] && command -v g++ >/dev/null; then
    ns3=yes
    peer >>"$folder/rows"
fi

awk '
    BEGIN {format = "%-16s  %-14s  %12s  %20s  %10s  %12s\n"
           printf format, "scenario", "system", "packet-hops", "M hops per CPU s", "peak MB", "times ns-3"}
    {row[NR] = $0; if ($2 == "ns-3_dctcp") peer[$1] = $3 / $4}
    END {
        for (i = 1; i <= NR; i++) {
            split(row[i], f, " ")
            speed = f[3] / f[4]
            printf format, f[1], f[2], f[3], sprintf("%.3f", speed / 1e6), sprintf("%.1f", f[5] / 1e6),
                   f[1] in peer ? sprintf("%.0f", speed / peer[f[1]]) : "-"
        }
    }' "$folder/rows"
echo
echo "Best of $runs runs, one at a time; hops per second of user CPU time of the event loop."
[ "$ns3" = no ] ||
    echo "ns-3: one run of scripts/peers/dumbbell.cc, whose head says what differs (Debian's libns3-dev)."
