# SPDX-License-Identifier: GPL-2.0
# plant: looking again never ends, without a single callback
# in: core-functions.c
# args: -c any -n 2
# found: C11: no end to
/^static .*void aux_settle_\(/,/^}/{s/while \(aux_has_reason\(event\)/while (READ_ONCE(hwc->aux_stop_action)/}
