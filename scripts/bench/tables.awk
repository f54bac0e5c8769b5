# The tables of scripts/bench.sh, from its bench.csv.
BEGIN {FS = ","}
NR == 1 {next}
{
    rows++
    part[rows] = $1; benchmark[rows] = $2; hosts[rows] = $3; system_of[rows] = $4; threads[rows] = $5
    wall[rows] = $8; peak[rows] = $9
    rate[rows] = $6 / $7
    has[$1] = 1
}
$4 == "ns-3 dctcp" {ns3[$2] = rate[rows]}
$4 ~ /^htsim/ {htsim[$2] = rate[rows]}
# What the others of the part are compared with: its first row of the system (threads: of the benchmark).
{
    base = $1 == "threads" ? $2 : $4
    if (!(($1, base) in first)) first[$1, base] = rows
    base_of[rows] = first[$1, base]
}

# How many times the peer's rate a row of ours has.
function times(i, peer, format) {
    return system_of[i] ~ /^(ns-3|htsim)/ || !(benchmark[i] in peer) ? "-" : sprintf(format, rate[i] / peer[benchmark[i]])
}

function print_speed(i, format) {
    format = "%-14s  %6s  %-18s  %15s  %10s  %10s  %10s  %11s\n"
    printf format, "benchmark", "hosts", "system", "M hops per CPU s", "ns per hop", "peak MB", "times ns-3", "times htsim"
    for (i = 1; i <= rows; i++)
        if (part[i] == "speed")
            printf format, benchmark[i], hosts[i], system_of[i], sprintf("%.3f", rate[i] / 1e6), sprintf("%.1f", 1e9 / rate[i]),
                   peak[i] == "" ? "-" : sprintf("%.1f", peak[i] / 1e6), times(i, ns3, "%.0f"), times(i, htsim, "%.1f")
    print ""
}

function print_changes(name, i, format) {
    format = "%-16s  %-8s  %10s  %20s\n"
    printf format, name == "load" ? "web search, k=8" : "fat-tree, k=8", "system", "ns per hop", "times the first row"
    for (i = 1; i <= rows; i++)
        if (part[i] == name)
            printf format, benchmark[i], system_of[i], sprintf("%.1f", 1e9 / rate[i]), sprintf("%.2f", rate[base_of[i]] / rate[i])
    print ""
}

function print_threads(i, format) {
    format = "%-14s  %7s  %14s  %8s\n"
    printf format, "benchmark", "threads", "wall seconds", "speed-up"
    for (i = 1; i <= rows; i++)
        if (part[i] == "threads")
            printf format, benchmark[i], threads[i], sprintf("%.2f", wall[i]), sprintf("%.2f", wall[base_of[i]] / wall[i])
    print ""
}

END {
    if (has["speed"]) print_speed()
    if (has["load"]) print_changes("load")
    if (has["delay"]) print_changes("delay")
    if (has["threads"]) print_threads()
    print "Best of " runs (runs == 1 ? " run" : " runs") ", one at a time. A hop's time is user CPU time of the event loop; wall seconds are of the whole program,"
    print "set-up and output included. ns-3 (Debian's libns3-dev): one run of scripts/peers/, which say what differs."
    print "htsim: reference figures from another machine (scripts/bench/htsim.csv)."
}
