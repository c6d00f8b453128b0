#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# SPE without an AUX area to write to: perf does not drain it while it profiles,
# it is still full when the event starts, or it is unmapped while the event is
# paused or throttled.  A group that cannot profile does not count either, the
# user sees that trace was lost, and profiling works again afterwards.

. "${0%/*}/common"

needs_pmu arm_spe_0
command -v auxunmap >/dev/null || skip "auxunmap is not in PATH: build it from auxunmap.c"
plan 13
throttle_at 10000
watch_dmesg

# The reader stops reading while the CPU is profiled
# shellcheck disable=SC2016
rm -f "$data"
$PERF record -q -o "$data" -m ,64K -a -C 1 -e arm_spe_0// -- \
	taskset -c 1 sh -c 'sleep 0.3; kill -STOP $PPID; i=0
		while [ $i -lt 40000 ]; do i=$((i + 1)); done; kill -CONT $PPID; sleep 0.3' \
	>"$dir/perf.out" 2>&1
auxrecords "$data" | sort -n >"$dir/records"
count
metric not_drained "$aux_bytes"
check "not drained: a record says that trace was lost" grep -q ' aux [0-9]* .*[1357]$' "$dir/records"

# shellcheck disable=SC2317
watch() {
	auxunmap arm_spe_0 "$1" >"$dir/seen"
}

# take_away MODE: variables get the values of what auxunmap saw
# shellcheck disable=SC2154
take_away() {
	check "$1: it could be done" watch "$1"
	sed "s/^/# $1 /" "$dir/seen"
	counted_without_trace=-1 traced_again=0
	# shellcheck disable=SC2034
	while read -r name value; do
		eval "$name=\$value"
	done <"$dir/seen"
	metric "$1" "$traced_again"
	check "$1: the group does not count without trace" [ "$counted_without_trace" -eq 0 ]
	check "$1: it can be profiled after that" [ "$traced_again" -ge 1024 ]
}

take_away full
# shellcheck disable=SC2154
check "full: it stays off until it is enabled" [ "$traced_by_itself" -eq 0 ]
take_away throttled
take_away paused
judge_dmesg
finish
