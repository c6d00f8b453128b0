#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each pause and resume of an AUX area event is a tracepoint, with its reasons.  Events on
# these tracepoints that answer a pause with a resume and a resume with a pause come to an
# end, too, and that is the third tracepoint.

. "${0%/*}/common"

needs_pmu arm_spe_0
plan 18
watch_dmesg

tracing=/sys/kernel/tracing
check "there are tracepoints" [ -d "$tracing"/events/perf/perf_aux_pause ]
[ "$failed" -eq 0 ] || finish

# traced ARGUMENTS...: perf record of CPU 1, and the edges that it saw: the flags of the
# context, the tracepoint, the reasons
traced() {
	echo >"$tracing"/trace
	echo 1 >"$tracing"/events/perf/enable
	record -a -C 1 "$@" -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=20000
	status=$?
	echo 0 >"$tracing"/events/perf/enable
	sed -n 's/.*\[001\] \([^ ]*\) .*perf_aux_\([a-z_]*\): pmu=arm_spe_0 .*reasons=\(.*\)/\1 \2 \3/p' \
		"$tracing"/trace >"$dir/edges"
	trace-cmd extract -o "$dir/trace.dat" >"$dir/trace-cmd.log" 2>&1
	return "$status"
}

# What perf script and trace-cmd make of the same trace, by the format that tracefs gives
# them, is what the kernel prints
same_for_libtraceevent() {
	trace-cmd report -i "$dir/trace.dat" 2>"$dir/trace-cmd.log" |
		sed -n 's/.*\[001\] .*perf_aux_\([a-z_]*\): *pmu=arm_spe_0 .*reasons=\(.*\)/\1 \2/p' >"$dir/told"
	cut -d' ' -f2- "$dir/edges" >"$dir/printed"
	if [ ! -s "$dir/told" ] || ! cmp -s "$dir/told" "$dir/printed"; then
		diff "$dir/printed" "$dir/told" | head -n 6 | sed 's/^/# /'
		sed 's/^/# /' "$dir/trace-cmd.log" | tail -n 3
		return 1
	fi
}

edges() {
	grep -c "^[^ ]* $1\$" "$dir/edges"
}

alternate() {
	awk '$2 == last { bad = 1 } { last = $2 } END { exit bad }' "$dir/edges"
}

# An aux-action and a throttle come from the counter's interrupt: h, or Z in an NMI
from_interrupt() {
	! grep '^.* pause ' "$dir/edges" | grep -qv '^[^ ]*[hHzZ][^ ]* '
}

# shows NAME EVENTS REASON: all pauses are for that reason, made in an interrupt, and undone
shows() {
	check "$1: perf record succeeds" traced -e "$2"
	metric "$1" "$(edges "pause $3")"
	check "$1: pauses" [ "$(edges "pause $3")" -gt 0 -a \
		"$(edges 'pause .*')" -eq "$(edges "pause $3")" ]
	check "$1: each is undone" alternate
	check "$1: a resume has no reason left" [ "$(edges 'resume none')" -gt 0 -a \
		"$(edges 'resume .*')" -eq "$(edges 'resume none')" ]
	check "$1: in an interrupt" from_interrupt
	if command -v trace-cmd >/dev/null; then
		check "$1: libtraceevent reads the same" same_for_libtraceevent
	else
		check "$1: libtraceevent reads the same # SKIP no trace-cmd" true
	fi
}

throttle_at 100000
shows aux-action "{arm_spe_0//,cycles/aux-action=pause,period=300000/,cycles/aux-action=resume,period=400000/}" \
	action
throttle_at 8000
shows throttle "{arm_spe_0//,cycles/period=1000/}" throttle

check "triggers that answer: perf record succeeds" \
	traced -e '{arm_spe_0//,cycles/aux-action=pause,period=100000/,perf:perf_aux_pause/aux-action=resume/,perf:perf_aux_resume/aux-action=pause/}'
metric answered "$(edges 'resume .*')"
check "triggers that answer: they are given up" [ "$(edges 'give_up .*')" -gt 0 ]
has_trace "the CPU can be traced after that" -a -C 1 -e arm_spe_0//
judge_dmesg
finish
