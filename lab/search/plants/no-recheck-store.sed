# SPDX-License-Identifier: GPL-2.0
# plant: the gate opens with a plain store
# in: aux_pause.c
# args: -c any -n 4
# found: C[124]
s/while \(!try_cmpxchg_local\(&hwc->aux_state, &state, state \| PERF_AUX_OPEN\)\);/while (hwc->aux_state = state | PERF_AUX_OPEN, 0);/
