# SPDX-License-Identifier: GPL-2.0
# plant: the order to disable is taken back before the event is off its PMU
# in: core-functions.c
# args: -c answer -n 2 -r 2 -x "resume; fails"
# found: C11: .* gave up, and the hardware runs
/__perf_pending_disable\(/,/^}/{s/if \(event->pending_disable\)/if (event->pending_disable \&\& !(event->pending_disable = 0))/}
