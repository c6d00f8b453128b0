# SPDX-License-Identifier: GPL-2.0
# plant: a stop for new filters does not shut the gate
# in: core-functions.c
# args: -c core -n 2
# found: C5|the gate is open
/^static int __perf_event_stop\(/,/^}/{/aux_enter\(/d}
