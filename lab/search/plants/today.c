// SPDX-License-Identifier: GPL-2.0
// plant: the recursion guard of perf_event_aux_pause() before the series
// args: -c core -n 4 -m paused -x throttle
// found: C4: '.*' is lost
/*
 * Up to the series, a pause or resume that comes while another is in progress
 * is dropped.  It gets every advantage here: it needs no ring buffer, knows
 * when the event is off its PMU, and guards all callbacks, not just its own.
 * There was no throttle by pausing.
 */

#include <linux/perf_event.h>

#include "world.h"

static bool guard_full = true;

static bool guard(struct perf_event *event)
{
	if (READ_ONCE(event->rb->aux_in_pause_resume))
		return false;
	WRITE_ONCE(event->rb->aux_in_pause_resume, 1);
	return true;
}

static void unguard(struct perf_event *event)
{
	WRITE_ONCE(event->rb->aux_in_pause_resume, 0);
}

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
	if (!guard(event))
		return;
	__perf_event_aux_pause(event, pause);
	unguard(event);
}

void perf_aux_pause(struct perf_event *event)
{
	perf_event_aux_pause(event, true);
}

void perf_aux_resume(struct perf_event *event)
{
	perf_event_aux_pause(event, false);
}

/* v1 throttles and unthrottles with the user's pause and resume */
void perf_aux_throttle(struct perf_event *event, bool overflow)
{
	perf_event_aux_pause(event, true);
}

void perf_aux_unthrottle(struct perf_event *event, bool start)
{
	if (start)
		perf_event_aux_pause(event, false);
}

int perf_aux_add(struct perf_event *event)
{
	bool guarded = guard_full && guard(event);
	int ret = event->pmu->add(event, PERF_EF_START);

	if (guarded)
		unguard(event);
	return ret;
}

void perf_aux_del(struct perf_event *event)
{
	bool guarded = guard_full && guard(event);

	event->pmu->del(event, 0);
	if (guarded)
		unguard(event);
}

void perf_aux_start(struct perf_event *event, int flags)
{
	bool guarded = guard_full && guard(event);

	event->pmu->start(event, flags);
	if (guarded)
		unguard(event);
}

void perf_aux_stop(struct perf_event *event, int flags)
{
	bool guarded = guard_full && guard(event);

	event->pmu->stop(event, flags);
	if (guarded)
		unguard(event);
}
