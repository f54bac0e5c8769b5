#!/usr/bin/env bash
# Table 1 of the paper, measured: runs scenarios/table1/, one scenario for each requirement with one system for each transport, and prints
# for each cell the mark, the figure behind it, and the paper's mark; then, where the two differ, why. The scenarios state the bounds.
#
#     scripts/table1.sh [--reference] [--duration TIME]
#
# Results go to results/table1/COLUMN, cells.csv and table.txt beside them; OUT names another folder. --reference also puts cells.csv, table.txt and the summaries
# into results/reference/table1, which is committed. --duration shortens the runs of columns 4 and 5. MTPSIM names the program,
# build/release/mtpsim unless set. Exit status 1 when a cell has no figure, or a mark is not the paper's and reasons.tsv does not say why.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${MTPSIM:-build/release/mtpsim}
out=${OUT:-results/table1}
reference=
shorter=()
while [ $# -gt 0 ]; do
    case $1 in
    --reference) reference=yes ;;
    --duration)
        shorter=(--duration "${2:?}")
        shift
        ;;
    *)
        echo "$0: what is $1?" >&2
        exit 2
        ;;
    esac
    shift
done
rows=scenarios/table1/rows.tsv
reasons=scenarios/table1/reasons.tsv
mkdir -p "$out"

# run NAME FOLDER [OPTION]...: expectations that do not hold are told by the marks.
run() {
    local name=$1 folder=$2 status=0
    shift 2
    "$program" run "scenarios/table1/$name.yaml" --quiet --out "$out/$folder" "$@" >"$out/log" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 5 ] || {
        cat "$out/log" >&2
        exit "$status"
    }
}

# summary COLUMN SCENARIO: its cells.
summary() {
    awk -f scripts/table1_flatten.awk "$out/$2/summary.json" | awk -F '\t' -v column="$1" -v scenario="$2" -f scripts/table1_summary.awk
}

# mutated NAME REQUESTS RESPONSES: the devices' ratios. Gives its values, their names after NAME/.
mutated() {
    local device devices=(offloads.mutate systems.termination_many.offloads.proxy systems.termination_one.offloads.proxy) set=()
    for device in "${devices[@]}"; do
        set+=(--set "$device.ratio=$2" --set "$device.ratio_back=$3")
    done
    run mutation "mutation_$1" "${set[@]}"
    awk -f scripts/table1_flatten.awk "$out/mutation_$1/summary.json" | sed "s|^|$1/|"
}

mutation() {
    run mutation mutation
    {
        awk -f scripts/table1_flatten.awk "$out/mutation/summary.json"
        mutated exchanged 0.5 1.5
        mutated longer_requests 1.5 1
        mutated shorter_requests 0.5 1
        mutated longer_answers 1 1.5
        mutated shorter_answers 1 0.5
        mutated plain 1 1
    } | awk -F '\t' -v column=1 -v scenario=mutation -f scripts/table1_summary.awk
}

independence() {
    local row
    run independence independence
    run independence independence_loss --set events.0.loss=100%
    run independence independence_redirects --set selector.alternate.period=100us
    run redirection redirection_even --set topology.links.slow.rate=100Gbps
    run redirection redirection
    run redirection redirection_streams --set offloads.l7_balancer.streams=message
    cut -f 1 "$rows" | while read -r row; do
        awk -v row="$row" -f scripts/table1_independence.awk "$out"/independence{,_loss,_redirects}/"$row"/messages.csv \
            "$out"/redirection{_even,,_streams}/"$row"/requests.csv
    done
}

{
    mutation
    run buffering buffering
    summary 2 buffering
    independence
    run multi_resource multi_resource "${shorter[@]}"
    summary 4 multi_resource
    run isolation isolation "${shorter[@]}"
    summary 5 isolation
} >"$out/cells.tsv"

awk -f scripts/table1_print.awk "$rows" "$reasons" "$out/cells.tsv" >"$out/table.txt" || status=$?
awk -F '\t' 'BEGIN {print "row,column,mark,figure"} {printf "%s,%s,%s,\"%s\"\n", $1, $2, $3, $4}' "$out/cells.tsv" >"$out/cells.csv"
cat "$out/table.txt"
if [ -n "$reference" ]; then
    to=results/reference/table1
    mkdir -p "$to"
    cp "$out/table.txt" "$out/cells.csv" "$to/"
    for name in mutation buffering independence redirection multi_resource isolation; do
        sed 's/"cpu_seconds": [0-9.e+-]*/"cpu_seconds": null/' "$out/$name/summary.json" >"$to/$name.json"
    done
fi
exit "${status:-0}"
