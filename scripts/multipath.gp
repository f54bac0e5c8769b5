# Figure 5 of the paper: goodput over time when the first switch alternates between a fast and a slow
# path. Above, three cycles in detail; below, the whole measured time as the mean of each stay.
#
#     gnuplot -c scripts/multipath.gp results/multipath
#
# writes multipath.svg and multipath.png into the result's folder.

result = ARGC >= 1 ? ARG1 : "results/multipath"

# ---- what the run was: from its effective scenario and its summary ----

lookup(command) = (text = system(command), strlen(text) ? real(text) : 0)
in_scenario(key, unit) = lookup(sprintf("sed -n 's/.*[{ ,]%s: \\([0-9.]*\\)%s.*/\\1/p' '%s/scenario.yaml' | head -n 1", key, unit, result))
rate(link) = lookup(sprintf("sed -n '/name: %s$/,/rate:/s/.*rate: \\([0-9.]*\\)Gbps.*/\\1/p;/name: %s,/s/.*rate: \\([0-9.]*\\)Gbps.*/\\1/p' '%s/scenario.yaml' | head -n 1", link, link, result))
of_system(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result))
# Of several seeds the first is drawn; the means in the legend are medians over all.
series_of(name) = system(sprintf("ls -v '%s'/%s/throughput.csv '%s'/%s/seed-*/throughput.csv 2>/dev/null | head -n 1", result, name, result, name))

period = in_scenario("period", "us")             # us on each path
after = in_scenario("after", "ms") * 1000        # us that are not measured
fast = rate("fast")
slow = rate("slow")
end = in_scenario("duration", "ms") * 1000
if (end == 0) { end = lookup(sprintf("sed -n 's/^duration: \\([0-9.]*\\)ms$/\\1/p' '%s/scenario.yaml'", result)) * 1000 }

# ---- the systems, and how each looks: a colour-blind-safe palette (Okabe and Ito), and dash
# patterns and widths that stay apart without colour ----

array system_name[3] = ["dctcp", "dctcp_rack", "mtp"]
array caption[3] = ["DCTCP", "DCTCP, reordering-tolerant", "MTP"]
array series[3]
array there[3]
do for [i = 1:3] {
    series[i] = series_of(system_name[i])
    there[i] = strlen(series[i]) > 0
}
array legend[3]
do for [i = 1:3] {
    legend[i] = there[i] ? sprintf("%s: mean %.1f Gbps, %.1f %% of its ideal", caption[i], \
                                   of_system(system_name[i], "goodput_gbps"), \
                                   of_system(system_name[i], "share_of_ideal") * 100) : ""
}

# The fluid ideal is drawn as it is on the wire. Each system's own is that times its payload share:
# headers take 2.7 % of TCP's packets and more of MTP's.
ideal = 0
do for [i = 1:3] {
    if (there[i] && ideal == 0) {
        ideal = of_system(system_name[i], "fluid_ideal_gbps") / of_system(system_name[i], "payload_share")
    }
}

on_fast(t) = int(floor(t / period)) % 2 == 0
path(t) = on_fast(t) ? fast : slow

set style line 1 lc rgb "#0072B2" lw 2.0 dt (9, 4)
set style line 2 lc rgb "#009E73" lw 2.2 dt (2, 2.5)
set style line 3 lc rgb "#D55E00" lw 2.6 dt 1
set style line 8 lc rgb "#777777" lw 1.2 dt (14, 4, 2, 4)
set style line 9 lc rgb "#333333" lw 1.0 dt 1
set style fill solid 1.0 noborder

set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set ylabel "goodput (Gbps)"
top = fast * 1.08

# ---- both panels; drawn once for each format ----

first = 2 * period * ceil(after / (2 * period)) + 2 * period   # a switch to the fast path
last = first + 6 * period
if (last > end) { first = 0; last = end < 6 * period ? end : 6 * period }

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 13
        set terminal svg size 1000,760 dynamic font "DejaVu Sans,15" background rgb "white"
    } else {
        small = 22
        set terminal pngcairo size 2000,1520 font "DejaVu Sans,26" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/multipath.%s", result, format)
    set multiplot

    # The legend, by hand: gnuplot's own does not keep two columns of long lines inside the picture.
    set label 10 sprintf("{/:Bold Goodput of a flow over two paths, %g and %g Gbps, that alternate every %g us}", fast, slow, period) at screen 0.53, 0.972 center
    line = 0
    do for [i = 1:3] {
        if (there[i]) {
            set arrow 10 + i from screen 0.095, 0.930 - 0.030 * line to screen 0.140, 0.930 - 0.030 * line nohead ls i
            set label 10 + i legend[i] at screen 0.150, 0.930 - 0.030 * line left font ",".small
            line = line + 1
        }
    }
    set arrow 18 from screen 0.655, 0.930 to screen 0.700, 0.930 nohead ls 9
    set label 18 "rate of the current path" at screen 0.710, 0.930 left font ",".small
    set arrow 19 from screen 0.655, 0.900 to screen 0.700, 0.900 nohead ls 8
    set label 19 sprintf("fluid ideal: mean %.1f Gbps", ideal) at screen 0.710, 0.900 left font ",".small
    set label 20 "(both with headers)" at screen 0.710, 0.870 left font ",".small textcolor rgb "#666666"

    # Detail: every sample, shaded where the fast path is on.
    set lmargin at screen 0.095
    set rmargin at screen 0.965
    set tmargin at screen 0.83
    set bmargin at screen 0.40
    unset key
    set xrange [first / 1000.0 : last / 1000.0]
    set yrange [0 : top]
    set xtics period * 2 / 1000.0
    set format x "%.3f"
    set xlabel "time (ms); one sample each 32 us; shaded: the fast path is on" offset 0, 0.4
    unset object
    do for [stay = int(first / period) : int(last / period) - 1] {
        if (stay % 2 == 0) {
            set object stay + 1 rectangle from stay * period / 1000.0, 0 to (stay + 1) * period / 1000.0, top \
                fc rgb "#ececec" fs solid 1.0 noborder behind
        }
    }
    set samples 1200
    plot for [i = 1:3] (there[i] ? series[i] : "/dev/null") using ($1 / 1000 + 0.016):2 skip 1 \
             with lines ls i notitle, \
         path(x * 1000) with lines ls 9 notitle, \
         ideal with lines ls 8 notitle

    # Overview: the mean over a cycle of two stays, over the whole run.
    set tmargin at screen 0.285
    set bmargin at screen 0.095
    unset object
    unset arrow
    unset label
    set object 1 rectangle from 0, 0 to after / 1000.0, 10 * ceil(ideal / 10) fc rgb "#ececec" fs solid 1.0 noborder behind
    set label 1 "not\nmeasured" at after / 2000.0, 15 center textcolor rgb "#666666" font ",".small
    set yrange [0 : 10 * ceil(ideal / 10)]
    set xrange [0 : end / 1000.0]
    set xtics autofreq
    set format x "%g"
    set xlabel "time (ms); the mean of each cycle of two stays" offset 0, 0.4
    whole = 2 * period * floor(end / (2 * period))
    bin(t) = t >= whole ? NaN : (floor(t / (2 * period)) + 0.5) * 2 * period / 1000.0
    plot ideal with lines ls 8 notitle, \
         for [i = 1:3] (there[i] ? series[i] : "/dev/null") using (bin($1)):2 skip 1 smooth unique \
             with lines ls i notitle
    unset label
    unset multiplot
    unset output
}
