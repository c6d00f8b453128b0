#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The profiling buffer faults under a group of SPE and a counter: when it is
# enabled, later, or with an external abort.  The event ends, its AUX record says
# so, the group does not go on without it, and the next run profiles.

. "${0%/*}/common"

needs_pmu arm_spe_0
needs_knobs
plan 12
watch_dmesg

# fault KNOB N: what the hardware ran after the fault is in $after
fault() {
	echo 1 >$knobs/reset
	echo "$2" >"$knobs/spe/$1"
	record -a -C 1 -e '{arm_spe_0//,cycles/period=10000000/}' -- \
		taskset -c 1 sh "${0%/*}/workload" /dev/null user=20000 user=20000
	count
	metric "$1" "$aux_bytes"
	check "$1: it happened" [ "$(get spe.faults)" -eq 1 ]
	check "$1: a record says that trace was lost" lost
	check "$1: what was written is in the file" [ "$aux_bytes" -eq "$(get spe.bytes)" ]
}

fault fault_at_enable 1
fault abort_at_enable 1
fault fault_after_bytes 8192
has_trace "the CPU can be profiled after that" -a -C 1 -e arm_spe_0//
judge_dmesg
finish
