# SPDX-License-Identifier: GPL-2.0
# plant: a new period starts an event whose group has been throttled anew
# in: core-functions.c
# args: -c group -k -n 2 -d 2
# found: C12: event [12]
/__perf_event_period\(/,/^}/s/start_unthrottled\(event, /event->pmu->start(event, /
