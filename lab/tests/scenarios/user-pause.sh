#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A trace that runs is paused by an aux-action when its task goes to sleep.
# After that the group is throttled and unthrottled: the pause holds.

. "${0%/*}/common"

needs_pmu cs_etm
mkfifo "$dir/fifo"
plan 6
throttle_at 1000
watch_dmesg

# shellcheck disable=SC2317
trace_sleeper() {
	(sleep 1; echo >"$dir/fifo") &
	record --switch-events -e \
		'{cs_etm//,context-switches/aux-action=pause,period=1/,cycles/period=50000/k}' -- \
		taskset -c 1 sh "${0%/*}/workload" "$dir/fifo" user=2000 kernel=5000
}

# An event that is throttled with its group does not trigger anything either.  And the
# task may be switched out right after its exec: paused then, there is hardly any trace
# before it.
asleep_throttled=1 paused_at_once=0 tries=0 recorded=false
while [ $((asleep_throttled + paused_at_once)) -gt 0 ] && [ $((tries += 1)) -le 5 ]; do
	trace_sleeper && recorded=true
	count
	bytes_before=$((aux_bytes - bytes_after))
	paused_at_once=$((bytes_before > 0 && bytes_before < 10000))
done
check "perf record succeeds" $recorded
metric_trace
metric bytes_before_pause "$bytes_before"
metric bytes_after_pause "$bytes_after"
check "trace ran before the pause" [ "$bytes_before" -gt 0 ]
check "the group was throttled after the pause" [ "$throttles_after" -gt 0 ]
check "not a byte of trace was recorded after it" [ "$bytes_after" -eq 0 ]
if [ "$bytes_after" -gt 0 ]; then
	metric user_pause lost
elif [ "$aux_bytes" -gt 0 ]; then
	metric user_pause kept
else
	metric user_pause no-trace
fi
judge_dmesg
finish
