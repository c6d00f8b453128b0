# SPDX-License-Identifier: GPL-2.0
# plant: the order to disable is carried out, and nobody is woken up
# in: core-functions.c
# args: -c core -n 1
# found: C13: there was no room, and nobody is woken up
/^event_sched_out\(/,/^}/{/if \(event->pending_wakeup\)/{N;d}}
