# Figure 2 of the paper: a proxy that terminates TCP. Above, its buffer over time, with an unlimited and with a
# limited receive window; below, what the window does to messages: their completion times, by server.
#
#     gnuplot -c scripts/proxy.gp results/proxy
#
# writes proxy.svg and proxy.png into the result's folder.

result = ARGC >= 1 ? ARG1 : "results/proxy"

# ---- what the run was: from its effective scenario and its summary ----

lookup(command) = (text = system(command), strlen(text) ? real(text) : 0)
of_system(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result))
rate(link) = lookup(sprintf("sed -n '/name: %s$/,/rate:/s/.*rate: \\([0-9.]*\\)Gbps.*/\\1/p;/name: %s,/s/.*rate: \\([0-9.]*\\)Gbps.*/\\1/p' '%s/scenario.yaml' | head -n 1", link, link, result))
# Of several seeds the first is drawn.
file_of(name, file) = system(sprintf("ls -v '%s'/%s/%s '%s'/%s/seed-*/%s 2>/dev/null | head -n 1", result, name, file, result, name, file))
after = lookup(sprintf("sed -n 's/.*[{ ,]after: \\([0-9.]*\\)ms.*/\\1/p' '%s/scenario.yaml' | head -n 1", result)) * 1000

client = rate("client")
slow = rate("slow")
mismatch = (client - slow) * of_system("flow_unlimited", "payload_share")
slope = of_system("flow_unlimited", "slope_gbps")

# The share of messages to a server that took at most so long, of those submitted in the measured time.
times(name, server) = sprintf("< awk -F, '$2 == \"%s\" && $7 >= %g && $9 != \"\" {print $9}' '%s' | sort -g | awk '{t[NR] = $1} END {print t[1] \",0\"; for (i = 1; i <= NR; i++) print t[i] \",\" i / NR}'", server, after, file_of(name, "messages.csv"))
median(name, server) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/\"%s\": {/,/}/s/^ *\"p50\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", name, result, server))

# ---- how each looks: a colour-blind-safe palette (Okabe and Ito), and dash patterns ----

set style line 1 lc rgb "#0072B2" lw 3.2 dt 1
set style line 2 lc rgb "#D55E00" lw 2.6 dt 1
set style line 3 lc rgb "#0072B2" lw 2.2 dt (2, 2.5)
set style line 4 lc rgb "#D55E00" lw 2.2 dt (2, 2.5)
set style line 9 lc rgb "#000000" lw 1.4 dt (14, 6)

set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set lmargin at screen 0.105
set rmargin at screen 0.965
unset key

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 13
        set terminal svg size 1000,820 dynamic font "DejaVu Sans,15" background rgb "white"
    } else {
        small = 22
        set terminal pngcairo size 2000,1640 font "DejaVu Sans,26" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/proxy.%s", result, format)
    set multiplot

    # The buffer.
    unset label
    unset arrow
    set label 1 sprintf("{/:Bold A long flow: %g Gbps to the proxy, %g Gbps from it}", client, slow) at screen 0.105, 0.970 left
    set arrow 2 from screen 0.105, 0.936 to screen 0.150, 0.936 nohead ls 1
    set label 2 sprintf("unlimited receive window: grows by %.2f Gbps", slope) at screen 0.160, 0.936 left font ",".small
    set arrow 3 from screen 0.105, 0.909 to screen 0.150, 0.909 nohead ls 9
    set label 3 sprintf("mismatch of the rates, payload: %.2f Gbps", mismatch) at screen 0.160, 0.909 left font ",".small
    set arrow 4 from screen 0.560, 0.936 to screen 0.605, 0.936 nohead ls 2
    set label 4 sprintf("limited: never more than %.1f KB", of_system("flow_limited", "max_bytes") / 1000) at screen 0.615, 0.936 left font ",".small
    set tmargin at screen 0.875
    set bmargin at screen 0.575
    unset logscale x
    set xrange [0 : *]
    set yrange [0 : *]
    set format x "%g"
    set format y "%g"
    set xlabel "time (ms)" offset 0, 0.4
    set ylabel "buffer at the proxy (MB)" offset -0.5, 0
    set ytics 20
    plot file_of("flow_unlimited", "buffers.csv") using ($1 / 1000):($3 / 1e6) skip 1 with lines ls 1 notitle, \
         file_of("flow_limited", "buffers.csv") using ($1 / 1000):($3 / 1e6) skip 1 with lines ls 2 notitle, \
         mismatch * x / 8 with lines ls 9 notitle

    # Completion times.
    unset label
    unset arrow
    set label 1 "{/:Bold A closed loop to a slow and a fast server: who waits for whom}" at screen 0.105, 0.478 left
    do for [i = 1:4] {
        name = i % 2 == 1 ? "unlimited" : "limited"
        server = i <= 2 ? "fast" : "slow"
        across = i <= 2 ? 0.105 : 0.560
        down = 0.444 - 0.027 * ((i - 1) % 2)
        set arrow 1 + i from screen across, down to screen across + 0.045, down nohead ls i
        set label 1 + i sprintf("%s window, %s server: median %.1f us", name, server, median(name, server)) at screen across + 0.055, down left font ",".small
    }
    set tmargin at screen 0.385
    set bmargin at screen 0.085
    set logscale x
    set xrange [1 : 1000]
    set yrange [0 : 1.05]
    set xlabel "completion time of a message (us)" offset 0, 0.4
    set ylabel "share of messages" offset -0.5, 0
    set ytics 0.25
    plot for [i = 1:4] times(i % 2 == 1 ? "unlimited" : "limited", i <= 2 ? "fast" : "slow") using 1:2 with lines ls i notitle
    unset multiplot
    unset output
}
