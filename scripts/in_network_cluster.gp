# Figure 1 of the paper as one network: on the left the most requests that each system answers, against what the
# replicas and the cache's hit share allow; on the right how long requests take, in the calm and with a slow replica.
#
#     gnuplot -c scripts/in_network_cluster.gp results/in_network_cluster
#
# writes in_network_cluster.svg and in_network_cluster.png into the result's folder.

result = ARGC >= 1 ? ARG1 : "results/in_network_cluster"

# ---- medians over all seeds, and the range of them ----

summary(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^      \"requests\": {/,/^      }/p'", name, result)
lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
of(name, metric) = lookup(sprintf("%s | sed -n 's/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", summary(name), metric))
# Ranges over seeds come after the medians, as "metric": [least, most].
least(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^        \"requests\": {/,/^        }/s/^ *\"%s\": \\[\\([0-9.e+-]*\\), .*/\\1/p' | head -n 1", name, result, metric))
most(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^        \"requests\": {/,/^        }/s/^ *\"%s\": \\[[0-9.e+-]*, \\([0-9.e+-]*\\)\\].*/\\1/p' | head -n 1", name, result, metric))

array name[3] = ["mtp", "mtp_no_cache", "tcp"]
array caption[3] = ["MTP", "MTP, no cache", "TCP, proxy"]
array metric[3] = ["p50", "p99", "p999"]

# The replicas serve 2 million a second; the hottest 1 % of the documents are the share `hits` of the requests.
H(n) = sum [k = 1:n] k ** -0.99
replicas = 2.0
hits = H(100) / H(10000)

set print $full
do for [i = 1:3] {
    full = name[i]."_full"
    print sprintf("%d %g %g %g", i, of(full, "per_second") / 1e6, least(full, "per_second") / 1e6, most(full, "per_second") / 1e6)
}
set print $latency
do for [state = 0:1] {
    do for [i = 1:3] {
        line = sprintf("%d %d", state, i)
        who = name[i].(state ? "_slow" : "")
        do for [m = 1:3] {
            line = line.sprintf(" %g %g %g", of(who, metric[m]), least(who, metric[m]), most(who, metric[m]))
        }
        print line
    }
}
set print

array colour[3] = [0xD55E00, 0xE69F00, 0x0072B2]
array mark[3] = [7, 9, 5]
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,560 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1120 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/in_network_cluster.%s", result, format)
    set multiplot
    set tmargin at screen 0.84
    set bmargin at screen 0.16

    unset label
    unset arrow
    set lmargin at screen 0.075
    set rmargin at screen 0.365
    unset key
    unset logscale
    set label 1 "{/:Bold The most that is answered}" at screen 0.075, 0.945 left
    set label 2 "closed loop, 128 requests outstanding" at screen 0.075, 0.895 left font ",".small
    set arrow 1 from 0.5, replicas to 3.5, replicas nohead lc rgb "#000000" lw 1.4 dt (10, 5)
    set arrow 2 from 0.5, replicas / (1 - hits) to 3.5, replicas / (1 - hits) nohead lc rgb "#000000" lw 1.4 dt (10, 5)
    set label 3 sprintf("replicas / (1 - %.3f)", hits) at 3.5, replicas / (1 - hits) offset 0, 0.6 right font ",".small
    set label 4 "what the replicas serve" at 3.5, replicas offset 0, 0.6 right font ",".small
    set xrange [0.5:3.5]
    set yrange [0:5]
    set ylabel "million requests a second" offset 1, 0
    set xtics ("MTP" 1, "MTP,\nno cache" 2, "TCP,\nproxy" 3)
    set boxwidth 0.6
    plot for [i = 1:3] $full using ($1 == i ? $1 : NaN):2 with boxes fs solid 0.75 noborder lc rgb colour[i], \
         $full using 1:2:3:4 with yerrorbars pt 0 lc rgb "#222222" lw 1.4

    unset label
    unset arrow
    set lmargin at screen 0.455
    set rmargin at screen 0.975
    set label 1 "{/:Bold How long a request takes}" at screen 0.455, 0.945 left
    set label 2 "1.2 million a second; bars: least and most of the seeds" at screen 0.455, 0.895 left font ",".small
    set label 3 "all replicas alike" at 1, graph 0.96 center font ",".small
    set label 4 "one replica at a tenth" at 5, graph 0.96 center font ",".small
    set arrow 1 from 3, graph 0 to 3, graph 1 nohead lc rgb "#888888" lw 1
    set logscale y
    set xrange [-1:7]
    set yrange [1:10000]
    set ylabel "latency (us)" offset 1, 0
    set xtics ("p50" 0, "p99" 1, "p99.9" 2, "p50" 4, "p99" 5, "p99.9" 6)
    set key at graph 0.02, 0.9 left top reverse Left samplen 1 font ",".small
    plot for [m = 1:3] for [i = 1:3] $latency using ($2 == i ? 4 * $1 + m - 1 + 0.22 * (i - 2) : NaN):(column(3 * m)):(column(3 * m + 1)):(column(3 * m + 2)) \
         with yerrorbars pt mark[i] ps 1.1 lw 1.6 lc rgb colour[i] title (m == 1 ? caption[i] : "")
    unset multiplot
    unset output
}
