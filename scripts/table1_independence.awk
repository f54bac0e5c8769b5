# The cells of column 3 of Table 1, one row at a time, from three messages.csv: without a fault, with a loss, with redirects to another path;
# and three requests.csv: of equal replicas, of a fast and a slow one, and the same with streams redirected by message. The bounds and what is
# late are those of scenarios/table1/independence.yaml and redirection.yaml. Variables: row; lost, packets in the run with a loss.
BEGIN {FS = ","; messages = 0}

FNR == 1 {run++; next}
run <= 3 && $9 == "" {next}

# The first message of a connection waits for the handshake; what comes later is what is compared.
run == 1 {submitted[$3] = $7; if ($7 > 100 && $9 > longest) longest = $9; if ($3 >= messages) messages = $3 + 1}
run == 2 {loss_delivered[$3] = $8; loss_took[$3] = $9}
run == 3 {redirect_took[$3] = $9}

# Requests: who answered them, and how long those of the fast replica took.
run > 3 && $3 > 100 {
    asked[run]++
    if ($6 != "")
        by[run, $6]++
    if (run == 4 && $6 == "fast" && $5 > longest_even)
        longest_even = $5
    late_there[run] += $6 == "" || ($6 == "fast" && $5 > longest_even + 1)
}

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
    holds = missing >= 0 && late <= 1.1 * lost && passed >= 0.9 && share <= 0.01
    printf "%s\t3\t%s\t%.0f %% pass a lost one (late %d, packets lost %d), %.1f %% late by redirects; %s\n", row,
           holds && (spreads(5) || spreads(6)) ? "yes" : "no", 100 * passed, late, lost, 100 * share, replicas()
}

# Whether both replicas have their share, and those of the fast one are not late.
function spreads(run, third) {
    third = asked[run] / 3
    return asked[run] && by[run, "fast"] >= third && by[run, "slow"] >= third && late_there[run] <= 0.01 * asked[run]
}

function replicas(run) {
    run = spreads(5) || !spreads(6) ? 5 : 6
    if (by[run, "fast"] && by[run, "slow"])
        return sprintf("two replicas, %.1f %% late%s", 100 * late_there[run] / asked[run], run == 6 ? " by message" : "")
    if (by[6, "fast"] + by[6, "slow"] < asked[6])
        return sprintf("one replica, by message %.0f %% answered", 100 * (by[6, "fast"] + by[6, "slow"]) / asked[6])
    return "one replica"
}
