#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# machine: juno
#
# Two threads that are traced by one user, each into a buffer of its own, want the one
# TMC-ETR at once.  One has it, and the other one waits; nobody traces to the buffer of
# somebody else, and nobody gives it away.  A reader of what a sysfs
# session has left does not keep the sink from ending a session of perf.

. "${0%/*}/common"
. "${0%/*}/tmc"

needs_tool auxshare
plan 8

devices=/sys/bus/coresight/devices

# sleeps EVERY: work that sleeps now and then, once it is told to begin
sleeps() {
	echo 'kill -STOP $$; i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); [ $((i % '"$1"')) -gt 0 ] || sleep 0.01; done'
}

busy() {
	record -m ,1M -a -C 1 -e cs_etm/@tmc_etr0/ -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
	count
}

watch_dmesg
echo 1 >$tmc/reset
# Now the one, now the other is the first to stop
taskset -c 0 sh -c "$(sleeps 300)" &
one=$!
taskset -c 1 sh -c "$(sleeps 400)" &
other=$!
sleep 0.2
# once perf has opened its events, however slow it is
(
	until grep -qs perf_event "$dir/open"; do
		sleep 0.1
		ls -l /proc/[0-9]*/fd >"$dir/open" 2>/dev/null
	done
	sleep 1
	kill -CONT $one $other
) &
record -m ,1M --per-thread -e cs_etm/@tmc_etr0/ -p $one,$other
count
metric_trace
sed 's/^/# /' $tmc/state
check "two buffers: trace is recorded" [ "$aux_bytes" -gt 0 ]
check "two buffers: each byte is there once" complete

traced=0
see auxshare cs_etm tmc_etr0
check "a buffer that is not shared goes: the one that is can be used" [ "$traced" -gt 0 ]

echo 1 >$devices/tmc_etr0/enable_sink
echo 1 >$devices/etm1/enable_source
echo 0 >$devices/etm1/enable_source
echo 0 >$devices/tmc_etr0/enable_sink
exec 3</dev/tmc_etr0
busy
check "while the sysfs buffer is read: perf traces" [ "$aux_bytes" -gt 0 ]
exec 3<&-
check "the sink is off after that" [ "$(get state)" = disabled ]
busy
check "and can be used again" [ "$aux_bytes" -gt 0 ]
check "the sink is off in the end" [ "$(get state)" = disabled ]
judge_dmesg
finish
