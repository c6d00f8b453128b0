#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Trace decodes from its first byte after each resume: by the user, by the end of a
# throttle, after a full buffer, and in an NMI before TRBE's interrupt handler and in the
# middle of it.  OpenCSD gets what the ETE emitted from one enable to the next disable,
# and that alone.

. "${0%/*}/common"

needs_pmu cs_etm
. "${0%/*}/decode"
[ -f /lib/tracehw/nmi-at.ko ] || skip "needs nmi-at of lab/hardware/tracehw-sink"
plan 31
watch_dmesg

# run NAME -m ,AUX-PAGES ARGUMENTS...: record CPU 1, and decode what came to the file run by
# run.  Where it is in TRBE's buffer it is in the file, if one counts how often TRBE has
# come back to the start.
run() {
	case=$1
	shift
	case $2 in
	,*K)	size=${2#,} size=$((${size%K} << 10)) ;;
	,*M)	size=${2#,} size=$((${size%M} << 20)) ;;
	esac
	record -a -C 1 "$@" -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=6000
	cp $knobs/ete/runs "$dir/runs"
	no_sink=$(get ete.no_sink) sync_lost=$(get ete.sync_lost)
	auxrecords "$data" "$dir/aux" >/dev/null
	count
	snapshot ete
	runs=0 bad=0 base=0 last=0
	while read -r _ start taken emitted; do
		[ "$taken" -gt 0 ] || continue
		runs=$((runs + 1)) cut=''
		[ "$taken" -eq "$emitted" ] || cut=yes
		[ "$start" -ge "$last" ] || base=$((base + size))
		last=$start
		if ! decodes $((base + start)) "$taken" $cut; then
			echo "# $case, run $runs: $taken of $emitted bytes, at $start"
			bad=$((bad + 1))
		fi
	done <"$dir/runs"
	metric "$case-runs" "$runs"
	metric "$case-bad" "$bad"
	metric "$case-no_sink" "$no_sink"
	metric "$case-sync_lost" "$sync_lost"
}

# judge RUNS [full]: there were more than so many, and each decodes.  Unless TRBE was full
# in between, no synchronisation is lost at all.
judge() {
	check "$case: $started" [ "$runs" -gt "$1" ]
	[ -z "$2" ] || sync_lost=0
	check "$case: $decoded" [ "$runs" -gt 0 -a "$bad" -eq 0 -a "$sync_lost" -eq 0 ]
	check "$case: $sunk" [ "$no_sink" -eq 0 ]
}

echo 1 >$knobs/reset
throttle_at 50000
run aux-action -m ,1M -e '{cs_etm//,cycles/aux-action=pause,period=1500000/,cycles/aux-action=resume,period=1050000/}'
judge 10
read -r _ start taken _ <"$dir/runs"
check "without its first byte it would not" not_decodes $((start + 1)) $((taken - 1))

echo 1 >$knobs/reset
throttle_at 8000
run first-thread -m ,1M -e cs_etm/aux-action=start-paused/k -e cycles/aux-action=pause,period=300000/ \
	-e cycles/aux-action=resume,period=150000/
judge 10

echo 1 >$knobs/reset
throttle_at 2000
run throttle -m ,1M -e '{cs_etm//,cycles/period=50000/}'
judge 3
check "throttle: there was one" [ "$throttles" -gt 0 ]
throttle_at 50000

# Full again and again: what the trace unit emits until the interrupt is handled is lost,
# so it has to begin anew each time
echo 1 >$knobs/reset
run full -m ,32K -e cs_etm//
full=$(get trbe.full)
metric full-full "$full"
check "full: TRBE was, and more than once" [ "$full" -gt 1 ]
check "full: the trace unit began anew each time" [ "$(get ete.enables)" -gt "$full" ]
judge 1 full

if $nmi; then
	echo 1 >$knobs/reset
	echo 1 >$knobs/trbe/full_at_enable
	nmi_at perf_aux_output_end 1
	run resume-in-handler -m ,1M -e "{cs_etm/aux-action=start-paused/,cycles/aux-action=resume,$never/}"
	check "resume-in-handler: $came" nmi_came 1
	judge 0

	echo 1 >$knobs/reset
	nmi_at perf_aux_output_end 1
	run both-in-handler -m ,64K -e "{cs_etm//,$both}"
	check "both-in-handler: $came" nmi_came 1
	judge 0 full

	# Before the handler knows that it has anything to do
	echo 1 >$knobs/reset
	nmi_at arm_trbe_irq_handler 1
	run before-handler -m ,64K -e "{cs_etm//,$both}"
	check "before-handler: $came" nmi_came 1
	judge 0 full
	taskset -p 3 $$ >/dev/null
else
	skips resume-in-handler "$came" "$started" "$decoded" "$sunk"
	skips both-in-handler "$came" "$started" "$decoded" "$sunk"
	skips before-handler "$came" "$started" "$decoded" "$sunk"
fi
check "no trace unit is left enabled" [ "$(grep -c '^ete.cpu.*enabled 1' $knobs/state)" -eq 0 ]
judge_dmesg
finish
