# Path exclusion (3.1.3): how long messages take when the network hears which pathlets are full, and
# when it does not.
#
#     gnuplot -c scripts/path_exclusion.gp results/path_exclusion
#
# writes path_exclusion.svg and path_exclusion.png into the result's folder. Of several seeds the
# first is drawn; the numbers are medians over all. A curve that ends below 1 is of a system in which
# messages did not finish.

result = ARGC >= 1 ? ARG1 : "results/path_exclusion"

text_of(command) = system(command)
number(text) = strlen(text) ? real(text) : NaN
of_system(name, metric) = number(text_of(sprintf("sed -n '/^    \"%s\": {/,/^    }/s/^ *\"%s\": \\([0-9.e+-]*\\),*$/\\1/p' '%s/summary.json' | head -n 1", name, metric, result)))
messages_of(name) = text_of(sprintf("ls -v '%s'/%s/messages.csv '%s'/%s/seed-*/messages.csv 2>/dev/null | head -n 1", result, name, result, name))
# Completion times of the measured messages, ascending, with the share of all that each completes.
curve(name) = sprintf("< awk -F, '$2 == \"receiver\" && $7 >= 2000 {n++; if ($9 != \"\") print $9}  END {print n > \"/dev/stderr\"}' '%s' 2>/dev/null | sort -g | awk '{t[NR] = $1} END {n = %s; for (i = 1; i <= NR; i++) print t[i], i / n}'", \
    messages_of(name), text_of(sprintf("awk -F, '$2 == \"receiver\" && $7 >= 2000 {n++} END {print n}' '%s'", messages_of(name))))

array name[5] = ["excluding", "not_excluding", "all_excluded", "full_excluding", "full_not_excluding"]
array caption[5] = ["full pathlets are listed", "nothing is listed", "both paths are listed, always", \
                    "full pathlets are listed", "nothing is listed"]

# Okabe and Ito, and dash patterns that stay apart without colour.
set style line 1 lc rgb "#D55E00" lw 2.4 dt 1
set style line 2 lc rgb "#0072B2" lw 2.4 dt (9, 4)
set style line 3 lc rgb "#009E73" lw 2.4 dt (2, 2.5)
set style line 4 lc rgb "#D55E00" lw 2.4 dt 1
set style line 5 lc rgb "#0072B2" lw 2.4 dt (9, 4)
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid lc rgb "#dddddd" lw 0.8
set logscale x
set xrange [8:20000]
set yrange [0:1.02]
set xlabel "completion time of a 64 KB message (us)" offset 0, 0.3

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1100,520 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2200,1040 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/path_exclusion.%s", result, format)
    set multiplot
    set label 1 "{/:Bold Two paths: messages that may ask the network not to take one}" at screen 0.5, 0.955 center
    do for [panel = 1:2] {
        set lmargin at screen panel == 1 ? 0.07 : 0.56
        set rmargin at screen panel == 1 ? 0.50 : 0.98
        set tmargin at screen 0.84
        set bmargin at screen 0.14
        set title (panel == 1 ? "one path is full, offered 50 Gbps" : "both paths are full, offered 20 Gbps") offset 0, -0.5
        if (panel == 1) { set ylabel "share of messages" offset 1, 0 } else { set ylabel "" }
        if (panel == 1) { set key bottom right } else { set key center right }
        set key samplen 2.5 spacing 1.2 font ",".small
        first = panel == 1 ? 1 : 4
        last = panel == 1 ? 3 : 5
        plot for [i = first:last] (strlen(messages_of(name[i])) ? curve(name[i]) : "/dev/null") using 1:2 with lines ls i \
            title (of_system(name[i], "p99") == of_system(name[i], "p99") ? sprintf("%s: p99 %.0f us", caption[i], of_system(name[i], "p99")) \
                   : sprintf("%s: %.0f %% unfinished", caption[i], 100 * of_system(name[i], "unfinished") / (of_system(name[i], "unfinished") + of_system(name[i], "completed"))))
        unset label
    }
    unset multiplot
    unset output
}
