#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# machine: ete-idle
#
# The CPU goes idle, and its trace unit and TRBE lose their registers.  Trace goes on
# when it is back, and when a buffer is full after that.  A resume or pause that comes
# while they are saved, or while they are put back, is carried out then; and if the trace
# unit does not run again, the event ends and its AUX record says so.

. "${0%/*}/common"
. "${0%/*}/idle"

needs_pmu cs_etm
plan 36
throttle_at 50000
watch_dmesg

# bytes: what the trace unit has generated, and TRBE taken
bytes() {
	echo $(($(get ete.cpu1.bytes) - $(get ete.cpu1.dropped)))
}

# busy_and_look: work for CPU 1, and how many bytes there are before and after it
busy_and_look() {
	before=$(bytes)
	busy
	after=$(bytes)
}

begin cs_etm//
idle=$(get ete.cpu1.power_offs)
busy_and_look
end
metric power_offs "$idle"
metric aux_bytes "$aux_bytes"
check "idle: the CPU lost its power" [ "$idle" -gt 10 ]
check "idle: no unit was on then" uncut
check "idle: it is traced when it is back" [ "$after" -gt $((before + 10000)) ]
check "idle: what was traced is in the file" [ "$aux_bytes" -eq "$(get trbe.bytes)" ]
check "idle: nothing was lost" not_lost

begin cs_etm// 256K
busy
end
metric fills "$(get trbe.full)"
check "a full buffer: that was so" [ "$(get trbe.full)" -gt 0 ]
check "a full buffer: what was traced is in the file" [ "$aux_bytes" -eq "$(get trbe.bytes)" ]
check "a full buffer: the event goes on" not_lost

# resumed WHEN FUNCTION: it is called then, and carries aux-action
resumed() {
	probe "$2"
	begin "{cs_etm/aux-action=start-paused/,$here,aux-action=resume/}"
	busy_and_look
	end
	no_probe
	metric resumed_bytes $((after - before))
	check "a resume $1: the CPU is traced after it" [ $((after - before)) -gt 10000 ]
	check "a resume $1: the event goes on" not_lost
}

paused() {
	probe "$2"
	begin "{cs_etm//,$here,aux-action=pause/}"
	busy_and_look
	running=$(get ete.cpu1.running)
	end
	no_probe
	metric paused_bytes $((after - before))
	check "a pause $1: the trace unit is off" [ "$running" -eq 0 -a "$before" -eq "$after" ]
	check "a pause $1: no unit loses its power while it is on" uncut
}

resumed "while they are saved" etm4_cpu_restore
resumed "when they are to be saved" etm4_cpu_save
paused "while they are saved" etm4_cpu_restore
paused "when they are to be saved" etm4_cpu_save
paused "when the trace unit is to be enabled again" etm4_enable_trace_unit

begin cs_etm//
echo 1 >$knobs/ete/stuck_at_start
busy_and_look
busy_and_look
end
check "it does not run again: that was so" [ "$(get ete.faults)" -eq 1 ]
check "it does not run again: a record says that trace was lost" lost

# A save that fails keeps the CPU up, and there is no reason to end the event, unless the
# trace unit does not come to rest
# fails KNOB VALUE AFTERWARDS: while the CPU goes idle
fails() {
	begin cs_etm//
	echo "$2" >$knobs/ete/"$1"
	sleep 0.1
	echo "$3" >$knobs/ete/"$1"
	busy_and_look
	end
}

fails unstable 1 0
check "a save fails before the trace unit is off: it is traced after it" [ "$after" -gt $((before + 10000)) ]
check "a save fails before the trace unit is off: the event goes on" not_lost
drain=$(cat $knobs/ete/drain_us)
fails drain_us 150 "$drain"
check "a save fails as the trace unit is slow: it is traced after it" [ "$after" -gt $((before + 10000)) ]
check "a save fails as the trace unit is slow: the event goes on" not_lost
fails stuck_at_stop 1 0
faults=$(get ete.faults)
check "a save fails as the trace unit hangs: that was so" [ "$faults" -gt 0 ]
check "a save fails as the trace unit hangs: a record says that trace was lost" lost

# TRBE comes back with its interrupt pending, and what the CPU traces to is not TRBE
if [ -d $sink ] || insmod /lib/tracehw/tracehw-sink.ko; then
	begin cs_etm/@tracehw_etr0/
	idle=$(get ete.cpu1.power_offs)
	busy
	end
	check "another sink: the CPU lost its power" [ "$idle" -gt 10 ]
	check "another sink: it is traced when it is back" [ "$aux_bytes" -gt 0 ]

	begin cs_etm/@tracehw_etr0/
	echo 1 >$sink/link_fails
	busy
	busy
	end
	check "the way to it does not come back: a record says that trace was lost" lost
	check "the way to it does not come back: nothing on it is left on, or switched off twice" sink_is_off
	has_trace "the way to it does not come back: the CPU can be traced after that" \
		-a -C 1 -e cs_etm/@tracehw_etr0/
else
	check "another sink: the CPU lost its power # SKIP no tracehw-sink" true
	check "another sink: it is traced when it is back # SKIP no tracehw-sink" true
	check "the way to it does not come back: a record says that trace was lost # SKIP no tracehw-sink" true
	check "the way to it does not come back: nothing on it is left on, or switched off twice # SKIP no tracehw-sink" true
	check "the way to it does not come back: the CPU can be traced after that # SKIP no tracehw-sink" true
fi

has_trace "the CPU can be traced after all that" -a -C 1 -e cs_etm//
check "the trace unit is programmed only while idle" [ "$(get ete.ignored_writes)" -eq 0 ]
check "no trace unit is left enabled" [ "$(grep -c '^ete.cpu.*enabled 1' $knobs/state)" -eq 0 ]
judge_dmesg
finish
