# SPDX-License-Identifier: GPL-2.0
# plant: event_sched_in() does not unthrottle
# in: core-functions.c
# args: -c core -n 1
# found: C4: 'schedule in' is lost
/^event_sched_in\(/,/^}/{s/event->hw.group_throttled = false;/;/}
