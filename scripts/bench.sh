#!/usr/bin/env bash
# Speed and memory: packet-hops per CPU second of scenarios/bench/*.yaml, one run at a time, the best of several, beside ns-3 on the same
# work (scripts/peers/) where libns3-dev is installed, and beside figures of htsim from another machine (scripts/bench/htsim.csv). Then what
# load, short links and threads do to it.
#
#     scripts/bench.sh                       everything; a quarter of an hour
#     scripts/bench.sh dumbbell threads      only these, of: BENCHMARKS (by their files' names), load, delay, threads
#     scripts/bench.sh --reference           everything, and what is committed of it goes to results/reference/bench
#     RUNS=1 PEERS=no scripts/bench.sh dumbbell
#
# Writes bench.csv (a row for each best run), bench.txt (the tables, which are printed too) and the picture of scripts/bench_cost.gp into
# results/bench, or $OUT. Reported, never asserted: on a machine that does other work the figures mean little. MTPSIM names the program,
# build/release/mtpsim unless set.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

program=${MTPSIM:-build/release/mtpsim}
runs=${RUNS:-5}
out=${OUT:-results/bench}
reference=
[ "${1:-}" != --reference ] || {
    reference=results/reference/bench
    shift
}
names=" $* "
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
rows=$folder/bench.csv
[ -x "$program" ] || {
    echo "$0: there is no $program; build it: cmake --preset release && cmake --build --preset release" >&2
    exit 1
}
. scripts/bench/measure.sh
. scripts/bench/peers.sh

# wanted NAME: whether it is to run.
wanted() {
    [[ $names =~ ^\ *$ || $names == *" $1 "* ]]
}

echo "part,benchmark,hosts,system,threads,packet_hops,cpu_seconds,wall_seconds,peak_bytes" >"$rows"

# ---- speed: every scenario; the hosts are what bench_cost.gp has on its axis ----

speed() {
    local benchmark=$1 hosts=$2
    shift 2
    wanted "$benchmark" || return 0
    measure speed "$benchmark" "$hosts" "$@"
    peers "$benchmark" "$hosts"
}
speed dumbbell 16 scenarios/bench/dumbbell.yaml
speed fat_tree_k4 16 scenarios/bench/fat_tree_k8.yaml --set topology.fat_tree.k=4 --duration 20ms
speed fat_tree_k8 128 scenarios/bench/fat_tree_k8.yaml
speed fat_tree_k16 1024 scenarios/bench/fat_tree_k16.yaml
speed fat_tree_k32 8192 scenarios/bench/fat_tree_k32.yaml
speed web_search_k8 128 scenarios/bench/web_search_k8.yaml

# ---- what changes the cost of a hop: the first row of each is what the others are compared with ----

if wanted load; then
    measure load "load 50%" 128 scenarios/bench/web_search_k8.yaml
    measure load "load 1%" 128 scenarios/bench/web_search_k8.yaml --set workload.poisson.load=1% --duration 100ms
fi
if wanted delay; then
    for delay in 1us 100ns 10ns; do
        measure delay "links of $delay" 128 scenarios/bench/fat_tree_k8.yaml --set "topology.fat_tree.delay=$delay"
    done
fi
if wanted threads; then
    for threads in 1 2; do
        measure threads fat_tree_k8 128 scenarios/bench/fat_tree_k8.yaml --system dctcp --duration 10ms --threads "$threads"
    done
    for threads in 1 2; do
        measure threads fat_tree_k16 1024 scenarios/bench/fat_tree_k16.yaml --system dctcp --duration 2ms --threads "$threads"
    done
fi

[ "$(wc -l <"$rows")" -gt 1 ] || {
    echo "$0: no such benchmark: $*" >&2
    exit 2
}
mkdir -p "$out"
mv "$rows" "$out/bench.csv"
awk -f scripts/bench/tables.awk -v runs="$runs" "$out/bench.csv" | tee "$out/bench.txt"
! command -v gnuplot >/dev/null || gnuplot -c scripts/bench_cost.gp "$out"
if [ -n "$reference" ]; then
    mkdir -p "$reference"
    cp "$out"/bench.csv "$out"/bench.txt "$out"/bench_cost.png "$out"/bench_cost.svg "$reference/"
fi
