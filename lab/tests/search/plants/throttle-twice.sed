# SPDX-License-Identifier: GPL-2.0
# plant: a throttle of a throttled group stops all of it again
# in: core-functions.c
# args: -c triggers -n 2
# found: C10: .*which has stopped
/^static .*void perf_event_throttle_group_\(/,/^}/{s/iter->hw\.group_throttled \|\| //}
