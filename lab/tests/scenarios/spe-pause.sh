#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# SPE pauses and resumes by aux-action.  It profiles after the resume and not
# before; and however often that happens, the buffer is enabled once, nothing
# is programmed again, and all that was written is in the file.

. "${0%/*}/common"

needs_pmu arm_spe_0
needs_knobs
plan 15
watch_dmesg

# run NAME ARGUMENTS...
run() {
	what=$1
	shift
	echo 1 >$knobs/reset
	check "$what: perf record succeeds" record -m ,4M "$@" -- \
		taskset -c 1 sh "${0%/*}/workload" /dev/null user=10000 user=10000
	count
	metric "$what" "$aux_bytes"
	check "$what: what was written is in the file" [ "$aux_bytes" -eq "$(get spe.bytes)" ]
}

run never-paused -a -C 1 -e arm_spe_0// -e cycles/period=1000000/
all=$aux_bytes all_ns=$(get spe.run_ns)
filter_writes=$(get spe.filter_writes)
run start-paused -a -C 1 -e arm_spe_0/aux-action=start-paused/ -e cycles/period=1000000/
check "start-paused: not a byte was recorded" [ "$aux_bytes" -eq 0 ]
# halfway at 1 GHz, earlier on a faster CPU
run resumed -a -C 1 -e arm_spe_0/aux-action=start-paused/ \
	-e cycles/aux-action=resume,period=$((all_ns / 2))/
check "resumed: it profiles then, and not before" \
	[ "$aux_bytes" -gt 0 -a "$(get spe.run_ns)" -lt $((all_ns * 9 / 10)) ]
run alternating -a -C 1 -e arm_spe_0// -e cycles/aux-action=pause,period=1000000/ \
	-e cycles/aux-action=resume,period=1500000/
metric alternating_of "$all"
check "alternating: it was paused part of the time" \
	[ "$aux_bytes" -gt 0 -a "$(get spe.run_ns)" -lt $((all_ns * 9 / 10)) ]
check "alternating: the buffer was enabled once" [ "$(get spe.enables)" -eq 1 ]
check "alternating: nothing was programmed again" [ "$(get spe.filter_writes)" -eq "$filter_writes" ]
judge_dmesg
finish
