# SPDX-License-Identifier: GPL-2.0
# plant: the reasons are changed by a load and a store
# in: aux_pause.c
# args: -c any -n 4
# found: C4: .* (is lost|takes effect a second time)|C2, C4|C1
s/while \(!try_cmpxchg_local\(&hwc->aux_state, &old, new\)\);/while (hwc->aux_state = new, 0);/
