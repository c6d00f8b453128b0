# SPDX-License-Identifier: GPL-2.0
# plant: a new period disables the event's own PMU, not the counters'
# in: core-functions.c
# args: -c group -n 2 -d 2
# found: start\(\) of event [12], whose PMU is not disabled
/__perf_event_period\(/,/^}/{s/event->pmu_ctx->pmu/event->pmu/}
