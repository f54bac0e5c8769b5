# Lines "system.path<TAB>value" from summary.json, whose layout is one member a line.
/^  "systems": \{/ {inside = 1; next}
!inside {next}
/^  [}\]]/ {exit}
{
    depth = match($0, /[^ ]/) - 1
    line = substr($0, depth + 1)
    depth = depth / 2 - 2
}
/: / {
    name = line
    sub(/^"/, "", name)
    sub(/": .*/, "", name)
    path[depth] = name
    value = line
    sub(/^"[^"]*": /, "", value)
    sub(/,$/, "", value)
    gsub(/"/, "", value)
    if (value == "{" || value == "[")
        next
    whole = path[0]
    for (i = 1; i <= depth; i++)
        whole = whole "." path[i]
    print whole "\t" value
}
