# Messages that change length on their way (2.2): the most that a device holds for it, and that a proxy which terminates TCP
# holds, of which the window is the bound.
#
#     gnuplot -c scripts/mutate.gp results/mutate
#
# writes mutate.svg and mutate.png into the result's folder: medians over the seeds.

result = ARGC >= 1 ? ARG1 : "results/mutate"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
system_of(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json'", name, result)
device(name) = lookup(system_of(name)." | sed -n '/^      \"devices\": {/,/^      }/s/^ *\"peak_bytes\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1")
proxy(name) = lookup(system_of(name)." | sed -n '/^      \"buffer\": {/,/^      }/s/^ *\"max_bytes\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1")

set print $bars
print sprintf("1 %g %g", device("expand"), proxy("proxy_expand"))
print sprintf("2 %g %g", device("compress"), proxy("proxy_compress"))
set print

set style line 1 lc rgb "#D55E00"
set style line 2 lc rgb "#0072B2"
set style fill solid 0.85 noborder
set boxwidth 0.34
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set logscale y
set xrange [0.4:2.6]
set yrange [30:2e6]
set ytics ("100 B" 100, "1 KB" 1000, "10 KB" 1e4, "100 KB" 1e5, "1 MB" 1e6)
set xtics ("2.5 and 2 times\nas long" 1, "0.4 and 0.25 times\nas long" 2)
set ylabel "held at most" offset 1, 0
set bmargin 3.5
set key top left reverse Left samplen 1.5
set title "{/:Bold Requests of 20 KB, responses of 50 KB, changed on the way}"

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size 800,560 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        set terminal pngcairo size 1600,1120 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/mutate.%s", result, format)
    plot $bars using ($1 - 0.18):2 with boxes ls 1 title "MTP, a device in the network", \
         "" using ($1 + 0.18):3 with boxes ls 2 title "TCP, a proxy with windows of 64 KB", \
         "" using ($1 - 0.18):($2 * 1.25):(sprintf("%.0f bytes", $2)) with labels notitle, \
         "" using ($1 + 0.18):($3 * 1.25):(sprintf("%.0f KB", $3 / 1000)) with labels notitle
    unset output
}
