# A cache in the network (Figure 1, part 1): on the left how many times the requests that the store alone answers, against the
# share that the cache answers, and 1 / (1 - share); on the right how long requests take at 60 % of the store's load.
#
#     gnuplot -c scripts/cache.gp results/cache
#
# writes cache.svg and cache.png into the result's folder. Points are medians over the seeds, bars their range; the curves on
# the right are of the first seed.

result = ARGC >= 1 ? ARG1 : "results/cache"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
requests(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^      \"requests\": {/,/^      }/p'", name, result)
of(name, metric) = lookup(sprintf("%s | sed -n 's/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", requests(name), metric))
# Ranges over seeds: "metric": [least, most].
ranges(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json' | sed -n '/^        \"requests\": {/,/^        }/p'", name, result)
least(name, metric) = lookup(sprintf("%s | sed -n 's/^ *\"%s\": \\[\\([0-9.e+-]*\\), .*/\\1/p' | head -n 1", ranges(name), metric))
most(name, metric) = lookup(sprintf("%s | sed -n 's/^ *\"%s\": \\[[0-9.e+-]*, \\([0-9.e+-]*\\)\\].*/\\1/p' | head -n 1", ranges(name), metric))
share(name) = (answers = of(name, "cache"), answers == answers ? answers / of(name, "answered") : 0)
latency(name) = system(sprintf("ls -v '%s'/%s/latency.csv '%s'/%s/seed-*/latency.csv 2>/dev/null | head -n 1", result, name, result, name))

array name[4] = ["backend", "cached_10", "cached_100", "cached"]
array caption[4] = ["the store alone", "the hottest 10 of 100,000", "the hottest 100", "1000"]
alone = of("backend", "per_second")
set print $points
do for [i = 1:4] {
    print sprintf("%g %g %g %g \"%s\"", share(name[i]), of(name[i], "per_second") / alone, least(name[i], "per_second") / alone, most(name[i], "per_second") / alone, caption[i])
}
set print

# Okabe and Ito.
set style line 1 lc rgb "#0072B2" lw 2.2 dt (9, 4)
set style line 2 lc rgb "#D55E00" lw 2.4 dt 1
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid lc rgb "#dddddd" lw 0.8
set datafile missing "nan"

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,520 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1040 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/cache.%s", result, format)
    set multiplot
    set tmargin at screen 0.83
    set bmargin at screen 0.15

    unset label
    set datafile separator whitespace
    set lmargin at screen 0.07
    set rmargin at screen 0.47
    set label 1 "{/:Bold Throughput}" at screen 0.07, 0.945 left
    set label 2 "closed loop, Zipf 0.99; points: medians, bars: least and most of the seeds" at screen 0.07, 0.89 left font ",".small
    set xrange [-0.02:0.72]
    set yrange [0.8:3]
    set xlabel "share of requests that the cache answers" offset 0, 0.3
    set ylabel "requests answered / of the store alone" offset 1, 0
    set key top left reverse Left samplen 2.5 font ",".small
    plot 1 / (1 - x) with lines lc rgb "#000000" lw 1.6 dt (10, 5) title "1 / (1 - share)", \
         $points using 1:2:3:4 with yerrorbars pt 7 ps 1.3 lw 1.8 lc rgb "#D55E00" title "measured", \
         "" using 1:2:5 with labels left offset 1.2, -0.5 font ",".small textcolor rgb "#444444" notitle

    unset label
    set datafile separator ","
    set lmargin at screen 0.56
    set rmargin at screen 0.98
    set label 1 "{/:Bold How long a request takes}" at screen 0.56, 0.945 left
    set label 2 "open loop, 1.2 million a second; the cache has the hottest 100" at screen 0.56, 0.89 left font ",".small
    set xrange [0:16]
    set yrange [0:1.02]
    set xlabel "latency (us)" offset 0, 0.3
    set ylabel "share of requests" offset 1, 0
    set key bottom right noreverse Right samplen 2.5 font ",".small
    plot latency("calm") using 2:1 skip 1 with lines ls 1 title sprintf("the store alone: mean %.2f us", of("calm", "mean")), \
         latency("calm_cached") using 2:1 skip 1 with lines ls 2 title sprintf("with the cache: mean %.2f us", of("calm_cached", "mean"))
    unset multiplot
    unset output
}
