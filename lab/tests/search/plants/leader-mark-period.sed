# SPDX-License-Identifier: GPL-2.0
# plant: a new period looks at the mark of its event
# in: core-functions.c
# args: -c follow -n 1 -x 'disable' -x 'disable event 2'
# found: C4: 'new period' is lost|C12: start\(\) of event [02], which counts
/__perf_event_period\(/,/^}/{s/event->group_leader->hw\.group_throttled/event->hw.interrupts == MAX_INTERRUPTS/}
