# Figure 5's ratio against each parameter that the paper leaves unstated: MTP's goodput over that of
# DCTCP, plain and reordering-tolerant, normalised by payload shares. Written by
# scripts/multipath_sweep.sh, which says what is varied.
#
#     gnuplot -c scripts/multipath_sweep.gp results/multipath_sweep
#
# writes multipath_sweep.svg and multipath_sweep.png into that folder; nothing when it holds no sweep.

result = ARGC >= 1 ? ARG1 : "results/multipath_sweep"
csv = sprintf("%s/multipath_sweep.csv", result)
if (strlen(system(sprintf("ls '%s' 2>/dev/null", csv))) == 0) { exit }

parameters = system(sprintf("tail -n +2 '%s' | cut -d, -f1 | uniq | sed 's/.*/\"&\"/' | tr '\\n' ' '", csv))
panels = words(parameters)
columns = 4
rows = (panels + columns - 1) / columns

# One system's rows of one parameter: value and ratio.
of(parameter, name) = sprintf("< awk -F, '$1 == \"%s\" && $3 == \"%s\" {sub(/^1000000$/, \"never\", $2); print $2 \",\" $5}' '%s'", parameter, name, csv)
default_value(parameter) = system(sprintf("awk -F, '$1 == \"%s\" && $3 == \"mtp\" {print $2}' '%s' | grep -nxE '1500B|1000ns|20p|384us|3|200Gbps|128p|0.0625' | cut -d: -f1", parameter, csv))

set style line 1 lc rgb "#0072B2" lw 2.0 dt (9, 4) pt 7
set style line 2 lc rgb "#009E73" lw 2.2 dt (2, 2.5) pt 5
set style line 9 lc rgb "#777777" lw 1.4 dt (14, 4, 2, 4)

set datafile separator ","
set border 3 lc rgb "#444444"
set tics nomirror out textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.8
set yrange [0.9 : 3]
set logscale y
set ytics (0.9, 1, 1.1, 1.2, "1.33" 1.33, 1.5, 2, 2.5, 3)

do for [format in "svg png"] {
    if (format eq "svg") {
        small = 12
        set terminal svg size 1200,720 dynamic font "DejaVu Sans,14" background rgb "white"
    } else {
        small = 20
        set terminal pngcairo size 2400,1440 font "DejaVu Sans,24" linewidth 2 background rgb "white"
    }
    set output sprintf("%s/multipath_sweep.%s", result, format)
    set multiplot

    # The title and the legend, above the panels.
    set label 1 "{/:Bold How many times DCTCP's goodput MTP reaches, one parameter varied at a time}" at screen 0.5, 0.965 center
    set label 2 "over plain DCTCP" at screen 0.115, 0.915 left
    set arrow 2 from screen 0.06, 0.915 to screen 0.105, 0.915 nohead ls 1
    set label 3 "over reordering-tolerant DCTCP" at screen 0.355, 0.915 left
    set arrow 3 from screen 0.30, 0.915 to screen 0.345, 0.915 nohead ls 2
    set label 4 "the paper's 1.33" at screen 0.705, 0.915 left
    set arrow 4 from screen 0.65, 0.915 to screen 0.695, 0.915 nohead ls 9
    set label 5 "shaded: default" at screen 0.875, 0.915 left textcolor rgb "#666666"

    do for [panel = 1:panels] {
        parameter = word(parameters, panel)
        column = (panel - 1) % columns
        row = (panel - 1) / columns
        width = 0.955 / columns
        height = 0.88 / rows
        set lmargin at screen 0.065 + column * width
        set rmargin at screen 0.065 + column * width + width - 0.055
        set tmargin at screen 0.88 - row * height - 0.045
        set bmargin at screen 0.88 - (row + 1) * height + 0.075
        set title parameter offset 0, -0.6
        count = int(system(sprintf("awk -F, '$1 == \"%s\" && $3 == \"mtp\"' '%s' | wc -l", parameter, csv)))
        set xrange [-0.5 : count - 0.5]
        set xtics rotate by (count > 4 ? -38 : 0) font ",".small
        unset object
        at_default = int(default_value(parameter)) - 1
        set object 1 rectangle from at_default - 0.4, 0.9 to at_default + 0.4, 3 fc rgb "#ececec" fs solid 1.0 noborder behind
        plot 1.33 with lines ls 9 notitle, \
             of(parameter, "dctcp") using 0:2:xticlabels(1) with linespoints ls 1 notitle, \
             of(parameter, "dctcp_rack") using 0:2 with linespoints ls 2 notitle
        unset label
        unset arrow
    }
    unset multiplot
    unset output
}
