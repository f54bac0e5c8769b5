#!/usr/bin/env bash
# Pathlets: every expectation of the scenarios about models that coexist, granularity, path exclusion and TCP mode; digests that do
# not depend on how the run is executed; and feedback of a type that hosts do not know.
set -u
program=$MTPSIM
scenarios=$MTPSIM_SOURCE_DIR/scenarios
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# Shorter than the figures, for the sanitizers' sake.
while read -r name duration; do
    "$program" "$scenarios/$name.yaml" --seed 1 --duration "$duration" --quiet --out "$name" >out 2>err || {
        fail "$name: exit status $?"
        sed 's/^/    /' out err
    }
done <<'SCENARIOS'
mixed_models 9ms
granularity 3ms
granularity_paths 6ms
path_exclusion 10ms
tcp_mode 24ms
SCENARIOS

# metric SUMMARY SYSTEM NAME
metric() {
    sed -n "/^    \"$2\": {/,/^    }/s/^ *\"$3\": \(.*[^,]\),*$/\1/p" "$1/summary.json" | head -n 1
}

digests() {
    sed -n 's/^ *"digest": "\(.*\)".*/\1/p' "$1/summary.json"
}

# Models with state at ports: requests, telemetry, rates. On two threads, and in short windows.
cat >models.yaml <<'YAML'
name: models
duration: 500us
topology: {leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 3, rate: 40Gbps, uplink_rate: 40Gbps}}
queue: {ecn_threshold: {capacity: 200p, mark_at: 20p}}
workload: {closed_loop: {from: "l0_h*", to: "l1_h*", outstanding: 3, bytes: 64KB, jitter: 5us}}
systems:
  xcp: {transport: {mtp: {congestion: xcp}}}
  hpcc: {transport: {mtp: {congestion: hpcc}}}
  occupancy8: {transport: {mtp: {congestion: occupancy8}}}
  fixed: {transport: {mtp: {congestion: {fixed: {window: 12p, rate: 20Gbps}}}}}
YAML
"$program" models.yaml --quiet --out plain >out 2>err || fail "models.yaml: $(cat err)"
for option in "--threads 2" "--set engine.window=100ns" "--set engine.merge_below=1ms"; do
    # shellcheck disable=SC2086
    "$program" models.yaml --quiet --out other $option >out 2>err || fail "$option: $(cat err)"
    [ "$(digests plain)" = "$(digests other)" ] || fail "$option changes a digest"
done
[ "$(digests plain | sort -u | wc -l)" -eq 4 ] || fail "four models do not have four digests"

# A pathlet twice on the path, once of them before or after one that answers requests: one entry of 8 bytes, one of 11, and
# the list's 4. The first packets ask nothing.
cat >aggregate.yaml <<'YAML'
name: aggregate
duration: 500us
topology: &
queue: {ecn_threshold: {capacity: 200p, mark_at: 20p}}
workload: {long_flow: {from: a, to: b}}
transport: {mtp: {congestion: dctcp}}
pathlets: {1: {aggregate: true}, 2: {congestion: xcp}}
systems: {mtp: {}}
YAML
for labels in "1 2 1" "1 1 2"; do
    read -r first second third <<<"$labels"
    sed "s/&/{hosts: [a, b], switches: [s, t, u], links: [{ends: [a, s], rate: 100Gbps, delay: 1us}, {ends: [s, t], rate: 100Gbps, delay: 1us, pathlet: $first}, {ends: [t, u], rate: 50Gbps, delay: 1us, pathlet: $second}, {ends: [u, b], rate: 40Gbps, delay: 1us, pathlet: $third}]}/" \
        aggregate.yaml >"aggregate_$first$second$third.yaml"
    "$program" "aggregate_$first$second$third.yaml" --quiet --out aggregate >out 2>err || fail "pathlets $labels: $(cat err)"
    awk -v bytes="$(metric aggregate mtp feedback_bytes)" -v packets="$(metric aggregate mtp data_packets)" \
        'BEGIN { exit !(packets > 1000 && bytes / packets > 22.5 && bytes / packets <= 23) }' ||
        fail "pathlets $labels: $(metric aggregate mtp feedback_bytes) bytes of feedback in $(metric aggregate mtp data_packets) packets"
done

# A model of the network that hosts do not have.
${CC:-cc} -std=gnu11 -O2 -fPIC -shared -I "$MTPSIM_SOURCE_DIR/sim/include" -o level.so \
    "$MTPSIM_SOURCE_DIR/tests/system/plugin/level_so.c" || fail "level_so.c does not compile"
cat >unknown.yaml <<'YAML'
name: unknown
duration: 1ms
plugins: [level.so]
topology:
  hosts: [a, b]
  switches: [s, t]
  links:
    - {ends: [a, s], rate: 100Gbps, delay: 1us}
    - {ends: [s, t], rate: 40Gbps, delay: 1us, pathlet: 1}
    - {ends: [t, b], rate: 10Gbps, delay: 1us, pathlet: 2}
queue: {ecn_threshold: {capacity: 200p, mark_at: 20p}}
workload: {long_flow: {from: a, to: b}}
transport: {mtp: {congestion: dctcp}}
systems:
  known: {pathlets: {1: {congestion: level}}}
  skipped: {pathlets: {1: {congestion: level, end_host: dctcp}}}
YAML
"$program" unknown.yaml --quiet --out unknown >out 2>err || fail "unknown.yaml: $(cat err)"
packets=$(metric unknown skipped data_packets)
[ "$(metric unknown known feedback_unknown)" = 0 ] || fail "the plug-in's own hosts do not know its type"
skipped=$(metric unknown skipped feedback_unknown)
[ "${skipped:-0}" -gt $((packets - 100)) ] || fail "$skipped entries are counted as unknown, of $packets packets"
[ "$(metric unknown skipped retransmissions)" = 0 ] || fail "what is skipped costs retransmissions"
# The path's other pathlet rules: 10 Gbps, of which 90 % are payload.
awk -v gbps="$(metric unknown skipped goodput_gbps)" 'BEGIN { exit !(gbps > 8.5 && gbps < 10) }' ||
    fail "goodput is $(metric unknown skipped goodput_gbps) Gbps"

exit $((failures > 0))
