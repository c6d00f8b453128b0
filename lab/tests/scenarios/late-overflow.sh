#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Two counters of a CPU overflow in the same interrupt.  The one that is handled first
# gets the group throttled.  The leader is handled next, and overflows all the same.
# The throttle still ends.

. "${0%/*}/common"

needs_tool lateoverflow
plan 6
throttle_at 3000
watch_dmesg
late=0 throttles=0 unthrottles=0 counted_on=0 samples_on=0
check "the counters can be opened" see lateoverflow 40000
metric late "$late"
# shellcheck disable=SC2154
check "the leader overflowed while throttled" [ "$late" -gt 0 ]
# shellcheck disable=SC2154
check "the throttle ended each time" [ $((throttles - unthrottles)) -le 1 ]
# shellcheck disable=SC2154
check "the group counts on" [ "$counted_on" -gt 0 -a "$samples_on" -gt 0 ]
judge_dmesg
finish
