#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# machine: ete-idle
#
# The CPU goes idle, in a state without power, and while its counters are stopped for that,
# one after the other, one overflows, and with pseudo-NMI the interrupt throttles the group
# there and then.  All of it stays stopped until the tick.

. "${0%/*}/common"
. "${0%/*}/idle"

needs_tool idlenmi
load_nmi_at symbol=armv8pmu_stop,armv8pmu_disable_event pmcr=1 task=1 ||
	skip "needs nmi-at of lab/hardware/tracehw-sink, and an ARMv8 PMU"
plan 8
throttle_at 100
watch_dmesg

# stays_stopped WHEN N: that is when the Nth is stopped
stays_stopped() {
	if ! grep -q pseudo_nmi=1 /proc/cmdline; then
		# an interrupt waits until the CPU is back
		check "throttled $1: that was so # SKIP no pseudo-NMI" true
		check "throttled $1: no counter goes on before the tick # SKIP no pseudo-NMI" true
		check "throttled $1: both count on afterwards # SKIP no pseudo-NMI" true
		return
	fi
	throttled=0 counted=-1 deaf=-1
	see idlenmi 20 "$2"
	metric "throttled_$2" "$throttled"
	check "throttled $1: that was so" [ "$throttled" -eq 20 ]
	check "throttled $1: no counter goes on before the tick" [ "$counted" -eq 0 ]
	check "throttled $1: both count on afterwards" [ "$deaf" -eq 0 ]
}

stays_stopped "while the first is stopped" 1
stays_stopped "when the first is stopped" 2
judge_dmesg
rmmod nmi-at
finish
