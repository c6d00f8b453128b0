# SPDX-License-Identifier: GPL-2.0
# plant: the interrupt handler of the PMU does not keep pause and resume out
# in: aux-inline.h
# args: -c core -n 2
# found: C5: the gate is open during a callback
/perf_aux_hold\(/,/^}/{/WRITE_ONCE\(event->hw.aux_open, false\)/d}
