#!/bin/bash
# NDP as a rider on MTP: the scenario's expectations, and the same digests with two threads.
set -eu
: "${MTPSIM:?}" "${MTPSIM_SOURCE_DIR:?}"
scenario=$MTPSIM_SOURCE_DIR/scenarios/ndp_incast.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$MTPSIM" run "$scenario" --quiet --out one >table || { cat table; exit 1; }
"$MTPSIM" run "$scenario" --quiet --out two --threads 2 >table || { cat table; exit 1; }
for system in dctcp mtp trimmed ndp; do
    diff -r one/$system two/$system
done
[ "$(grep '"digest"' one/summary.json)" = "$(grep '"digest"' two/summary.json)" ] ||
    { echo "FAILED: digests differ"; exit 1; }
echo "ndp_incast: all passed"
