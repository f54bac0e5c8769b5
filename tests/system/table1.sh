#!/bin/bash
# Table 1, with shorter runs: each cell has a figure, differences have reasons, MTP has its marks; and marks can be lost: without the policy
# nobody is isolated, and a device with the transport's numbers against it breaks TCP.
set -eu
: "${MTPSIM:?}" "${MTPSIM_SOURCE_DIR:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    cat "$work/table" >&2
    exit 1
}

# mark ROW COLUMN
mark() {
    awk -F, -v row="$1" -v column="$2" '$1 == row && $2 == column {print $3}' "$work/out/cells.csv"
}

OUT=$work/out "$MTPSIM_SOURCE_DIR/scripts/table1.sh" --duration 5ms >"$work/table" 2>&1 || [ -s "$work/out/cells.csv" ] || fail "no table"
while read -r row _; do
    for column in 1 2 3 4 5; do
        case $(mark "$row" $column) in yes | no) ;; *) fail "$row, column $column: no mark" ;; esac
    done
done <"$MTPSIM_SOURCE_DIR/scenarios/table1/rows.tsv"
for column in 1 2 3 4 5; do
    [ "$(mark mtp $column)" = yes ] || fail "MTP, column $column"
done
grep -qE '^mtp,5,yes,.*without the policy 1 : [5-9]\.' "$work/out/cells.csv" || fail "isolation without a policy"
[ "$(mark dctcp 1)" = no ] || fail "a changed stream"
[ "$(mark dctcp 3)" = no ] || fail "a stream without order"
