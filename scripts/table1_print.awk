# Prints Table 1 from rows.tsv (system, title, the paper's marks), reasons.tsv (system, column, why a mark is not the paper's, or none can be
# given) and the cells (system, column, mark, figure). Exit status 1: a cell without a figure, a difference without a reason, or a mark
# that MTP lacks without a reason.
BEGIN {
    FS = "\t"
    split("data mutation|low buffering and computation|inter-message independence|multi-resource, multi-algorithm|multi-entity isolation", heads, "|")
}

FILENAME ~ /rows.tsv$/ {
    order[++rows] = $1
    title[$1] = $2
    for (i = 1; i <= 5; i++)
        paper[$1, i] = $(i + 2)
    next
}
FILENAME ~ /reasons.tsv$/ {reason[$1, $2] = $3; next}
{
    mark[$1, $2] = $3
    figure[$1, $2] = $4
    if (!($1 in title) && !seen[$1, $2]++)
        controls[++control_count] = $1 SUBSEP $2
}

# A column of the table: what is measured, the figure, the paper's mark.
function column(i, at, row, differs) {
    printf "%d. %s\n", i, heads[i]
    printf "   %-28s %-5s %-6s %s\n", "", "here", "paper", "figure"
    for (at = 1; at <= rows; at++) {
        row = order[at]
        if (!((row, i) in mark)) {
            printf "   %-28s no figure\n", title[row]
            wrong = 1
            continue
        }
        differs = mark[row, i] != paper[row, i]
        printf "   %-28s %-5s %-6s %s%s\n", title[row], mark[row, i], paper[row, i], figure[row, i], differs ? "  *" : ""
        if (differs && !((row, i) in reason)) {
            missing = missing sprintf("%s, column %d: a difference without a reason\n", title[row], i)
            wrong = 1
        }
    }
    for (at = 1; at <= control_count; at++) {
        split(controls[at], part, SUBSEP)
        if (part[2] == i)
            printf "   (%s: %s, %s)\n", part[1], mark[part[1], i], figure[part[1], i]
    }
    for (at = 1; at <= rows; at++)
        if ((order[at], i) in reason)
            printf "   %s %s: %s\n", mark[order[at], i] != paper[order[at], i] ? "*" : "+", title[order[at]], reason[order[at], i]
    print ""
}

END {
    for (i = 1; i <= 5; i++)
        column(i)
    printf "%s", missing
    exit wrong
}
