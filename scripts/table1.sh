#!/usr/bin/env bash
# Table 1 of the paper, measured: runs scenarios/table1/, one scenario for each requirement with one system for each transport, and prints
# for each cell the mark, the figure behind it, and the paper's mark; then, where the two differ, why. The scenarios state the bounds.
#
#     scripts/table1.sh [--reference] [--duration TIME] [--seed N | --seeds N..M]
#
# Results go to results/table1/COLUMN, cells.csv and table.txt beside them; OUT names another folder. --reference also puts cells.csv,
# table.txt and the summaries into results/reference/table1, which is committed. --duration shortens the runs of columns 4 and 5. --seed is
# that of every run; --seeds prints, after the table, which marks other seeds give. MTPSIM names the program, build/release/mtpsim unless set.
# Exit status 1 when a cell has no figure, a mark is not the paper's and reasons.tsv does not say why, or a mark depends on the seed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${MTPSIM:-build/release/mtpsim}
out=${OUT:-results/table1}
reference=
seeds=
seed=()
shorter=()
while [ $# -gt 0 ]; do
    case $1 in
    --reference) reference=yes ;;
    --seed)
        seed=(--seed "${2:?}")
        shift
        ;;
    --seeds)
        seeds=${2:?}
        shift
        ;;
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

# run_file FILE FOLDER [OPTION]...: expectations that do not hold are told by the marks.
run_file() {
    local file=$1 folder=$2 status=0
    shift 2
    "$program" run "$file" --quiet --out "$out/$folder" "${seed[@]}" "$@" >"$out/log" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 5 ] || {
        cat "$out/log" >&2
        exit "$status"
    }
}

# run NAME FOLDER [OPTION]...
run() {
    local name=$1
    shift
    run_file "scenarios/table1/$name.yaml" "$@"
}

# values FOLDER [PREFIX]: what its summary says.
values() {
    awk -f scripts/table1_flatten.awk "$out/$1/summary.json" | sed "s|^|${2-}|"
}

# summary COLUMN SCENARIO: its cells.
summary() {
    values "$2" | awk -F '\t' -v column="$1" -v scenario="$2" -f scripts/table1_summary.awk
}

# mutated NAME REQUESTS RESPONSES: the devices' ratios. Gives its values, their names after NAME/.
mutated() {
    local device devices=(offloads.mutate systems.termination_many.offloads.proxy systems.termination_one.offloads.proxy) set=()
    for device in "${devices[@]}"; do
        set+=(--set "$device.ratio=$2" --set "$device.ratio_back=$3")
    done
    run mutation "mutation_$1" "${set[@]}"
    values "mutation_$1" "$1/"
}

mutation() {
    run mutation mutation
    {
        values mutation
        mutated exchanged 0.5 1.5
        mutated longer_requests 1.5 1
        mutated shorter_requests 0.5 1
        mutated longer_answers 1 1.5
        mutated shorter_answers 1 0.5
        mutated plain 1 1
    } | awk -F '\t' -v column=1 -v scenario=mutation -f scripts/table1_summary.awk
}

independence() {
    local row lost
    run independence independence
    run independence independence_loss --set events.0.loss=100%
    run independence independence_redirects --set selector.alternate.period=100us
    run redirection redirection_even --set topology.links.slow.rate=100Gbps
    run redirection redirection
    run redirection redirection_streams --set offloads.l7_balancer.streams=message
    cut -f 1 "$rows" | while read -r row; do
        lost=$(values independence_loss | awk -F '\t' -v name="$row.drops_by_reason.link_loss" '$1 == name {print $2}')
        awk -v row="$row" -v lost="$lost" -f scripts/table1_independence.awk "$out"/independence{,_loss,_redirects}/"$row"/messages.csv \
            "$out"/redirection{_even,,_streams}/"$row"/requests.csv
    done
}

# Every system with the policy, and without it.
isolation() {
    run isolation isolation "${shorter[@]}"
    sed '/^policy:/,/^$/d' scenarios/table1/isolation.yaml >"$out/isolation_without.yaml"
    run_file "$out/isolation_without.yaml" isolation_without "${shorter[@]}"
    {
        values isolation
        values isolation_without without/
    } | awk -F '\t' -v column=5 -v scenario=isolation -f scripts/table1_summary.awk
}

{
    mutation
    run buffering buffering
    summary 2 buffering
    independence
    run multi_resource multi_resource "${shorter[@]}"
    summary 4 multi_resource
    isolation
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
if [ -n "$seeds" ]; then
    for other in $(seq "${seeds%..*}" "${seeds#*..}"); do
        OUT="$out/seed-$other" "$0" "${shorter[@]}" --seed "$other" >"$out/log" || true
    done
    awk -F '\t' -f scripts/table1_seeds.awk "$out/cells.tsv" "$out"/seed-*/cells.tsv || status=1
fi
exit "${status:-0}"
