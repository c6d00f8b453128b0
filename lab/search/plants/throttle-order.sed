# SPDX-License-Identifier: GPL-2.0
# plant: the mark comes after the event has been told
# in: core-functions.c
# args: -c core -n 1
# found: C[14]
/^static .*void perf_event_throttle_group_\(/,/^}/{
/^\t\titer->hw.interrupts = MAX_INTERRUPTS;/d
s/^\t\tif \(iter == leader\)/\t\titer->hw.interrupts = MAX_INTERRUPTS;\n&/
}
