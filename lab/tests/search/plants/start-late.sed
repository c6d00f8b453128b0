# SPDX-License-Identifier: GPL-2.0
# plant: a throttle that comes between the look at it and the start stops nothing
# in: core-functions.c
# args: -c group -k -n 2 -d 2
# found: C12: event [12]
/^static .*void start_unthrottled_\(/,/^}/s/if \(unlikely\(event->hw\.group_throttled\)/if (0/
