#!/bin/bash
# A model of one's own, from nothing to a run: what README and the manual page say, word by word; every kind,
# outside the source tree and inside; what is refused. Nothing but PATH says where mtpsim is.
set -eu
: "${MTPSIM_SOURCE_DIR:?}" "${MTPSIM_BINARY_DIR:?}"
export CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kinds="queue selector congestion policy sizes workload offload"

fail() {
    echo "FAILED: $*"
    exit 1
}

unset PKG_CONFIG_PATH

# ---- README's three lines ----
# In a home of its own; where man is not installed, without it. What they leave in PATH is used below.
export HOME=$work/home
mkdir -p "$HOME/build"
ln -s "$MTPSIM_BINARY_DIR" "$HOME/build/release"
awk '/^## / {inside = /Your own model/} inside && /^```/ {shown = !shown; next} inside && shown' \
    "$MTPSIM_SOURCE_DIR/README.md" >"$work/lines"
grep -q "^cmake --install .*" "$work/lines" || fail "README has no commands: $(cat "$work/lines")"
command -v man >/dev/null || sed -i '/^man /d' "$work/lines"
cd "$HOME"
# shellcheck disable=SC1091
. "$work/lines" >"$work/out" 2>&1 </dev/null || fail "README's commands: $(cat "$work/out")"
grep -q 'my_queue: all tests passed' "$work/out" || fail "README's model has no test: $(cat "$work/out")"
[ -s results/my_queue/summary.json ] || fail "README's model has no results: $(cat "$work/out")"
[ "$(command -v mtpsim)" = "$HOME/mtpsim/bin/mtpsim" ] || fail "mtpsim is $(command -v mtpsim)"
page=$(find "$HOME/mtpsim" -name mtpsim-models.7)

# ---- the manual's ten minutes ----
mkdir "$work/manual"
cd "$work/manual"
awk '/^\.Sh/ {inside = /TEN MINUTES/} inside && /^\.Ed/ {shown = 0} inside && shown {print}
     inside && /^\.Bd/ {shown = 1}' "$page" >commands
[ "$(wc -l <commands)" -ge 9 ] || fail "the manual has no commands: $(cat commands)"
bash -eu commands >out 2>err || fail "the manual's commands: $(cat out err)"
grep -q '^my_queue .*FIFO' out || fail "my_queue is not in the list: $(cat out)"
grep -q 'my_queue: all tests passed' out || fail "my_queue has no test: $(cat out)"
[ -s my_queue/results/my_queue/sweep/mark_at=5/summary.json ] || fail "no sweep: $(find . -name summary.json)"

# ---- every kind ----
cd "$work"
for kind in $kinds; do
    mtpsim-new-model $kind own_$kind folder/$kind >out || fail "$kind: $(cat out)"
    make -s -C folder/$kind CFLAGS="-O2 -Werror" own_$kind.so check >out 2>&1 || fail "$kind: $(cat out)"
    mtpsim list $kind --plugin folder/$kind/own_$kind.so | grep -q "^own_$kind " || fail "$kind is not listed"
    mtpsim run folder/$kind/own_$kind.yaml --quiet --out result_$kind >out 2>&1 || fail "$kind: $(cat out)"
    mtpsim run folder/$kind/own_$kind.yaml --quiet --threads 2 --out again_$kind >/dev/null
    digests=$(grep -h '"digest"' result_$kind/summary.json)
    [ "$digests" = "$(grep -h '"digest"' again_$kind/summary.json)" ] || fail "$kind: the digest depends on threads"
done

# ---- which mtpsim ----
# One that PKG_CONFIG_PATH names goes before the one in PATH; where there is none, make says what to do.
cd folder/queue
own_flags() { # assignments for make
    make -B -n "$@" own_queue.so 2>&1 || true
}
mkdir "$work/other"
sed 's,^Cflags:,& -DOTHER,' "$(find "$HOME/mtpsim" -name mtpsim.pc)" >"$work/other/mtpsim.pc"
own_flags | grep -q -e "-I$HOME/mtpsim/" || fail "not the one in PATH: $(own_flags)"
own_flags PKG_CONFIG_PATH="$work/other" | grep -q -e -DOTHER || fail "not the one that is named"
PATH=/usr/bin:/bin PKG_CONFIG_LIBDIR=$work own_flags | grep -q 'put the bin/ of an installed mtpsim' ||
    fail "without mtpsim: $(PATH=/usr/bin:/bin PKG_CONFIG_LIBDIR=$work own_flags)"
cd "$work"

# ---- inside the tree ----
# The tree's own objects with the new models and the new list, instead of a build of everything.
mkdir tree
cp -r "$MTPSIM_SOURCE_DIR/models" "$MTPSIM_SOURCE_DIR/scripts" "$MTPSIM_SOURCE_DIR/sim" tree/
mkdir -p tree/tests
cp -r "$MTPSIM_SOURCE_DIR/tests/support" "$MTPSIM_SOURCE_DIR/tests/unit" tree/tests/
for kind in $kinds; do
    tree/scripts/new_model.sh $kind own_$kind --here >out || fail "$kind: $(cat out)"
done
flags="-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wmissing-prototypes -Itree/sim/include -Itree/sim -Itree -Itree/tests"
flags="$flags $(pkg-config --cflags glib-2.0 check)"
! grep -q '^MTPSIM_SANITIZE:BOOL=ON' "$MTPSIM_BINARY_DIR/CMakeCache.txt" || flags="$flags -fsanitize=address,undefined"
objects=$MTPSIM_BINARY_DIR/CMakeFiles/mtpsim_all.dir
libraries="$(pkg-config --libs gmodule-2.0 yaml-0.1 libcyaml json-glib-1.0 check) -lm"
libraries="$libraries $(sed -n 's/^MPI_.*_LIBRARY:FILEPATH=\(.*\)/\1/p' "$MTPSIM_BINARY_DIR/CMakeCache.txt" | grep -v NOTFOUND | xargs)"
find "$objects" -name '*.o' ! -path '*models/registry.c.o' >others
mkdir new
for file in tree/models/registry.c tree/models/*/own_*.c; do
    # shellcheck disable=SC2086
    $CC $flags -c -o "new/$(basename "$file").o" "$file"
done
link() { # program, source
    # shellcheck disable=SC2086
    $CC $flags -rdynamic -pthread -o "$1" "$2" new/*.o @others $libraries
}
link mtpsim_here tree/sim/cli/main.c
for kind in $kinds; do
    ./mtpsim_here list $kind | grep -q "^own_$kind " || fail "$kind is not built in: $(./mtpsim_here list $kind)"
    link test_here tree/tests/unit/test_own_$kind.c
    ./test_here >out || fail "$kind: $(cat out)"
    grep -q '^100%: Checks: [1-9]' out || fail "$kind: $(cat out)"
done

# ---- what is refused ----
refuse() { # message, arguments
    local message=$1 status=0
    shift
    mtpsim-new-model "$@" >out 2>err || status=$?
    [ $status -eq 2 ] || fail "$*: exit status $status"
    grep -q "$message" err || fail "$*: $(cat err)"
}
refuse '^ *mtpsim-new-model KIND NAME' queue
refuse 'unknown kind "queues"' queues own
refuse 'a transport is too large' transport own
refuse 'must be \[a-z\]' queue Own
refuse 'must be \[a-z\]' queue own-queue
refuse 'must be \[a-z\]' queue ../own
refuse 'folder/queue is there already' queue own folder/queue
refuse 'this is not' queue own --here
refuse 'unknown option "--hree"' queue own --hree

echo "new models: all passed"
