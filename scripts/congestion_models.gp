# Every congestion model on one bottleneck: what each flow gets over time, and the queue, in one panel a system.
#
#     gnuplot -c scripts/congestion_models.gp results/congestion_models
#
# writes congestion_models.svg and congestion_models.png into the result's folder. Curves are means of 1 ms.

result = ARGC >= 1 ? ARG1 : "results/congestion_models"

# ---- what the run was: from its summary ----

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
of_system(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result))
series_of(name, file) = system(sprintf("ls -v '%s'/%s/%s '%s'/%s/seed-*/%s 2>/dev/null | head -n 1", result, name, file, result, name, file))
number(format, value) = value == value ? sprintf(format, value) : "-"

array name[15] = ["mtp_newreno", "mtp_cubic", "mtp_dctcp", "mtp_dcqcn", "mtp_swift", \
                  "mtp_rcp", "mtp_xcp", "mtp_hpcc", "mtp_occupancy8", "mtp_fixed", \
                  "tcp_newreno", "tcp_cubic", "tcp_dctcp", "tcp_dcqcn", "tcp_swift"]
array title[15] = ["MTP newreno", "MTP cubic", "MTP dctcp", "MTP dcqcn (lossless)", "MTP swift", \
                   "MTP rcp", "MTP xcp", "MTP hpcc (lossless)", "MTP occupancy8", "MTP fixed", \
                   "TCP newreno", "TCP cubic", "TCP dctcp", "TCP dcqcn (lossless)", "TCP swift"]

# ---- how it looks: a colour-blind-safe palette (Okabe and Ito), dashes beside the colours ----

set style line 1 lc rgb "#0072B2" lw 2.2 dt 1
set style line 2 lc rgb "#D55E00" lw 2.2 dt (6, 2)
set style line 3 lc rgb "#009E73" lw 2.2 dt (3, 2)
set style line 4 lc rgb "#CC79A7" lw 2.2 dt (8, 2, 2, 2)
set style line 5 lc rgb "#999999" lw 1.4 dt 1
set style line 6 lc rgb "#E3D9B8" lw 1.0 dt 1
set style fill solid 1.0 noborder

set datafile separator ","
set border 3 lc rgb "#444444"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [0:120]
set yrange [0:105]
set y2range [0:134.4]
set xtics 0, 20, 120
set ytics 25
unset key

mean(t) = floor(t / 1000) + 0.5
column_of(i) = (i - 1) % 5
row_of(i) = (i - 1) / 5
left_of(i) = 0.045 + 0.1885 * column_of(i)
top_of(i) = 0.86 - 0.285 * row_of(i)

# ---- the panels; drawn once for each format ----

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 11
        set terminal svg size 1500,840 dynamic font "DejaVu Sans,13" background rgb "white"
    } else {
        small = 18
        set terminal pngcairo size 3000,1680 font "DejaVu Sans,22" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/congestion_models.%s", result, format)
    set multiplot
    set tics nomirror out font ",".small textcolor rgb "#222222"
    set label 1 "{/:Bold Congestion models on one bottleneck of 100 Gbps: flows join at 20, 30 and 40 ms}" at screen 0.5, 0.975 center
    set label 2 "goodput of a" at screen 0.115, 0.935 left
    set label 3 "b" at screen 0.265, 0.935 left
    set label 4 "c" at screen 0.335, 0.935 left
    set label 5 "d" at screen 0.405, 0.935 left
    set label 6 "three that send 29 MB each" at screen 0.495, 0.935 left
    set label 7 "queue (0 to 128 packets)" at screen 0.755, 0.935 left
    array left[5] = [0.07, 0.22, 0.29, 0.36, 0.45]
    do for [k = 1:5] {
        set arrow k from screen left[k], 0.935 to screen left[k] + 0.037, 0.935 nohead ls k
    }
    set object 1 rectangle from screen 0.71, 0.928 to screen 0.747, 0.942 fc rgb "#E3D9B8" fs solid 1.0 noborder
    do for [i = 1:15] {
        data = series_of(name[i], "throughput.csv")
        queue = series_of(name[i], "queues.csv")
        if (strlen(data) > 0) {
            set lmargin at screen left_of(i)
            set rmargin at screen left_of(i) + 0.16
            set tmargin at screen top_of(i)
            set bmargin at screen top_of(i) - 0.20
            set title title[i] offset 0, -0.6 font ",".(small + 2)
            if (column_of(i) == 0) { set ylabel "goodput (Gbps)" offset 1.5, 0 font ",".small } else { set ylabel "" }
            if (row_of(i) == 2) { set xlabel "time (ms)" offset 0, 0.7 font ",".small } else { set xlabel "" }
            set label 20 sprintf("{/:Bold Jain} %s  {/:Bold queue} %s", number("%.3f", of_system(name[i], "fairness")), number("%.0f p", of_system(name[i], "mean_packets"))) \
                at 117, 97 right front font ",".small textcolor rgb "#222222"
            set label 21 sprintf("%s Gbps", number("%.1f", of_system(name[i], "goodput_normalised_gbps"))) at 117, 86 right front font ",".small textcolor rgb "#222222"
            plot queue using (mean($1)):4 skip 1 smooth unique axes x1y2 with filledcurves y=0 ls 6, \
                 data using (mean($1)):7 skip 1 smooth unique with lines ls 5, \
                 data using (mean($1)):3 skip 1 smooth unique with lines ls 1, \
                 data using (mean($1)):4 skip 1 smooth unique with lines ls 2, \
                 data using (mean($1)):5 skip 1 smooth unique with lines ls 3, \
                 data using (mean($1)):6 skip 1 smooth unique with lines ls 4
            unset label
            unset arrow
            unset object
        }
    }
    unset multiplot
    unset output
}
