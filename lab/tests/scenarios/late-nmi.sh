#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A counter overflows at the moment at which perf turns the PMU off, and with pseudo-NMI its
# interrupt comes right after that, while a second counter is opened into its group.  The
# PMU stays off until perf has scheduled the group in, so no overflow throttles half of it.
#
# fails with pseudo-NMI only

. "${0%/*}/common"

needs_tool latenmi
load_nmi_at symbol=armv8pmu_stop,armpmu_add pmcr=1 task=1 ||
	skip "needs nmi-at of lab/hardware/tracehw-sink, and an ARMv8 PMU"
plan 5
throttle_at 100
watch_dmesg
fired=0 deaf=-1
check "the counters can be opened" see latenmi 20
metric fired "$fired"
check "the PMU interrupted each time that it was turned off, and no more" [ "$fired" -eq 20 ]
check "both counters count on" [ "$deaf" -eq 0 ]
judge_dmesg
rmmod nmi-at
finish
