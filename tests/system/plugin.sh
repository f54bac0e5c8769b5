#!/bin/bash
# Models outside the tree: installed headers, pkg-config, the example, and dctcp rebuilt as a shared
# object, which must give the built-in's digest.
set -eu
: "${MTPSIM:?}" "${MTPSIM_SOURCE_DIR:?}" "${MTPSIM_BINARY_DIR:?}"
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=$MTPSIM_SOURCE_DIR/tests/system/plugin

fail() {
    echo "FAILED: $*"
    exit 1
}

# Runs mtpsim; its status, stdout and stderr are in $status, $work/out and $work/err.
run() {
    status=0
    "$program" "$@" >"$work/out" 2>"$work/err" || status=$?
}

expect_status() {
    [ $status -eq "$1" ] || { cat "$work/out" "$work/err"; fail "exit status $status, not $1"; }
}

expect_message() {
    [ "$(cat "$work/err")" = "$1" ] || { cat "$work/err"; fail "the message should be: $1"; }
}

digests() {
    grep -o '"digest"[^,}]*' "$1/summary.json"
}

# ---- installation ----
cmake --install "$MTPSIM_BINARY_DIR" --prefix "$work/usr" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name mtpsim.pc)")
export PKG_CONFIG_PATH
program=$work/usr/bin/mtpsim
flags=$(pkg-config --cflags mtpsim)
case $flags in
*-ffp-contract=off*) ;;
*) fail "pkg-config gives \"$flags\"" ;;
esac
for header in "$MTPSIM_SOURCE_DIR"/sim/include/mtpsim/*.h; do
    echo "#include <mtpsim/$(basename "$header")>" >"$work/header.c"
    $CC -std=gnu11 -Wall -Wextra -Werror $flags -fsyntax-only "$work/header.c" ||
        fail "$(basename "$header") does not compile alone"
done

# ---- the example ----
cp -r "$(pkg-config --variable=exampledir mtpsim)" "$work/example"
make -s -C "$work/example" CC="$CC" CFLAGS="-O2 -Werror" aimd_example.so check
cd "$work"
run run example/aimd_example.yaml --quiet --out by_list # plugins: in the scenario
expect_status 0
sed '/^plugins:/d' example/aimd_example.yaml >without.yaml
run run without.yaml --quiet --out by_option --plugin example/aimd_example.so
expect_status 0
[ "$(digests by_list)" = "$(digests by_option)" ] || fail "--plugin and plugins: differ"
run validate without.yaml
expect_status 2
grep -q 'without.yaml:22:.*unknown congestion model "aimd_example"' err || fail "$(cat err)"
run show example/aimd_example.yaml
expect_status 0
grep -q "least: 2" out || fail "show has no defaults of the plug-in"
run explain aimd_example --plugin example/aimd_example.so
expect_status 0
grep -q "decrease .*share of the window" out || fail "explain does not know the plug-in"
run schema --plugin example/aimd_example.so
expect_status 0
grep -q '"aimd_example": {' out || fail "the schema does not know the plug-in"
run schema aimd_example
expect_status 2
expect_message 'mtpsim: schema takes no argument; "aimd_example" is too much'

# ---- its parameters ----
sed 's/decrease: 50%/decrease: 150%/; s/mtp: {congestion: {aimd_example: {increase: 1/&, leest: 3/' \
    example/aimd_example.yaml >example/wrong.yaml
run validate example/wrong.yaml
expect_status 2
expect_message 'example/wrong.yaml:23:78: decrease is 150%; it must be between 0.01 and 0.99
example/wrong.yaml:24:68: unknown key "leest"; did you mean "least"?
example/wrong.yaml:24:88: decrease is 150%; it must be between 0.01 and 0.99'
sed 's/decrease: 50%/least: 9, most: 8/' example/aimd_example.yaml >example/wrong.yaml
run validate example/wrong.yaml --system tcp
expect_status 2
expect_message 'example/wrong.yaml:23:40: aimd_example: least is above most'

# ---- what is refused ----
refuse() { # macro, message
    $CC -std=gnu11 $flags -D"$1" -fPIC -shared -o "$work/broken.so" "$sources/broken.c"
    run list --plugin broken.so
    expect_status 2
    sed "s|$work/||g; s/^mtpsim: //" err >listed
    run validate without.yaml --plugin broken.so
    expect_status 2
    sed "1!d; s|$work/||g; s/^--plugin:1:1: //" err >first
    cmp -s listed first || fail "$1: $(cat listed first)"
    mv first err
    case $(cat err) in
    *"$2") ;;
    *) fail "$1: $(cat err)" ;;
    esac
}
sed -i 's/aimd_example: {[^}]*}/newreno: {}/' without.yaml
refuse NO_SYMBOL 'broken.so: no symbol "mtpsim_models"'
refuse FUNCTION 'broken.so: "mtpsim_models" is no list of models'
refuse NO_END 'broken.so: "mtpsim_models" does not end with NULL'
refuse EMPTY 'broken.so: "mtpsim_models" is empty'
refuse GARBAGE 'broken.so: "mtpsim_models" has an entry that is no model of this object'
refuse TWICE 'broken.so: congestion "broken" is there already (broken.so)'
refuse UNRESOLVED 'broken.so: cannot be loaded: broken.so: undefined symbol: is_nowhere'
refuse HUGE 'broken.so: congestion "broken" has a state_size above 1 GiB'
refuse BEYOND 'broken.so: congestion "broken", parameter "gain": its member lies outside the struct'
refuse CIRCLE 'broken.so: congestion "broken" is its own parameter'\''s default'
refuse DEFAULT_TEXT 'broken.so: congestion "broken", parameter "gain": its default is wrong: gain is "fast"; write a number'
refuse DEFAULT_RANGE 'broken.so: congestion "broken", parameter "least": its default is wrong: least is 0; it must be between 1 and 9'
refuse DEFAULT_MODEL 'broken.so: congestion "broken", parameter "other": its default is wrong: unknown congestion model "dctpc"; did you mean "dctcp"?'
abi=$(sed -n 's/^#define SIM_ABI \([0-9]*\)u$/\1/p' "$MTPSIM_SOURCE_DIR/sim/include/mtpsim/plugin.h")
refuse FOREIGN_ABI "broken.so: a model has ABI $((abi + 1)); this is $abi: build it against these headers"
refuse MISSING 'broken.so: congestion "broken" has no operation "timeout"'
refuse TAKEN 'broken.so: congestion "newreno" is there already (built-in)'

# ---- files that are none ----
refuse_file() { # file, message
    run list --plugin "$1"
    expect_status 2
    case $(cat err) in
    *"$2"*) ;;
    *) fail "$1: $(cat err)" ;;
    esac
}
$CC -std=gnu11 $flags -fPIC -shared -o broken.so "$sources/broken.c"
run list congestion --plugin broken.so # with no macro nothing is broken
expect_status 0
grep -q '^broken ' out || fail "$(cat out)"
head -c 1000 broken.so >cut.so
: >empty.so
mkdir -p folder.so
refuse_file nowhere.so 'nowhere.so: No such file or directory'
refuse_file cut.so 'cut.so: is cut off'
refuse_file empty.so 'empty.so: is no shared object of this machine'
refuse_file folder.so 'folder.so: is no file'
refuse_file "$sources/broken.c" 'broken.c: is no shared object of this machine'

# ---- a built-in as a shared object ----
$CC -std=gnu11 -O2 -D_GNU_SOURCE $flags -I"$MTPSIM_SOURCE_DIR" -fPIC -fvisibility=hidden -shared \
    -o dctcp_so.so "$sources/dctcp_so.c"
run run "$MTPSIM_SOURCE_DIR/scenarios/multipath.yaml" --quiet --out built_in
expect_status 0
sed 's/{dctcp: {g/{dctcp_so: {g/' "$MTPSIM_SOURCE_DIR/scenarios/multipath.yaml" >rebuilt.yaml
grep -q dctcp_so rebuilt.yaml || fail "multipath.yaml has no dctcp to replace"
run run rebuilt.yaml --quiet --out rebuilt --plugin dctcp_so.so
expect_status 0
[ -n "$(digests built_in)" ] || fail "no digest"
[ "$(digests built_in)" = "$(digests rebuilt)" ] || fail "dctcp and dctcp_so differ"
run run rebuilt.yaml --quiet --out other --plugin dctcp_so.so --set systems.mtp.transport.mtp.congestion.dctcp_so.g=0.5
[ "$(digests built_in)" != "$(digests other)" ] || fail "the digest does not see the parameter"

echo "plug-ins: all passed"
