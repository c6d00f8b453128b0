#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cs_etm traces a task, in a group with a counter that overflows much too often.

. "${0%/*}/common"

needs_pmu cs_etm
plan 5
throttle_at 8000
watch_dmesg
check "perf record succeeds" record -e '{cs_etm//,cycles/period=1000/}' -- \
	dd if=/dev/zero of=/dev/null bs=64 count=20000
count
check "the group was throttled" [ "$throttles" -gt 0 ]
metric_trace
check "trace was recorded" [ "$aux_bytes" -gt 0 ]
judge_dmesg
finish
