// SPDX-License-Identifier: GPL-2.0
// plant: pause in the middle of a full start or stop, as before the series
// args: -c core -n 2 -m paused -x throttle -x 'resume; fails' -x 'tick; resume fails' -x "the PMU's interrupt"
// found: hw.aux_paused changes during a callback|C5
// replaces: aux_request aux_can_pause aux_enter aux_leave perf_event_aux_pause
#include "today.c"

static __attribute__((constructor)) void as_it_was(void)
{
	guard_full = false;
}
