#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A CPU goes offline under SPE that runs, and under SPE that is paused.  All that
# was profiled up to then is in the file, nothing else is, and the unit is off.

. "${0%/*}/common"

needs_pmu arm_spe_0
knobs=/sys/kernel/debug/tracehw
[ -d $knobs ] || skip "needs the counters of lab/tracehw"
online=/sys/devices/system/cpu/cpu1/online
plan 9
watch_dmesg

get() {
	sed -n "s/^$1 //p" $knobs/state
}

# offline NAME EVENTS: the CPU is busy, goes down and comes up
offline() {
	echo 1 >$knobs/reset
	(
		tries=0
		while [ "$(get spe.cpu1.enabled)" != 1 ] && [ $tries -lt 50 ]; do
			sleep 0.1
			tries=$((tries + 1))
		done
		sleep 0.3
		echo 0 >$online
		sleep 0.3
		echo 1 >$online
		echo >"$dir/up"
	) &
	rm -f "$dir/up"
	check "$1: perf record succeeds" record -m ,4M -a -C 1 -e "$2" -- \
		taskset -c 0 sh -c "while [ ! -e $dir/up ]; do sleep 0.1; done"
	wait
	count
	metric "$1" "$aux_bytes"
	metric "$1_written" "$(get spe.cpu1.bytes)"
	check "$1: what was written is in the file, and no more" \
		[ "$aux_bytes" -eq "$(get spe.cpu1.bytes)" ]
	check "$1: the unit was off when the CPU went down" [ "$(get spe.power_cuts)" -eq 0 ]
}

offline running arm_spe_0//
offline paused '{arm_spe_0//,cycles/aux-action=pause,period=20000000/}'
record -a -C 1 -e arm_spe_0// -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
check "the CPU can be profiled after that" [ "$aux_bytes" -gt 0 ]
judge_dmesg
finish
