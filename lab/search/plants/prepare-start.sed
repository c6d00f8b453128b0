# SPDX-License-Identifier: GPL-2.0
# plant: a full start does not prepare hw.aux_paused
# in: aux_pause.c
# args: -c core -n 4
# found: C[13]
/^void perf_aux_start\(/,/^}/{/aux_prepare\(/d}
