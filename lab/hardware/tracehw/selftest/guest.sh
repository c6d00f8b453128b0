#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: does the emulated hardware do what README.md says?  Everything
# here must hold on an unpatched kernel; what the drivers and the perf core get
# wrong is for the lab's scenarios to show.

mods=/lib/tracehw
knobs=/sys/kernel/debug/tracehw
n=0 failed=0

ok()
{
	n=$((n + 1))
	echo "ok $n - $1"
}

not_ok()
{
	n=$((n + 1))
	failed=$((failed + 1))
	echo "not ok $n - $1"
	shift
	for line; do
		echo "#   $line"
	done
	dmesg | tail -n 5 | sed 's/^/#   /'
}

# check NAME TEST-ARGUMENTS...
check()
{
	name=$1
	shift
	if [ "$@" ]; then
		ok "$name"
	else
		not_ok "$name" "[ $* ]"
	fi
}

# check_log NAME PATTERN: the kernel said so since begin()
check_log()
{
	if dmesg | grep -q "$2"; then
		ok "$1"
	else
		not_ok "$1" "not in the log: $2"
	fi
}

get()
{
	sed -n "s/^$1 //p" $knobs/state
}

# SPE interrupts on all CPUs, as the kernel counts them
taken()
{
	awk '/arm_spe_pmu/ { for (i = 2; $i ~ /^[0-9]+$/; i++) s += $i } END { print s + 0 }' \
		/proc/interrupts
}

begin()
{
	dmesg -c >>/tmp/dmesg
	echo 1 >$knobs/reset
}

record()
{
	perf record -q -o /tmp/data "$@" >/tmp/record.log 2>&1
}

# A unit that failed to start may be unusable until the drivers load again.
reload()
{
	$mods/unload.sh && $mods/load.sh $mods >/dev/null
	begin
}

dump()
{
	perf report -D -i /tmp/data 2>/dev/null
}

work='i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done'

echo 50000 >/proc/sys/kernel/perf_event_max_sample_rate
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
echo -1 >/proc/sys/kernel/perf_event_paranoid
cpus=$(grep -c ^processor /proc/cpuinfo)

$mods/load.sh $mods >/dev/null
check "one SPE probes" -d /sys/bus/event_source/devices/arm_spe_0
check "an ETE for each CPU probes" \
	"$(find /sys/bus/coresight/devices -name 'ete*' | wc -l)" -eq "$cpus"
check "a TRBE for each CPU probes" \
	"$(find /sys/bus/coresight/devices -name 'trbe*' | wc -l)" -eq "$cpus"

# SPE
begin
record -e arm_spe_0/ts_enable=1/ -- sh -c "$work"
dump >/tmp/dump
check "SPE records decode" "$(grep -c 'Bad packet' /tmp/dump)" -eq 0
check "each SPE record is in the file" \
	"$(grep -c ' PC 0x' /tmp/dump)" -eq "$(get spe.records)"
check "SPE sees the kernel" "$(grep -c ' PC 0x.* el1' /tmp/dump)" -gt 0
check "SPE sees user space" "$(grep -c ' PC 0x.* el0' /tmp/dump)" -gt 0
check "SPE is off after the run" "$(grep -c '^spe.cpu.*enabled 1' $knobs/state)" -eq 0

record -e arm_spe_0//u -- sh -c "$work"
check "SPE honours E1SPE" "$(dump | grep -c ' PC 0x.* el1')" -eq 0
record -e arm_spe_0//k -- sh -c "$work"
check "SPE honours E0SPE" "$(dump | grep -c ' PC 0x.* el0')" -eq 0
record -e arm_spe_0/load_filter=1/ -- sh -c "$work"
check "SPE honours PMSFCR.LD" "$(dump | grep -c ' B \| OTHER\| ST GP')" -eq 0

begin
record -c 1024 -a -e arm_spe_0// -- sleep 1
a=$(($(get spe.records) * 1024 * 1000 / ($(get spe.run_ns) / 1000)))
begin
record -c 4096 -a -e arm_spe_0// -- sleep 1
b=$(($(get spe.records) * 4096 * 1000 / ($(get spe.run_ns) / 1000)))
check "SPE records come at the rate of the interval (1024)" $a -gt 28000 -a $a -lt 36000
check "SPE records come at the rate of the interval (4096)" $b -gt 28000 -a $b -lt 36000

begin
before=$(taken)
record -m ,8 -e arm_spe_0// -- sh -c "$work"
check "a full SPE buffer stops and interrupts" "$(get spe.full)" -gt 0
check "one interrupt for each full buffer" "$(get spe.irqs)" -eq "$(get spe.full)"
dump >/tmp/dump
check "records are whole across full buffers" "$(grep -c 'Bad packet' /tmp/dump)" -eq 0

# Fewer is right: a stop clears what has not been taken yet
after=$(taken)
check "the kernel took interrupts" "$after" -gt "$before"
check "but none that was not raised" $((after - before)) -le "$(get spe.irqs)"

# spe_fault NAME KNOB N REGISTER: it is armed, and the driver's log has this register
spe_fault()
{
	begin
	echo "$3" >"$knobs/spe/$2"
	record -e arm_spe_0// -- sh -c "$work"
	check_log "SPE: $1" "Unexpected buffer fault.*$4"
}

spe_fault "a fault at enable reaches the driver" fault_at_enable 1 PMBSR=0x0000000090020007
spe_fault "an external abort reaches the driver" abort_at_enable 1 PMBSR=0x00000000900e0010
spe_fault "the fault comes after that many bytes" fault_after_bytes 1000 'PMBPTR=0x[0-9a-f]*400,'
begin
echo 1 >$knobs/spe/full_at_enable
record -e arm_spe_0// -- sh -c "$work"
check "SPE: a buffer without room interrupts" "$(get spe.full)" -ge 1

# ETE and TRBE
begin
record -e cs_etm// -- sh -c "$work"
check "ETE runs" "$(get ete.run_ns)" -gt 0
size=$(stat -c %s /tmp/data)
check "what TRBE took is in the file" "$size" -gt "$(get trbe.bytes)"
check "and nothing else" "$size" -lt $(($(get trbe.bytes) + 16384))
check "ETE is programmed only while idle" "$(get ete.ignored_writes)" -eq 0
check "TRBE is programmed only while disabled" "$(get trbe.ignored_writes)" -eq 0
check "ETE and TRBE are off after the run" \
	"$(grep -c '^[et][a-z]*.cpu.*enabled 1' $knobs/state)" -eq 0

begin
record -m ,8 -e cs_etm// -- sh -c "$work"
check "a full TRBE buffer stops and interrupts" "$(get trbe.full)" -gt 0
check "one interrupt for each full TRBE buffer" "$(get trbe.irqs)" -eq "$(get trbe.full)"

# Synchronisation: at the start, and every TRCSYNCPR (the driver has it at 4096) bytes
begin
record -m ,4M -a -C 0 -e cs_etm// -- taskset 1 sh -c "$work"
emitted=$(sed -n 's/^0 .* //p' $knobs/ete/runs)
check "ETE: one run" "$(grep -c ^0 $knobs/ete/runs)" -eq 1
check "ETE: all of it is taken" "$(get ete.dropped)" -eq 0 -a "$emitted" -eq "$(get ete.bytes)"
auxrecords /tmp/data /tmp/aux >/dev/null
check "ETE: A-Sync and Trace Info each 4096 bytes" \
	"$(od -An -v -tx1 /tmp/aux | tr -d ' \n' | grep -o '00000000000000000000008001' | wc -l)" \
	-eq $(((emitted + 4095) / 4096))

# first BYTES: of the last run, in the file
first()
{
	auxrecords /tmp/data /tmp/aux >/dev/null
	od -An -v -tx1 -j "$(sed -n 's/^0 \([0-9]*\) .*/\1/p' $knobs/ete/runs | tail -n 1)" -N "$1" /tmp/aux | tr -d ' \n'
}

check "ETE: a run begins with A-Sync" "$(first 12)" = 000000000000000000000080
begin
echo 1 >$knobs/trbe/full_at_enable
record -m ,4M -a -C 0 -e cs_etm// -- taskset 1 sh -c "$work"
check "ETE: TRBE is full when it starts: the synchronisation is lost" \
	"$(get ete.sync_lost)" -eq 1 -a "$(get ete.dropped)" -ge 15
# A driver may enable it anew, and then it begins with one
again=0
[ "$(first 12)" != 000000000000000000000080 ] || again=1
check "ETE: and comes once more only if it is enabled once more" \
	"$again" -eq $(($(get ete.enables) > 1))
check "ETE: a TRBE that is full is enabled" "$(get ete.no_sink)" -eq 0

# CPU hotplug
if [ "$cpus" -gt 1 ]; then
	begin
	perf record -q -o /tmp/data -a -e cs_etm// -- sleep 2 >/dev/null 2>&1 &
	i=0
	while [ "$(get trbe.cpu1.enabled)" -eq 0 ] && [ $i -lt 50 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	echo 0 >/sys/devices/system/cpu/cpu1/online
	sleep 0.2
	echo 1 >/sys/devices/system/cpu/cpu1/online
	wait
	check "CPU 1 was traced, then went down" $i -lt 50
	check "CPU 1 comes back" "$(cat /sys/devices/system/cpu/cpu1/online)" -eq 1
	check "no unit was on when its CPU went down" \
		"$(get ete.power_cuts)$(get trbe.power_cuts)" -eq 0
	begin
	record -e arm_spe_0// -- taskset 2 sh -c "$work"
	check "SPE works on CPU 1 after hotplug" "$(get spe.cpu1.bytes)" -gt 0
	record -e cs_etm// -- taskset 2 sh -c "$work"
	check "TRBE works on CPU 1 after hotplug" "$(get trbe.cpu1.bytes)" -gt 0
fi

reload
echo 1 >$knobs/ete/stuck_at_start
record -e cs_etm// -- sh -c "$work"
check_log "ETE: stuck at start" "timeout while waiting for Idle Trace Status"
check "ETE: one fault" "$(get ete.faults)" -eq 1
reload
echo 1 >$knobs/ete/stuck_at_stop
record -e cs_etm// -- sh -c "$work"
check_log "ETE: stuck at stop" "timeout while waiting for .* Status"
reload
echo 1 >$knobs/trbe/fault_at_enable
record -e cs_etm// -- sh -c "$work"
check "TRBE: a fault at enable stops the trace" \
	"$(get trbe.faults)" -eq 1 -a "$(get trbe.irqs)" -ge 1

# Unloading
rmmod tracehw 2>/dev/null
check "the drivers pin tracehw" -d /sys/module/tracehw
reload
check "unloaded and loaded again" -d /sys/bus/event_source/devices/cs_etm
record -e arm_spe_0// -- sh -c "$work"
check "SPE works after that" "$(get spe.bytes)" -gt 0
record -e cs_etm// -- sh -c "$work"
check "TRBE works after that" "$(get trbe.bytes)" -gt 0
$mods/unload.sh
check "nothing is left loaded" "$(lsmod | grep -c 'tracehw\|spe\|coresight')" -eq 0
check "no warning, no Oops" "$(dmesg | cat /tmp/dmesg - | grep -cF -f /scenarios/complaints)" -eq 0

echo "1..$n"
if [ $failed -eq 0 ]; then
	echo "selftest: pass"
else
	echo "selftest: $failed of $n failed"
fi
