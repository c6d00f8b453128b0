#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The trace is that of the program that ran, and stays so across throttles, the user's
# pauses and a full buffer: perf decodes branches that the program can take, without a gap
# from a resume to the next pause, and all that the trace unit emitted.
#
# only by name: in make check-all, as this perf takes long to build
# perf: decoder

. "${0%/*}/common"

needs_pmu cs_etm
needs_tool flowloop
[ -f $knobs/ete/flow ] || skip "needs a trace unit that lab/hardware/tracehw has emit the flow of a program"
"$PERF" version --build-options | grep -q 'libopencsd.* on ' || skip "this perf has no OpenCSD"
plan 35
watch_dmesg
# All on CPU 1
taskset -p 2 $$ >/dev/null

# run NAME ROUNDS ARGUMENTS...: record a run of the loop, decode and check it
run() {
	case=$1 rounds_run=$2
	shift 2
	size=${2#,}
	case $size in
	*K)	size=$((${size%K} << 10)) ;;
	*M)	size=$((${size%M} << 20)) ;;
	esac
	echo 1 >$knobs/reset
	echo 20000000 >$knobs/ete/flow
	record "$@" -- flowloop "$rounds_run"
	count
	left=$(cat $knobs/ete/flow)
	cp $knobs/ete/runs "$dir/runs"
	echo 0 >$knobs/ete/flow
	emitted=$(get ete.branches)
	for counter in no_sink sync_lost dropped; do
		metric "$case-$counter" "$(get ete.$counter)"
	done
	metric "$case-emitted" "$emitted"
	"$PERF" script -i "$data" --itrace=b -F event,ip,addr,flags 2>"$dir/perf.err" |
		sed -n 's/branches[^ ]*//p' >"$dir/branches"
	"$PERF" report -D -i "$data" 2>/dev/null | awk -v size="$size" '
		# where a start of the trace unit is in the AUX area: TRBE comes back to its begin
		FNR == NR {
			if ($3) {
				if ($2 < last)
					base += size
				last = $2
				start[base + $2]
				starts++
			}
			next
		}
		/Idx:[0-9]*;.*I_/ {
			sub(/.*Idx:/, "")
			good += at_start && /I_TRACE_INFO/
			at_start = ($0 + 0 in start) && /I_ASYNC/
		}
		END { print "starts", starts + 0; print "synchronised", good + 0 }' \
		"$dir/runs" - >"$dir/starts"
	starts=0 synchronised=-1
	branches=0 at_branch=0 in_loop=0 between=-1 rounds=0 back=0 wrong=-1
	flowloop check "$dir/branches" >"$dir/seen" 2>"$dir/seen.err"
	sed "s/^/# $case: /" "$dir/starts" "$dir/seen" "$dir/seen.err"
	# shellcheck disable=SC2034
	while read -r name value; do
		eval "$name=\$value"
	done <<-END
		$(cat "$dir/starts" "$dir/seen")
	END
	check "$case: the program was not too long to step" [ "$left" -gt 1 ]
	check "$case: there are branches" [ "$branches" -gt 0 ]
	check "$case: each start of the trace unit begins with a synchronisation" \
		[ "$starts" -gt 0 -a "$synchronised" -eq "$starts" ]
	check "$case: each one can be, and follows from the one before" [ "$wrong" -eq 0 ]
}

# all_of_it: nothing that was emitted is missing.  perf takes a branch to be an end if it
# knows no instruction at its target.
all_of_it() {
	check "$case: all of them are decoded" \
		[ "$branches" -le "$emitted" -a $((branches + at_branch)) -ge "$emitted" ]
}

throttle_at 50000
run whole 1000 -m ,1M -e cs_etm//u
all_of_it
# Another task may have had the CPU in the middle of it.  The branch that was next is not
# printed then: perf knows no instruction at its target.
check "whole: the loop is one piece, but for a schedule out" \
	[ "$in_loop" -ge 1 -a "$in_loop" -le "$starts" -a "$between" -eq 0 ]
check "whole: it has as many rounds as it should" \
	[ $((rounds + back)) -le 1999 -a $((rounds + back + in_loop - 1)) -ge 1999 ]

throttle_at 2000
run throttle 200000 -m ,1M -e '{cs_etm//u,cycles/period=300000/}'
all_of_it
check "throttle: there was more than one" [ "$throttles" -gt 1 ]
# Some of them come before the loop.  After the last one the program may have ended.
check "throttle: the trace unit starts again after each" [ "$starts" -ge "$throttles" ]
check "throttle: the loop goes on whenever it has begun" [ "$in_loop" -gt 2 -a "$between" -eq 0 ]
throttle_at 50000

run aux-action 200000 -m ,1M -e '{cs_etm//u,cycles/aux-action=pause,period=1500000/,cycles/aux-action=resume,period=1050000/}'
all_of_it
check "aux-action: the loop goes on after each resume" [ "$in_loop" -gt 10 ]

# Both at once
throttle_at 2000
run both 200000 -m ,1M -e '{cs_etm//u,cycles/aux-action=pause,period=700000/,cycles/aux-action=resume,period=450000/}'
all_of_it
check "both: there was a throttle" [ "$throttles" -gt 0 ]
throttle_at 50000

# What the trace unit emits until the interrupt is handled is lost
run full 6000 -m ,32K -e cs_etm//u
check "full: the buffer was, and more than once" [ "$(get trbe.full)" -gt 1 ]
check "full: the loop goes on after each time" [ "$in_loop" -gt "$(get trbe.full)" ]
judge_dmesg
finish
