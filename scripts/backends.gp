# One cache, four stores, one of them four times slower (2.2): on the left how many requests are answered, by whom, and the
# cache's line rate; on the right what waits before the slow store at most, and how many requests its queue dropped.
#
#     gnuplot -c scripts/backends.gp results/backends
#
# writes backends.svg and backends.png into the result's folder: medians over the seeds.

result = ARGC >= 1 ? ARG1 : "results/backends"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
member(name, inner) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^      \"%s\": {/,/^      }/p'", name, result, inner)
figure(block, metric) = lookup(sprintf("%s | sed -n 's/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", block, metric))
rate(name, who) = (answers = figure(member(name, "requests"), who), answers == answers ? answers / figure(member(name, "requests"), "answered") * figure(member(name, "requests"), "per_second") / 1e6 : 0)
slow(name, metric) = figure(member(name, "devices")." | sed -n '/^        \"store4\": {/,/^        }/p'", metric)

array name[4] = ["each", "one", "one_all", "udp"]
line_rate = 20e9 / (8 * 1068) / 1e6

set print $bars
do for [i = 1:4] {
    others = rate(name[i], "s1") + rate(name[i], "s2") + rate(name[i], "s3")
    print sprintf("%d %g %g %g %g %g", i, rate(name[i], "s4"), others, rate(name[i], "cache"), slow(name[i], "peak_queue_packets"), slow(name[i], "overflowed"))
}
set print

# Okabe and Ito.
set style line 1 lc rgb "#D55E00"
set style line 2 lc rgb "#56B4E9"
set style line 3 lc rgb "#0072B2"
set style fill solid 0.85 noborder
set boxwidth 0.6
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [0.4:4.6]

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,520 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1040 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/backends.%s", result, format)
    set multiplot
    set tmargin at screen 0.83
    set bmargin at screen 0.18
    set xtics ("a pathlet\neach" 1, "one for\nall stores" 2, "one for cache\nand stores" 3, "UDP,\nno cache" 4)

    unset label
    unset arrow
    set lmargin at screen 0.07
    set rmargin at screen 0.52
    set label 1 "{/:Bold Requests answered}" at screen 0.07, 0.945 left
    set label 2 "closed loop; UDP: the load of a cache's misses" at screen 0.07, 0.89 left font ",".small
    set arrow 1 from 0.4, line_rate to 4.6, line_rate nohead lc rgb "#000000" lw 1.6 dt (10, 5)
    set label 3 "the cache's line rate" at 4.6, line_rate offset 0, 0.6 right font ",".small
    set yrange [0:3]
    set ylabel "million a second" offset 1, 0
    set key at graph 0.98, 0.72 right top samplen 1 font ",".small
    plot $bars using 1:($2 + $3 + $4) with boxes ls 3 title "by the cache", \
         "" using 1:($2 + $3) with boxes ls 2 title "by the three fast stores", \
         "" using 1:2 with boxes ls 1 title "by the slow store"

    unset label
    unset arrow
    set lmargin at screen 0.61
    set rmargin at screen 0.98
    set label 1 "{/:Bold Waiting before the slow store}" at screen 0.61, 0.945 left
    set label 2 "most packets in its queue of 256, marked from 20" at screen 0.61, 0.89 left font ",".small
    set arrow 1 from 0.4, 256 to 4.6, 256 nohead lc rgb "#000000" lw 1.6 dt (10, 5)
    set yrange [0:300]
    set ylabel "packets" offset 1, 0
    unset key
    plot $bars using 1:5 with boxes ls 1, \
         "" using 1:($5 + ($6 > 0 ? 22 : 12)):($6 > 0 ? sprintf("%.0f\n%.0f dropped", $5, $6) : sprintf("%.0f", $5)) with labels font ",".small
    unset multiplot
    unset output
}
