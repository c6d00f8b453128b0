// SPDX-License-Identifier: GPL-2.0
// plant: v1, throttling with the user's flag: it leaks at a context switch
// args: -c core -n 2 -m none -d 1 -x pause -x resume -x 'new period' -x 'tick in frequency mode' -x 'resume; fails' -x 'tick; resume fails' -x "the PMU's interrupt"
// found: C1: the hardware does not run, the event is on its PMU and started, reasons: none
// replaces: aux_request aux_can_pause aux_enter aux_leave perf_event_aux_pause
#include "today.c"
