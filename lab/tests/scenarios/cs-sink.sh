#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A sink that is not per CPU: after a pause it is read, and the AUX output closed and
# opened.  That works in whatever context the pause comes, with nothing to read, and
# with the sink's lock taken.  With no room in the AUX area the event ends
# instead, as it does if the sink does not run again.

. "${0%/*}/common"

needs_pmu cs_etm
counters=$sink
[ -d $sink ] || insmod /lib/tracehw/tracehw-sink.ko || skip "needs the sink of lab/hardware/tracehw-sink"
# Another scenario may have it at another place
load_nmi_at symbol=coresight_get_sink ||
	skip "needs nmi-at of lab/hardware/tracehw-sink"
plan 20
throttle_at 50000

nothing_left() {
	sink_is_off &&
	[ "$(grep -c '^ete.cpu.*enabled 1' $knobs/state)" -eq 0 ]
}

# begin EVENTS: trace CPU 1 with perf in the background
begin() {
	echo 1 >$sink/reset
	echo 1 >$knobs/reset
	trace_cpu 8K "$1" $sink/state "refcnt 1"
}

# fill WHAT EVENTS: until there is no room, and the event ends
fill() {
	begin "$2"
	kill -STOP $perf
	echo 400 >$sink/words_per_tick
	work 40000
	echo 16 >$sink/words_per_tick
	metric captured "$(get captured)"
	ended=0
	nothing_left && [ "$(get handed_over)" -gt 0 ] && ended=1
	kill -CONT $perf
	kill -INT $perf
	wait $perf
	auxrecords "$data" >"$dir/records"
	check "no room at $1: the event has ended" [ $ended -eq 1 ]
	check "no room at $1: nothing is left" nothing_left
}

actions='cycles/aux-action=pause,period=300000/,cycles/aux-action=resume,period=210000/'
# These come in no NMI
timers='cpu-clock/aux-action=pause,period=3000000/,cpu-clock/aux-action=resume,period=2100000/'

watch_dmesg
echo 1 >$sink/reset
record -a -C 1 -e "{cs_etm/@tracehw_etr0/,$actions}" -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
metric_trace
metric updates "$(get updates)"
check "pause and resume: trace was recorded" [ "$aux_bytes" -gt 0 ]
check "pause and resume: the sink is read after each pause, not only at the end" \
	[ "$(get updates)" -gt 10 ]
check "pause and resume: the sink is never read in an NMI" [ "$(get updates_nmi)" -eq 0 ]
check "pause and resume: all that was read from the sink is in the file" \
	[ "$aux_bytes" -eq "$(get handed_over)" ]

echo 1 >$sink/reset
echo 1 >$sink/update_empty
record -a -C 1 -e "{cs_etm/@tracehw_etr0/,$timers}" -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
count
check "nothing to read at a pause: that was so" [ "$(cat $sink/update_empty)" -eq 0 ]
check "nothing to read at a pause: all that was read later is in the file" \
	[ "$aux_bytes" -gt 0 -a "$aux_bytes" -eq "$(get handed_over)" ]

echo 1 >$sink/reset
echo 1 >$sink/reenable_fails
record -a -C 1 -e "{cs_etm/@tracehw_etr0/,$timers}" -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
check "the sink does not run after a pause: a record says that trace was lost" lost
count
check "the sink does not run after a pause: nothing is read twice" \
	[ "$aux_bytes" -eq "$(get handed_over)" -a "$aux_bytes" -eq "$(get captured)" ]
check "the sink does not run after a pause: nothing is left" nothing_left

# Both in one interrupt, which takes the cycle counter, that of the first, last: the
# event goes on before the sink is read
fill "a pause" '{cs_etm/@tracehw_etr0/,cycles/aux-action=resume,period=300000/,cycles/aux-action=pause,period=300000/}'
throttle_at 8000
fill "a throttle" '{cs_etm/@tracehw_etr0/,cycles/period=20000/}'
throttle_at 50000

begin "{cs_etm/@tracehw_etr0/,$actions}"
work 5000
kill -KILL $perf
wait $perf 2>/dev/null
check "the AUX area is unmapped: nothing is left" nothing_left

has_trace "the CPU can be traced after all that" -a -C 1 -e cs_etm/@tracehw_etr0/
metric aux_bytes_after "$aux_bytes"

# A pause while this very CPU has the sink's lock: in a tracepoint, and in an NMI
echo 1 >$sink/reset
echo 'p:lab/locked coresight_get_sink' >$kprobes
id=$(cat /sys/kernel/tracing/events/lab/locked/id)
record -a -C 1 -e "{cs_etm/@tracehw_etr0/,tracepoint/config=$id,aux-action=pause,period=1/,cycles/aux-action=resume,period=210000/}" -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
echo >$kprobes
count
metric locked "$(get locked)"
metric updates_locked "$(get updates)"
check "the lock is taken, a tracepoint pauses: the sink is read later" \
	[ "$(get locked)" -eq 0 -a "$(get updates)" -gt 10 ]

waits="the lock is taken, an NMI pauses: the sink is read later"
if dmesg | grep -q 'Pseudo-NMIs enabled'; then
	begin '{cs_etm/@tracehw_etr0/,cycles/aux-action=pause,period=2000000000/}'
	echo 1 >$nmi_at/arm
	work 5000
	metric updates_after_nmi "$(get updates)"
	check "$waits" [ "$(cat $nmi_at/fired)" -gt 0 -a "$(get locked)" -eq 0 -a "$(get updates)" -eq 1 ]
	kill -INT $perf
	wait $perf
else
	check "$waits # SKIP no pseudo-NMI" true
fi
check "nothing is left in the end" nothing_left
judge_dmesg
rmmod tracehw-sink nmi-at
finish
