#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A CPU goes offline under a trace that runs, under one that is paused and one
# that is throttled.  All trace up to then is in the file, nothing else is, and
# the units are off.  When going down fails half-way, and when an event is opened
# while the CPU is on its way up, the trace goes on.

. "${0%/*}/common"

needs_pmu cs_etm
needs_knobs
. "${0%/*}/hotplug"
plan 20

# offline ETE EVENTS: once TRBE has trace, and ete.cpu1.enabled is ETE
offline() {
	echo 1 >$knobs/reset
	begin_record -m ,4M -a -C 1 -e "$2"
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=1000000 2>/dev/null &
	load=$!
	tries=0
	while [ $tries -lt 300 ]; do
		[ "$(get trbe.cpu1.enabled)$(get ete.cpu1.enabled)" = "1$1" ] &&
		[ "$(get trbe.cpu1.bytes)" -gt 0 ] && break
		# not in step with the ticks, which begin each throttle anew
		sleep 0.02$((tries % 10))
		tries=$((tries + 1))
	done
	echo 0 >$online
	echo 1 >$online
	kill -INT $perf
	kill $load 2>/dev/null
	wait $perf $load 2>/dev/null
	sort_records
	count
	metric "$what" "$aux_bytes"
	metric "${what}_taken" "$(get trbe.cpu1.bytes)"
}

judge() {
	check "$what: the sink had trace when the CPU went down" [ $tries -lt 300 ]
	check "$what: what the sink took is in the file" [ "$aux_bytes" -eq "$(get trbe.cpu1.bytes)" ]
	check "$what: the units were off when the CPU went down" \
		[ "$(get ete.power_cuts)$(get trbe.power_cuts)" = 00 ]
}

watch_dmesg
what=running
offline 1 cs_etm//
judge
what=paused
offline 0 '{cs_etm//,cycles/aux-action=pause,period=5000000/}'
judge
throttle_at 2000
what=throttled
offline 0 '{cs_etm//,cycles/period=20000/}'
judge

# The task that takes the CPU down is traced, and is on it as long as there is anything to do
what=itself
for task in /proc/[0-9]*; do
	[ "$(cat "$task/comm")" != cpuhp/1 ] || break
done
echo 1 >$knobs/reset
begin_record -m ,4M -e cs_etm// -t "${task#/proc/}"
echo 0 >$online
kill -INT $perf
wait $perf
sort_records
count
metric "${what}_taken" "$(get trbe.cpu1.bytes)"
check "$what: it was traced" [ "$(get trbe.cpu1.bytes)" -gt 0 ]
check "$what: what the sink took is in the file" [ "$aux_bytes" -eq "$(get trbe.cpu1.bytes)" ]
echo 1 >$online

enabled() {
	[ "$(get trbe.cpu1.enabled)$(get ete.cpu1.enabled)" = 11 ]
}

# start: until the trace unit is enabled
start() {
	echo 1 >$knobs/reset
	begin_record -m ,4M -a -C 1 -e cs_etm//
	wait_for enabled
}

# goes_on NAME: with the CPU busy, until perf ends; all of it is in the file
goes_on() {
	before=$(get trbe.cpu1.bytes)
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000 2>/dev/null
	kill -INT $perf
	wait $perf
	check "$1: the trace goes on" [ "$(get trbe.cpu1.bytes)" -gt "$before" ]
	sort_records
	count
	check "$1: what the sink took is in the file" [ "$aux_bytes" -eq "$(get trbe.cpu1.bytes)" ]
}

start
check "rolled back: going down fails" fails_to_go_down
goes_on "rolled back"

echo 0 >$online
come_up_to perf:online
start
check "opened on the way up: it is enabled" enabled
echo 1 >$online
goes_on "opened on the way up"

has_trace "the CPU can be traced after that" -e cs_etm//
judge_dmesg
finish
