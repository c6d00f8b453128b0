#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# machine: ete-idle
#
# The CPU goes idle, and SPE loses its registers.  It goes on profiling when the CPU is
# back, in discard mode, too, and with a buffer that was full by then.  A resume or pause
# that comes while the registers are saved is carried out then.

. "${0%/*}/common"
. "${0%/*}/idle"

needs_pmu arm_spe_0
plan 20
watch_dmesg

# busy_and_look: work for CPU 1, and how long SPE ran meanwhile
busy_and_look() {
	ran=$(get spe.cpu1.run_ns)
	busy
	ran=$(($(get spe.cpu1.run_ns) - ran))
}

interrupts() {
	awk '/arm_spe/ { print $3 }' /proc/interrupts
}

# Nobody uses it: what it comes back with must not interrupt
echo 1 >$knobs/reset
came=$(interrupts)
sleep 1
check "unused: the CPU lost its power" [ "$(get spe.cpu1.power_offs)" -gt 10 ]
check "unused: it does not interrupt" [ "$(interrupts)" -eq "$came" ]

begin arm_spe_0//
idle=$(get spe.cpu1.power_offs)
busy_and_look
end
metric power_offs "$idle"
metric aux_bytes "$aux_bytes"
check "idle: the CPU lost its power" [ "$idle" -gt 10 ]
check "idle: SPE was off then" uncut
check "idle: it profiles when it is back" [ "$ran" -gt 1000000 ]
check "idle: what it wrote is in the file" [ "$aux_bytes" -gt 0 -a "$aux_bytes" -eq "$(get spe.bytes)" ]
check "idle: nothing was lost" not_lost

begin arm_spe_0/discard=1/
busy_and_look
end
check "discard mode: it profiles when it is back" [ "$ran" -gt 1000000 ]

# Full on the way to the idle state: nobody but the interrupt empties it
begin arm_spe_0//
bytes=$(get spe.bytes)
echo 1 >$knobs/spe/full_at_enable
sleep 1
busy_and_look
end
check "full: that was so" [ "$(get spe.full)" -gt 0 ]
check "full: it profiles when it is back" [ "$ran" -gt 1000000 -a "$(get spe.bytes)" -gt "$bytes" ]
check "full: SPE was off in the idle state" uncut

# The GIC's notifier is called before SPE's, so on the way up SPE is not back yet
begin arm_spe_0/aux-action=start-paused/
never=$(get spe.cpu1.run_ns)
busy_and_look
end
metric ran_before_paused "$never"
check "started paused: it is not profiling for a moment" [ "$never" -eq 0 ]
check "started paused: it does not profile" [ "$ran" -eq 0 ]

for function in gic_cpu_pm_notifier arm_spe_pmu_cpu_pm_notify; do
	probe $function
	begin "{arm_spe_0/aux-action=start-paused/,$here,aux-action=resume/}"
	busy_and_look
	end
	check "a resume meanwhile ($function): it profiles when it is back" [ "$ran" -gt 1000000 ]

	begin "{arm_spe_0//,$here,aux-action=pause/}"
	busy_and_look
	end
	check "a pause meanwhile ($function): it does not" [ "$ran" -eq 0 ]
	no_probe
done

has_trace "the CPU can be profiled after all that" -a -C 1 -e arm_spe_0//
judge_dmesg
finish
