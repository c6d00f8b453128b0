# SPDX-License-Identifier: GPL-2.0
# plant: a new period does not shut the gate
# in: core-functions.c
# args: -c core -n 2
# found: C5|the gate is open
/__perf_event_period\(/,/^}/{/aux_enter\(/d}
