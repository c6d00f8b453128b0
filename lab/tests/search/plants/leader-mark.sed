# SPDX-License-Identifier: GPL-2.0
# plant: the tick looks at the mark of the leader
# in: core-functions.c
# args: -c follow -n 1 -x 'disable' -x 'disable event 2'
# found: C12: event [02] is still|stuck|C4: 'tick' is lost
/^static void perf_adjust_freq_unthr_events\(/,/^}/{s/hwc->group_throttled/hwc->interrupts == MAX_INTERRUPTS/}
