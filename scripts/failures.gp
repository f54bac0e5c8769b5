# Devices and replicas that fail and come back: the share of requests that take longer than a time, for each device undisturbed,
# restarted four times, and with a link that is down for some milliseconds.
#
#     gnuplot -c scripts/failures.gp results/failures
#
# writes failures.svg and failures.png into the result's folder: the first seed of several.

result = ARGC >= 1 ? ARG1 : "results/failures"

latency(name) = system(sprintf("ls -v '%s'/%s/latency.csv '%s'/%s/seed-*/latency.csv 2>/dev/null | head -n 1", result, name, result, name))

array device[4] = ["balancer", "cache", "aggregate", "mutate"]
array heading[4] = ["l7_balancer", "cache", "aggregate", "mutate"]
array other[4] = ["balancer_replica", "cache_replica", "aggregate_worker", ""]
array what[4] = ["a replica's link is down", "a store's link is down", "a worker's link is down", ""]

# Okabe and Ito, and dash patterns that stay apart without colour.
set style line 1 lc rgb "#000000" lw 1.8 dt (6, 3)
set style line 2 lc rgb "#D55E00" lw 2.4 dt 1
set style line 3 lc rgb "#0072B2" lw 2.2 dt (9, 4)
set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid lc rgb "#dddddd" lw 0.8
set logscale xy
set xrange [1:30000]
set yrange [0.001:1.2]
set ytics ("all" 1, "1 in 10" 0.1, "1 in 100" 0.01, "1 in 1000" 0.001)

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,820 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1640 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/failures.%s", result, format)
    set multiplot
    set label 1 "{/:Bold What failures cost: every request is answered, some late}" at screen 0.5, 0.97 center
    set key top right samplen 2.5 font ",".small
    do for [panel = 1:4] {
        set lmargin at screen panel % 2 ? 0.09 : 0.59
        set rmargin at screen panel % 2 ? 0.48 : 0.98
        set tmargin at screen panel < 3 ? 0.9 : 0.43
        set bmargin at screen panel < 3 ? 0.55 : 0.08
        set title heading[panel] noenhanced offset 0, -0.7
        if (panel > 2) { set xlabel "latency (us)" offset 0, 0.3 } else { set xlabel "" }
        if (panel % 2) { set ylabel "requests that take longer" offset 1, 0 } else { set ylabel "" }
        plot latency(device[panel]) using 2:(1.001 - $1) skip 1 with lines ls 1 title "undisturbed", \
             latency(device[panel]."_restart") using 2:(1.001 - $1) skip 1 with lines ls 2 title "the device restarts", \
             (strlen(other[panel]) ? latency(other[panel]) : "/dev/null") using 2:(1.001 - $1) skip 1 with lines ls 3 title what[panel]
        unset label
    }
    unset multiplot
    unset output
}
