# SPDX-License-Identifier: GPL-2.0
# plant: an event is unthrottled after a throttle that has left it out, as it was throttled
# in: core-functions.c
# args: -c group -k -n 2 -d 2
# found: C12: event 2 is not stopped
/^static .*void perf_event_unthrottle_group_\(/,/^}/s/\t\t\tif \(!\(iter->hw\.group_throttled \|\| is_aux_trigger/\t\t\tif (0 \&\& !(iter->hw.group_throttled || is_aux_trigger/
