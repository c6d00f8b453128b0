# SPDX-License-Identifier: GPL-2.0
# plant: the gate opens without another look at the reasons
# in: aux_pause.c
# args: -c any -n 4
# found: C1: the gate is open
s/while \(!try_cmpxchg_local\(&hwc->aux_state, &state, state \| PERF_AUX_OPEN\)\);/while (0);\n\twhile (!try_cmpxchg_local(\&hwc->aux_state, \&state, state | PERF_AUX_OPEN))\n\t\t;/
