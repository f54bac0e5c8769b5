#!/usr/bin/env bash
# Builds with warnings as errors and with the address and undefined-behaviour sanitizers, and runs all
# tests. Arguments go to ctest: scripts/test.sh -R unit/quantile
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

# shellcheck disable=SC2086
install_packages $packages $test_packages
cmake --preset asan
cmake --build --preset asan -j "$(cores)"
ctest --preset asan -j "$(cores)" --timeout 300 "$@"
