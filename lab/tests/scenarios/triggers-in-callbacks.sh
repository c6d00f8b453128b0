#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A kprobe on the driver's start pauses the trace, and one on its stop resumes it: each
# undoes what has called it, for ever if the kernel lets them.  It has to come back,
# and the CPU can be traced afterwards.

. "${0%/*}/common"

needs_pmu cs_etm
needs_pmu arm_spe_0
needs_tool triggers
[ -w $kprobes ] || skip "needs kprobe events"
plan 10
throttle_at 100000
watch_dmesg

# answers PMU START STOP, from a CPU that does not take part
answers() {
	echo "p:lab/start $2" >$kprobes
	echo "p:lab/stop $3" >>$kprobes
	# shellcheck disable=SC2154
	triggers answer "$1" >"$dir/seen" 2>&1 &
	program=$!
	tries=0
	while kill -0 $program 2>/dev/null && [ $tries -lt 40 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	sed "s/^/# $1: /" "$dir/seen"
	check "$1: the kernel comes back" [ $tries -lt 40 ]
	# That CPU takes no interrupts: whatever waits for it would hang, too
	[ $tries -lt 40 ] || finish
	check "$1: the triggers could be set up" grep -q '^came_back 1$' "$dir/seen"
	echo >$kprobes
	traced=0
	see triggers trace "$1"
	metric "$1" "$traced"
	check "$1: the CPU can be traced after that" [ "$traced" -ge 1024 ]
}

taskset -p 1 $$ >/dev/null
answers cs_etm etm_event_start etm_event_stop
answers arm_spe_0 arm_spe_pmu_start arm_spe_pmu_stop
stalls=$(said 'rcu.*stall\|rcu.*detected\|soft lockup')
metric stalls "$stalls"
check "no CPU stalls" [ "$stalls" -eq 0 ]
units=$(grep -c '^\(ete\|trbe\|spe\).cpu.*enabled 1' /sys/kernel/debug/tracehw/state)
check "no unit is left enabled" [ "$units" -eq 0 ]
judge_dmesg
finish
