# SPDX-License-Identifier: GPL-2.0
# plant: a trigger that overflows too often is not throttled
# in: core-functions.c
# args: -c soft -n 1
# found: C12: event 1 overflows too often
/^static .*void perf_event_throttle_group_\(/,/^}/{s/iter == event \|\| //}
