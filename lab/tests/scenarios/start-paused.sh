#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A trace that starts paused and that nobody resumes stays empty, however often
# its group is throttled.

. "${0%/*}/common"

needs_pmu cs_etm
plan 5
throttle_at 8000
watch_dmesg
check "perf record succeeds" record -a \
	-e '{cs_etm/aux-action=start-paused/,cycles/period=1000/}' -- sleep 1
count
check "the group was throttled" [ "$throttles" -gt 0 ]
metric_trace
check "not a byte of trace was recorded" [ "$aux_bytes" -eq 0 ]
judge_dmesg
finish
