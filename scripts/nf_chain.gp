# Middleboxes in a row (2.3, 4): on the left what each of two flows gets, one of which also passes the two slower functions; on
# the right what the first function served, and how much of that was dropped behind it.
#
#     gnuplot -c scripts/nf_chain.gp results/nf_chain
#
# writes nf_chain.svg and nf_chain.png into the result's folder.

result = ARGC >= 1 ? ARG1 : "results/nf_chain"

lookup(command) = (text = system(command), strlen(text) ? real(text) : NaN)
system_of(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json'", name, result)
flow(name, tenant) = lookup(system_of(name).sprintf(" | sed -n '/\"goodput_normalised_gbps_by_tenant\"/,/}/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", tenant))
device(name, which, metric) = lookup(system_of(name).sprintf(" | sed -n '/^      \"devices\": {/,/^      }/p' | sed -n '/^        \"%s\": {/,/^        }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p'", which, metric))

array name[3] = ["each", "one", "udp"]
set print $bars
do for [i = 1:3] {
    served = device(name[i], "firewall", "served_bytes") * 8 / 6e6
    size = device(name[i], "firewall", "served_bytes") / device(name[i], "firewall", "served_packets")
    wasted = (device(name[i], "translator", "overflowed") + device(name[i], "inspector", "overflowed")) * size * 8 / 6e6
    print sprintf("%d %g %g %g %g", i, flow(name[i], "inspected"), flow(name[i], "plain"), served, wasted)
}
set print

# Okabe and Ito.
set style line 1 lc rgb "#D55E00"
set style line 2 lc rgb "#0072B2"
set style line 3 lc rgb "#56B4E9"
set style line 4 lc rgb "#444444"
set style fill solid 0.85 noborder
set boxwidth 0.34
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [0.4:3.6]
set yrange [0:95]

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,520 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1040 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/nf_chain.%s", result, format)
    set multiplot
    set tmargin at screen 0.83
    set bmargin at screen 0.18
    set xtics ("MTP, a\npathlet each" 1, "MTP, one\nfor all" 2, "UDP" 3)
    set key top right horizontal samplen 1 font ",".small

    unset label
    unset arrow
    set lmargin at screen 0.07
    set rmargin at screen 0.49
    set label 1 "{/:Bold What the flows get}" at screen 0.07, 0.945 left
    set label 2 "firewall 80 Gbps for both, then 40 and 10 Gbps for one of them" at screen 0.07, 0.89 left font ",".small
    set arrow 1 from 0.4, 70 to 3.6, 70 nohead lc rgb "#000000" lw 1.4 dt (10, 5)
    set arrow 2 from 0.4, 10 to 3.6, 10 nohead lc rgb "#000000" lw 1.4 dt (10, 5)
    set ylabel "goodput, normalised (Gbps)" offset 1, 0
    plot $bars using ($1 - 0.18):2 with boxes ls 1 title "inspected", \
         "" using ($1 + 0.18):3 with boxes ls 2 title "not inspected", \
         "" using ($1 - 0.18):($2 + 2.5):(sprintf("%.1f", $2)) with labels font ",".small notitle, \
         "" using ($1 + 0.18):($3 + 2.5):(sprintf("%.1f", $3)) with labels font ",".small notitle

    unset label
    unset arrow
    set lmargin at screen 0.57
    set rmargin at screen 0.98
    set label 1 "{/:Bold What the firewall serves}" at screen 0.57, 0.945 left
    set label 2 "over the whole run" at screen 0.57, 0.89 left font ",".small
    set ylabel "Gbps" offset 1, 0
    set boxwidth 0.5
    plot $bars using 1:4 with boxes ls 4 title "dropped behind it", \
         "" using 1:($4 - $5) with boxes ls 3 title "of use", \
         "" using 1:($4 + 2.5):($5 > 0 ? sprintf("%.0f %% in vain", 100 * $5 / $4) : "nothing in vain") with labels font ",".small notitle
    set boxwidth 0.34
    unset multiplot
    unset output
}
