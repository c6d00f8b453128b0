# SPDX-License-Identifier: GPL-2.0
# plant: an event that overflows itself passes for an AUX area event that cannot pause
# in: core-functions.c
# args: -c own -n 1
# found: C12: event 0 overflows too often, and is not stopped|a record of event 1, which is not paused
s/is_exclusive_pmu\(event->pmu\)/event->pmu->setup_aux/
