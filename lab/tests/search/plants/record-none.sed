# SPDX-License-Identifier: GPL-2.0
# plant: the throttle is recorded of a leader only, not of a sibling that is paused
# in: core-functions.c
# args: -c follow -n 2 -d 3
# found: a throttle with 0 records of a sibling
/^static .*void log_aux_throttle\(/,/^}/s/if \(aux_can_pause\(event\)\)/if (event == event->group_leader \&\& aux_can_pause(event))/
