#!/usr/bin/env bash
# Runs and draws every figure of the paper, and prints one table: what each must show, what came out,
# what the paper says. Exit status 1 when something does not hold.
#
#     scripts/reproduce.sh [--reference] [NAME...]
#
# The figures are the scenarios with a `paper:` line; NAMEs choose among them. Results go to
# results/NAME. --reference also puts the pictures and the summary, without the series, into
# results/reference/NAME, which is committed. MTPSIM names the program, build/release/mtpsim unless set,
# which is built when it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

reference=
[ "${1:-}" != --reference ] || {
    reference=yes
    shift
}
program=${MTPSIM:-build/release/mtpsim}
if [ ! -x "$program" ]; then
    cmake --preset release
    cmake --build --preset release -j "$(cores)" --target mtpsim
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
table=$folder/table

# rows FIGURE SUMMARY: a row for each expectation of a summary, columns apart by tabs.
rows() {
    awk -v figure="$1" '
        function value(line) {sub(/^[^:]*: /, "", line); sub(/,$/, "", line); return line}
        function text(line) {line = value(line); gsub(/^"|"$/, "", line); return line}
        function number(line) {line = value(line); return line == "null" ? "-" : sprintf("%.5g", line)}
        /^  "expectations": \[/ {inside = 1}
        !inside {next}
        /^    \{/          {point = ""}
        /^      "point": / {point = text($0)}
        /^      "that": /  {that = text($0)}
        /^      "value": / {ours = number($0)}
        /^      "at_least": / {least = number($0)}
        /^      "at_most": /  {most = number($0)}
        /^      "paper": / {paper = number($0)}
        /^      "holds": / {
            holds = value($0)
            bound = least == "-" ? "<= " most : most == "-" ? ">= " least : least " .. " most
            printf "%s\t%s%s\t%s\t%s\t%s\t%s\n", figure, that, point == "" ? "" : " at " point, ours, bound,
                   paper, holds == "true" ? "yes" : holds == "false" ? "NO" : "not judged"
        }' "$2"
}

# keep NAME: what is committed of a result. CPU time differs in every run and says nothing here.
keep() {
    local to=results/reference/$1
    rm -rf "$to"
    mkdir -p "$to"
    cp "results/$1"/*.png "results/$1"/*.svg "$to/"
    sed 's/"cpu_seconds": [0-9.e+-]*/"cpu_seconds": null/' "results/$1/summary.json" >"$to/summary.json"
}

# figure SCENARIO: runs and draws it, and adds its rows.
figure() {
    local name status=0 paper
    name=$(basename "$1" .yaml)
    paper=$(sed -n 's/^paper: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' "$1" | head -n 1)
    echo "== $paper: $1" >&2
    "$program" run "$1" --out "results/$name" >"$folder/out" || status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 5 ]; then
        printf '%s\t%s\t-\t-\t-\tNO\n' "$paper" "runs (exit status $status)" >>"$table"
        return
    fi
    if ! scripts/plot.sh "results/$name" >&2; then
        printf '%s\t%s\t-\t-\t-\tNO\n' "$paper" "is drawn" >>"$table"
        return
    fi
    rows "$paper" "results/$name/summary.json" >>"$table"
    [ -z "$reference" ] || keep "$name"
}

printf 'figure\twhat\tours\tbound\tpaper\tholds\n' >"$table"
for scenario in scenarios/*.yaml scenarios/offloads/*.yaml; do
    grep -q '^paper:' "$scenario" || continue
    if [ $# -gt 0 ]; then
        case " $* " in *" $(basename "$scenario" .yaml) "*) ;; *) continue ;; esac
    fi
    figure "$scenario"
done

awk -F '\t' '
    {for (i = 1; i <= NF; i++) {cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i)}}
    END {
        for (row = 1; row <= NR; row++) {
            line = ""
            for (i = 1; i <= NF; i++)
                line = line sprintf(i < 3 ? "%-*s  " : "%*s  ", width[i], cell[row, i])
            sub(/ +$/, "", line)
            print line
        }
    }' "$table"
judged=$(($(wc -l <"$table") - 1))
failed=$(awk -F '\t' 'NR > 1 && $6 != "yes"' "$table" | wc -l)
echo
echo "$judged expectations, $failed do not hold; $SECONDS s in all"
if [ "$judged" -eq 0 ]; then
    echo "$0: no such figure: $*" >&2
    exit 2
fi
[ "$failed" -eq 0 ]
