#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# arm_spe_0 traces a task, in a group with a counter that overflows much too often.

. "${0%/*}/common"

needs_pmu arm_spe_0
plan 7
watch_dmesg
throttled_group arm_spe_0
check "perf record of one CPU succeeds" record -C 1 -e '{arm_spe_0//,cycles//,instructions//}' -- true
check "the start of the one trace was recorded" [ "$(grep -c ' itrace-start$' "$dir/records")" -eq 1 ]
judge_dmesg
finish
