# Gradients added up in the network (4, ATP): what each worker gets through, for 2 to 16 workers, with the device and with a
# parameter server alone, beside what the links allow.
#
#     gnuplot -c scripts/aggregate.gp results/aggregate
#
# writes aggregate.svg and aggregate.png into the result's folder: medians over the seeds, bars from least to most.

result = ARGC >= 1 ? ARG1 : "results/aggregate"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
requests(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^      \"requests\": {/,/^      }/p'", name, result)
ranges(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^        \"requests\": {/,/^        }/p'", name, result)
median(name) = lookup(requests(name)." | sed -n 's/^ *\"per_second\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1")
least(name) = lookup(ranges(name)." | sed -n 's/^ *\"per_second\": \\[\\([0-9.e+-]*\\), .*/\\1/p' | head -n 1")
most(name) = lookup(ranges(name)." | sed -n 's/^ *\"per_second\": \\[[0-9.e+-]*, \\([0-9.e+-]*\\)\\].*/\\1/p' | head -n 1")
gbps(rate, workers) = rate * 1280 * 8 / 1e9 / workers
row(name, workers) = sprintf("%d %g %g %g", workers, gbps(median(name), workers), gbps(least(name), workers), gbps(most(name), workers))

set print $device
do for [n in "2 4 8 16"] { print row("device".n, int(n)) }
set print $server
do for [n in "2 4 8 16"] { print row("server".n, int(n)) }
set print $few
print row("few_slots", 8)
set print

# By the bytes on the wire of one chunk (scenarios/offloads/aggregate.yaml).
with_device(n) = 8.355
alone(n) = 8.672 / n

set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid lc rgb "#dddddd" lw 0.8
set logscale xy
set xrange [1.7:19]
set yrange [0.4:14]
set xtics (2, 4, 8, 16)
set ytics (0.5, 1, 2, 4, 8)
set xlabel "workers" offset 0, 0.3
set ylabel "goodput of a worker (Gbps)" offset 1, 0
set key bottom left reverse Left samplen 2.5 spacing 1.2
set title "{/:Bold Gradients of 1280 bytes, links of 10 Gbps}"

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size 800,560 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        set terminal pngcairo size 1600,1120 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/aggregate.%s", result, format)
    plot with_device(x) with lines lc rgb "#000000" lw 1.4 dt (10, 5) title "what the links allow", \
         alone(x) with lines lc rgb "#000000" lw 1.4 dt (10, 5) notitle, \
         $device using 1:2:3:4 with yerrorbars pt 7 ps 1.4 lw 1.8 lc rgb "#D55E00" title "added up in the network", \
         $server using 1:2:3:4 with yerrorbars pt 5 ps 1.4 lw 1.8 lc rgb "#0072B2" title "parameter server alone", \
         $few using 1:2:3:4 with yerrorbars pt 9 ps 1.6 lw 1.8 lc rgb "#009E73" title "8 slots for 64 chunks"
    unset output
}
