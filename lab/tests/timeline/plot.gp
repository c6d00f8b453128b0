# SPDX-License-Identifier: GPL-2.0
#
# What lanes wrote, to timeline.svg and timeline.png: a column for each command, a row for
# each kernel.  The colours are those of Okabe and Ito.

load "first-thread.gp"
load "sleep-throttled.gp"

array colour[4] = ["#d55e00", "#cc79a7", "#56b4e9", "#009e73"]
array what[5] = ["throttled", "not paused by the user", "AUX session open", "trace unit runs", "bytes of trace"]
array where[4] = [5.9, 4.9, 3.9, 2.9]
curve = 2.1
top = 7.3

size_of(bytes) = bytes == 0 ? "0 bytes" : bytes < 1e6 ? sprintf("%.0f kB", bytes / 1e3) : sprintf("%.1f MB", bytes / 1e6)

set border 1 lc rgb "#808080"
set style fill solid noborder
set yrange [0:top]
unset ytics
unset key

do for [format in "svg png"] {
	if (format eq "svg") { set terminal svg size 1200,600 dynamic font "DejaVu Sans,Verdana,sans-serif,15" background "white" }
	else { set terminal pngcairo size 1200,600 font "DejaVu Sans,11" background "white" }
	set output "timeline.".format
	set multiplot
	do for [column in "first-thread sleep-throttled"] {
		tag = column eq "first-thread" ? "first_thread" : "sleep_throttled"
		left = column eq "first-thread" ? 0.19 : 0.6
		begin = value(tag."_begin")
		end = value(tag."_end")
		set lmargin at screen left
		set rmargin at screen left + (column eq "first-thread" ? 0.375 : 0.385)
		set xrange [begin:end]
		do for [kernel in "vanilla series"] {
			of = tag."_".kernel
			file = column."-".kernel
			upper = kernel eq "vanilla" ? 0.9 : 0.48
			set tmargin at screen upper
			set bmargin at screen upper - 0.36
			unset label
			unset arrow
			unset xlabel
			set xtics nomirror out scale 0.4 tc rgb "#404040"
			if (column eq "first-thread") {
				set label kernel at screen 0.01, screen upper - 0.02 font ",19"
				do for [n=1:4] {
					set label what[n] at graph -0.02, first where[n] right tc rgb "#303030"
				}
				set label what[5] at graph -0.02, first curve / 2 right tc rgb "#303030"
			}
			if (kernel eq "vanilla") {
				set label value(tag."_title") at graph 0, screen 0.965 noenhanced
				unset xtics
			} else {
				set xlabel "ms after the first throttle" tc rgb "#404040" offset 0, 0.4
			}
			# of the bytes that the kernel gave to perf
			if (value(of."_last") < end - (end - begin) / 5) {
				set label "no trace from here on" at value(of."_last"), first curve / 2 offset 1, 0 front
				set label "perf gets ".size_of(value(of."_perf")) at graph 0.99, first curve / 2 right front
			} else {
				set label "perf gets ".size_of(value(of."_perf")) at graph 0.01, first curve * 0.8 front
			}
			if (value(of."_asleep") < end) {
				set label "asleep" at (value(of."_asleep") + value(of."_awake")) / 2, first 6.75 center tc rgb "#606060"
			}
			lanes = file.".lanes"
			plot lanes using ($1 == 4 ? $2 : NaN):(0):2:3:(0):(top - 0.8) with boxxyerror fc rgb "#eeeeee", \
				for [n=0:3] lanes using ($1 == n ? $2 : NaN):(where[n + 1]):($3 - $2):(0) \
					with vectors nohead lw 18 lc rgb colour[n + 1], \
				file.".bytes" using 1:($2 / value(tag."_most") * curve) with filledcurves y=0 fc rgb "#0072b2", \
				lanes using ($1 == 5 ? $2 : NaN):(0):(0):(top - 0.8) with vectors nohead lw 2 dt 3 lc rgb "black", \
				lanes using ($1 == 5 && $3 > 0 ? $2 : NaN):(6.75):("WARNING") with labels
		}
	}
	unset multiplot
}
