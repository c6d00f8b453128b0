#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own tests of this: those of perf in shell, and the program of kselftest.
# /tests has them, or the directory that KERNEL_TESTS names: tests/shell as in tools/perf,
# and aux_throttle, compiled.  Those of CoreSight need a perf that decodes, and a trace
# unit that has the flow of a program.
# DECODER=1 gives lab/guest/run such a perf.

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

# Does that of the throttle notice that perf report fails?
without_report() {
	mkdir -p "$dir/bin"
	printf '#!/bin/sh\n[ "$1" != report ] || exit 1\nexec "%s" "$@"\n' \
		"$(command -v "$PERF")" >"$dir/bin/perf"
	chmod +x "$dir/bin/perf"
	PATH=$dir/bin:$PATH bash tests/shell/test_aux_throttle.sh >"$dir/test" 2>&1
	status=$?
	sed 's/^/# /' "$dir/test"
	[ "$status" -eq 1 ] && grep -q "perf report of the throttled group failed" "$dir/test"
}

# Why perf's tests of CoreSight cannot run here, or nothing
no_flow() {
	if ! has_pmu cs_etm; then
		echo "there is no PMU cs_etm"
	elif ! "$PERF" version --build-options | grep -q 'libopencsd.* on '; then
		echo "this perf has no OpenCSD"
	elif [ -d $knobs ] && [ ! -f $knobs/ete/flow ]; then
		echo "the emulated trace unit has no flow"
	fi
}

# coresight_test NAME
coresight_test() {
	[ ! -d $knobs ] || echo 50000000 >$knobs/ete/flow
	check "perf test: $1" perf_test "$1"
	[ ! -d $knobs ] || echo 0 >$knobs/ete/flow
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
why_not=$(no_flow)
of_coresight=4
[ -z "$why_not" ] || of_coresight=0
plan $(($# * 3 + 7 + of_coresight))
watch_dmesg
check "perf test: the throttle" perf_test "AUX area trace in a group that is throttled"
check "perf test: the throttle, with a perf report that fails" without_report
check "perf test: SPE" perf_test "Check Arm SPE trace data recording"
check "perf test: SPE pauses and resumes" grep -q 'SPE pause / resume: PASS' "$dir/test"
# This samples one operation in 65536, and wants perf to wake up within a second. The
# emulated CPU does too few operations for that
[ ! -d $knobs ] || echo 3200000 >$knobs/spe/ops_per_ms
check "perf test: SPE and forks" perf_test "Check Arm SPE doesn't hang"
[ ! -d $knobs ] || echo 32000 >$knobs/spe/ops_per_ms
# Where libdw knows no line, perf asks addr2line; if there is none, it dies of SIGPIPE
if ! command -v addr2line >/dev/null; then
	printf '[addr2line]\n\tstyle = libdw\n' >"$dir/perfconfig"
	export PERF_CONFIG="$dir/perfconfig"
fi
if [ -n "$why_not" ]; then
	echo "# without perf's tests of CoreSight: $why_not"
else
	coresight_test "CoreSight deterministic workload decode"
	coresight_test "Check Arm CoreSight trace data recording"
	coresight_test "CoreSight concurrent threads"
	coresight_test "CoreSight context switch thread attribution"
fi
unset PERF_CONFIG
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
