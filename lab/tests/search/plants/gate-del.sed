# SPDX-License-Identifier: GPL-2.0
# plant: schedule out does not shut the gate
# in: core-functions.c
# args: -c core -n 2
# found: C5|the gate is open
/^event_sched_out\(/,/^}/{/aux_open = false/d}
