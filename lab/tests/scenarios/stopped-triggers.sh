#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A breakpoint and a kprobe that were stopped when the task went to sleep, by a throttle of
# their group or as their limit was reached, count again when they are scheduled in.

. "${0%/*}/common"

needs_tool triggers
[ -w $kprobes ] || skip "needs kprobe events"
echo 'p:lab/end __arm64_sys_getppid' >$kprobes || skip "there is no function to probe"
plan 8
throttle_at 3000
watch_dmesg

throttles=0 breakpoint=-1 kprobe=-1
check "throttled: it can be done" see triggers asleep 20000
check "throttled: the group was" [ "$throttles" -gt 20 ]
check "throttled: the breakpoint counts after that" [ "$breakpoint" -eq 100 ]
check "throttled: the kprobe counts after that" [ "$kprobe" -eq 100 ]

breakpoint=-1 kprobe=-1
see triggers refresh
check "limited: the breakpoint counts each time" [ "$breakpoint" -eq 3 ]
check "limited: the kprobe counts each time" [ "$kprobe" -eq 3 ]

echo >$kprobes
judge_dmesg
finish
