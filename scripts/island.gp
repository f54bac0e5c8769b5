# MTP across a TCP-only island (4): what the gateways cost, and what a lost segment holds back.
#
#     gnuplot -c scripts/island.gp results/island
#
# writes island.svg and island.png into the result's folder. Left: completion times, without and with
# losses in the island. Right: records that waited for one that was lost, for each lost one, against
# what follows from rate and round trip (the scenario says how). Numbers are medians over all seeds.

result = ARGC >= 1 ? ARG1 : "results/island"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
system_part(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json'", name, result)
fct(name, metric) = lookup(sprintf("%s | sed -n '/\"fct_us\": {/,/}/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", system_part(name), metric))
device(name, which, metric) = lookup(sprintf("%s | sed -n '/^ *\"%s\": {/,/}/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", system_part(name), which, metric))

array name[6] = ["native", "tcp", "one", "two", "four", "eight"]
array count[4] = [1, 2, 4, 8]
losses = 0.001 * 17 / 18 # share of segments: for 17 of the 18 ms
waiting(n) = 5.98 * 4.7 / n + 4.5

set print $times
do for [i = 1:6] {
    print sprintf("%d %g %g %g %g", i, fct(name[i], "p50"), fct(name[i], "p99"), \
                  fct(name[i]."_loss", "p50"), fct(name[i]."_loss", "p99"))
}
set print $waits
do for [i = 1:4] {
    system_name = name[i + 2]."_loss"
    print sprintf("%d %g", count[i], device(system_name, "east", "waited") / device(system_name, "west", "carried") / losses)
}
unset print

# Okabe and Ito.
set style line 1 lc rgb "#0072B2" lw 1.6 pt 7
set style line 2 lc rgb "#D55E00" lw 1.6 pt 5
set style line 3 lc rgb "#555555" lw 1.4 dt (6, 3)
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 11
        set terminal svg size 1100,460 dynamic font "DejaVu Sans,13" background rgb "white"
    } else {
        small = 19
        set terminal pngcairo size 2200,920 font "DejaVu Sans,22" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/island.%s", result, format)
    set multiplot
    set tmargin at screen 0.86
    set bmargin at screen 0.17
    set label 1 "{/:Bold MTP across an island that passes only TCP: 10 KB messages at 60 % load}" at screen 0.5, 0.955 center

    set lmargin at screen 0.075
    set rmargin at screen 0.60
    set logscale y
    set xrange [0.5:6.5]
    set yrange [4:400]
    set ylabel "completion time (us)" offset 1, 0
    set xtics ("MTP,\nno island" 1, "TCP,\nend to end" 2, "gateways,\n1 connection" 3, "2" 4, "4" 5, "8" 6) font ",".small
    set title "median and 99th percentile" offset 0, -0.6
    set key top left Left reverse samplen 1.5 font ",".small
    plot $times using ($1 - 0.12):2:2:3 with yerrorbars ls 1 ps 1.1 title "no losses", \
         $times using ($1 - 0.12):3 with points ls 1 ps 0.6 notitle, \
         $times using ($1 + 0.12):4:4:5 with yerrorbars ls 2 ps 1.1 title "1 of 1000 lost on the first link", \
         $times using ($1 + 0.12):5 with points ls 2 ps 0.6 notitle
    unset label 1
    unset logscale y

    set lmargin at screen 0.68
    set rmargin at screen 0.975
    set logscale x 2
    set xrange [0.8:10]
    set yrange [0:45]
    set xtics (1, 2, 4, 8) font ",".small
    set xlabel "connections between the gateways" offset 0, 0.3
    set ylabel "records held back by a lost one" offset 1, 0
    set title "head-of-line blocking" offset 0, -0.6
    set key top right font ",".small
    plot $waits using 1:2 with linespoints ls 2 ps 1.1 title "measured", \
         waiting(x) with lines ls 3 title "r D / n + 4.5"
    unset logscale x
    unset xlabel
    unset multiplot
    unset output
}
