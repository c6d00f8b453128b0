# SPDX-License-Identifier: GPL-2.0
# plant: the order to disable is taken back while the gate is open
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C4: the gate is open
/__perf_pending_disable\(/,/^}/{s/if \(event->pending_disable\)/if (event->pending_disable \&\& !(event->pending_disable = 0))/}
