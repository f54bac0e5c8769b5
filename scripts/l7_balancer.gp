# A layer-7 balancer (Figure 1, 2a and 3b): how long requests take, by the rule that places them; on the left all four replicas
# are alike, on the right one becomes ten times as slow in the second half.
#
#     gnuplot -c scripts/l7_balancer.gp results/l7_balancer
#
# writes l7_balancer.svg and l7_balancer.png into the result's folder. Curves are of the first seed, means medians over all. A
# curve that ends below 1 is of a rule under which some requests were not answered before the end.

result = ARGC >= 1 ? ARG1 : "results/l7_balancer"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
mean(name) = lookup(sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^      \"requests\": {/,/^      }/s/^ *\"mean\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", name, result))
latency(name) = system(sprintf("ls -v '%s'/%s/latency.csv '%s'/%s/seed-*/latency.csv 2>/dev/null | head -n 1", result, name, result, name))

array name[8] = ["calm", "calm_least", "tcp", "hash", "round_robin", "power_of_two", "least_outstanding", "c3"]
array caption[8] = ["hash", "least outstanding", "least outstanding, TCP proxy", "hash", "in turn", "power of two choices", "least outstanding", "C3"]

# Okabe and Ito, and dash patterns that stay apart without colour; a rule has one style in both panels.
set style line 1 lc rgb "#E69F00" lw 2.2 dt (2, 2.5)
set style line 2 lc rgb "#0072B2" lw 2.2 dt (9, 4)
set style line 3 lc rgb "#000000" lw 1.6 dt (6, 2, 2, 2)
set style line 4 lc rgb "#E69F00" lw 2.2 dt (2, 2.5)
set style line 5 lc rgb "#56B4E9" lw 2.2 dt (5, 2)
set style line 6 lc rgb "#CC79A7" lw 2.0 dt (12, 3, 2, 3)
set style line 7 lc rgb "#0072B2" lw 2.2 dt (9, 4)
set style line 8 lc rgb "#D55E00" lw 2.4 dt 1
set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid lc rgb "#dddddd" lw 0.8
set logscale x
set xrange [4:12000]
set yrange [0:1.02]
set xlabel "latency (us)" offset 0, 0.3
set key bottom right samplen 2.8 spacing 1.2

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,520 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1040 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/l7_balancer.%s", result, format)
    set multiplot
    set tmargin at screen 0.84
    set bmargin at screen 0.14
    set key font ",".small
    set label 1 "{/:Bold Which replica gets a request: 60 % load, exponential service of 8 us}" at screen 0.5, 0.955 center
    do for [panel = 1:2] {
        set lmargin at screen panel == 1 ? 0.07 : 0.56
        set rmargin at screen panel == 1 ? 0.50 : 0.98
        set title (panel == 1 ? "four replicas alike" : "one of four at a tenth, in the second half") offset 0, -0.5
        if (panel == 1) { set ylabel "share of requests" offset 1, 0 } else { set ylabel "" }
        first = panel == 1 ? 1 : 4
        last = panel == 1 ? 3 : 8
        plot for [i = first:last] latency(name[i]) using 2:1 skip 1 with lines ls i \
            title sprintf("%s: mean %.1f us", caption[i], mean(name[i]))
        unset label
    }
    unset multiplot
    unset output
}
