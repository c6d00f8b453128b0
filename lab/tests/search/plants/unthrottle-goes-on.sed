# SPDX-License-Identifier: GPL-2.0
# plant: an unthrottle goes on after its group has been throttled anew
# in: core-functions.c
# args: -c follow -k -n 2 -d 2
# found: C12: (start|RESUME)
/^static .*void perf_event_unthrottle_group_\(/,/^}/s/^\t\t\tbreak;//
