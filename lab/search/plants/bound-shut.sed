# SPDX-License-Identifier: GPL-2.0
# plant: giving up leaves the gate shut
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: aux_settle\(\) gave up: the gate is shut
/^static .*void aux_settle_\(/,/^}/{s/perf_event_disable_inatomic\(event\);/& return;/}
