# SPDX-License-Identifier: GPL-2.0
# plant: the unthrottle of the group starts an event that cannot pause
# in: core-functions.c
# args: -c fixed -n 1
# found: C8|C3|a record of event 0
/^static .*void perf_event_unthrottle\(/,/^}/{s/is_exclusive_pmu\(event->pmu\)/aux_can_pause(event)/}
