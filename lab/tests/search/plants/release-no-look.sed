# SPDX-License-Identifier: GPL-2.0
# plant: the interrupt handler is done, and nobody looks at what has come meanwhile
# in: core-functions.c
# args: -c core -n 2
# found: C4: the gate is open, .* nobody looks again
/void perf_aux_release\(/,/^}/{s/aux_request\(event, &event->hw.aux_open, true\)/event->hw.aux_open = true/}
