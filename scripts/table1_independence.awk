# The cells of column 3 of Table 1, one row at a time, from three messages.csv: without a fault, with a loss, with redirects. The bounds
# and what is late are those of scenarios/table1/independence.yaml. Variable: row.
BEGIN {FS = ","; messages = 0}

FNR == 1 {run++; next}
$9 == "" {next}

# The first message of a connection waits for the handshake; what comes later is what is compared.
run == 1 {submitted[$3] = $7; if ($7 > 100 && $9 > longest) longest = $9; if ($3 >= messages) messages = $3 + 1}
run == 2 {loss_delivered[$3] = $8; loss_took[$3] = $9}
run == 3 {redirect_took[$3] = $9}

function is_late(took, bound) {return took == "" || took > bound}

function redirect_bound(at, end) {
    end = at + longest
    return longest + 1 + (at % 200 < 100 && end % 200 < 100 && int(at / 200) == int(end / 200) ? 0 : 40)
}

END {
    missing = -1
    for (number = 0; number < messages; number++) {
        if (submitted[number] <= 100)
            continue
        total++
        redirects_late += is_late(redirect_took[number], redirect_bound(submitted[number]))
        if (!is_late(loss_took[number], longest + 1))
            continue
        late++
        if (missing < 0)
            missing = number
    }
    arrival = missing >= 0 && loss_delivered[missing] != "" ? loss_delivered[missing] : 1e9
    for (number = missing + 1; number < messages; number++) {
        if (submitted[number] + longest + 1 >= arrival)
            break
        expected++
        came += loss_delivered[number] != "" && loss_delivered[number] < arrival
    }
    passed = expected ? (came / expected) : 0
    share = (redirects_late / total)
    holds = missing >= 0 && passed >= 0.9 && share <= 0.01
    printf "%s\t3\t%s\t%.0f %% pass a lost one (%d late), %.1f %% late by redirects\n", row,
           holds ? "yes" : "no", 100 * passed, late, 100 * share
}
