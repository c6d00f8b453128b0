# SPDX-License-Identifier: GPL-2.0
# plant: schedule in does not prepare hw.aux_paused
# in: aux_pause.c
# args: -c core -n 4
# found: C[13]
/^int perf_aux_add\(/,/^}/{/aux_prepare\(/d}
