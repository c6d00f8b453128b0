# SPDX-License-Identifier: GPL-2.0
# plant: event_sched_in() does not unthrottle
# in: core-functions.c
# args: -c core -n 4
# found: C4: 'schedule in' is lost
/^event_sched_in\(/,/^}/{s/perf_event_unthrottle\(event, false\)/(void)0/}
