#!/usr/bin/env bash
# What flows leave that stop, the others take: a few of the models of scenarios/congestion_models/flows_stop.yaml. All of them, and flows
# that join, are in scenarios/congestion_models.yaml, which scripts/reproduce.sh runs. And a model that needs path feedback is refused
# where there is none.
set -euo pipefail
source_dir=${MTPSIM_SOURCE_DIR:?} mtpsim=${MTPSIM:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scenario=$source_dir/scenarios/congestion_models/flows_stop.yaml

"$mtpsim" run "$scenario" --system mtp_xcp --system tcp_swift --quiet --out "$work/result"

status=0
"$mtpsim" validate "$scenario" --set systems.tcp_swift.transport.tcp.congestion=xcp 2>"$work/messages" || status=$?
[ "$status" -eq 2 ]
grep -q 'congestion is "xcp", which needs path feedback; tcp has none' "$work/messages" || {
    cat "$work/messages" >&2
    exit 1
}
