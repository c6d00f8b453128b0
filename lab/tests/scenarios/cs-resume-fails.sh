#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The trace unit starts, is paused, and does not resume: the event ends and its
# AUX record says so.  TRBE faults in between: the same.  The resume comes in an
# NMI, in the middle of TRBE's interrupt handler: it takes effect.

. "${0%/*}/common"

needs_pmu cs_etm
needs_knobs
[ -d $sink ] || insmod /lib/tracehw/tracehw-sink.ko || skip "needs lab/hardware/tracehw-sink"
load_nmi_at symbol=perf_aux_output_begin ||
	skip "needs nmi-at of lab/hardware/tracehw-sink"
plan 16
throttle_at 50000

# pause_resume SINK
pause_resume() {
	record -a -C 1 -e \
		"{cs_etm/$1/,cycles/aux-action=pause,period=1000000/,cycles/aux-action=resume,period=700000/}" -- \
		taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
}

# trace SINK: does it work?
trace() {
	record -e "cs_etm/$1/" -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
	count
	metric aux_bytes "$aux_bytes"
	[ "$aux_bytes" -gt 0 ]
}

watch_dmesg
echo 1 >$knobs/reset
# the first start is that of the event
echo 2 >$knobs/ete/stuck_at_start
pause_resume
check "TRBE: it was the resume that failed" [ "$(get ete.faults)" -eq 1 ]
check "TRBE: a record says that trace was lost" lost
check "TRBE: the CPU can be traced after that" trace

# A resume in the middle of the pause is carried out right after it, and the unit takes its time
echo 1 >$knobs/reset
drain=$(cat $knobs/ete/drain_us)
echo 50 >$knobs/ete/drain_us
echo "p:lab/here etm4_disable_trace_unit" >$kprobes
here="tracepoint/config=$(cat /sys/kernel/tracing/events/lab/here/id),period=1"
record -a -C 1 -e "{cs_etm//,cycles/aux-action=pause,period=1000000/,$here,aux-action=resume/}" -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
echo >$kprobes
echo "$drain" >$knobs/ete/drain_us
check "a resume right after a pause: the trace unit was paused" [ "$(get ete.disables)" -gt 10 ]
check "a resume right after a pause: it is started when it is idle" [ "$(get ete.ignored_writes)" -eq 0 ]

# The pause leaves it busy, and the resume comes before it is idle
echo 1 >$knobs/reset
echo 1 >$knobs/ete/stuck_at_stop
pause_resume
check "TRBE: a record says that trace was lost if the trace unit has not come to rest" lost
check "TRBE: the CPU can be traced after that, too" trace

echo 1 >$knobs/reset
echo 2 >$knobs/ete/stuck_at_start
pause_resume @tracehw_etr0
check "system sink: a record says that trace was lost" lost
check "system sink: nothing is left of it" sink_is_off
check "system sink: the CPU can be traced after that" trace @tracehw_etr0

echo 1 >$knobs/reset
echo 20000 >$knobs/trbe/fault_after_bytes
pause_resume
check "interrupt: a record says that trace was lost" lost
check "interrupt: the CPU can be traced after that" trace

resume_in_handler="a resume in the middle of TRBE's interrupt handler takes effect"
if dmesg | grep -q 'Pseudo-NMIs enabled'; then
	echo 1 >$knobs/reset
	echo 1 >$knobs/trbe/full_at_enable
	# From CPU 1; otherwise the event is started in an interrupt, too
	taskset -p 2 $$ >/dev/null
	echo 1 >$nmi_at/arm
	record -a -C 1 -e \
		'{cs_etm/aux-action=start-paused/,cycles/aux-action=resume,period=2000000000/}' -- \
		taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
	taskset -p 3 $$ >/dev/null
	# Not those in the file: an area that is full counts, written or not.  And
	# a few more are traced until the handler takes the resume back.
	metric resumed_in_handler "$(get trbe.cpu1.bytes)"
	metric resumed_in_handler_fired "$(cat $nmi_at/fired)"
	check "$resume_in_handler" [ "$(cat $nmi_at/fired)" -gt 0 -a "$(get trbe.cpu1.bytes)" -gt 10000 ]
else
	check "$resume_in_handler # SKIP no pseudo-NMI" true
fi
check "no trace unit is left enabled" [ "$(grep -c '^ete.cpu.*enabled 1' $knobs/state)" -eq 0 ]
judge_dmesg
finish
