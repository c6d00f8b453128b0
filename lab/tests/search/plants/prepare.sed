# SPDX-License-Identifier: GPL-2.0
# plant: a full callback does not find the reasons in hw.aux_paused
# in: core-functions.c
# args: -c core -n 2
# found: C[134]
/^static .*void aux_enter\(/,/^}/{/WRITE_ONCE\(hwc->aux_paused,$/{N;d}}
