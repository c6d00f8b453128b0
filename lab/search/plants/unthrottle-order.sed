# SPDX-License-Identifier: GPL-2.0
# plant: the mark goes after the event has been told
# in: core-functions.c
# args: -c core -n 1
# found: C[14]
/^static void perf_event_unthrottle_group_\(/,/^}/{
/^\t\titer->hw.interrupts = 0;/d
s/^\t\tif \(iter == leader\)/\t\titer->hw.interrupts = 0;\n&/
}
