#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# machine: ete-idle
#
# The CPU goes idle while a group is throttled, in a state without power, and comes back
# before the next tick.  The counters' PMU is saved and restored then, and what is
# throttled stays stopped, and counts on from where it was.

. "${0%/*}/common"
. "${0%/*}/idle"

needs_tool idlethrottle
needs_pmu arm_spe_0
plan 10
throttle_at 4000
watch_dmesg

# stays_stopped NAME [PMU]
stays_stopped() {
	what=$1
	shift
	throttles=0 slept_throttled=0 late=-1 jumps=-1
	echo 1 >$knobs/reset
	see idlethrottle 400 "$@"
	metric "$what-late" "$late"
	check "$what: the CPU lost its power" [ "$(get spe.cpu1.power_offs)" -gt 100 ]
	check "$what: it did while throttled" [ "$slept_throttled" -gt 20 ]
	check "$what: nothing overflows in a throttle" [ "$late" -eq 0 ]
	check "$what: what it counts goes on from there" [ "$jumps" -eq 0 ]
}

stays_stopped counter
stays_stopped group arm_spe_0
judge_dmesg
finish
