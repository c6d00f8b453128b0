# SPDX-License-Identifier: GPL-2.0
# plant: giving up, and not having the event disabled
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11?: 
/^static .*void aux_give_up\(/,/^}/{s/perf_event_disable_inatomic\(event\);/;/}
