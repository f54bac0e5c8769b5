# Tests through the command line: what a command ends with, and what it leaves. Sourced in an empty folder, where `out` and `err` are the
# command's output; `failures` counts.
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# expect STATUS WHAT COMMAND...: runs it with its output in out and err.
expect() {
    local status=$1 what=$2 got
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" -ne "$status" ]; then
        fail "$what: exit status $got, not $status: $*"
        sed 's/^/    /' out err
    fi
}

# same A B: two results are equal, but for manifest.json and cpu_seconds.
same() {
    local file
    (cd "$1" && find . -type f ! -name manifest.json | sort) >files_a
    (cd "$2" && find . -type f ! -name manifest.json | sort) >files_b
    cmp -s files_a files_b || fail "$1 and $2 have different files"
    while read -r file; do
        cmp -s <(grep -v '"cpu_seconds"' "$1/$file") <(grep -v '"cpu_seconds"' "$2/$file") ||
            fail "$file differs between $1 and $2"
    done <files_a
}
