# SPDX-License-Identifier: GPL-2.0
#
# ARCH.dat to plot.svg and plot.png: each row in percent of the first column

archs = system("ls *.dat | sed 's/.dat$//'")
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.8 noborder
set grid ytics lc rgb "#cccccc"
set yrange [0:*]
set ylabel "% of vanilla"
set xtics rotate by -30 nomirror
set key outside top horizontal
set border 3
array color[5] = ["#9e9e9e", "#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd"]

do for [format in "svg png"] {
	if (format eq "svg") { set terminal svg size 1000,360*words(archs) dynamic background "white" }
	else { set terminal pngcairo size 1000,360*words(archs) }
	set output "plot.".format
	set multiplot layout words(archs),1
	do for [arch in archs] {
		set title arch.": instructions of each row, E: bytes of text" noenhanced
		stats arch.".dat" skip 1 using 2 nooutput
		columns = STATS_columns
		plot for [i=2:columns] arch.".dat" using i:xtic(1) title columnheader(i) lc rgb color[(i - 2) % |color| + 1], \
			100 with lines dt 2 lc rgb "black" notitle
	}
	unset multiplot
}
