#!/usr/bin/env bash
# Draws every figure of a result, as SVG and PNG, into the result's folder: scripts/plot.sh results/multipath
# A scenario has its own script, scripts/SCENARIO.gp, or is drawn by scripts/throughput.gp.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)

if [ $# -ne 1 ]; then
    echo "usage: $0 RESULT_FOLDER" >&2
    exit 2
fi
result=${1%/}
if [ ! -f "$result/summary.json" ]; then
    echo "$0: $result holds no result (no summary.json)" >&2
    exit 2
fi
command -v gnuplot >/dev/null || {
    echo "$0: gnuplot is missing; on Debian: apt-get install gnuplot-nox" >&2
    exit 1
}

name=$(sed -n 's/^  "scenario": "\(.*\)",$/\1/p' "$result/summary.json")
drawn=0
for script in "$scripts/$name.gp" "$scripts/$name"_*.gp; do
    [ -f "$script" ] || continue
    gnuplot -c "$script" "$result"
    drawn=1
done
if [ "$drawn" -eq 0 ]; then
    if ! compgen -G "$result/*/throughput.csv" >/dev/null &&
        ! compgen -G "$result/*/seed-*/throughput.csv" >/dev/null; then
        echo "$0: $result has no series to draw (no \"measure: throughput\" in the scenario)" >&2
        exit 1
    fi
    gnuplot -c "$scripts/throughput.gp" "$result"
fi
ls "$result"/*.png "$result"/*.svg
