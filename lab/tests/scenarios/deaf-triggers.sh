#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A breakpoint and a kprobe switch the trace on and off, in a group that a counter gets
# throttled: each of 100 hits is counted, and the trace is off where it should be.  A
# counter that is a trigger itself and overflows too often is throttled, and the user
# can tell from the records.

. "${0%/*}/common"

needs_tool triggers
[ -w $kprobes ] || skip "needs kprobe events"
echo 'p:lab/end __arm64_sys_getppid' >$kprobes || skip "there is no function to probe"
needs_one_pmu cs_etm arm_spe_0
plan $(($(echo "$pmus" | wc -w) * 9 + 2))
throttle_at 3000
watch_dmesg
# shellcheck disable=SC2154
for pmu in $pmus; do
	begin=-1 end=-1 throttles=0 bytes_inside=0 bytes_outside=-1
	echo 1 >/sys/kernel/debug/tracehw/reset 2>/dev/null
	check "$pmu: the group can be opened" see triggers hits "$pmu" 20000
	check "$pmu: it was throttled" [ "$throttles" -gt 0 ]
	check "$pmu: each hit of the breakpoint is counted" [ "$begin" -eq 100 ]
	check "$pmu: each hit of the kprobe is counted" [ "$end" -eq 100 ]
	metric "${pmu}_outside" "$bytes_outside"
	metric "${pmu}_inside" "$bytes_inside"
	if [ -d /sys/kernel/debug/tracehw ]; then
		check "$pmu: there is trace of the region" [ "$bytes_inside" -gt 0 ]
		check "$pmu: there is no trace outside of it" [ "$bytes_outside" -eq 0 ]
	else
		check "$pmu: there is trace of the region # SKIP needs lab/hardware/tracehw" true
		check "$pmu: there is no trace outside of it # SKIP needs lab/hardware/tracehw" true
	fi
	begin=-1 end=-1 throttles=0 unthrottles=0
	see triggers self "$pmu" 20000
	check "$pmu: a trigger that overflows too often is throttled" [ "$throttles" -gt 0 ]
	check "$pmu: and unthrottled" [ "$unthrottles" -gt 0 -a $((throttles - unthrottles)) -le 1 ]
	check "$pmu: the other triggers count on" [ "$begin" -eq 100 -a "$end" -eq 100 ]
done
echo >$kprobes
judge_dmesg
finish
