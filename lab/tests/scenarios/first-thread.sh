#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command of the thread that reported the warning: a CoreSight trace that a
# counter resumes and another one pauses, while both overflow much too often.

. "${0%/*}/common"

needs_pmu cs_etm
plan 5
throttle_at "${SAMPLES_A_SECOND:-8000}"
watch_dmesg
check "perf record succeeds" record -a -e cs_etm/aux-action=start-paused/k \
	-e cycles/aux-action=pause,period=3000/ \
	-e cycles/aux-action=resume,period=1500/ -- sleep "${SECONDS_OF_TRACE:-1}"
count
check "the counters were throttled" [ "$throttles" -gt 0 ]
metric_trace
check "trace was recorded" [ "$aux_bytes" -gt 0 ]
judge_dmesg
finish
