// SPDX-License-Identifier: GPL-2.0
/*
 * The PMUs: one with an AUX area that can pause, modelled on cs_etm and
 * intel_pt, one that counts, and software events.
 *
 * Compiled like the code under test, so that each access to the event is a
 * point where others may interrupt; point() adds those at the entry, in the
 * middle and at the exit of every callback.  To branch on W.hw is not allowed
 * here, see "Soundness" in search.c: it may only be stored to, and be checked.
 */

#include "world.h"

static const char * const callback_name[] = {
	[CB_ADD] = "add()", [CB_DEL] = "del()",
	[CB_START] = "start()", [CB_STOP] = "stop()",
	[CB_PAUSE] = "stop(PAUSE)", [CB_RESUME] = "start(RESUME)",
	[CB_HANDLER] = "the interrupt handler",
};

/* Not an access of the PMU's: no point */
__attribute__((no_sanitize("thread")))
static void enter(struct perf_event *event, enum callback cb)
{
	check_callback(cb == CB_PAUSE || cb == CB_RESUME);
	must(!W.hw.callback, "C5: %s re-enters %s", callback_name[cb],
	     callback_name[W.hw.callback]);
	W.hw.callback = cb;
	W.hw.told = event->hw.aux_paused;
	point("enter ->");
}

static void leave(void)
{
	point("leave ->");
	W.hw.callback = CB_NONE;
	W.hw.told = 0;
}

static void start_in_full(struct perf_event *event)
{
	struct hw_perf_event *hwc = &event->hw;
	bool paused;

	must(hwc->state & PERF_HES_STOPPED && !W.hw.session,
	     "C3: full start of an event that is started: the AUX output is opened twice");
	do_answer(true);
	if (W.hw.fail == FAIL_START) {
		no_room();
		return;
	}

	W.hw.session = true;
	W.hw.faulted = false;
	W.hw.unresumed = false;
	hwc->state = 0;
	paused = READ_ONCE(hwc->aux_paused);
	point("middle of ->");
	W.hw.running = !paused;
	W.hw.started = true;
}

static void stop_in_full(struct perf_event *event)
{
	struct hw_perf_event *hwc = &event->hw;

	if (!(hwc->state & PERF_HES_STOPPED)) {
		must(W.hw.session, "stop in full without a session");
		W.hw.running = false;
		point("middle of ->");
		do_answer(false);
		hwc->state |= PERF_HES_STOPPED;
		W.hw.session = false;
	}
	W.hw.started = false;
}

static void aux_pmu_start(struct perf_event *event, int flags)
{
	if (!(flags & PERF_EF_RESUME)) {
		enter(event, CB_START);
		must(W.hw.on, "full start of an event that is not on its PMU");
		start_in_full(event);
		leave();
		return;
	}

	count_callback();
	enter(event, CB_RESUME);
	must(W.hw.on && W.hw.started, "C3: RESUME of an event that is not started");
	must(!W.hw.unresumed, "C1: RESUME of an event that has failed to resume");
	if (!(event->hw.state & PERF_HES_STOPPED)) {
		must(W.hw.session, "C3: RESUME without a session");
		must(!W.hw.running, "C3: RESUME of an event that runs");
		must(W.hw.again <= goes_on,
		     "C12: RESUME of an event after its group has been throttled again");
		W.hw.again *= 2;
		point("middle of ->");
		do_answer(true);
		if (W.hw.fail == FAIL_RESUME) {
			W.hw.session = false;
			W.hw.faulted = true;
			W.hw.unresumed = true;
			event->hw.state |= PERF_HES_STOPPED;
		} else {
			W.hw.running = true;
			W.hw.untold = true;
		}
	}
	leave();
}

static void aux_pmu_stop(struct perf_event *event, int flags)
{
	if (!(flags & PERF_EF_PAUSE)) {
		enter(event, CB_STOP);
		must(W.hw.on, "full stop of an event that is not on its PMU");
		stop_in_full(event);
		leave();
		return;
	}

	count_callback();
	enter(event, CB_PAUSE);
	must(W.hw.on && W.hw.started, "C3: PAUSE of an event that is not started");
	must(!W.hw.unresumed, "C1: PAUSE of an event that has failed to resume");
	if (!(event->hw.state & PERF_HES_STOPPED)) {
		must(W.hw.session, "C3: PAUSE without a session");
		must(W.hw.running, "C3: PAUSE of an event that is paused");
		point("middle of ->");
		do_answer(false);
		W.hw.running = false;
		W.hw.untold = true;
	}
	leave();
}

static int aux_pmu_add(struct perf_event *event, int flags)
{
	int ret = 0;

	enter(event, CB_ADD);
	must(!W.hw.on, "add() of an event that is on its PMU");
	W.hw.on = true;
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	if (flags & PERF_EF_START) {
		start_in_full(event);
		if (event->hw.state & PERF_HES_STOPPED) {
			W.hw.on = false;
			ret = -22;
		}
	}
	leave();
	return ret;
}

static void aux_pmu_del(struct perf_event *event, int flags)
{
	enter(event, CB_DEL);
	must(W.hw.on, "del() of an event that is not on its PMU");
	stop_in_full(event);
	W.hw.on = false;
	W.hw.given_up = false;
	W.hw.unresumed = false;
	leave();
}

/*
 * The PMU's own interrupt finds that it cannot go on, say for want of room in
 * the AUX area.  PMUs keep their handler and their callbacks apart themselves,
 * so this is at once, and not within a callback.
 */
__attribute__((no_sanitize("thread")))
void do_fault(void)
{
	W.hw.running = false;
	W.hw.session = false;
	W.hw.faulted = true;
	W.hw.irq_work = true;
	AUX->pending_wakeup = 1;
	AUX->pending_disable = 1;
	AUX->hw.state |= PERF_HES_STOPPED;
}

/* The PMU's interrupt handler takes the trace, and wants neither pause nor resume meanwhile. */
void do_handler(void)
{
	if (!perf_aux_hold(AUX))
		return;
	must(!W.hw.unresumed, "the handler holds an event that did not resume");
	enter(AUX, CB_HANDLER);
	leave();
	perf_aux_release(AUX);
}

/* Counters: x86_pmu_start() warns about one that counts; nothing good comes of it elsewhere. */
static void cpu_pmu_start(struct perf_event *event, int flags)
{
	bool stopped = event->hw.state & PERF_HES_STOPPED;

	must(event->state == PERF_EVENT_STATE_ACTIVE, "start() of event %d, which is not in",
	     (int)(event - W.event));
	must(stopped, "C12: start() of event %d, which counts", (int)(event - W.event));
	must(event->pmu != &cpu_pmu || W.hw.cpu_off || goes_on,
	     "start() of event %d, whose PMU is not disabled", (int)(event - W.event));
	/* If counters cannot be disabled, one may have overflowed just before. */
	must(W.hw.again <= goes_on,
	     "C12: start() of event %d after its group has been throttled again",
	     (int)(event - W.event));
	W.hw.again *= 2;
	event->hw.state = 0;
}

static void cpu_pmu_stop(struct perf_event *event, int flags)
{
	must(event->state == PERF_EVENT_STATE_ACTIVE, "stop() of event %d, which is not in",
	     (int)(event - W.event));
	check_stop_of(event - W.event, flags);
	/* What overflows has to cope with overflows that come late, another PMU need not */
	must(!(event->hw.state & PERF_HES_STOPPED) || flags & PERF_EF_UPDATE ||
	     event == tripping || goes_on,
	     "C10: a throttle stops event %d, which has stopped", (int)(event - W.event));
	if (!(event->hw.state & PERF_HES_STOPPED))
		event->hw.state |= PERF_HES_STOPPED;
}

static int cpu_pmu_add(struct perf_event *event, int flags)
{
	event->hw.state = 0;
	return 0;
}

static void cpu_pmu_del(struct perf_event *event, int flags)
{
	cpu_pmu_stop(event, PERF_EF_UPDATE);
}

static void *setup_aux(void)
{
	return NULL;
}

static void start_txn(struct pmu *pmu, unsigned int flags)
{
}

static int commit_txn(struct pmu *pmu)
{
	return W.hw.fail == FAIL_TXN ? -11 : 0;
}

static void cancel_txn(struct pmu *pmu)
{
}

struct pmu aux_pmu = {
	.name		= "aux",
	.capabilities	= PERF_PMU_CAP_AUX_PAUSE | PERF_PMU_CAP_ITRACE | PERF_PMU_CAP_EXCLUSIVE,
	.add		= aux_pmu_add,
	.del		= aux_pmu_del,
	.start		= aux_pmu_start,
	.stop		= aux_pmu_stop,
	.setup_aux	= setup_aux,
	.start_txn	= start_txn,
	.commit_txn	= commit_txn,
	.cancel_txn	= cancel_txn,
};

struct pmu cpu_pmu = {
	.name		= "cpu",
	.add		= cpu_pmu_add,
	.del		= cpu_pmu_del,
	.start		= cpu_pmu_start,
	.stop		= cpu_pmu_stop,
	.start_txn	= start_txn,
	.commit_txn	= commit_txn,
	.cancel_txn	= cancel_txn,
};

/* Tracepoints, breakpoints, clocks: perf_swevent_start() and so on */
struct pmu soft_pmu = {
	.name		= "software",
	.add		= cpu_pmu_add,
	.del		= cpu_pmu_del,
	.start		= cpu_pmu_start,
	.stop		= cpu_pmu_stop,
};
