#!/usr/bin/env bash
# Fingerprints: the digest of each system of a few scenarios, one a line, in tests/golden/digests.txt. A change that is meant to change what
# is simulated comes with new lines (golden.sh --update); any other that moves them is a mistake.
set -euo pipefail
source_dir=${MTPSIM_SOURCE_DIR:?} mtpsim=${MTPSIM:?}
golden=$source_dir/tests/golden/digests.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fingerprint SCENARIO [OPTION]...: lines "SCENARIO OPTIONS SYSTEM DIGEST".
fingerprint() {
    local scenario=$1
    shift
    "$mtpsim" run "$source_dir/scenarios/$scenario.yaml" "$@" --quiet --json --out "$work/result" >"$work/summary.json" || [ $? -eq 5 ]
    awk -v what="$scenario $*" '
        /^    "[^"]*": \{$/ { name = $1; gsub(/[":]/, "", name) }
        /^      "digest": / { digest = $2; gsub(/[",]/, "", digest); print what, name, digest; lines++ }
        END { exit !lines }' "$work/summary.json"
}

{
    fingerprint multipath --duration 4ms
    fingerprint multipath --duration 4ms --set topology.links.egress.loss=0.1%
    fingerprint bench/dumbbell --duration 6ms
    for system in balancer_restart cache_restart mutate_restart; do
        fingerprint offloads/failures --seed 1 --duration 13ms --system $system
    done
    fingerprint offloads/aggregate --seed 1 --duration 200us --set measure.after=0us
    fingerprint offloads/backends --seed 1 --duration 1ms --set measure.after=0us
    fingerprint offloads/nf_chain --duration 500us --set measure.after=0us
    for system in mtp tcp; do
        fingerprint in_network_cluster --seed 1 --duration 9ms --system $system
    done
    fingerprint island --seed 1 --duration 3ms --set workload.poisson.until=2ms --system eight_loss
    fingerprint table1/isolation --seed 1 --duration 1ms --set measure.after=0us
    fingerprint table1/independence --duration 7ms
} >"$work/digests.txt"
if [ "${1:-}" = --update ]; then
    cp "$work/digests.txt" "$golden"
fi
diff -u "$golden" "$work/digests.txt"
