#!/bin/bash
# Every case of bad_scenarios/cases.txt through the command line: the exact messages on stderr,
# nothing on stdout, exit status 2.
set -u
: "${MTPSIM:?}" "${MTPSIM_SOURCE_DIR:?}"
table=$MTPSIM_SOURCE_DIR/tests/system/bad_scenarios
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
base=$(cat "$table/base.yaml")$'\n'
count=0 failed=0

# \n and \t
plain() {
    local text=${1//\\n/$'\n'}
    text=${text//\\t/$'\t'}
    printf '%s.' "$text"
}

replace() { # from, to
    text=${text/"$1"/"$2"}
}

finish() {
    [ -n "$name" ] || return
    [ -z "$from" ] || replace "$from" ""
    printf '%s' "$text" >bad.yaml
    "$MTPSIM" validate bad.yaml "${options[@]}" >out 2>err
    local status=$?
    count=$((count + 1))
    if [ $status -ne 2 ] || [ -s out ] || ! printf '%s' "$expected" | cmp -s - err; then
        failed=$((failed + 1))
        printf '%s\nexit status %d; expected:\n%sfound:\n' "$name" $status "$expected"
        cat out err
    fi
}

begin() {
    name=$1 text=$base from= expected= options=()
}

begin ""
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    "" | "#"*) continue ;;
    "case "*)
        finish
        begin "${line#case }"
        continue
        ;;
    esac
    rest=$(plain "${line:2}")
    rest=${rest%.}
    case $line in
    "+"*) replace "$from" "$rest" ;;
    *) [ -z "$from" ] || replace "$from" "" ;;
    esac
    from=
    case $line in
    "-"*) from=$rest ;;
    "="*) text=$rest ;;
    "!"*) options+=("${rest%% *}" "${rest#* }") ;;
    "> @"*) expected+=bad.yaml${rest:1}$'\n' ;;
    ">"*) expected+=$rest$'\n' ;;
    esac
done <"$table/cases.txt"
finish

echo "$count cases, $failed failed"
[ $failed -eq 0 ] && [ $count -ge 40 ]
