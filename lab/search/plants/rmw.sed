# SPDX-License-Identifier: GPL-2.0
# plant: an aux-action looks, and stores later what both reasons were
# in: core-functions.c
# args: -c any -n 2
# found: C2, C4|C4: .* (is lost|takes effect a second time)|C4: the gate is open, .* nobody looks again
/^static .*void perf_event_aux_pause\(/,/^}/{s/^\tWRITE_ONCE\(event->hw.aux_stop_action, pause\);/\tu64 mark = READ_ONCE(event->hw.interrupts);\n&\n\tWRITE_ONCE(event->hw.interrupts, mark);/}
