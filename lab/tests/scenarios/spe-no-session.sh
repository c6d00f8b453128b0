#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# SPE without an AUX area to write to: perf does not drain it while it profiles, or
# it is unmapped while the event is paused or throttled.  A group that cannot profile
# does not count either, the user sees that trace was lost, and profiling works again
# afterwards.  (An AUX area that is still full when the event starts: pinned-no-room.sh.)

. "${0%/*}/common"

needs_pmu arm_spe_0
needs_tool auxunmap
plan 9
throttle_at 10000
watch_dmesg

# The reader stops reading while the CPU is profiled
rm -f "$data"
# shellcheck disable=SC2016
$PERF record -q -o "$data" -m ,64K -a -C 1 -e arm_spe_0// -- \
	taskset -c 1 sh -c 'sleep 0.3; kill -STOP $PPID; i=0
		while [ $i -lt 40000 ]; do i=$((i + 1)); done; kill -CONT $PPID; sleep 0.3' \
	>"$dir/perf.out" 2>&1
auxrecords "$data" | sort -n >"$dir/records"
count
metric not_drained "$aux_bytes"
check "not drained: a record says that trace was lost" lost

# take_away MODE
# shellcheck disable=SC2154
take_away() {
	counted_without_trace=-1 traced_again=0
	check "$1: it could be done" see auxunmap arm_spe_0 "$1"
	metric "$1" "$traced_again"
	check "$1: the group does not count without trace" [ "$counted_without_trace" -eq 0 ]
	check "$1: it can be profiled after that" [ "$traced_again" -ge 1024 ]
}

take_away throttled
take_away paused
judge_dmesg
finish
