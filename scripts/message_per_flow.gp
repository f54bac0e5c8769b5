# Figure 3 of the paper: throughput when every message has a connection of its own, against connections that are
# kept and MTP. Above, devices that pass packets through; below, connections that a proxy terminates.
#
#     gnuplot -c scripts/message_per_flow.gp results/message_per_flow
#
# writes message_per_flow.svg and message_per_flow.png into the result's folder.

result = ARGC >= 1 ? ARG1 : "results/message_per_flow"

# ---- what the run was: from its effective scenario and its summary ----

lookup(command) = (text = system(command), strlen(text) ? real(text) : 0)
of_system(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result))
# Of several seeds the first is drawn; the numbers in the legend are medians over all.
series_of(name) = system(sprintf("ls -v '%s'/%s/throughput.csv '%s'/%s/seed-*/throughput.csv 2>/dev/null | head -n 1", result, name, result, name))
sample = lookup(sprintf("sed -n '/throughput:/,$s/.*every: \\([0-9.]*\\)us.*/\\1/p' '%s/scenario.yaml' | head -n 1", result))

# ---- the systems: a colour-blind-safe palette (Okabe and Ito), and dash patterns and widths that stay apart
# without colour ----

array system_name[5] = ["connection_each", "persistent", "mtp", "connection_each_proxied", "persistent_proxied"]
array caption[5] = ["TCP, one connection a message", "TCP, persistent connections", "MTP", \
                    "TCP, one connection a message, both ways", "TCP, persistent connections, both ways"]
array series[5]
array there[5]
array legend[5]
do for [i = 1:5] {
    series[i] = series_of(system_name[i])
    there[i] = strlen(series[i]) > 0
    legend[i] = there[i] ? sprintf("%s: mean %.1f Gbps, variation %.1f %%", caption[i], \
                                   of_system(system_name[i], "goodput_gbps"), \
                                   of_system(system_name[i], "throughput_cv") * 100) : ""
}

set style line 1 lc rgb "#0072B2" lw 1.4 dt 1
set style line 2 lc rgb "#009E73" lw 2.2 dt (2, 2.5)
set style line 3 lc rgb "#D55E00" lw 2.6 dt 1
set style line 4 lc rgb "#0072B2" lw 1.4 dt 1
set style line 5 lc rgb "#009E73" lw 2.2 dt (2, 2.5)

set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set ylabel "goodput (Gbps)" offset 1, 0
set yrange [0 : 135]
set ytics 0, 25, 100
set xrange [4 : 6]
set format x "%.1f"
set lmargin at screen 0.095
set rmargin at screen 0.965
unset key

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 13
        set terminal svg size 1000,760 dynamic font "DejaVu Sans,15" background rgb "white"
    } else {
        small = 22
        set terminal pngcairo size 2000,1520 font "DejaVu Sans,26" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/message_per_flow.%s", result, format)
    set multiplot
    do for [panel = 0:1] {
        from = panel == 0 ? 1 : 4
        to = panel == 0 ? 3 : 5
        high = panel == 0 ? 0.965 : 0.475
        unset label
        unset arrow
        set label 9 panel == 0 ? "{/:Bold Passed through}" : "{/:Bold Terminated at a proxy}" at screen 0.095, high left
        do for [i = from:to] {
            if (there[i]) {
                at = high - 0.032 - 0.027 * (i - from)
                set arrow 10 + i from screen 0.095, at to screen 0.140, at nohead ls i
                set label 10 + i legend[i] at screen 0.150, at left font ",".small
            }
        }
        set tmargin at screen high - 0.115
        set bmargin at screen panel == 0 ? 0.580 : 0.095
        set xlabel panel == 0 ? "" : sprintf("time (ms); one sample each %g us", sample) offset 0, 0.4
        plot for [i = from:to] (there[i] ? series[i] : "/dev/null") using (($1 + sample / 2) / 1000):2 skip 1 \
             with lines ls i notitle
    }
    unset multiplot
    unset output
}
