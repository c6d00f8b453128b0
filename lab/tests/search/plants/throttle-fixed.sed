# SPDX-License-Identifier: GPL-2.0
# plant: the throttle of the group stops an event that cannot pause
# in: core-functions.c
# args: -c fixed -n 1
# found: C8
/^static .*void perf_event_throttle\(/,/^}/{s/is_exclusive_pmu\(event->pmu\)/aux_can_pause(event)/}
