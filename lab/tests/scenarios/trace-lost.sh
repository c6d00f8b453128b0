#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What do pauses and throttles cost in trace?  Of what the units emitted, all is in
# the file, however often they were paused and resumed, by the user or by a throttle.

. "${0%/*}/common"

needs_pmu arm_spe_0
needs_pmu cs_etm
needs_knobs
plan 12
watch_dmesg

# What SPE drops was never written; what an ETE emits, TRBE may drop
emitted() {
	case $1 in
	spe)	echo $(($(get spe.bytes) + $(get spe.dropped))) ;;
	ete)	get ete.bytes ;;
	esac
}

# run UNIT NAME EVENTS: the group of them
run() {
	echo 1 >$knobs/reset
	record -m ,4M -a -C 1 -e "{$3}" -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=40000
	count
	metric "$1_$2_emitted" "$(emitted "$1")"
	metric "$1_$2_lost" $(($(emitted "$1") - aux_bytes))
	metric "$1_$2_switches" "$(get "$1.control_writes")"
	metric "$1_$2_throttles" "$throttles"
	check "$1, $2: there is trace" [ "$aux_bytes" -gt 0 ]
	check "$1, $2: none of it is lost" [ "$(emitted "$1")" -eq "$aux_bytes" ]
}

run spe paused arm_spe_0//,cycles/aux-action=pause,period=100000/,cycles/aux-action=resume,period=150000/
run ete paused cs_etm//,cycles/aux-action=pause,period=100000/,cycles/aux-action=resume,period=150000/
throttle_at 2000
run spe throttled arm_spe_0//,cycles/period=20000/
check "spe, throttled: it was throttled" [ "$throttles" -gt 0 ]
run ete throttled cs_etm//,cycles/period=20000/
check "ete, throttled: it was throttled" [ "$throttles" -gt 0 ]
judge_dmesg
finish
