// SPDX-License-Identifier: GPL-2.0
// plant: v1, throttling with the user's flag: an unthrottle ends the user's pause
// args: -c core -n 2 -m none -d 1 -x resume -x 'new period' -x 'tick in frequency mode' -x 'schedule out' -x 'resume; fails' -x 'tick; resume fails' -x "the PMU's interrupt"
// found: C1: the hardware runs, the event is on its PMU and started, reasons: ACTION
// replaces: aux_request aux_can_pause aux_enter aux_leave perf_event_aux_pause
#include "today.c"
