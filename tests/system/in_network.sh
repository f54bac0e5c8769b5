#!/usr/bin/env bash
# Networks that compute, with shorter runs: every expectation of Figure 1's network, of encrypted messages and of stores of different speeds
# behind one cache; and that these can fail: a cache that holds one document only, the slow store's pathlet not its own.
set -u
program=$MTPSIM
scenarios=$MTPSIM_SOURCE_DIR/scenarios
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
. "$MTPSIM_SOURCE_DIR/tests/support/command.sh"

# run STATUS WHAT SCENARIO OPTION...
run() {
    local status=$1 what=$2 scenario=$3
    shift 3
    expect "$status" "$what" "$program" run "$scenarios/$scenario.yaml" --seed 1 --quiet --out result "$@"
}

cluster=(in_network_cluster --duration 15500us --set workload.requests.count=3700)
run 0 "Figure 1" "${cluster[@]}"
run 5 "Figure 1 with one document in the cache" "${cluster[@]}" --set offloads.cache.admit=1 --system mtp_full
run 0 "encryption" offloads/encryption --duration 11ms --set measure.after=5ms
run 0 "backends" offloads/backends --system each
run 5 "backends with one pathlet" offloads/backends --set systems.each.offloads.4.nf_chain.pathlet=7 --system each

[ "$failures" -eq 0 ]
