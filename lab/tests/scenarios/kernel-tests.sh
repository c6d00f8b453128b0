#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own tests of this: those of perf in shell, and the program of kselftest.
# /tests has them, or the directory that KERNEL_TESTS names: tests/shell as in tools/perf,
# and aux_throttle, compiled.

. "${0%/*}/common"

tests=${KERNEL_TESTS:-/tests}
[ -x "$tests/aux_throttle" ] || skip "there is no aux_throttle in $tests"
[ -f "$tests/tests/shell/test_aux_throttle.sh" ] || skip "there is no tests/shell/test_aux_throttle.sh in $tests"
PATH=$tests/bin:$PATH
cd "$tests" || skip "$tests is no directory"

variants=
for pmu in arm_spe_0 cs_etm intel_pt intel_bts; do
	[ -d "/sys/bus/event_source/devices/$pmu" ] || continue
	variants="$variants ${pmu%_0}_leader ${pmu%_0}_sibling"
done
[ -n "$variants" ] || skip "there is no PMU with an AUX area"

# perf_test NAME: as a user runs it
perf_test() {
	"$PERF" test -vv "$1" >"$dir/test" 2>&1
	sed 's/^/# /' "$dir/test"
	grep -q "$1.*: Ok" "$dir/test"
}

# of_harness CASE: what the program said
of_harness() {
	grep -q "^ok [0-9]* $1\$" "$dir/harness"
}

arguments=
for variant in $variants; do
	arguments="$arguments -v $variant"
done
cases="trace_goes_on enable_again close_throttled"
# shellcheck disable=SC2086
set -- $variants
plan $(($# * 3 + 6))
watch_dmesg
check "perf test: the throttle" perf_test "AUX area trace in a group that is throttled"
check "perf test: SPE" perf_test "Check Arm SPE trace data recording"
check "perf test: SPE pauses and resumes" grep -q 'SPE pause / resume: PASS' "$dir/test"
# This samples one operation in 65536, and wants perf to wake up within a second. The
# emulated CPU does too few operations for that
[ ! -d $knobs ] || echo 3200000 >$knobs/spe/ops_per_ms
check "perf test: SPE and forks" perf_test "Check Arm SPE doesn't hang"
[ ! -d $knobs ] || echo 32000 >$knobs/spe/ops_per_ms
# shellcheck disable=SC2086
./aux_throttle $arguments >"$dir/harness" 2>&1
sed 's/^/# /' "$dir/harness"
for variant in $variants; do
	for case in $cases; do
		check "kselftest: $variant.$case" of_harness "aux_throttle.$variant.$case"
	done
done
judge_dmesg
finish
