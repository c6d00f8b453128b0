#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The start of an event fails: at the trace unit, at the sink, at a link or a
# helper on the way to it, and at unit and sink so that the interrupt of the sink
# finds no session.  The user can tell from the AUX record, and the CPU can be
# traced again.  A sink that met an external abort does not take a buffer that is full
# later on for another one, and one that comes as the sink is drained is seen.

. "${0%/*}/common"

needs_pmu cs_etm
needs_knobs
[ -d $sink ] || insmod /lib/tracehw/tracehw-sink.ko || skip "needs the sink of lab/hardware/tracehw-sink"
plan 20

# trace CPU [OPTION...]: does it work?
trace() {
	cpu=$1
	shift
	record -a -C "$cpu" "$@" -e cs_etm// -- taskset -c "$cpu" dd if=/dev/zero of=/dev/null bs=64 count=20000
	count
	metric "aux_bytes_cpu$cpu" "$aux_bytes"
	[ "$aux_bytes" -gt 0 ]
}

# all_of_it: what TRBE has written is in the file, which says of nothing that it was lost
all_of_it() {
	[ "$(get trbe.full)" -gt 0 ] && [ "$aux_bytes" -eq "$(get trbe.bytes)" ] && ! lost
}

one_fails() {
	record -e "cs_etm/$1/" -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=2000
}

interrupts() {
	awk '/trbe/ { print $2 + $3 }' /proc/interrupts
}

watch_dmesg
echo 1 >$knobs/reset
echo 1 >$knobs/ete/stuck_at_start
one_fails
check "trace unit: a record says that trace was lost" lost
check "trace unit: CPU 0 can be traced after that" trace 0
check "trace unit: CPU 1 can be traced after that" trace 1

for part in enable link helper; do
	echo 1 >$sink/reset
	echo 1 >$sink/${part}_fails
	one_fails @tracehw_etr0
	[ $part = enable ] && name=sink || name=$part
	check "$name: a record says that trace was lost" lost
	check "$name: nothing is left of it" sink_is_off
done

echo 1 >$knobs/ete/stuck_at_start
echo 1 >$knobs/trbe/fault_at_enable
one_fails
check "both: a record says that trace was lost" lost
before=$(interrupts)
sleep 0.2
check "both: the interrupt does not come again" [ "$(interrupts)" -eq "$before" ]
check "both: CPU 1 can be traced after that" trace 1
# A buffer that is filled once or twice: a slow kernel has more trace, and perf could not
# keep up with a small one
size=256K
[ "$aux_bytes" -lt 560000 ] || size=1M

echo 1 >$knobs/trbe/abort_at_enable
one_fails
check "external abort: a record says that trace was lost" lost
# it was on one of them
for cpu in 0 1; do
	echo 1 >$knobs/reset
	trace $cpu -m ,$size
	check "external abort: CPU $cpu fills a buffer after that, and goes on" all_of_it
done
echo 1 >$knobs/trbe/abort_at_disable
one_fails
check "external abort at the end: a record says that trace was lost" lost
echo 1 >$knobs/reset
echo 1 >$knobs/trbe/abort_at_disable
trace 1 -m ,$size
check "external abort after a full buffer: a record says that trace was lost" lost
check "no trace unit is left enabled" [ "$(grep -c '^ete.cpu.*enabled 1' $knobs/state)" -eq 0 ]
judge_dmesg
finish
