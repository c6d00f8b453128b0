# SPDX-License-Identifier: GPL-2.0
# plant: the interrupt handler of the PMU holds an event whose resume, in an NMI, has just failed
# in: aux-inline.h
# args: -c core -n 2
# found: the handler holds an event that did not resume
/perf_aux_hold\(/,/^}/s/return !\(event->hw\.state & PERF_HES_STOPPED\);/return true;/
