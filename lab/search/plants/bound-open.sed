# SPDX-License-Identifier: GPL-2.0
# plant: giving up leaves the gate open
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: aux_settle\(\) gave up: the gate is open
/^static .*void aux_settle_\(/,/^}/{s/perf_event_disable_inatomic\(event\);/& WRITE_ONCE(hwc->aux_open, 1);/}
