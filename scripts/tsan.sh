#!/usr/bin/env bash
# Data races: builds with the thread sanitizer, runs the tests of the engine's threads and ranks, and the benchmarks' fat-trees shortly with
# three threads: long flows, and flows that come and go.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

# shellcheck disable=SC2086
install_packages $packages
cmake --preset tsan
cmake --build --preset tsan -j "$(cores)" --target mtpsim unit_test_engine unit_test_ranks
# GLib's slices have locks of their own, which the sanitizer does not see.
export TSAN_OPTIONS=halt_on_error=1 G_SLICE=always-malloc
ctest --preset tsan --timeout 120 -R '^unit/test_(engine|ranks)$'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# threads SCENARIO [OPTION]...: expectations that fail (5) in so short a run are none of ours.
threads() {
    echo "three threads: $*"
    build/tsan/mtpsim run "scenarios/$1.yaml" "${@:2}" --threads 3 --jobs 1 --quiet --out "$folder/out" >"$folder/table" || [ $? -eq 5 ]
}
threads bench/web_search_k8 --duration 100us
threads bench/fat_tree_k8 --duration 50us --set measure.after=0us
