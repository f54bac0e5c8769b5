# Figure 6 of the paper: the 99th percentile of message completion times, by load balancer. Above, of
# all messages at each load; below, by size of the message, at the highest load.
#
#     gnuplot -c scripts/load_balancing.gp results/load_balancing
#
# writes load_balancing.svg and load_balancing.png into the result's folder. Every number is the median
# over the seeds; whiskers are the range.

result = ARGC >= 1 ? ARG1 : "results/load_balancing"
points = sprintf("%s/points.csv", result)

loads = system(sprintf("awk -F, 'NR > 1 && !seen[$1]++ {print $1}' '%s'", points))
seeds = system(sprintf("awk -F, 'NR > 1 && !seen[$3]++ {n++} END {print n + 0}' '%s/seeds.csv' 2>/dev/null", result))
top_load = word(loads, words(loads))
share(load) = strstrt(load, "%") ? real(load[1:strlen(load) - 1]) / 100 : real(load)

# ---- the systems, and how each looks: a colour-blind-safe palette (Okabe and Ito), in which the
# paper's three are solid and the others hatched ----

array name[6] = ["ecmp", "spray", "mtp", "dctcp_balanced", "mtp_hashed", "mtp_naive"]
array caption[6] = ["ECMP (DCTCP)", "packet spraying (DCTCP)", "MTP balancer (MTP)", \
                    "MTP balancer, under DCTCP", "hashing, under MTP", "least bytes, under MTP"]
array colour[6] = ["#0072B2", "#009E73", "#D55E00", "#56B4E9", "#E69F00", "#CC79A7"]
array pattern[6] = [3, 3, 3, 4, 5, 2]
array shape[6] = [5, 9, 7, 11, 13, 15]

# Every seed's value is in range; with one seed there are no such columns.
of(metric, i, load) = (strcol(1) eq load && strcol(2) eq name[i]) ? column(metric) : NaN
range_of(metric, end) = seeds + 0 > 1 ? metric.end : metric

set datafile separator ","
set datafile columnheaders
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics back lt 1 lc rgb "#dddddd" lw 0.8
set boxwidth 0.13
set errorbars 0.7
set pointintervalbox 0
bins = "10-100\\_KB 100\\_KB-1\\_MB 1-10\\_MB 10-100\\_MB 100\\_MB-1\\_GB"
bin_caption(b) = system(sprintf("echo '%s' | tr '_' ' ' | tr -d '\\\\'", word(bins, b)))
at(group, i) = group + 0.15 * (i - 3.5)

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 13
        set terminal svg size 1000,900 dynamic font "DejaVu Sans,15" background rgb "white"
    } else {
        small = 22
        set terminal pngcairo size 2000,1800 font "DejaVu Sans,26" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/load_balancing.%s", result, format)
    set multiplot
    set lmargin at screen 0.115
    set rmargin at screen 0.975

    set label 1 "{/:Bold 99th percentile of completion times over two paths, one with 1 us more delay}" at screen 0.53, 0.972 center
    set label 2 sprintf("medians and ranges over %s seeds; the first three are the paper's", seeds) at screen 0.53, 0.945 center font ",".small textcolor rgb "#666666"
    set tmargin at screen 0.865
    set bmargin at screen 0.535
    set key at screen 0.53, 0.925 center top maxrows 2 samplen 2 width 1 font ",".small reverse Left
    set ylabel "p99 (us), all messages" offset -1.5, 0
    set yrange [0:*]
    set format y "%g"
    set xrange [0.4 : words(loads) + 0.6]
    set xtics ("" 1)
    do for [l = 1:words(loads)] { set xtics add (sprintf("load %g", share(word(loads, l))) l) }
    metric = "messages.fct_us.p99"
    plot for [i = 1:6] for [l = 1:words(loads)] points \
             using (at(l, i)):(of(metric, i, word(loads, l))) with boxes fs pattern pattern[i] border lc rgb colour[i] lc rgb colour[i] \
             title (l == 1 ? caption[i] : ""), \
         for [i = 1:6] for [l = 1:words(loads)] points \
             using (at(l, i)):(of(metric, i, word(loads, l))):(of(range_of(metric, ".low"), i, word(loads, l))):(of(range_of(metric, ".high"), i, word(loads, l))) \
             with yerrorbars pt -1 lw 1.5 lc rgb "#222222" notitle
    unset label

    set tmargin at screen 0.45
    set bmargin at screen 0.085
    unset key
    set ylabel sprintf("p99 and median (us), load %g", share(top_load)) offset -1.5, 0
    set xlabel "size of the message; filled: p99 (none where it falls among unfinished messages), lines: median" offset 0, 0.3
    set logscale y
    set yrange [3:*]
    set xrange [0.4:5.6]
    set format y "10^{%L}"
    set xtics ("" 1)
    do for [b = 1:5] { set xtics add (bin_caption(b) b) }
    middle(b) = sprintf("messages.by_size.%d.fct_us.p50", b)
    bin(b, end) = sprintf("messages.by_size.%d.fct_us.p99%s", b, seeds + 0 > 1 ? end : "")
    plot for [i = 1:6] for [b = 1:5] points \
             using (at(b, i)):(of(bin(b, ""), i, top_load)):(of(bin(b, ".low"), i, top_load)):(of(bin(b, ".high"), i, top_load)) \
             with yerrorbars pt shape[i] ps 2 lw 1.5 lc rgb colour[i] notitle, \
         for [i = 1:6] for [b = 1:5] points \
             using (at(b, i) - 0.035):(of(middle(b), i, top_load)):(0.07):(0) with vectors nohead lw 3 lc rgb colour[i] notitle
    unset logscale y
    unset xlabel
    unset multiplot
    unset output
}
