# Which marks of Table 1 depend on the seed: the first file has the table's cells (row, column, mark, figure), each other one those of a seed.
FNR == 1 {file++}
file == 1 {mark[$1, $2] = $3; figure[$1, $2] = $4; next}
$3 != mark[$1, $2] {
    if (!differs++)
        print "marks that depend on the seed:"
    split(FILENAME, part, "/seed-")
    printf "   %s, column %d: %s (%s); with seed %d %s (%s)\n", $1, $2, mark[$1, $2], figure[$1, $2], part[2], $3, $4
}
END {
    if (!differs)
        printf "no mark depends on the seed: %d of them give the same\n", file - 1
    exit differs > 0
}
