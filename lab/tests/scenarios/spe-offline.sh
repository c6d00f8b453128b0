#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A CPU goes offline under SPE that runs, and under SPE that is paused.  All that
# was profiled up to then is in the file, nothing else is, and the unit is off.
# When going down fails half-way, and when an event is opened while the CPU is on
# its way up, profiling goes on.  The event of a thread that takes part in this, the one
# that stops the CPU, is on it until the very end.

. "${0%/*}/common"

needs_pmu arm_spe_0
needs_knobs
. "${0%/*}/hotplug"
plan 20
watch_dmesg

enabled() {
	[ "$(get spe.cpu1.enabled)" = 1 ]
}

# offline NAME EVENTS: the CPU is busy, goes down and comes up
offline() {
	echo 1 >$knobs/reset
	(
		wait_for enabled
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

# goes_on NAME: with the CPU busy, profiling goes on
goes_on() {
	before=$(get spe.cpu1.run_ns)
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000 2>/dev/null
	check "$1: profiling goes on" [ "$(get spe.cpu1.run_ns)" -gt "$before" ]
}

# all NAME: what perf record has written is what SPE has
all() {
	sort_records
	count
	metric "$1" "$aux_bytes"
	metric "$1_written" "$(get spe.cpu1.bytes)"
	check "$1: what was written is in the file, and no more" \
		[ "$aux_bytes" -eq "$(get spe.cpu1.bytes)" ]
}

# start COMMAND...: until SPE is enabled
start() {
	echo 1 >$knobs/reset
	"$PERF" "$@" >"$dir/perf.out" 2>&1 &
	perf=$!
	wait_for enabled
}

stop() {
	kill -INT $perf || sed 's/^/# perf: /' "$dir/perf.out"
	wait $perf
}

start record -q -m ,4M -o "$data" -a -C 1 -e arm_spe_0// -- sleep 1000
check "rolled back: going down fails" fails_to_go_down
goes_on "rolled back"
stop
all rolled_back

start stat -a -C 1 -e arm_spe_0/discard=1/ -- sleep 3
check "rolled back in discard mode: going down fails" fails_to_go_down
goes_on "rolled back in discard mode"
wait $perf

echo 0 >$online
come_up_to arm64/cpuinfo:online	# perf reads MIDR_EL1 there
start record -q -m ,4M -o "$data" -a -C 1 -e arm_spe_0// -- sleep 1000
check "opened on the way up: it is enabled" enabled
echo 1 >$online
goes_on "opened on the way up"
stop
all on_the_way_up

stopper=$(ps -o pid,comm | awk '$2 ~ /^migration\/1/ { print $1 }')
start record -q -m ,64K -o "$data" --per-thread -p "$stopper" -e arm_spe_0// -- sleep 1000
sleep 0.3
echo 0 >$online
sleep 0.3
echo 1 >$online
sleep 0.3
stop
check "the thread that stops the CPU: it was profiled" [ "$(get spe.cpu1.bytes)" -gt 0 ]
all stopper
check "the thread that stops the CPU: the unit was off at the end" [ "$(get spe.power_cuts)" -eq 0 ]

has_trace "the CPU can be profiled after that" -a -C 1 -e arm_spe_0//
judge_dmesg
finish
