# Figure 7 of the paper: what two tenants get of one link, over time, in one panel for each system.
#
#     gnuplot -c scripts/isolation.gp results/isolation
#
# writes isolation.svg and isolation.png into the result's folder. Thin: every sample; thick: means
# of 500 us. Of several seeds the first is drawn; the numbers in the panels are medians over all.

result = ARGC >= 1 ? ARG1 : "results/isolation"

# ---- what the run was: from its effective scenario and its summary ----

lookup(command) = (text = system(command), strlen(text) ? real(text) : 0)
of_tenant(name, tenant) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/\"goodput_gbps_by_tenant\"/,/}/s/^ *\"tenant%d\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", name, result, tenant))
of_system(name, metric) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result))
series_of(name) = system(sprintf("ls -v '%s'/%s/throughput.csv '%s'/%s/seed-*/throughput.csv 2>/dev/null | head -n 1", result, name, result, name))

after = lookup(sprintf("sed -n 's/.*after: \\([0-9.]*\\)ms.*/\\1/p' '%s/scenario.yaml' | head -n 1", result))
end = lookup(sprintf("sed -n 's/^duration: \\([0-9.]*\\)ms.*/\\1/p' '%s/scenario.yaml'", result))
every = lookup(sprintf("sed -n 's/.*every: \\([0-9.]*\\)us.*/\\1/p' '%s/scenario.yaml' | head -n 1", result)) / 1000
if (every == 0) { every = 0.05 }
if (end == 0) { end = 20 }

array name[5] = ["shared", "separate", "mtp", "mtp_marks", "mtp_rates"]
array title[5] = ["(a) DCTCP, one shared queue", "(b) DCTCP, a queue for each tenant", \
                  "(control) MTP, no policy", "(c) MTP, one queue, policy by marks", \
                  "(c') MTP, one queue, policy by rates"]
array series[5]
array there[5]
do for [i = 1:5] {
    series[i] = series_of(name[i])
    there[i] = strlen(series[i]) > 0
}

# ---- how it looks: a colour-blind-safe palette (Okabe and Ito); tenant 1 dashed, so that the two
# stay apart without colour ----

set style line 1 lc rgb "#0072B2" lw 3.0 dt (5, 3)
set style line 2 lc rgb "#D55E00" lw 3.0 dt 1
set style line 3 lc rgb "#9CC9E6" lw 0.7 dt 1
set style line 4 lc rgb "#F3BE97" lw 0.7 dt 1
set style line 8 lc rgb "#777777" lw 1.0 dt (2, 3)
set style fill solid 1.0 noborder

set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [0:end]
set yrange [0:105]
set ytics 25
unset key

mean(t) = (floor(t / 500) + 0.5) * 0.5
column_of(i) = (i - 1) % 3
row_of(i) = (i - 1) / 3
left_of(i) = 0.065 + 0.315 * column_of(i)
top_of(i) = 0.875 - 0.445 * row_of(i)

# ---- the panels; drawn once for each format ----

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1200,720 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2400,1440 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/isolation.%s", result, format)
    set multiplot
    set label 10 "{/:Bold Two tenants share one link: tenant 1 has one flow, tenant 2 has eight}" at screen 0.5, 0.965 center
    set tics nomirror out font ",".small textcolor rgb "#222222"
    do for [i = 1:5] {
        if (there[i]) {
            set lmargin at screen left_of(i)
            set rmargin at screen left_of(i) + 0.275
            set tmargin at screen top_of(i)
            set bmargin at screen top_of(i) - 0.315
            set title title[i] offset 0, -0.4 font ",".(small + 2)
            if (column_of(i) == 0) { set ylabel "goodput (Gbps)" offset 1.2, 0 } else { set ylabel "" }
            set xlabel "time (ms)" offset 0, 0.6
            unset object
            set object 1 rectangle from 0, 0 to after, 105 fc rgb "#f0f0f0" fs solid 1.0 noborder behind
            one = of_tenant(name[i], 1)
            two = of_tenant(name[i], 2)
            low = one < two ? one : two
            set label 20 sprintf("tenant 2: mean %.1f Gbps", two) at end * 0.98, (abs(two - one) < 20 ? 100 : two + (two > 80 ? -9 : 9)) right font ",".small textcolor rgb "#A04000"
            set label 21 sprintf("tenant 1: mean %.1f Gbps", one) at end * 0.98, (abs(two - one) < 20 ? 90 : one + 10) right font ",".small textcolor rgb "#004A7A"
            plot series[i] using ($1 / 1000 + every / 2):4 skip 1 with lines ls 4, \
                 series[i] using ($1 / 1000 + every / 2):3 skip 1 with lines ls 3, \
                 series[i] using (mean($1)):4 skip 1 smooth unique with lines ls 2, \
                 series[i] using (mean($1)):3 skip 1 smooth unique with lines ls 1
            unset label 10
            unset label 20
            unset label 21
        }
    }

    # The sixth cell: the legend, and what the numbers say.
    set lmargin at screen left_of(6)
    set rmargin at screen left_of(6) + 0.275
    set tmargin at screen top_of(6)
    set bmargin at screen top_of(6) - 0.315
    unset border
    unset tics
    unset grid
    unset object
    set title ""
    set xlabel ""
    set ylabel ""
    x = left_of(6)
    y = top_of(6) + 0.01
    set arrow 1 from screen x, y - 0.02 to screen x + 0.04, y - 0.02 nohead ls 2
    set label 1 "tenant 2, eight flows" at screen x + 0.05, y - 0.02 left
    set arrow 2 from screen x, y - 0.06 to screen x + 0.04, y - 0.06 nohead ls 1
    set label 2 "tenant 1, one flow" at screen x + 0.05, y - 0.06 left
    set label 3 "thick: means of 500 us; thin: samples" at screen x, y - 0.105 left font ",".small textcolor rgb "#555555"
    set label 4 sprintf("shaded: the first %g ms, not in the means", after) at screen x, y - 0.14 left font ",".small textcolor rgb "#555555"
    set label 5 "{/:Bold tenant 2 / tenant 1, and total normalised}" at screen x, y - 0.19 left font ",".small
    line = 0
    do for [i = 1:5] {
        if (there[i]) {
            set label 10 + i sprintf("%s: %.2f, %.1f Gbps", title[i][1 : strstrt(title[i], ")")], \
                of_tenant(name[i], 2) / of_tenant(name[i], 1), of_system(name[i], "goodput_normalised_gbps")) \
                at screen x, y - 0.225 - 0.030 * line left font ",".small
            line = line + 1
        }
    }
    set xrange [0:1]
    set yrange [0:1]
    plot NaN notitle
    unset arrow
    unset label
    unset multiplot
    unset output
    set border 3 lc rgb "#444444"
    set tics nomirror out textcolor rgb "#222222"
    set xtics autofreq
    set ytics 25
    set grid ytics lc rgb "#dddddd" lw 0.8
    set xrange [0:end]
    set yrange [0:105]
}
