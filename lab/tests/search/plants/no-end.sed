# SPDX-License-Identifier: GPL-2.0
# plant: looking again for which reasons there are, until there is no look left
# in: core-functions.c
# args: -c any -n 1 -d 1
# found: stuck: 
/^static .*void aux_request_\(/,/^}/{s/!READ_ONCE\(hwc->aux_stop_reasons\) == !/READ_ONCE(hwc->aux_stop_action) == /}
