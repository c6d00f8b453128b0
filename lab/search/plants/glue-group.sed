# SPDX-License-Identifier: GPL-2.0
# plant: the throttle of the group stops an event that cannot pause
# in: core-functions.c
# args: -c fixed -n 4
# found: C8
/^static void perf_event_throttle\(/,/^}/{s/perf_aux_event\(event\)/perf_aux_can_pause(event)/}
