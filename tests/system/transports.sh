#!/usr/bin/env bash
# Table 1's transports on one bottleneck: the scenario's own bounds hold, threads change nothing, and parameters that do not fit together are
# refused with their place.
set -euo pipefail
source_dir=${MTPSIM_SOURCE_DIR:?} mtpsim=${MTPSIM:?}
scenario=$source_dir/scenarios/transports.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$mtpsim" run "$scenario" --seed 1 --quiet --out "$work/result" >"$work/table" || { cat "$work/table"; exit 1; }

# digests THREADS: of a millisecond of those whose packets carry lists. The bounds are those of the whole time, so they may fail here (5).
digests() {
    "$mtpsim" run "$scenario" --seed 1 --set measure.after=100us --duration 1ms --threads "$1" --jobs 1 --system lossy_mptcp --system lossy_quic \
        --system lossy_udp --system lossy_rdma_rc --quiet --json --out "$work/threads" >"$work/json" || [ $? -eq 5 ]
    grep -E '"digest"' "$work/json"
}
digests 1 >"$work/one"
digests 2 >"$work/two"
[ "$(wc -l <"$work/one")" -eq 4 ]
diff "$work/one" "$work/two"

# digest_with TRANSPORT: of lossy_swift with this one instead.
digest_with() {
    sed "s/transport: swift/transport: $1/" "$scenario" >"$work/named.yaml"
    "$mtpsim" run "$work/named.yaml" --seed 1 --set measure.after=100us --duration 1ms --system lossy_swift --quiet --json --out "$work/named" \
        >"$work/json" || [ $? -eq 5 ]
    grep -E '"digest"' "$work/json"
}
[ "$(digest_with swift)" = "$(digest_with '{tcp: {congestion: swift}}')" ] || { echo "FAIL: swift is TCP with its model"; exit 1; }
[ "$(digest_with swift)" != "$(digest_with tcp)" ] || { echo "FAIL: swift is DCTCP"; exit 1; }

# refused TRANSPORT MESSAGE: the scenario with this transport is an error that says so.
refused() {
    local status=0
    sed "s/^  tcp:.*/  tcp: {transport: $1}/" "$scenario" >"$work/bad.yaml"
    "$mtpsim" validate "$work/bad.yaml" >"$work/out" 2>&1 || status=$?
    [ "$status" -eq 2 ] || { echo "FAIL: $1: status $status"; exit 1; }
    grep -qE "bad.yaml:[0-9]+:[0-9]+: .*$2" "$work/out" || { echo "FAIL: $1:"; cat "$work/out"; exit 1; }
}

refused '{rdma: {mode: rc, rate: 1Gbps}}' 'rate is for uc and ud'
refused '{rdma: {mode: rx}}' 'rc'
refused '{mptcp: {subflow: udp}}' 'a subflow must be tcp'
refused '{mptcp: {subflows: 9}}' 'subflows'
refused '{quic: {congestion: rcp}}' 'needs path feedback'
refused '{udp: {rate: 5}}' 'rate'
