# SPDX-License-Identifier: GPL-2.0
# plant: the gate opens after a start that failed
# in: core-functions.c
# args: -c core -n 1
# found: the gate is open, and the event is not started
/void perf_aux_release\(/,/^}/{s/if \(!\(event->hw.state & PERF_HES_STOPPED\)\)/if (1)/}
