#!/usr/bin/env bash
# The manual pages: installed where man finds them, without a mistake that a formatter knows, and with every verb and
# option that the help names.
set -u
program=$MTPSIM
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
. "$MTPSIM_SOURCE_DIR/tests/support/command.sh"

expect 0 "the page" "$program" --man
cp out mtpsim.1
expect 0 "installation" cmake --install "$MTPSIM_BINARY_DIR" --prefix usr
pages=usr/share/man
cmp -s mtpsim.1 $pages/man1/mtpsim.1 || fail "mtpsim.1 is not installed as the program writes it"
[ -s $pages/man7/mtpsim-models.7 ] || fail "mtpsim-models.7 is not installed"

# What is in the help is in the page, which is searched as plain text, without markup.
sed 's/\\-/-/g; s/^\.It Fl -/--/; s/^\.It Fl /-/; s/ Ar "\(.*\)"$/ \1/; s/^\.It Cm //; s/ Ar / /' mtpsim.1 >plain
"$program" --help >help
verbs=$(sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' help)
[ "$(wc -w <<<"$verbs")" -ge 6 ] || fail "the help has no verbs: $verbs"
for verb in $verbs; do
    grep -qx "\.Ss $verb" mtpsim.1 || fail "verb $verb has no section"
    "$program" "$verb" --help >"help.$verb"
done
{
    sed -n '/^Verbs:/,/^$/s/^  \([^ ]*\( [^ ]\{1,\}\)\{0,1\}\)  .*/\1/p' help
    sed -n '/^Exit status:/,/^$/s/^  \([0-9, ]*[0-9]\)  .*/.It Li "\1"/p' help
    sed -n 's/^  \(--[a-z-]*\( [A-Z][^ ]*\)\{0,1\}\) .*/\1/p' help help.*
} >heads
[ "$(wc -l <heads)" -ge 50 ] || fail "only $(wc -l <heads) heads in the help"
while read -r head; do
    grep -qxF -e "$head" plain || fail "the page has not: $head"
done <heads

for page in $pages/man1/mtpsim.1 $pages/man7/mtpsim-models.7; do
    if command -v groff >/dev/null; then
        groff -ww -mdoc -Tutf8 -z "$page" 2>err
        [ -s err ] && fail "groff: $(cat err)"
    fi
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$page" >err
        [ -s err ] && fail "mandoc: $(cat err)"
    fi
done

[ "$failures" -eq 0 ] && echo "man: good"
exit $((failures > 0))
