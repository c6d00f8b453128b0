# SPDX-License-Identifier: GPL-2.0
# plant: __perf_event_period() goes around the gate
# in: core-functions.c
# args: -c core -n 4
# found: C5|the gate is open
/__perf_event_period\(/,/^}/{s/event_(stop|start)\(event/event->pmu->\1(event/}
