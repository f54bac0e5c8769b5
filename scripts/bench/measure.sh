# shellcheck shell=bash disable=SC2154
# Sourced by scripts/bench.sh: runs of mtpsim, each a row of bench.csv.

# of_result RESULT: a line "system packet-hops cpu-seconds wall-seconds peak-bytes" for each system.
of_result() {
    awk '
        function value(line) {sub(/^[^:]*: /, "", line); gsub(/[",]/, "", line); return line}
        FILENAME ~ /summary.json$/ && /^    "[^"]*": \{$/ {split($0, part, "\""); name = part[2]}
        FILENAME ~ /summary.json$/ && /^      "packet_hops": / {hops[name] = value($0)}
        FILENAME ~ /manifest.json$/ && /^  "wall_seconds": / {wall = value($0)}
        FILENAME ~ /manifest.json$/ && /^      "system": / {name = value($0)}
        FILENAME ~ /manifest.json$/ && /^      "cpu_seconds": / {seconds = value($0)}
        FILENAME ~ /manifest.json$/ && /^      "peak_memory_bytes": / {print name, hops[name], seconds, wall, value($0)}
        ' "$1/summary.json" "$1/manifest.json"
}

# threads_of OPTION...: what --threads says among them.
threads_of() {
    while [ $# -gt 0 ]; do
        [ "$1" != --threads ] || {
            echo "$2"
            return
        }
        shift
    done
    echo 1
}

# measure PART BENCHMARK HOSTS SCENARIO [OPTION]...: a row for each system, of its best run: the least CPU time; with several threads the
# least wall time, of the whole program. An expectation that fails (5) is none of ours.
measure() {
    local part=$1 benchmark=$2 hosts=$3 scenario=$4 threads i
    shift 4
    threads=$(threads_of "$@")
    for i in $(seq "$runs"); do
        echo "$benchmark $*: run $i of $runs" >&2
        "$program" run "$scenario" "$@" --jobs 1 --quiet --out "$folder/out" >"$folder/table" || [ $? -eq 5 ] || return 1
        of_result "$folder/out"
    done | awk -v row="$part,$benchmark,$hosts" -v threads="$threads" -v OFS=, '
        !($1 in hops) {order[++count] = $1}
        !($1 in hops) || $3 + 0 < seconds[$1] {seconds[$1] = $3 + 0}
        !($1 in hops) || $4 + 0 < wall[$1] {wall[$1] = $4 + 0}
        $5 + 0 > peak[$1] {peak[$1] = $5}
        {hops[$1] = $2}
        END {for (i = 1; i <= count; i++) {name = order[i]; print row, name, threads, hops[name], seconds[name], wall[name], peak[name]}}' >>"$rows"
}
