#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A breakpoint that is enabled while its group runs counts from then on, and not from
# its task's next context switch: as the group is enabled again, when it joins the
# group, with PERF_EVENT_IOC_REFRESH, or with new attributes.  The group's leader is
# of another PMU that shares the context of software events.

. "${0%/*}/common"

needs_tool triggers
leaders=dummy
for pmu in arm_spe_0 cs_etm; do
	! has_pmu $pmu || leaders="$leaders $pmu"
done
plan $(($(echo "$leaders" | wc -w) * 4 + 2))
throttle_at 100000
watch_dmesg
for leader in $leaders; do
	for how in again joins refresh modify; do
		counted=none
		see triggers late "$leader" $how
		check "$leader, $how: all hits are counted" [ "$counted" = 10 ]
	done
done
judge_dmesg
finish
