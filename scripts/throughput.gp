# Goodput over time of every system of a result, for scenarios without a figure of their own.
#
#     gnuplot -c scripts/throughput.gp results/NAME
#
# writes throughput.svg and throughput.png into the result's folder. Of a system with several seeds
# the first is drawn.

result = ARGC >= 1 ? ARG1 : "results/multipath"

text = system(sprintf("sed -n 's/^  \"scenario\": \"\\(.*\\)\",$/\\1/p' '%s/summary.json'", result))
names = system(sprintf("cd '%s' && ls -d */throughput.csv */seed-*/throughput.csv 2>/dev/null | sed 's|/.*||' | sort -u | tr '\\n' ' '", result))
series(name) = system(sprintf("ls -v '%s'/%s/throughput.csv '%s'/%s/seed-*/throughput.csv 2>/dev/null | head -n 1", result, name, result, name))

# A colour-blind-safe palette (Okabe and Ito); dash patterns and widths stay apart without colour.
set style line 1 lc rgb "#0072B2" lw 2.0 dt (9, 4)
set style line 2 lc rgb "#009E73" lw 2.2 dt (2, 2.5)
set style line 3 lc rgb "#D55E00" lw 2.4 dt 1
set style line 4 lc rgb "#CC79A7" lw 2.0 dt (12, 3, 2, 3)
set style line 5 lc rgb "#56B4E9" lw 2.4 dt (5, 2)
set style line 6 lc rgb "#E69F00" lw 1.6 dt 1
set style line 7 lc rgb "#000000" lw 1.4 dt (6, 2, 2, 2, 2, 2)
style(i) = (i - 1) % 7 + 1

set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xlabel "time (ms)"
set ylabel "goodput (Gbps)"
set yrange [0 : *]
set key outside top center horizontal Left reverse noenhanced
set title sprintf("Goodput over time, %s", text) noenhanced

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size 1000,560 dynamic font "DejaVu Sans,15" background rgb "white"
    } else {
        set terminal pngcairo size 2000,1120 font "DejaVu Sans,26" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/throughput.%s", result, format)
    plot for [i = 1:words(names)] series(word(names, i)) using ($1 / 1000):2 skip 1 \
         with lines ls style(i) title word(names, i)
    unset output
}
