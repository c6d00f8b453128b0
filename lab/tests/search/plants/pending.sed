# SPDX-License-Identifier: GPL-2.0
# plant: a failed add() leaves its order to disable
# in: core-functions.c
# args: -c core -n 1
# found: C13: the order to disable outlives
/^static .*void aux_add_failed_\(/,/^}/{/event->pending_disable = 0;/d}
