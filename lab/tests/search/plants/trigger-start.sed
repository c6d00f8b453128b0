# SPDX-License-Identifier: GPL-2.0
# plant: the unthrottle starts what was not stopped
# in: core-functions.c
# args: -c soft -n 1
# found: C12: start\(\) of event 1, which counts
/^static .*void perf_event_unthrottle\(/,/^}/{s/ \|\| !event->hw.group_throttled//}
