#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# only by name: lab/tests/perf-test runs this, and knows what fails without the series too
#
# Every test of perf test, in the order of its list; /tests has those in shell, or the
# directory that KERNEL_TESTS names.

. "${0%/*}/common"

tests=${KERNEL_TESTS:-/tests}
[ -d "$tests/tests/shell" ] || skip "there is no tests/shell in $tests"
PATH=$tests/bin:$PATH
cd "$tests" || skip "$tests is no directory"
"$PERF" test list 2>&1 | sed -n 's/^ *\([0-9]*\): */\1 /p' >"$dir/list"
[ -s "$dir/list" ] || skip "perf test lists nothing"
plan "$(wc -l <"$dir/list")"
while read -r nr title; do
	number=$((number + 1))
	timeout 300 "$PERF" test -v "$nr" >"$dir/test" 2>&1 </dev/null
	# a line for the test, or one for each part of it
	sed -n "s/^ *$nr\(\.[0-9]*\)\?: .*: *\(Ok\|Skip\|FAILED!\).*/\2/p" "$dir/test" >"$dir/verdicts"
	if [ ! -s "$dir/verdicts" ] || grep -q FAILED "$dir/verdicts"; then
		sed '/^=== Test Summary/,$d; /^$/d' "$dir/test" | tail -n 12 | sed 's/^/# /'
		sed -n '/^List of failed tests/,$p' "$dir/test" | sed 's/^/# /'
		echo "not ok $number $title"
		failed=1
	elif grep -q Ok "$dir/verdicts"; then
		echo "ok $number $title"
	else
		echo "ok $number $title # SKIP $(sed -n 's/.*: Skip *(\(.*\))$/\1/p' "$dir/test" | tail -n 1)"
	fi
done <"$dir/list"
finish
