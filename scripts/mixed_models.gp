# Coexisting models (3.1.3): one path with DCTCP, RCP and Swift on its three links, while the slow
# link moves from one to the next. Above the queues, below what each window of a sender allows.
#
#     gnuplot -c scripts/mixed_models.gp results/mixed_models
#
# writes mixed_models.svg and mixed_models.png into the result's folder.

result = ARGC >= 1 ? ARG1 : "results/mixed_models"
folder = system(sprintf("ls -d '%s'/moving/seed-* 2>/dev/null | head -n 1", result))
if (strlen(folder) == 0) { folder = result."/moving" }

array link[3] = ["edge_link,edge", "core_link,core", "host_link,last"]
array caption[3] = ["edge link: DCTCP", "core link: RCP", "host link: Swift"]
queue(i) = sprintf("< grep ',%s,' '%s/queues.csv'", link[i], folder)
# A rate allows rate x RTT in flight.
window(i) = sprintf("< awk -F, '$2 == \"s0\" && $3 == %d {bytes = $5; if ($7 > 0 && $8 > 0 && $7 * $8 / 8e6 < bytes) bytes = $7 * $8 / 8e6; print $1 \",\" bytes / 1000}' '%s/pathlets.csv'", i, folder)

# Okabe and Ito, and dash patterns that stay apart without colour.
set style line 1 lc rgb "#0072B2" lw 2.0 dt 1
set style line 2 lc rgb "#D55E00" lw 2.0 dt (8, 3)
set style line 3 lc rgb "#009E73" lw 2.0 dt (2, 2)
set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [0:12]
set lmargin at screen 0.09
set rmargin at screen 0.97

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1000,720 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2000,1440 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/mixed_models.%s", result, format)
    set multiplot
    set label 1 "{/:Bold Three congestion models on one path: the slow link's own model rules}" at screen 0.5, 0.965 center
    set label 2 "edge link slow (40 Gbps)" at 2, graph 1.06 center font ",".small
    set label 3 "core link slow" at 6, graph 1.06 center font ",".small
    set label 4 "host link slow" at 10, graph 1.06 center font ",".small
    set arrow 1 from 4, graph 0 to 4, graph 1.1 nohead lc rgb "#888888" lw 1
    set arrow 2 from 8, graph 0 to 8, graph 1.1 nohead lc rgb "#888888" lw 1
    set tmargin at screen 0.86
    set bmargin at screen 0.52
    set key top left reverse Left samplen 2.5 font ",".small
    set yrange [0:45]
    set ylabel "queue (packets)" offset 1, 0
    set xlabel ""
    plot for [i = 1:3] queue(i) using ($1 / 1000):4 with lines ls i title caption[i]
    unset label
    set tmargin at screen 0.44
    set bmargin at screen 0.10
    set yrange [10:2000]
    set logscale y
    set ylabel "a sender may have in flight (KB)" offset 1, 0
    set xlabel "time (ms)" offset 0, 0.3
    unset key
    plot for [i = 1:3] window(i) using ($1 / 1000):2 with lines ls i
    unset logscale y
    unset arrow
    unset multiplot
    unset output
}
