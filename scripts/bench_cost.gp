# What a packet-hop costs against the size of the network: fat-trees with a permutation of long flows, and the dumbbell (hollow), of mtpsim
# and its peers, from the bench.csv of scripts/bench.sh.
#
#     gnuplot -c scripts/bench_cost.gp results/bench
#
# writes bench_cost.svg and bench_cost.png into that folder; nothing when it holds no fat-tree.

result = ARGC >= 1 ? ARG1 : "results/bench"
csv = sprintf("%s/bench.csv", result)
if (int(system(sprintf("grep -c '^speed,fat_tree' '%s' 2>/dev/null", csv))) == 0) { exit }

# Hosts and ns per hop of a system, for benchmarks whose names begin so.
of(benchmark, name) = sprintf("< awk -F, '$1 == \"speed\" && index($2, \"%s\") == 1 && $4 == \"%s\" {print $3, 1e9 * $7 / $6}' '%s'", benchmark, name, csv)
has(benchmark, name) = int(system(sprintf("awk -F, '$1 == \"speed\" && index($2, \"%s\") == 1 && $4 == \"%s\"' '%s' | wc -l", benchmark, name, csv)))
last(name) = real(system(sprintf("awk -F, '$1 == \"speed\" && index($2, \"fat_tree\") == 1 && $4 == \"%s\" {last = 1e9 * $7 / $6} END {print last + 0}' '%s'", name, csv)))
at(name) = real(system(sprintf("awk -F, '$1 == \"speed\" && index($2, \"fat_tree\") == 1 && $4 == \"%s\" {last = $3} END {print last + 0}' '%s'", name, csv)))

systems = "'ns-3 dctcp' 'htsim (elsewhere)' 'mtp' 'dctcp'"
titles = "'ns-3, DCTCP' 'htsim (another machine)' 'mtpsim, MTP' 'mtpsim, DCTCP'"

set style line 1 lc rgb "#777777" lw 1.8 dt (9, 4) pt 9
set style line 2 lc rgb "#777777" lw 1.8 dt (2, 2.5) pt 13
set style line 3 lc rgb "#D55E00" lw 2.4 pt 5
set style line 4 lc rgb "#0072B2" lw 2.4 pt 7

set logscale xy
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#cccccc" lw 0.8
set xrange [11 : 60000]
set yrange [9 : 40000]
set xtics ("16\nk = 4" 16, "128\nk = 8" 128, "1024\nk = 16" 1024, "8192\nk = 32" 8192)
set ytics ("10" 10, "20" 20, "50" 50, "100" 100, "200" 200, "500" 500, "1,000" 1000, "2,000" 2000, "5,000" 5000, "10,000" 10000, "20,000" 20000)
set xlabel "hosts" offset 0, -0.7
set ylabel "ns of CPU time a packet-hop"
set title "{/:Bold What a packet-hop costs} (fat-trees, permutation of long flows; hollow: dumbbell)"
set bmargin 5.2
unset key

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size 900,520 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        set terminal pngcairo size 1800,1040 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/bench_cost.%s", result, format)
    unset label
    do for [i = 1:4] {
        if (has("fat_tree", word(systems, i)) > 0) {
            set label i word(titles, i) at at(word(systems, i)) * 1.25, last(word(systems, i)) left textcolor rgb (i <= 2 ? "#555555" : i == 3 ? "#D55E00" : "#0072B2")
        }
    }
    plot for [i = 1:4] (has("fat_tree", word(systems, i)) > 0 ? of("fat_tree", word(systems, i)) : "< echo 1 1") using 1:2 with linespoints ls i, \
         for [i = 1:4] (has("dumbbell", word(systems, i)) > 0 ? of("dumbbell", word(systems, i)) : "< echo 1 1") using 1:2 with points ls i pt (i == 1 ? 8 : i == 2 ? 12 : i == 3 ? 4 : 6) ps 1.3
    unset output
}
