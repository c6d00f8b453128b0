# SPDX-License-Identifier: GPL-2.0
# plant: the gate stays open for pause and resume
# in: core-functions.c
# args: -c any -n 2
# found: C5: the gate is open
/^static .*void aux_request_\(/,/^}/{/WRITE_ONCE\(hwc->aux_open, false\)/d}
