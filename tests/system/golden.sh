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
        /^      "digest": / { digest = $2; gsub(/[",]/, "", digest); print what, name, digest }' "$work/summary.json"
}

{
    fingerprint multipath --duration 4ms
    fingerprint multipath --duration 4ms --set topology.links.egress.loss=0.1%
    fingerprint bench/dumbbell --duration 6ms
} >"$work/digests.txt"
if [ "${1:-}" = --update ]; then
    cp "$work/digests.txt" "$golden"
fi
[ "$(wc -l <"$work/digests.txt")" -eq 8 ]
diff -u "$golden" "$work/digests.txt"
