# shellcheck shell=bash disable=SC2154
# Sourced by scripts/bench.sh: other simulators on the same work, as rows of bench.csv.

# ns3_is_here: whether ns-3 can be built against, and is wanted.
ns3_is_here() {
    [ "${PEERS:-yes}" != no ] && [ -e /usr/include/ns3/core-module.h ] && command -v g++ >/dev/null
}

# peak_of PID: the greatest resident size of a process in KiB, when it has ended.
peak_of() {
    local now peak=0
    while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        sleep 0.1
    done
    echo "$peak"
}

# ns3 BENCHMARK HOSTS PROGRAM ARGUMENT...: a row of one run, since it takes that long.
ns3() {
    local benchmark=$1 hosts=$2 peer=$3 peak
    shift 3
    echo "$benchmark: ns-3, one run" >&2
    [ -x "$folder/$peer" ] || g++ -O2 -std=c++17 -o "$folder/$peer" "scripts/peers/$peer.cc" \
        -lns3-applications -lns3-internet -lns3-traffic-control -lns3-point-to-point -lns3-network -lns3-core
    "$folder/$peer" "$@" >"$folder/ns3" &
    peak=$(peak_of $!)
    wait $!
    awk -v row="speed,$benchmark,$hosts,ns-3 dctcp,1" -v peak="$peak" -v OFS=, '{print row, $1, $2, "", peak * 1024}' "$folder/ns3" >>"$rows"
}

# peers BENCHMARK HOSTS: the rows of the others for a benchmark. The fat-trees run for a shorter simulated time than ours: ns-3 takes a
# second for 0.1 million hops, and what it takes for one does not depend on how long it runs.
peers() {
    awk -F, -v benchmark="$1" -v hosts="$2" -v OFS=, \
        '!/^#/ && $1 == benchmark {print "speed", benchmark, hosts, "htsim (elsewhere)", 1, $2 * 1e6, 1, "", ""}' scripts/bench/htsim.csv >>"$rows"
    ns3_is_here || return 0
    case $1 in
    dumbbell) ns3 "$1" "$2" dumbbell 50 ;;
    fat_tree_k4) ns3 "$1" "$2" fat_tree 4 2 ;;
    fat_tree_k8) ns3 "$1" "$2" fat_tree 8 0.2 ;;
    fat_tree_k16) ns3 "$1" "$2" fat_tree 16 0.06 ;;
    esac
}
