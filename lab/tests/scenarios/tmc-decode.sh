#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# machine: juno
#
# As cs-decode, with an ETMv4 and a TMC-ETR.  The sink is read after each pause, so there
# is an AUX record for each resume; OpenCSD gets it alone, in the frames of the TMC.

. "${0%/*}/common"

needs_pmu cs_etm
. "${0%/*}/decode"
tmc=$knobs/tmc/state
[ -d /sys/bus/coresight/devices/tmc_etr0 ] || skip "there is no tmc_etr0: TRACE=juno"
plan 18
watch_dmesg

# run NAME ARGUMENTS...: record CPU 1, and decode record by record
run() {
	case=$1
	shift
	echo 1 >$knobs/reset
	echo 1 >$knobs/tmc/reset
	echo "$dead" >$knobs/tmc/stuck_at_stop
	record -a -C 1 -m ,2M "$@" -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=6000
	lost=$(sed -n 's/^lost //p' $tmc) sync_lost=$(get ete.sync_lost) enables=$(get ete.enables)
	auxrecords "$data" "$dir/aux" >/dev/null
	count
	snapshot etm4
	records=0 bad=0
	awk '$2 == "aux" && $3' "$dir/records" >"$dir/auxes"
	while read -r _ _ bytes _ start; do
		records=$((records + 1))
		if ! decodes "$start" "$bytes"; then
			echo "# $case, record $records: $bytes bytes, at $start"
			bad=$((bad + 1))
		fi
	done <"$dir/auxes"
	metric "$case-enables" "$enables"
	metric "$case-records" "$records"
	metric "$case-bad" "$bad"
	metric "$case-lost" "$lost"
	metric "$case-sync_lost" "$sync_lost"
	check "$case: $started" [ "$records" -gt 3 ]
	check "$case: $decoded" [ "$bad" -eq 0 -a "$sync_lost" -eq 0 ]
	check "$case: $sunk" [ "$lost" -eq 0 ]
}

dead=0
throttle_at 50000
run aux-action -e '{cs_etm/@tmc_etr0/,cycles/aux-action=pause,period=1500000/,cycles/aux-action=resume,period=1050000/}'
read -r _ _ bytes _ start <"$dir/auxes"
check "without its first frame it would not" not_decodes $((start + 16)) $((bytes - 16))
throttle_at 2000
run throttle -e '{cs_etm/@tmc_etr0/,cycles/period=50000/}'
check "throttle: there was one" [ "$throttles" -gt 0 ]
throttle_at 50000

# A pause and a resume in one interrupt, and the sink does not run again when the trace of
# the fifth such pause is taken
dead=5
run sink-dies -e '{cs_etm/@tmc_etr0/,cycles/aux-action=resume,period=1500000/,cycles/aux-action=pause,period=1500000/}'
dead=0
check "sink-dies: the user is told" lost
if $nmi; then
	# A third counter pauses now and then, and once the sink is about to be read all
	# three overflow
	nmi_at tmc_flush_and_stop 8
	run in-collect -e "{cs_etm/@tmc_etr0/,$both,cycles/aux-action=pause,period=2100000/}"
	check "in-collect: $came" nmi_came 8
	taskset -p 3 $$ >/dev/null
else
	skips in-collect "$started" "$decoded" "$sunk" "$came"
fi
judge_dmesg
finish
