# SPDX-License-Identifier: GPL-2.0
# plant: a full stop does not shut the gate
# in: aux_pause.c
# args: -c core -n 4
# found: C5|the gate is open
/^void perf_aux_stop\(/,/^}/{/aux_shut\(/d}
