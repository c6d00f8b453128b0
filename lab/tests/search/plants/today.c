// SPDX-License-Identifier: GPL-2.0
// plant: the recursion guard of perf_event_aux_pause() before the series
// args: -c core -n 2 -m paused -x throttle -x 'resume; fails' -x 'tick; resume fails' -x "the PMU's interrupt"
// found: C4: '.*' is lost
// replaces: aux_request aux_can_pause aux_enter aux_leave perf_event_aux_pause
/*
 * Up to the series, a pause or resume that comes while another is in progress
 * is dropped.  It gets every advantage here: it needs no ring buffer, knows
 * when the event is off its PMU, and guards all callbacks, not just its own.
 * There was no throttle by pausing.
 */

static bool guard_full = true;

static void __perf_event_aux_pause(struct perf_event *event, bool pause)
{
	if (pause) {
		if (!event->hw.aux_paused) {
			event->hw.aux_paused = 1;
			if (!(event->hw.state & PERF_HES_STOPPED))
				event->pmu->stop(event, PERF_EF_PAUSE);
		}
	} else {
		if (event->hw.aux_paused) {
			event->hw.aux_paused = 0;
			if (!(event->hw.state & PERF_HES_STOPPED))
				event->pmu->start(event, PERF_EF_RESUME);
		}
	}
}

static void perf_event_aux_pause(struct perf_event *event, bool pause)
{
	if (!event || (READ_ONCE(event->rb->aux_in_pause_resume) && event->oncpu >= 0))
		return;
	WRITE_ONCE(event->rb->aux_in_pause_resume, 1);
	__perf_event_aux_pause(event, pause);
	WRITE_ONCE(event->rb->aux_in_pause_resume, 0);
}

static void aux_enter(struct perf_event *event)
{
	if (guard_full)
		WRITE_ONCE(event->rb->aux_in_pause_resume, 1);
}

static void aux_leave(struct perf_event *event)
{
	if (guard_full)
		WRITE_ONCE(event->rb->aux_in_pause_resume, 0);
}

static bool aux_can_pause(struct perf_event *event)
{
	return event->pmu->capabilities & PERF_PMU_CAP_AUX_PAUSE;
}

/* v1 throttles and unthrottles with the user's pause and resume */
static void aux_request_(struct perf_event *event, bool *request, bool value)
{
	*request = value;
	perf_event_aux_pause(event, value);
}
