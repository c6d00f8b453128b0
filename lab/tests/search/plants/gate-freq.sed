# SPDX-License-Identifier: GPL-2.0
# plant: frequency mode does not shut the gate
# in: core-functions.c
# args: -c core -n 2
# found: C5|the gate is open
/^static void perf_adjust_freq_unthr_events\(/,/^}/{/aux_enter\(/d}
