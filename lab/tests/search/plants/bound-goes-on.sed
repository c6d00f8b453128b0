# SPDX-License-Identifier: GPL-2.0
# plant: what is given up is not paused
# in: core-functions.c
# args: -c answer -n 1 -r 1
# found: perf_aux_give_up, and it runs
/^static .*void aux_give_up\(/,/^}/{s/!READ_ONCE\(hwc->aux_paused\)/0/}
