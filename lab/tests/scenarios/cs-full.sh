#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Nobody reads, and the AUX area of TRBE is full when the trace is paused and
# resumed, or throttled and unthrottled; or it is unmapped while the trace is
# paused or throttled.

. "${0%/*}/common"

needs_pmu cs_etm
needs_knobs
plan 9

nothing_left() {
	! grep -q '^\(ete\|trbe\).cpu.*enabled 1' "$knobs/state"
}

begin() {
	echo 1 >$knobs/reset
	trace_cpu 64K "$1" $knobs/state "trbe.cpu1.enabled 1"
}

# fill WHAT EVENTS: until there is no room
fill() {
	begin "$2"
	kill -STOP $perf
	echo 20000 >$knobs/ete/bytes_per_ms
	work 40000
	echo 2000 >$knobs/ete/bytes_per_ms
	metric full "$(sed -n 's/^trbe.full //p' $knobs/state)"
	check "no room at $1: TRBE was full" grep -q '^trbe.full [1-9]' $knobs/state
	check "no room at $1: the event has ended, and nothing is left" nothing_left
	kill -CONT $perf
	kill -INT $perf
	wait $perf
}

unmap() {
	begin "$1"
	work 5000
	kill -KILL $perf
	wait $perf 2>/dev/null
}

watch_dmesg
throttle_at 50000
fill "a pause" '{cs_etm//,cycles/aux-action=pause,period=300000/,cycles/aux-action=resume,period=210000/}'
unmap '{cs_etm//,cycles/aux-action=pause,period=300000/}'
check "unmapped while paused: nothing is left" nothing_left

throttle_at 8000
fill "a throttle" '{cs_etm//,cycles/period=20000/}'
unmap '{cs_etm//,cycles/period=20000/}'
check "unmapped while throttled: nothing is left" nothing_left

has_trace "the CPU can be traced after all that" -e cs_etm//
metric aux_bytes "$aux_bytes"
judge_dmesg
finish
