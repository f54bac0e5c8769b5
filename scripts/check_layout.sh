#!/usr/bin/env bash
# Checks what the compiler does not: which part of the tree may include which, that the README's table
# points to files that exist, and that no file names a place of one machine. Prints what is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT

# files PATTERN...: the project's own files, tracked or new.
files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@"
    else
        find . -path ./build -prune -o -path ./results -prune -o -type f -print | sed 's|^\./||' |
            while IFS= read -r file; do
                for pattern in "$@"; do
                    # shellcheck disable=SC2254
                    case $file in $pattern) echo "$file" ;; esac
                done
            done
    fi
}

# includes FILE: what it includes with quotes, or as <mtpsim/...>, a line each.
includes() {
    sed -nE 's/^ *# *include +["<]([^">]+)[">].*/\1/p' "$1"
}

# core <- net <- scenario <- cli; measure uses core; mpi lets the ranks of net speak, and is alone in knowing MPI; plug-ins are loaded above the
# models' headers. The spec of a scenario and the registry are contracts that the network reads.
check_include() {
    local file=$1 include=$2 own part target
    [ "$include" != mpi.h ] || [ "$file" = sim/mpi/mpi.c ] || echo "$file: only sim/mpi/mpi.c may include mpi.h"
    case $include in
    core/* | net/* | mpi/* | measure/* | plugin/* | scenario/* | cli/* | models/* | mtpsim/*) ;;
    *) return 0 ;;
    esac
    [ "$include" = scenario/spec.h ] && case $file in sim/net/* | sim/scenario/* | sim/cli/*) return 0 ;; esac
    target=${include%%/*}
    case $file in
    sim/include/*) allowed="mtpsim" ;;
    sim/core/*) allowed="mtpsim core" ;;
    sim/measure/*) allowed="mtpsim core measure" ;;
    sim/plugin/*) allowed="mtpsim core plugin" ;;
    sim/net/*) allowed="mtpsim core measure plugin net" ;;
    sim/mpi/*) allowed="mtpsim core net mpi" ;;
    sim/scenario/*) allowed="mtpsim core measure plugin net scenario" ;;
    sim/cli/*) allowed="mtpsim core measure plugin net mpi scenario cli" ;;
    models/registry.c) allowed="mtpsim plugin models" ;;
    models/*)
        allowed="mtpsim"
        part=${file#models/}
        own=models/${part%/*}
        case $include in models/wire/* | "$own"/*) return 0 ;; esac
        # Models in folders share what lies beside them: models/KIND/FILE.h.
        [ "$own" != "models/${part%%/*}" ] && [ "${include%/*}" = "${own%/*}" ] && return 0
        ;;
    *) return 0 ;;
    esac
    case " $allowed " in
    *" $target "*) ;;
    *) echo "$file: must not include $include" ;;
    esac
}

files 'sim/*.c' 'sim/*.h' 'models/*.c' 'models/*.h' | sort -u | while IFS= read -r file; do
    [ -f "$file" ] || continue
    includes "$file" | while IFS= read -r include; do
        check_include "$file" "$include"
    done
done >>"$wrong"

# Every path in backquotes in a row of a table of the README is a file or folder; a * matches at least one.
if [ -f README.md ]; then
    { grep -nE '^\|' README.md || true; } | { grep -oE '^[0-9]+:|`[^`]+`' || true; } | while IFS= read -r word; do
        case $word in
        *:) line=${word%:} ;;
        *)
            path=$(printf '%s' "$word" | tr -d '`')
            case $path in
            *' '* | *'{'* | *'<'* | -*) continue ;;
            sim/* | models/* | scenarios/* | results/* | scripts/* | tests/*) ;;
            *) continue ;;
            esac
            compgen -G "$path" >/dev/null || echo "README.md:$line: there is no $path"
            ;;
        esac
    done >>"$wrong"
fi

# No path of one machine.
files '*.c' '*.h' '*.yaml' '*.md' '*.sh' '*.gp' '*.txt' '*.json' '*.csv' '.ci/*' | sort -u | while IFS= read -r file; do
    [ -f "$file" ] || continue
    case $file in scripts/check_layout.sh) continue ;; esac
    grep -nHE '(^|[^A-Za-z0-9_.$}/-])/(work|home|root|Users)/[A-Za-z0-9]' "$file" || true
done | sed 's/$/  <- a path of one machine/' >>"$wrong"

if [ -s "$wrong" ]; then
    cat "$wrong" >&2
    exit 1
fi
echo "layout: good"
