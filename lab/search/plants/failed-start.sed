# SPDX-License-Identifier: GPL-2.0
# plant: the gate opens after a start that failed
# in: aux_pause.c
# args: -c core -n 4
# found: the gate is open, and the event is not started
/^void perf_aux_start\(/,/^}/{/PERF_HES_STOPPED/,/return/d}
