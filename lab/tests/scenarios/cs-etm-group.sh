#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cs_etm traces a task, in a group with a counter that overflows much too often;
# and through more than one AUX buffer, as the trace has to go on after TRBE's interrupt.

. "${0%/*}/common"

needs_pmu cs_etm
plan 8
watch_dmesg
throttled_group cs_etm
# An AUX area that is full disables the event, and perf enables it when it has made
# room.  From another CPU it can be too early for that, and then the trace ends
taskset -p 1 $$ >/dev/null
small=true
record -m ,64K -e cs_etm// -- dd if=/dev/zero of=/dev/null bs=64 count=60000 || small=false
count
check "perf record with a small AUX area succeeds" $small
metric small_area_bytes "$aux_bytes"
check "more trace was recorded than fits into the AUX area" [ "$aux_bytes" -gt 131072 ]
# A CPU that is traced as a whole has only TRBE's interrupt handler to let it go on
record -m ,256K -C 1 -e cs_etm// -- taskset -c 1 dd if=/dev/zero of=/dev/null bs=64 count=60000
count
metric cpu_bytes "$aux_bytes"
check "a CPU is traced on after TRBE's interrupt" [ "$aux_bytes" -gt 262144 ]
judge_dmesg
finish
