#!/usr/bin/env bash
# One simulation over several ranks: the same bytes as in one process; errors once, one exit status, no rank left behind.
set -u
program=$MTPSIM source_dir=$MTPSIM_SOURCE_DIR
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
. "$MTPSIM_SOURCE_DIR/tests/support/command.sh"

# says FILE TEXT TIMES: so often the file holds the text.
says() {
    local times
    times=$(grep -cF -- "$2" "$1")
    [ "$times" -eq "$3" ] && return
    fail "$1 says $times times, not $3: $2"
    sed 's/^/    /' "$1"
}

if [ -z "${MTPSIM_MPIRUN:-}" ]; then
    # Each of two would do the whole work, and write over the other's results.
    expect 2 "started by a launcher, built without MPI" env OMPI_COMM_WORLD_SIZE=2 "$program" "$source_dir/scenarios/multipath.yaml"
    says err "built without MPI" 1
    exit $((failures > 0))
fi

# MPI's own leaks are not ours to find; containers run tests as root, on fewer cores than ranks.
export ASAN_OPTIONS=detect_leaks=0 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# Once a rank ends with an error, all have done what they had to: the launcher need not wait a second.
mpirun=(timeout 120 "$MTPSIM_MPIRUN" --oversubscribe --mca odls_base_sigkill_timeout 0 -n)
two=("${mpirun[@]}" 2 "$program")
three=("${mpirun[@]}" 3 "$program")

# compare NAME RANKS SCENARIO OPTION...: its result over ranks is that of one process.
compare() {
    local name=$1 count=$2
    shift 2
    [ -d "$name" ] || expect 0 "$name in one process" "$program" run "$@" --quiet --out "$name"
    expect 0 "$name over $count ranks" "${mpirun[@]}" "$count" "$program" run "$@" --quiet --out "$name.$count"
    same "$name" "$name.$count"
}

# without_expectations NAME: a copy of a scenario; what it expects needs longer runs.
without_expectations() {
    sed '/^expect:/,$d' "$source_dir/scenarios/$1.yaml" >"$1.yaml"
}
for name in multipath isolation proxy load_balancing; do
    without_expectations "$name"
done

# ---- the same bytes ----

short=(--seeds 1..1 --set measure.after=0us)
compare fat_tree 2 "$source_dir/tests/system/mpi/fat_tree.yaml"
compare fat_tree 3 "$source_dir/tests/system/mpi/fat_tree.yaml"
compare multipath 2 multipath.yaml "${short[@]}" --duration 1ms
compare isolation 3 isolation.yaml "${short[@]}" --duration 600us --system separate --system mtp_marks --system mtp_rates
compare device 3 "$source_dir/tests/system/mpi/device.yaml"
compare island 3 "$source_dir/tests/system/mpi/island.yaml"
compare proxy 2 proxy.yaml "${short[@]}" --duration 500us
compare load_balancing 2 load_balancing.yaml "${short[@]}" --duration 2ms --system spray --system mtp --set workload.poisson.elephant_at=100us
compare threads 2 "$source_dir/tests/system/mpi/fat_tree.yaml" --system mtp --threads 2
compare sweep 2 multipath.yaml --seeds 1..2 --set measure.after=0us --duration 200us --vary topology.links.slow.rate=10Gbps,25Gbps
[ -s sweep.2/sweep/rate=25Gbps/mtp/seed-2/throughput.csv ] || fail "no series of a point's seed"
grep -q '"ranks": 2' sweep.2/manifest.json || fail "the manifest does not say how many ranks"
[ "$(grep -c '"drops": 0,' fat_tree/summary.json)" -eq 0 ] || fail "the fat-tree drops nothing"
# One rank needs no MPI: its runs are processes, as ever.
expect 0 "one rank" "${mpirun[@]}" 1 "$program" run multipath.yaml "${short[@]}" --duration 1ms --jobs 2 --quiet --out alone
same multipath alone
# Only rank 0 has the standard input.
"${two[@]}" - "${short[@]}" --duration 1ms --quiet --out stdin <multipath.yaml >out 2>err ||
    fail "standard input"
same multipath stdin

# ---- errors: once, and the same status from all ----

run=(run multipath.yaml "${short[@]}" --duration 1ms)
expect 2 "no such key" "${three[@]}" "${run[@]}" --set topology.links.slow.rat=25Gbps
says err 'did you mean "rate"?' 1
expect 2 "runs at once" "${two[@]}" "${run[@]}" --jobs 2
says err "--jobs is 2" 1
expect 0 "another verb" "${two[@]}" validate multipath.yaml
says out "multipath: valid" 1
cat >islands.yaml <<'END'
name: islands
duration: 1ms
topology:
  hosts: [a, b]
  switches: [left, right]
  links:
    - {name: a, ends: [a, left], rate: 10Gbps, delay: 1us}
    - {name: b, ends: [b, right], rate: 10Gbps, delay: 1us}
queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}
transport: {tcp: {congestion: dctcp}}
workload: [{long_flow: {from: a, to: b}}]
END
expect 2 "a network that no rank can build" "${two[@]}" islands.yaml
says err "there is no path from host a to host b" 1
cat multipath.yaml - >impossible.yaml <<'END'
expect:
  - {that: mtp.goodput_gbps, at_least: 1000}
END
expect 5 "an expectation fails" "${two[@]}" impossible.yaml "${short[@]}" --duration 1ms --out impossible
long=(multipath.yaml --duration 1000s --set measure.throughput.every=1s)
expect 4 "a limit" "${two[@]}" run "${long[@]}" --wall-limit 500ms --out limit
says limit/summary.json '"status": "stopped"' 1
# The window that does not end is rank 0's, or another's.
for hosts in "client, server" "server, client"; do
    sed "s/hosts: .*/hosts: [$hosts]/" "$source_dir/tests/system/cli/endless.yaml" >endless.yaml
    expect 4 "a limit within a window" "${two[@]}" run endless.yaml --system mtp --wall-limit 200ms --out limit
    says limit/summary.json '"status": "stopped"' 1
done

# ---- signals and crashes ----

# ends PROCESS: it is gone, or a zombie, within 20 s. The launcher does not wait for what it kills.
ends() {
    local try
    for try in $(seq 200); do
        grep -qs '^State:[[:space:]]*[RSDT]' "/proc/$1/status" || return 0
        sleep 0.1
    done
    return 1
}

# interrupt SIGNAL RANK OUT: a long run, whose rank gets a signal; its exit status is in $status.
interrupt() {
    local launcher children child
    "${two[@]:2}" run "${long[@]}" --out "$3" >out 2>err </dev/null & # without `timeout`, for its children
    launcher=$!
    until compgen -G ".$3.part-*/dctcp" >/dev/null || ! kill -0 "$launcher"; do sleep 0.1; done
    sleep 0.3
    read -r -a children <"/proc/$launcher/task/$launcher/children"
    kill "-$1" "${children[$2]}" || fail "$3: no rank to signal"
    wait "$launcher"
    status=$?
    for child in "${children[@]}"; do
        ends "$child" || fail "$3: rank $child is left"
    done
}

interrupt TERM 0 cut_lead
[ "$status" -eq 143 ] || fail "SIGTERM: exit status $status"
interrupt TERM 1 cut_other
[ "$status" -eq 143 ] || fail "SIGTERM of another rank: exit status $status"
for result in cut_lead cut_other; do
    says $result/summary.json '"status": "interrupted"' 1
    [ -s $result/dctcp/links.csv ] || fail "$result: no series"
done
interrupt ABRT 1 crashed
[ "$status" -ne 0 ] || fail "a crash ends with exit status 0"
[ -e crashed ] && fail "a crash left a result"

[ "$failures" -eq 0 ] && echo "mpi: good"
exit $((failures > 0))
