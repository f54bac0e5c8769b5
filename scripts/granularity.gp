# Granularity (4): goodput and bytes of feedback for pathlets of different sizes.
#
#     gnuplot -c scripts/granularity.gp results/granularity
#
# writes granularity.svg and granularity.png into the result's folder: medians over seeds.

result = ARGC >= 1 ? ARG1 : "results/granularity"

lookup(command) = (text = system(command), strlen(text) ? real(text) : 0)
block(name) = sprintf("sed -n '/^    \"%s\": {/,/^    }/p' '%s/summary.json'", name, result)
of_system(name, metric) = lookup(block(name).sprintf(" | sed -n 's/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", metric))
of_tenant(name, tenant) = lookup(block(name).sprintf(" | sed -n '/\"goodput_normalised_gbps_by_tenant\"/,/}/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' | head -n 1", tenant))

array name[7] = ["unlabelled", "network", "network_aggregated", "tier", "port", "port_every_8", "port_on_change"]
array caption[7] = ["no labels", "network", "network,\naggregated", "tier", "port", "port,\nevery 8th ACK", "port,\non change"]

$bars << EOD
EOD
set print $bars
do for [i = 1:7] {
    packets = of_system(name[i], "data_packets")
    if (packets > 0) {
        print sprintf("%d %g %g %g %g", i, of_tenant(name[i], "congested"), of_tenant(name[i], "idle"), \
            of_system(name[i], "feedback_bytes") / packets, \
            (of_system(name[i], "feedback_bytes") - of_system(name[i], "feedback_withheld_bytes")) / packets)
    }
}
unset print

# Okabe and Ito; the darker of two is drawn below or left.
set style line 1 lc rgb "#0072B2"
set style line 2 lc rgb "#9CC9E6"
set style line 3 lc rgb "#D55E00"
set style line 4 lc rgb "#F3BE97"
set style fill solid 1.0 noborder
set boxwidth 0.36
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set xrange [0.4:7.6]
set key top left reverse Left samplen 1.5 horizontal

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1000,760 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2000,1520 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/granularity.%s", result, format)
    set multiplot
    set label 1 "{/:Bold How large a pathlet is: what it costs and what it gains}" at screen 0.5, 0.965 center
    set xtics ("" 1) font ",".small
    do for [i = 1:7] { set xtics add (caption[i] i) }
    set lmargin at screen 0.09
    set rmargin at screen 0.98
    set tmargin at screen 0.92
    set bmargin at screen 0.57
    set key font ",".small
    set yrange [0:200]
    set ytics 40
    set ylabel "goodput, normalised (Gbps)" offset 1, 0
    plot $bars using 1:($2 + $3) with boxes ls 2 title "to idle receivers", \
         "" using 1:2 with boxes ls 1 title "to the congested receiver", \
         "" using 1:($2 + $3 + 7):(sprintf("%.0f", $2 + $3)) with labels font ",".small notitle
    unset label
    set tmargin at screen 0.44
    set bmargin at screen 0.10
    set yrange [0:36]
    set ytics 8
    set ylabel "feedback (bytes a packet)" offset 1, 0
    plot $bars using ($1 - 0.19):4 with boxes ls 3 title "on data packets", \
         "" using ($1 + 0.19):5 with boxes ls 4 title "returned by acknowledgements", \
         "" using ($1 - 0.19):($4 + 1.5):(sprintf("%.1f", $4)) with labels font ",".small notitle, \
         "" using ($1 + 0.19):($5 + 1.5):(sprintf("%.1f", $5)) with labels font ",".small notitle
    unset multiplot
    unset output
}
