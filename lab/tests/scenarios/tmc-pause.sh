#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# machine: juno
#
# The first thread's board: an ETMv4 and a TMC-ETR in memory, under the kernel's own
# drivers.  After each pause the sink is read, and has to capture again, by the manual's
# rules; no byte is lost, none comes twice.

. "${0%/*}/common"
. "${0%/*}/tmc"

plan 18
throttle_at 50000

watch_dmesg
echo 1 >$tmc/reset
record -m ,2M -a -C 1 -e cs_etm/@tmc_etr0/ -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
metric bytes "$aux_bytes"
check "trace without a pause is recorded" [ "$aux_bytes" -gt 0 ]
check "trace without a pause is complete" complete
sed 's/^/# /' $tmc/state

echo 1 >$tmc/reset
record -m ,2M -a -C 1 -e '{cs_etm/@tmc_etr0/,cycles/aux-action=pause,period=300000/,cycles/aux-action=resume,period=210000/}' -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
metric paused_bytes "$aux_bytes"
metric paused_records "$aux_records"
sed 's/^/# /' $tmc/state
check "aux-action: the sink captures again after each pause" \
	[ "$aux_records" -gt 10 -a "$(get enables)" -gt 10 ]
check "aux-action: the trace is complete" complete
check "aux-action: no write that the manual does not allow" [ "$(get ignored_writes)" -eq 0 ]

echo 1 >$tmc/reset
throttle_at 4000
record -m ,2M -a -C 1 -e '{cs_etm/@tmc_etr0/,cycles/period=20000/}' -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
throttle_at 50000
metric_trace
sed 's/^/# /' $tmc/state
check "a throttle: there was one, and the trace is complete" eval '[ "$throttles" -gt 0 ] && complete'
check "a throttle: no write that the manual does not allow" [ "$(get ignored_writes)" -eq 0 ]
echo 1 >$tmc/reset
echo 20 >$tmc/stuck_at_stop
record -m ,2M -a -C 1 -e '{cs_etm/@tmc_etr0/,cycles/aux-action=pause,period=300000/,cycles/aux-action=resume,period=210000/}' -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
sed 's/^/# /' $tmc/state
check "TMC does not get ready: that was so" [ "$(cat $tmc/stuck_at_stop)" -eq 0 ]
check "TMC does not get ready: a record says that trace is missing" lost
check "TMC does not get ready: what there was is there once" complete
echo 1 >$tmc/reset
record -m ,2M -a -C 1 -e cs_etm/@tmc_etr0/ -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
check "it gets ready again: the CPU can be traced" complete

# The interrupt that takes the trace after a pause is what pauses and resumes
irq=/sys/kernel/tracing/events/irq
entry="tracepoint/config=$(cat $irq/irq_handler_entry/id),aux-action=resume,period=1/"
exit="tracepoint/config=$(cat $irq/irq_handler_exit/id),aux-action=pause,period=1/"
# works SECONDS: a second's work takes no more.  Without a limit it takes eight here, where
# each interrupt ends before the next one is looked at; on a board it may have no end.
works() {
	began=$(date +%s)
	timeout 20 taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000 2>/dev/null || return
	took=$(($(date +%s) - began))
	metric seconds_of_work "$took"
	[ "$took" -le "$1" ]
}

echo 1 >$tmc/reset
taskset -p 1 $$ >/dev/null
"$PERF" record -q -m ,2M -o "$data" -a -C 1 -e "{cs_etm/@tmc_etr0,aux-action=start-paused/,$entry,$exit}" -- \
	taskset -c 0 sleep 1000 >"$dir/perf.out" 2>&1 &
perf=$!
sleep 1
check "the interrupt that takes the trace pauses: the CPU has time for others" works 4
# To take it takes more than a sixteenth of a jiffy
echo 300 >$tmc/flush_us
check "and it takes long: the CPU has time for others" works 10
echo 0 >$tmc/flush_us
kill -INT $perf
wait $perf

# Two CPUs share the sink, so there is nothing to take, and that is cheap; an interrupt
# that is looked at in many ways is dear.  Those of the emulation come every 500 us, and two
# of these take longer: let them come as often as the tick.
sed 's/^/# /' $tmc/state
tick=/sys/module/tracehw/parameters/tick_us
was=$(cat $tick)
echo 4000 >$tick
watchers=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	watchers="$watchers -e irq:irq_handler_entry"
done
# shellcheck disable=SC2086
"$PERF" record -q -m ,2M -o /dev/null -a -g $watchers -e "{cs_etm/@tmc_etr0,aux-action=start-paused/,$entry,$exit}" -- \
	sleep 1000 >"$dir/perf.out" 2>&1 &
perf=$!
sleep 1
check "and the interrupt costs more than to take it: the CPUs have time for others" works 4
kill -INT $perf
wait $perf
echo "$was" >$tick
sed 's/^/# /' $tmc/state
check "the interrupt that takes the trace pauses: it did" [ "$(get enables)" -gt 20 ]
check "the sink is off in the end" [ "$(get state)" = disabled ]
judge_dmesg
finish
