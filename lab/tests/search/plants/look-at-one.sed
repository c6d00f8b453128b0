# SPDX-License-Identifier: GPL-2.0
# plant: the second look is at a pause by the user alone
# in: core-functions.c
# args: -c any -n 2
# found: C4: the gate is open, .* nobody looks again
/^static .*void aux_request_\(/,/^}/{s/!READ_ONCE\(hwc->aux_stop_reasons\) == !/READ_ONCE(hwc->aux_stop_action) <= !!/}
