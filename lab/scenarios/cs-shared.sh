#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# machine: juno
#
# Two threads that are traced by one user, each into a buffer of its own, want the one
# TMC-ETR at once.  One has it, and the other one waits; nobody traces to the buffer of
# somebody else.

. "${0%/*}/common"

needs_pmu cs_etm
tmc=/sys/kernel/debug/tracehw/tmc
[ -d /sys/bus/coresight/devices/tmc_etr0 ] || skip "there is no tmc_etr0: TRACE=juno"
[ -d $tmc ] || skip "needs the TMC of lab/tracehw"
plan 5

get() {
	sed -n "s/^$1 //p" $tmc/state
}

complete() {
	[ "$aux_bytes" -gt 0 ] && [ "$aux_bytes" -eq $(($(get frames) * 16)) ]
}

# sleeps EVERY: work that sleeps now and then, once it is told to begin
sleeps() {
	echo 'kill -STOP $$; i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); [ $((i % '"$1"')) -gt 0 ] || sleep 0.01; done'
}

watch_dmesg
echo 1 >$tmc/reset
# Now the one, now the other is the first to stop
taskset -c 0 sh -c "$(sleeps 300)" &
one=$!
taskset -c 1 sh -c "$(sleeps 400)" &
other=$!
sleep 0.2
(sleep 1; kill -CONT $one $other) &
record -m ,1M --per-thread -e cs_etm/@tmc_etr0/ -p $one,$other
count
metric_trace
sed 's/^/# /' $tmc/state
check "two buffers: trace is recorded" [ "$aux_bytes" -gt 0 ]
check "two buffers: each byte is there once" complete
check "the sink is off in the end" [ "$(get state)" = disabled ]
judge_dmesg
finish
