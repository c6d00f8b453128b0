# SPDX-License-Identifier: GPL-2.0
# plant: looking again never ends, without a single callback
# in: core-functions.c
# args: -c any -n 1 -d 1
# found: C11: no end to
/^static .*void aux_request_\(/,/^}/{s/!READ_ONCE\(hwc->aux_stop_reasons\) != !/READ_ONCE(hwc->aux_stop_action) != /}
