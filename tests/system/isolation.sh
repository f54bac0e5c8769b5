#!/usr/bin/env bash
# Figure 7's variants: every expectation of scenarios/isolation*.yaml, the pitfall that a virtual queue
# too short for a burst locks a tenant in far below its share, and digests that do not depend on how
# the run is executed.
set -u
program=$MTPSIM
scenarios=$MTPSIM_SOURCE_DIR/scenarios
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

for scenario in "$scenarios"/isolation.yaml "$scenarios"/isolation/*.yaml; do
    "$program" "$scenario" --seed 1 --quiet --out result >out 2>err || {
        fail "$scenario: exit status $?"
        sed 's/^/    /' out err
    }
done

# The only expectation that fails is the one on the share: the program's exit status is 5.
"$program" "$scenarios/isolation.yaml" --seed 1 --system mtp_marks --quiet --out locked \
    --set systems.mtp_marks.policy.fair_share.burst=0.05 >out 2>err
[ $? -eq 5 ] || fail "a short virtual queue does not lock a tenant in"
ratio=$(sed -n 's/^mtp_marks.goodput_gbps_by_tenant.*tenant1  *\([0-9.]*\) .*NO$/\1/p' out)
awk -v ratio="${ratio:-0}" 'BEGIN { exit !(ratio > 4) }' || {
    fail "locked in at a ratio of ${ratio:-nothing}, not above 4"
    sed 's/^/    /' out err
}

digests() {
    sed -n 's/^ *"digest": "\(.*\)".*/\1/p' "$1/summary.json"
}
"$program" "$scenarios/isolation.yaml" --seed 1 --duration 6ms --quiet --out plain >out 2>err
for option in engine.window=50ns engine.merge_below=1ms; do
    "$program" "$scenarios/isolation.yaml" --seed 1 --duration 6ms --quiet --out other --set $option >out 2>err
    [ "$(digests plain)" = "$(digests other)" ] || fail "$option changes a digest"
done
[ "$(digests plain | sort -u | wc -l)" -eq 5 ] || fail "five systems do not have five digests"

exit $((failures > 0))
