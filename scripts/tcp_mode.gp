# TCP mode (3.1.3, 4): the bottleneck's queue under TCP and under MTP with the whole network as one
# pathlet, in one panel for each congestion model.
#
#     gnuplot -c scripts/tcp_mode.gp results/tcp_mode
#
# writes tcp_mode.svg and tcp_mode.png into the result's folder. Of several seeds the first is drawn;
# the numbers are medians over all.

result = ARGC >= 1 ? ARG1 : "results/tcp_mode"

lookup(command) = (text = system(command), strlen(text) ? real(text) : 0)
of_system(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result))
queue_of(name) = system(sprintf("ls -v '%s'/%s/queues.csv '%s'/%s/seed-*/queues.csv 2>/dev/null | head -n 1", result, name, result, name))

bottleneck(name) = sprintf("< grep ',bottleneck,left,' '%s'", queue_of(name))

array model[4] = ["dctcp", "newreno", "loss", "cubic"]
array title[4] = ["DCTCP: marks from 20 packets, in proportion", "NewReno: marks from 20 packets, each a loss", \
                  "NewReno: no marks, losses at 60 packets", "CUBIC: no marks, losses at 60 packets"]
array top[4] = [36, 36, 78, 78]

# Okabe and Ito; MTP dashed, so that the two stay apart without colour.
set style line 1 lc rgb "#0072B2" lw 1.6 dt 1
set style line 2 lc rgb "#D55E00" lw 1.6 dt (6, 3)
set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [20:26]
set lmargin at screen 0.08
set rmargin at screen 0.97
unset key

top_of(i) = 0.900 - 0.222 * (i - 1)

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1000,1000 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2000,2000 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/tcp_mode.%s", result, format)
    set multiplot
    set label 1 "{/:Bold One pathlet for the whole network: MTP against TCP, four long flows into 10 Gbps}" at screen 0.5, 0.975 center
    set arrow 1 from screen 0.64, 0.945 to screen 0.69, 0.945 nohead ls 1
    set label 2 "TCP" at screen 0.70, 0.945 left font ",".small
    set arrow 2 from screen 0.78, 0.945 to screen 0.83, 0.945 nohead ls 2
    set label 3 "MTP" at screen 0.84, 0.945 left font ",".small
    do for [i = 1:4] {
        tcp = "tcp_".model[i]
        mtp = "mtp_".model[i]
        if (strlen(queue_of(tcp)) && strlen(queue_of(mtp))) {
            set tmargin at screen top_of(i)
            set bmargin at screen top_of(i) - 0.160
            set yrange [0:top[i]]
            set ytics 20
            set title title[i] offset 0, -0.6 font ",".(small + 1)
            set ylabel "queue (packets)" offset 1, 0
            if (i == 4) { set xlabel "time (ms); part of the measured time" offset 0, 0.4 } else { set xlabel "" }
            set label 10 sprintf("mean %.1f and %.1f packets; normalised goodput %.2f and %.2f Gbps", \
                of_system(tcp, "mean_packets"), of_system(mtp, "mean_packets"), \
                of_system(tcp, "goodput_normalised_gbps"), of_system(mtp, "goodput_normalised_gbps")) \
                at graph 0.99, graph 0.93 right font ",".small
            plot bottleneck(tcp) using ($1 / 1000):4 with lines ls 1, bottleneck(mtp) using ($1 / 1000):4 with lines ls 2
            unset label
            unset arrow
        }
    }
    unset multiplot
    unset output
}
