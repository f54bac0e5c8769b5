#!/usr/bin/env bash
# How Figure 5's ratio depends on what the paper leaves unstated: one parameter of scenarios/multipath.yaml
# is varied at a time, the others keep the scenario's values.
#
#     scripts/multipath_sweep.sh [FOLDER]        (results/multipath_sweep)
#
# writes FOLDER/multipath_sweep.csv, a row for each value and system, and draws it with
# scripts/multipath_sweep.gp. `ratio` is MTP's goodput over the system's, each normalised by its payload
# share. Not a `vary:` of the scenario: that makes every combination, and some parameters here are
# several paths that go together. MTPSIM names the program, build/release/mtpsim unless set.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
program=${MTPSIM:-$scripts/../build/release/mtpsim}
scenario=$scripts/../scenarios/multipath.yaml
folder=${1:-$scripts/../results/multipath_sweep}

runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
mkdir -p "$folder"
csv=$runs/multipath_sweep.csv
echo "parameter,value,system,goodput_normalised_gbps,ratio" >"$csv"

# run OPTION...: into a folder of its own, $out. A bound of the scenario that fails here (5) is a result.
run() {
    local status=0
    out=$(mktemp -d "$runs/run.XXXXXX")
    "$program" run "$scenario" --quiet --out "$out" "$@" >"$runs/table" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 5 ] || exit "$status"
}

# rows PARAMETER VALUE RESULT: a row for each system.
rows() {
    awk -v parameter="$1" -v value="$2" -v OFS=, '
        /^  "systems": /                      {inside = 1}
        /^  "expectations": /                 {inside = 0}
        inside && /^    "[^"]*": \{$/         {split($0, part, "\""); name[++count] = part[2]}
        inside && /^      "goodput_normalised_gbps": / {goodput[name[count]] = $2 + 0}
        END {
            for (i = 1; i <= count; i++)
                printf "%s,%s,%s,%.3f,%.4f\n", parameter, value, name[i], goodput[name[i]],
                       goodput["mtp"] / goodput[name[i]]
        }' "$3/summary.json" >>"$csv"
}

# one PARAMETER PATH VALUE...: a sweep over one path.
one() {
    local parameter=$1 path=$2 value
    shift 2
    run --vary "$path=$(IFS=,; echo "$*")"
    for value in "$@"; do
        rows "$parameter" "$value" "$out/sweep/${path##*.}=$value"
    done
}

# together PARAMETER VALUE PATH=VALUE...: one point of a parameter that is several paths.
together() {
    local parameter=$1 value=$2 path
    local -a sets=()
    shift 2
    for path in "$@"; do
        sets+=(--set "$path")
    done
    run "${sets[@]}"
    rows "$parameter" "$value" "$out"
}

one "packet size" topology.mtu 1500B 4000B 9000B
for delay in 500ns 1000ns 1250ns 1500ns 2000ns; do
    together "delay of each link" "$delay" topology.links.{access,fast,slow,egress}.delay="$delay"
done
one "marking threshold" queue.ecn_threshold.mark_at 5p 10p 20p 40p 65p
for period in 192 384 768 1536; do
    together "stay on each path" "${period}us" "selector.0.alternate.period=${period}us" \
        "measure.throughput.every=$((period / 12))us"
done
one "duplicate ACKs that mean a loss" systems.dctcp.transport.tcp.duplicate_ack_threshold 3 1000000
for rate in 100Gbps 200Gbps 400Gbps; do
    together "rate of the access links" "$rate" topology.links.{access,egress}.rate="$rate"
done
one "capacity of each port" queue.ecn_threshold.capacity 64p 128p 256p
for g in 0.03125 0.0625 0.125 0.25 0.5 1; do
    together "gain g" "$g" systems.{dctcp,dctcp_rack}.transport.tcp.congestion.dctcp.g="$g" \
        systems.mtp.transport.mtp.congestion.dctcp.g="$g"
done

mv "$csv" "$folder/multipath_sweep.csv"
gnuplot -c "$scripts/multipath_sweep.gp" "$folder"
echo "$folder/multipath_sweep.csv and multipath_sweep.png, .svg"
