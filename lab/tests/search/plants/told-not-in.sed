# SPDX-License-Identifier: GPL-2.0
# plant: the order to disable is taken back, and nobody is woken up
# in: core-functions.c
# args: -c core -n 1
# found: C13: there was no room, and nobody is woken up
/^static .*void aux_add_failed_\(/,/^}/{/irq_work_queue/d}
