#!/usr/bin/env bash
# Writes the skeleton of a model: one that builds, loads, passes its test and runs in a scenario.
#
#     new_model.sh KIND NAME [DIR]     a shared object, in the new folder DIR (NAME, unless given)
#     new_model.sh KIND NAME --here    a built-in of this source tree
#
# KIND is queue, selector, congestion, policy, sizes, workload or offload. NAME is what scenarios call
# it: [a-z][a-z0-9_]*. Nothing that is there is overwritten. An installed mtpsim has this script as
# mtpsim-new-model; man mtpsim-models goes on from here.
set -euo pipefail

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

usage() {
    sed -n "2,/^set/{/^set/d; s/^# \{0,1\}//; s/new_model\.sh KIND/$(basename "$0") KIND/; p}" "$0"
}

case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
esac
[ $# -ge 2 ] && [ $# -le 3 ] || {
    usage >&2
    exit 2
}
kind=$1 name=$2 where=${3:-$2}

case $kind in
queue | selector | congestion | policy | sizes | workload | offload) ;;
transport)
    fail "a transport is too large for a skeleton: <mtpsim/transport.h> says what one does, and the smallest" \
        "is models/transport/udp.c in mtpsim's source tree, of which an installation has the headers alone"
    ;;
*) fail "unknown kind \"$kind\"; there are queue, selector, congestion, policy, sizes, workload and offload" ;;
esac
case $name in
[a-z]*) ;;
*) fail "the name \"$name\" must be [a-z][a-z0-9_]*" ;;
esac
case $name in
*[!a-z0-9_]*) fail "the name \"$name\" must be [a-z][a-z0-9_]*" ;;
esac

base=$(cd "$(dirname "$0")/.." && pwd)
skeleton=$base/sim/plugin/skeleton
[ -d "$skeleton" ] || skeleton=$base/share/mtpsim/skeleton
[ -d "$skeleton" ] || fail "there is no folder $skeleton"

# fill FILE: a file of the skeleton with the name in it.
fill() {
    sed "s/modelname/$name/g" "$skeleton/$1"
}

free() {
    for file in "$@"; do
        [ ! -e "$file" ] || fail "$file is there already"
    done
}

# ---- a shared object ----

outside() {
    local folder=$where
    free "$folder"
    mkdir -p "$folder"
    fill "$kind.c" | sed '/^\/\* outside the tree \*\/$/d' >"$folder/$name.c"
    fill "test_$kind.c" | sed '/^\/\* until here \*\/$/d; s/^\/\* outside the tree: w/\/* W/' >"$folder/test_$name.c"
    fill "$kind.yaml" >"$folder/$name.yaml"
    fill Makefile >"$folder/Makefile"
    cat <<END
$folder holds $name.c, test_$name.c, $name.yaml and a Makefile. Then:
    cd $folder
    make check   # its test
    make && mtpsim explain $name --plugin ./$name.so   # its parameters
    mtpsim $name.yaml   # a run
make finds the headers of the mtpsim in PATH; of another: make PKG_CONFIG_PATH=PREFIX/lib/pkgconfig.
END
}

# ---- a built-in ----

# The test as a suite of Check: each function a case, assert as ck_assert.
as_suite() {
    awk -v name="$name" -v kind="$kind" '
        /^\/\* outside the tree/ {skip = 1}
        skip {if (/^\/\* until here/) {skip = 0; getline}; next}
        /^#undef NDEBUG|^#include <assert.h>|^#include <stdio.h>/ {next}
        /^extern const struct sim_plugin/ {printf "#include \"support/suite.h\"\n\nextern const struct sim_%s_ops %s_%s;\n", kind, name, kind; next}
        /^#define MODEL/ {printf "#define MODEL (&%s_%s)\n", name, kind; next}
        /^static void .*__[a-z_]*\(void\)$/ {
            split($3, parts, "(")
            cases[++count] = parts[1]
            print "START_TEST(" parts[1] ")"
            inside = 1
            next
        }
        /^int main/ {exit}
        {gsub(/assert\(/, "ck_assert("); print}
        inside && /^}$/ {print "END_TEST"; inside = 0}
        END {
            print "static void add_cases(TCase *tcase)\n{"
            for (i = 1; i <= count; i++)
                printf "    tcase_add_test(tcase, %s);\n", cases[i]
            printf "}\n\nint main(void)\n{\n    return suite_run(\"%s\", add_cases);\n}\n", name
        }'
}

# The list of built-ins with the model at the end.
registered() {
    awk -v name="$name" -v kind="$kind" '
        /^const struct sim_plugin \*const sim_builtin_models/ {
            printf "extern const struct sim_%s_ops %s_%s;\n\n", kind, name, kind
        }
        /^    NULL,$/ {printf "    &%s_%s.plugin,\n", name, kind}
        {print}' models/registry.c
}

inside() {
    cd "$base"
    [ -f models/registry.c ] || fail "--here is for the source tree of mtpsim, which this is not"
    free "models/$kind/$name.c" "tests/unit/test_$name.c"
    ! grep -q "&${name}_$kind\.plugin" models/registry.c || fail "models/registry.c has a $kind $name already"
    mkdir -p "models/$kind"
    fill "$kind.c" | sed "/^\/\* outside the tree \*\/$/,\$d; s/^static \(const struct sim_${kind}_ops\)/\1/" |
        sed '$d' >"models/$kind/$name.c"
    fill "test_$kind.c" | as_suite >"tests/unit/test_$name.c"
    registered >models/registry.new
    mv models/registry.new models/registry.c
    cat <<END
models/$kind/$name.c, tests/unit/test_$name.c, and a line in models/registry.c. Then:
    cmake --preset release && cmake --build --preset release
    ctest --preset release -R unit/test_$name
    build/release/mtpsim explain $name
END
}

if [ "$where" = --here ]; then
    inside
else
    case $where in -*) fail "unknown option \"$where\"" ;; esac
    outside
fi
