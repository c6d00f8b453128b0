# SPDX-License-Identifier: GPL-2.0
# plant: a new period disables the event's own PMU, not the counters'
# in: core-functions.c
# args: -c group -n 2 -d 2
# found: C12: start\(\) of event 2 after its group has been throttled again|C10: a throttle stops event 2
/__perf_event_period\(/,/^}/{s/event->pmu_ctx->pmu/event->pmu/}
