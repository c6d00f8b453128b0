#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# perf says why the trace has a hole: perf record and perf report end with how often and
# for how long a throttle paused it, which is what the records of the file add up to, and
# perf script shows both edges of each.  Where nothing was throttled, they say nothing.

. "${0%/*}/common"

needs_pmu arm_spe_0
# A board may have an older perf, the lab has that of the series
[ -d $knobs ] || "$PERF" script -h 2>&1 | grep -q show-throttle-events ||
	skip "this perf does not tell of throttles"
needs_tool throttlefile
plan 43
watch_dmesg

# run NAME RATE ARGUMENTS...: record, at most RATE samples a second.  Unlike record(),
# perf may talk.
run() {
	what=$1
	throttle_at "$2"
	shift 2
	rm -f "$data"
	"$PERF" record -o "$data" "$@" >"$dir/perf.out" 2>&1
	recorded=$?
	sort_records
	count
	metric "$what-throttles" "$throttles"
	check "$what: perf record succeeds" [ $recorded -eq 0 ]
	"$PERF" report -i "$data" --stdio >"$dir/report" 2>"$dir/report.err"
	"$PERF" script -i "$data" --show-throttle-events >"$dir/script" 2>"$dir/script.err"
}

# The line in this file, and in words for KTAP
told() {
	sed -n 's/^AUX trace was paused \([0-9]*\) times by throttling, \([0-9.]*\) ms in all; raise the period or kernel.perf_event_max_sample_rate$/\1 \2/p' "$1"
}

# edges RECORD: how many that have a time and the event
edges() {
	grep -c "[0-9]\.[0-9]*: arm_spe_0//: PERF_RECORD_$1 time: [0-9]* id: [0-9]* stream_id: [0-9]*$" "$dir/script"
}

# is_right NUMBER MS: what the records of the one event of CPU 1 add up to, each until the
# unthrottle, until its task is switched out, or to the last record.  auxrecords takes the
# time at the end of a record, which is read a moment after that of the throttle.
is_right() {
	awk -v of="$of" -v number="$1" -v ms="$2" '
		$1 > 0 { last = $1 }
		$2 == "throttle" && !begin { n++; begin = $1 }
		begin && ($2 == "unthrottle" || of == "task" && $2 == "switch-out") {
			sum += $1 - begin
			begin = 0
		}
		END {
			if (begin)
				sum += last - begin
			sum /= 1000000
			printf "# %s: %d, %.3f ms by the records, %d, %.3f ms by perf\n", of, n, sum, number, ms
			# auxrecords does not print the last record, which comes within a tick
			tick = begin ? 10 : 0
			exit !(n > 0 && n == number && ms > sum * 0.99 && ms < sum * 1.01 + tick)
		}' "$dir/records"
}

run calm 100000 -e '{arm_spe_0//,cycles/period=10000000/}' -- \
	taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=5000
check "calm: it was not throttled" [ "$throttles" -eq 0 ]
check "calm: nobody speaks of a throttle" \
	[ "$(cat "$dir/perf.out" "$dir/report.err" "$dir/script" | grep -ci throttl)" -eq 0 ]

for of in task cpu; do
	case $of in
	task)	run task 8000 -e '{arm_spe_0//,cycles/period=1000/}' -- \
			taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=10000 ;;
	cpu)	run cpu 8000 -a -C 1 -e '{arm_spe_0//,cycles/period=1000/}' -- \
			taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=10000 ;;
	esac
	told=$(told "$dir/perf.out")
	check "$of: it was throttled" [ "$throttles" -gt 0 ]
	# shellcheck disable=SC2086
	check "$of: perf record says how often and how long" is_right $told
	check "$of: perf report says the same" [ -n "$told" -a "$(told "$dir/report.err")" = "$told" ]
	check "$of: perf script shows each begin" [ "$(edges THROTTLE)" -eq "$throttles" ]
	check "$of: perf script shows each end" \
		[ "$(edges UNTHROTTLE)" -eq "$(grep -c ' unthrottle$' "$dir/records")" ]
done
check "perf script does not show them unasked" \
	[ "$("$PERF" script -i "$data" 2>/dev/null | grep -c THROTTLE)" -eq 0 ]
check "perf script -D has the fields" [ "$("$PERF" script -D -i "$data" 2>/dev/null |
	grep -c 'PERF_RECORD_THROTTLE time: [0-9]* id: [0-9]* stream_id: [0-9]*$')" -eq "$throttles" ]

# Children inherit the event: its id is that of all of them
run children 8000 -e '{arm_spe_0//,cycles/period=1000/}' -- \
	sh -c 'dd if=/dev/zero of=/dev/null bs=64 count=5000 & dd if=/dev/zero of=/dev/null bs=64 count=5000; wait'
told=$(told "$dir/perf.out")
echo "# children: $throttles throttles, record: $told"
check "children: each throttle of each counts" [ "$throttles" -gt 0 -a "${told% *}" = "$throttles" ]
check "children: perf report says the same" [ -n "$told" -a "$(told "$dir/report.err")" = "$told" ]
check "children: it took no longer than two CPUs have run" awk -v told="${told#* }" '
	$1 > 0 { if (!first) first = $1; last = $1 }
	END { exit !(told > 0 && told < 2 * (last - first) / 1000000) }' "$dir/records"

# perf record used to say nothing of lost trace either
run lost 100000 -m ,8K -e arm_spe_0// -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=10000
check "lost: some was" lost
check "lost: perf record says so" grep -q "^AUX data lost [1-9]" "$dir/perf.out"
check "lost: perf report says so" grep -q "^AUX data lost [1-9]" "$dir/report.err"

# adds_up WHAT WANTED FILE...: how often, and ms, of a file that throttlefile makes
adds_up() {
	what=$1 wanted=$2
	shift 2
	throttlefile "$@" >"$data.made"
	"$PERF" report -i "$data.made" --stdio >/dev/null 2>"$dir/report.err"
	echo "# $*: $(told "$dir/report.err")"
	check "$what" [ "$(told "$dir/report.err")" = "$wanted" ]
}
adds_up "each throttle counts, and not those of the counter" "2 8.000" task T100 U103 T110 U115 t111 u119
adds_up "the counter alone was no pause" "" task t100 u103
adds_up "an end without a begin is none" "" task U100
adds_up "tasks that inherited the event are told apart" "2 6.000" task T100/1 T101/2 U102/1 U105/2
adds_up "an exit is the end" "1 2.000" task T100/1 X102/1 X500
adds_up "what the task sleeps is no pause" "1 2.000" task T100 O102 U500 I500
adds_up "the event of a CPU is paused whoever runs there" "1 10.000" cpu T100 O102 X103 U110
adds_up "the last timestamp is the end" "1 20.000" task T100 I120/7
adds_up "a throttle while it is throttled is the same one" "1 5.000" task T100 T102 U105
adds_up "if the end may be lost, it is another one" "2 1.000" task T100 L150 T200 U201
adds_up "how long it took is not known then" "1 0.000" task T100 L101 I900/7
adds_up "nor if the task exits" "1 0.000" task T100/1 L101 X500/1
adds_up "nor if it sleeps" "1 0.000" task T100 L101 O500 U900
adds_up "what another buffer has lost is no matter" "1 5.000" cpu T100 l101 U105

# Of an event that the file does not have: no name rather than that of another one
throttlefile old T100 N101 U102 >"$data.made"
"$PERF" script -i "$data.made" -F comm,tid,time --show-throttle-events >"$dir/script" 2>&1
sed 's/^/# old: /' "$dir/script"
check "without sample_id_all: perf script names the event" \
	[ "$(grep -c '\.[0-9]*: .*[a-z].*: PERF_RECORD_\(UN\)\?THROTTLE .* id: 11 ' "$dir/script")" -eq 2 ]
check "without sample_id_all: one that is not in the file has no name" \
	grep -q '\.[0-9]*: PERF_RECORD_THROTTLE .* id: 99 ' "$dir/script"
judge_dmesg
finish
