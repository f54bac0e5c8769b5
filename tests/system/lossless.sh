#!/bin/bash
# Lossless forwarding through the command line: the scenario's expectations, twice the same bytes, and the
# pauses in links.csv; a headroom that does not suffice.
set -eu
: "${MTPSIM:?}" "${MTPSIM_SOURCE_DIR:?}"
scenario=$MTPSIM_SOURCE_DIR/scenarios/lossless.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "FAILED: $*"
    exit 1
}

for run in one other; do
    "$MTPSIM" run "$scenario" --quiet --out $run >$run.txt || fail "$(cat $run.txt)"
done
diff -r -x manifest.json -x summary.json one other || fail "two runs differ"

# column NAME: of the link between the switches, in the direction of the incast.
column() {
    awk -F, -v name="$1" '
        NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i}
        $1 == "bottleneck" && $2 == "left" {print $at}' "$2"
}
[ "$(column pauses one/dctcp/links.csv)" = 0 ] || fail "pauses without flow control"
[ "$(column pauses one/fixed_lossless/links.csv)" -gt 10 ] || fail "no pauses"
[ "$(column paused_us one/fixed_lossless/links.csv | cut -d. -f1)" -gt 50 ] || fail "no time paused"

status=0
"$MTPSIM" validate "$scenario" --set systems.mtp_lossless.pfc.headroom=20KB 2>message || status=$?
[ $status -eq 2 ] || fail "exit status $status"
grep -q 'pfc: headroom is 20000B; link s0-left needs 30525B' message || fail "$(cat message)"

echo "lossless: all passed"
