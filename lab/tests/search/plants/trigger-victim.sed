# SPDX-License-Identifier: GPL-2.0
# plant: triggers are victims of the throttle
# in: core-functions.c
# args: -c triggers -n 1
# found: C14: .* which is a trigger
/^static .*void perf_event_throttle_group_\(/,/^}/{s/ \|\| is_aux_trigger\(iter\)//}
