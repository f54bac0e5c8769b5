#!/usr/bin/env bash
# The command line: every exit status, what is written and what is not, the same bytes twice.
set -u
program=$MTPSIM
scenario=$MTPSIM_SOURCE_DIR/scenarios/multipath.yaml
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
. "$MTPSIM_SOURCE_DIR/tests/support/command.sh"

# says FILE TEXT: the file holds the text.
says() {
    grep -qF -- "$2" "$1" || {
        fail "$1 does not say: $2"
        sed 's/^/    /' "$1"
    }
}

# status RESULT: the status in its summary.
status() {
    sed -n 's/^  "status": "\(.*\)",$/\1/p' "$1/summary.json"
}

# Nothing half-written is left beside the results.
no_leftovers() {
    [ -z "$(find . -name '.*.part-*' -o -name '.*.earlier-*')" ] || fail "left behind after $1: $(ls -A .)"
}

run="$program run $scenario --duration 1ms --set measure.after=0us"
# shellcheck disable=SC2206
run=($run)

# ---- 0: done; stdout holds the result only, messages are on stderr ----

sed '/^expect:/,$d' "$scenario" >plain.yaml
expect 0 "a scenario without a verb" "$program" plain.yaml --duration 1ms --set measure.after=0us
says out "goodput Gbps"
says err "results in results/multipath"
for file in manifest.json scenario.yaml summary.json mtp/throughput.csv mtp/links.csv dctcp/messages.csv; do
    [ -s "results/multipath/$file" ] || fail "no $file in the result"
done
says results/multipath/mtp/throughput.csv "time_us,goodput_gbps"
[ "$(wc -l <results/multipath/mtp/throughput.csv)" -eq 33 ] || fail "throughput.csv has not 32 samples"
[ "$(status results/multipath)" = done ] || fail "the status is $(status results/multipath)"
says results/multipath/manifest.json '"mtpsim_result": 1'

expect 0 "quiet" "$program" run plain.yaml --duration 1ms --set measure.after=0us --quiet
[ -s err ] && fail "--quiet writes to stderr: $(cat err)"

expect 0 "JSON" "$program" run plain.yaml --duration 1ms --set measure.after=0us --json --out json
cmp -s out json/summary.json || fail "--json does not print summary.json"
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; s = json.load(open("out")); s["systems"]["mtp"]["goodput_gbps"] + 1' ||
        fail "--json is no JSON"
fi

expect 0 "standard input" sh -c "'$program' - --duration 1ms --set measure.after=0us --out stdin <plain.yaml"
same json stdin

expect 0 "the effective scenario" "$program" show plain.yaml --duration 1ms --set measure.after=0us
cp out effective.yaml
expect 0 "and its run" "$program" effective.yaml --out effective
same json effective
expect 0 "validate" "$program" validate "$scenario"
for what in "--help" "--version" "run --help" "list" "list queue" "explain dctcp" "help"; do
    # shellcheck disable=SC2086
    expect 0 "$what" "$program" $what
    [ -s out ] || fail "$what prints nothing"
    [ -s err ] && fail "$what writes to stderr"
done

# ---- the same bytes: twice, for any number of processes, with and without the other systems ----

expect 0 "seeds" "$program" run plain.yaml --duration 1ms --set measure.after=0us --seeds 1..3 --jobs 1 --out one
expect 0 "seeds at once" "$program" run plain.yaml --duration 1ms --set measure.after=0us --seeds 1..3 --jobs 2 --out two
same one two
[ "$(wc -l <one/seeds.csv)" -eq 10 ] || fail "seeds.csv has not 3 seeds of 3 systems"
[ -s one/mtp/seed-2/throughput.csv ] || fail "no series of seed 2"
says one/summary.json '"range": {'
for threads in 1 2 3; do
    expect 0 "threads" "$program" run plain.yaml --duration 1ms --set measure.after=0us --seeds 1..2 \
        --threads $threads --out threads_$threads
done
same threads_1 threads_2
same threads_1 threads_3
grep -q '"digest": \["0x[0-9a-f]*[1-9a-f]' threads_3/summary.json || fail "no digest with 3 threads"
expect 0 "one system" "$program" run plain.yaml --duration 1ms --set measure.after=0us --system mtp --out alone
cmp -s alone/mtp/throughput.csv json/mtp/throughput.csv || fail "a system alone differs"
[ -e alone/dctcp ] && fail "--system mtp ran dctcp"

# ---- sweeps: every point, system and seed; a point's folder is the result of its scenario ----

vary=(--vary queue.ecn_threshold.mark_at=5p,20p --vary topology.links.slow.rate=10Gbps,25Gbps)
sweep=("$program" run plain.yaml --duration 1ms --set measure.after=0us --seeds 1..2 "${vary[@]}")
expect 0 "a sweep" "${sweep[@]}" --jobs 1 --out sweep_1
cp out table
expect 0 "a sweep at once" "${sweep[@]}" --jobs 2 --threads 2 --out sweep_2
same sweep_1 sweep_2
[ "$(wc -l <table)" -eq 13 ] || fail "the table has not a row for each of 4 points and 3 systems"
[ "$(wc -l <sweep_1/points.csv)" -eq 13 ] || fail "points.csv has not 4 points of 3 systems"
[ "$(wc -l <sweep_1/seeds.csv)" -eq 25 ] || fail "seeds.csv has not 4 points of 3 systems and 2 seeds"
says sweep_1/points.csv "queue.ecn_threshold.mark_at,topology.links.slow.rate,system,goodput_gbps,"
says sweep_1/points.csv ",goodput_gbps.low,goodput_gbps.high,"
point="sweep_1/sweep/mark_at=20p,rate=25Gbps"
[ -s "$point/mtp/seed-2/throughput.csv" ] || fail "no series at a point"
expect 0 "a point's own scenario" "$program" "$point/scenario.yaml" --out again
rm again/seeds.csv
same "$point" again
expect 0 "a sweep as JSON" "${sweep[@]}" --system mtp --json --out sweep_json
cmp -s out sweep_json/summary.json || fail "--json does not print the sweep's summary.json"
if command -v python3 >/dev/null; then
    python3 - <<'END' || fail "the sweep's summary is not as described"
import json
summary = json.load(open("out"))
assert [list(p["values"].values()) for p in summary["points"]] == [
    ["5p", "10Gbps"], ["5p", "25Gbps"], ["20p", "10Gbps"], ["20p", "25Gbps"]]
for point in summary["points"]:
    assert point["systems"]["mtp"]["goodput_gbps"] > 0
    assert json.load(open("sweep_json/" + point["folder"] + "/summary.json"))["systems"] == point["systems"]
assert summary["points"][1]["systems"]["mtp"]["digest"] != summary["points"][3]["systems"]["mtp"]["digest"]
END
fi
cat plain.yaml - >swept.yaml <<'END'
vary: {duration: [1ms, 2ms]}
expect:
  - {that: mtp.simulated_us, at_most: 1500}
END
expect 5 "an expectation fails at one point" "$program" swept.yaml --set measure.after=0us --out swept
says out "duration=2ms"
says out "expectations: 2, of which 1 does not hold"
[ "$(grep -c '"holds": false' swept/summary.json)" -eq 2 ] || fail "not once in points and once in expectations"
grep -q '"holds": false' swept/sweep/duration=1ms/summary.json && fail "it fails where it holds"
expect 0 "its values replaced" "$program" swept.yaml --set measure.after=0us --vary duration=1ms --out swept
[ "$(ls swept/sweep)" = duration=1ms ] || fail "--vary did not replace the scenario's values"
says out "expectations: 1, of which 0 do not hold"
expect 0 "all points checked" "$program" validate swept.yaml --set measure.after=0us
says out "2 points"

# ---- 2: usage and scenario errors ----

expect 2 "no arguments" "$program"
expect 2 "unknown verb" "$program" explian
says err 'unknown verb "explian"; did you mean "explain"?'
expect 2 "unknown option" "${run[@]}" --quite
says err 'unknown option "--quite"; did you mean "--quiet"?'
expect 2 "two scenarios" "${run[@]}" another.yaml
expect 2 "no such file" "$program" none.yaml
expect 2 "no such key" "${run[@]}" --set topology.links.slow.rat=25Gbps
says err 'did you mean "rate"?'
expect 2 "no unit" "${run[@]}" --set topology.links.slow.rate=25
expect 2 "no such system" "${run[@]}" --system mpt
for threads in 0 257 2x -1 ''; do
    expect 2 "threads" "${run[@]}" --threads "$threads"
    says err "--threads is \"$threads\"; allowed: a whole number from 1 to 256"
done
expect 2 "no jobs" "${run[@]}" --jobs 0
expect 2 "seeds are no sweep" "${run[@]}" --vary seed=1,2
expect 2 "a sweep of nothing" "${run[@]}" --vary topology.mtu=
expect 2 "a sweep without a unit" "${run[@]}" --vary queue.ecn_threshold.mark_at=5p,20
says err "without a unit"
expect 2 "a wrong point" "$program" validate swept.yaml --set measure.after=1500us
expect 2 "seed and seeds" "${run[@]}" --seed 1 --seeds 1..2
expect 2 "no such plug-in" "${run[@]}" --plugin ./none.so
expect 2 "no such model" "$program" explain dctpc
expect 2 "no such kind" "$program" list qeue
says err 'did you mean "queue"?'
sed 's/mtp.share_of_ideal/mtp.share_of_idael/' "$scenario" >typo.yaml
expect 2 "a mistyped metric, before anything runs" "$program" validate typo.yaml
says err 'did you mean "share_of_ideal"?'
sed 's/mtp.share_of_ideal/mtp.recovery/' "$scenario" >several.yaml
expect 2 "a metric that is several" "$program" validate several.yaml
[ -e results/typo ] && fail "a scenario with errors left a result"

# A file that the scenario names: the errors of all systems once, after the scenario's own.
printf '# time_us,from,to,bytes,priority\n0,0,0,100,0\n1,0,7,100\n' >bad.csv
sed 's/- long_flow: .*/- trace: {from: sender, to: receiver, file: bad.csv}/; s/period: 384us/period: 384/' "$scenario" >traced.yaml
expect 2 "a wrong trace" "$program" validate traced.yaml
cat >expected <<END
$PWD/bad.csv:3:5: to is "7"; allowed: a whole number from 0 to 0
$PWD/bad.csv:3:10: the row ends before priority; allowed: time_us,from,to,bytes,priority
END
head -n 1 err | grep -q "^traced.yaml:.*: period is 384, without a unit" || fail "the scenario's own error is not first"
tail -n +2 err | cmp -s - expected || fail "a wrong trace: $(cat err)"

# ---- 0, with a warning ----

tree=$MTPSIM_SOURCE_DIR/scenarios/bench/fat_tree_k8.yaml
expect 0 "room for all pathlets" "$program" validate "$tree" --set systems.mtp.transport.mtp.feedback_headroom=5
[ -s err ] && fail "a warning without a reason: $(cat err)"
for verb in validate "run --duration 10us --set measure.after=0us --out warned"; do
    # shellcheck disable=SC2086
    expect 0 "more pathlets than fit" "$program" $verb "$tree" --set systems.mtp.transport.mtp.feedback_headroom=4
    says err "warning: system mtp: the route from p1_e0_h0 to p0_e0_h0 has 5 pathlets"
    [ "$(grep -c warning err)" -eq 1 ] || fail "not one warning: $(cat err)"
done

# ---- 4: a limit ----

expect 4 "wall clock" "$program" run plain.yaml --duration 1000s --set measure.throughput.every=1s --wall-limit 500ms --out limit
[ "$(status limit)" = stopped ] || fail "the status is $(status limit)"
endless=("$program" run "$MTPSIM_SOURCE_DIR/tests/system/cli/endless.yaml" --jobs 2)
for threads in 1 2; do
    expect 4 "wall clock within a window" timeout 60 "${endless[@]}" --wall-limit 200ms --threads $threads --out limit
    [ "$(status limit)" = stopped ] || fail "the status is $(status limit)"
done

# ---- 5: an expectation fails ----

cat plain.yaml - >impossible.yaml <<'END'
expect:
  - {that: mtp.goodput_gbps, at_least: 1000}
  - {that: mtp.drops, at_most: 1000000}
END
expect 5 "an expectation" "$program" impossible.yaml --out failed
says out "NO"
says failed/summary.json '"holds": false'
says failed/summary.json '"holds": true'

# ---- 6: results cannot be written, and nothing is lost ----

mkdir mine
echo precious >mine/thesis
expect 6 "a folder that is not ours" "${run[@]}" --out mine
says err "holds no earlier result"
says mine/thesis precious
echo precious >file
expect 6 "a file" "${run[@]}" --out file
says file precious
expect 6 "below a file" "${run[@]}" --out file/result
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked
    chmod a-w locked
    expect 6 "a locked folder" "${run[@]}" --out locked/result
fi
expect 6 "an impossible place" "${run[@]}" --out /proc/result
if [ -e /dev/full ]; then
    expect 6 "a full device" sh -c "'$program' explain dctcp >/dev/full"
fi

# ---- 130, 143: interrupted; what was measured is written ----

# start OUT [OPTION...]: a long run in the background, as $pid; its children as $children. A shell without
# job control starts its background commands with SIGINT ignored; env gives the signal its default back.
start() {
    local out=$1
    shift
    env --default-signal=INT "$program" run plain.yaml --duration 1000s --set measure.throughput.every=1s \
        --out "$out" "$@" >out 2>err &
    pid=$!
    sleep 1
    children=$(cat "/proc/$pid/task/$pid/children")
    [ -n "$children" ] || fail "$out: no run has started"
}

# ended STATUS WHAT: the run in the background ends with that, and so do its children.
ended() {
    local got child
    wait "$pid"
    got=$?
    [ "$got" -eq "$1" ] || fail "$2: exit status $got, not $1"
    for child in $children; do
        [ -e "/proc/$child" ] && fail "$2: process $child is left"
    done
}

start cut_int
kill -INT "$pid"
ended 130 "SIGINT"
start cut_term
kill -TERM "$pid"
ended 143 "SIGTERM"
start cut_hup
kill -HUP "$pid"
ended 129 "SIGHUP"
# nohup: the end of the terminal is nothing to the run.
expect 4 "nohup" env --ignore-signal=HUP sh -c "(sleep 0.3; kill -HUP \$\$) & exec $program run plain.yaml --duration 1000s --set measure.throughput.every=1s --wall-limit 1s --quiet --out cut_not"
# The threads of a run are there: equal bytes alone would not show it.
start cut_threads --jobs 1 --threads 3
most=0
for try in $(seq 50); do
    count=$(ls "/proc/${children%% *}/task" | wc -l)
    [ "$count" -gt "$most" ] && most=$count
done
[ "$most" -eq 3 ] || fail "--threads 3 runs $most threads"
kill -INT "$pid"
ended 130 "SIGINT with threads"

start cut_sweep --vary topology.mtu=1500B,4000B,9000B --jobs 1
kill -INT "$pid"
ended 130 "SIGINT in a sweep"
[ "$(status cut_sweep)" = interrupted ] || fail "cut_sweep: the status is $(status cut_sweep)"
[ "$(grep -c '"folder"' cut_sweep/summary.json)" -eq 1 ] || fail "cut_sweep: points that did not run are there"
[ "$(wc -l <cut_sweep/points.csv)" -eq 2 ] || fail "cut_sweep: points.csv has not the one that ran"
for result in cut_int cut_term cut_hup; do
    [ "$(status $result)" = interrupted ] || fail "$result: the status is $(status $result)"
    says $result/summary.json '"goodput_gbps"'
    [ -s $result/mtp/links.csv ] || [ -s $result/dctcp/links.csv ] || fail "$result: no series"
done

expect 130 "SIGINT within a window" timeout --foreground --preserve-status -s INT -k 60 0.3 "${endless[@]}" --out cut_endless
[ "$(status cut_endless)" = interrupted ] || fail "cut_endless: the status is $(status cut_endless)"

# A second Ctrl-C does not wait for runs that do not answer, and writes nothing.
start killed --jobs 1
# shellcheck disable=SC2086
kill -STOP $children
kill -INT "$pid"
sleep 0.3
kill -INT "$pid"
ended 130 "SIGINT twice"
[ -e killed ] && fail "SIGINT twice left a result"

# ---- 1: a run crashes; the others go on, and are written ----

start crashed --jobs 2 --seed 7 --wall-limit 2s
kill -ABRT "${children%% *}"
ended 1 "a crash"
says err "system dctcp, seed 7: its process was ended by signal 6"
says err "the results of the others are written"
grep -q '^    "dctcp": {' crashed/summary.json && fail "a system that crashed has a result"
says crashed/summary.json '    "mtp": {'
says crashed/manifest.json '"crashed": "its process was ended by signal 6'
[ "$(status crashed)" = stopped ] || fail "crashed: the status is $(status crashed)"

# A seed of several: the others make the result.
"$program" run plain.yaml --duration 50ms --seeds 1..2 --system mtp --jobs 1 --out lost_seed >out 2>err &
pid=$!
until children=$(cat "/proc/$pid/task/$pid/children") && [ -n "$children" ]; do sleep 0.01; done
kill -KILL "${children%% *}"
ended 1 "a crash of a seed"
says err "system mtp, seed 1: its process was ended by signal 9"
[ "$(status lost_seed)" = incomplete ] || fail "lost_seed: the status is $(status lost_seed)"
[ "$(wc -l <lost_seed/seeds.csv)" -eq 2 ] || fail "lost_seed: not one seed is left"

# When none is left an earlier result stays.
cp -r json all_crashed
start all_crashed --jobs 1 --system mtp
kill -ABRT "${children%% *}"
ended 1 "a crash of all"
same json all_crashed
no_leftovers "everything"

[ "$failures" -eq 0 ] && echo "cli: good"
exit $((failures > 0))
