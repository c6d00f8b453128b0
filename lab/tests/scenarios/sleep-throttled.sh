#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A task that goes to sleep while its group is throttled is traced after it
# wakes as if it had not been: at least 95 % of the bytes of a run that never
# throttles.  The counter sees the kernel only, which the task works in before
# its sleep and hardly after it.  (In a guest, time must be that of the guest:
# QEMU's -icount.)

. "${0%/*}/common"

needs_pmu cs_etm
mkfifo "$dir/fifo"
plan 7

# shellcheck disable=SC2317
trace_sleeper() {
	throttle_at "$1"
	(sleep "${SECONDS_OF_SLEEP:-1}"; echo >"$dir/fifo") &
	record --switch-events -e '{cs_etm//,cycles/period=50000/k}' -- \
		taskset -c 1 sh "${0%/*}/workload" "$dir/fifo" "kernel=${ROUNDS_BEFORE:-1000}" "user=${ROUNDS_AFTER:-20000}"
}

watch_dmesg
check "perf record succeeds on the control" trace_sleeper 100000
count
check "the control was not throttled" [ "$throttles" -eq 0 ]
control=$bytes_after

# Where in a tick it goes to sleep is a matter of luck
asleep_throttled=0 tries=0 recorded=false
while [ "$asleep_throttled" -eq 0 ] && [ $((tries += 1)) -le 5 ]; do
	trace_sleeper 1000 && recorded=true
	count
done
check "perf record succeeds" $recorded
check "the task slept while throttled" [ "$asleep_throttled" -eq 1 ]
metric_trace
metric bytes_after_sleep "$bytes_after"
metric bytes_after_sleep_control "$control"
check "the trace after the sleep is complete" \
	[ "$control" -gt 0 -a $((bytes_after * 100)) -ge $((control * 95)) ]
judge_dmesg
finish
