#!/usr/bin/env bash
# From a fresh Debian 12 to the picture of the paper's Figure 5.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

# shellcheck disable=SC2086
install_packages $packages
cmake --preset release
cmake --build --preset release -j "$(cores)" --target mtpsim
status=0
build/release/mtpsim scenarios/multipath.yaml || status=$?
# 5: it ran, and a measured value is outside the scenario's bounds; the picture shows how.
[ "$status" -eq 0 ] || [ "$status" -eq 5 ] || exit "$status"
scripts/plot.sh results/multipath
echo
echo "The picture is $PWD/results/multipath/multipath.png (and .svg); the numbers are beside it, in summary.json."
exit "$status"
