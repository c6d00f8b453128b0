// SPDX-License-Identifier: GPL-2.0
/*
 * The operations that the search is about, by the functions of
 * kernel/events/core.c that carry them out.  core-functions.c has them as they
 * are in the tree; this file has the stand-ins that they need.  The last part
 * calls the state machine directly, where core.c's rules on who may come when
 * do not hold.
 */

#include "world.h"

struct perf_cpu_context;
struct list_head { int first, last; };
enum event_type_t { EVENT_ALL };

static int pmu_index(struct pmu *pmu)
{
	return pmu == &aux_pmu ? AUX_PMU : pmu == &cpu_pmu ? CPU_PMU : SOFT_PMU;
}

#define this_cpc(pmu)			(&W.cpc[pmu_index(pmu)])
#define TICK_NSEC			1000000
#define NSEC_PER_SEC			1000000000L

#define list_del_init(entry)		do { } while (0)
#define list_for_each_entry(pos, list, member)				\
	for (pos = &W.event[(list)->first]; pos < &W.event[(list)->last]; pos++)
#define list_next_entry(pos, member)					\
	((pos) + 1 < &W.event[nr_events] ? (pos) + 1 : (pos)->group_leader)
#define for_each_sibling_event(sibling, of)				\
	if ((of)->group_leader == (of))				\
		for (sibling = &W.event[1]; sibling < &W.event[nr_events]; sibling++)

#define event_filter_match(event)	true
#define is_software_event(event)	((event)->pmu != &cpu_pmu)
#define perf_assert_pmu_disabled(pmu)	do { } while (0)
#define min(a, b)			((a) < (b) ? (a) : (b))

static void perf_pmu_disable(struct pmu *pmu)
{
	if (pmu == &cpu_pmu)
		W.hw.cpu_off += !goes_on;
	else if (pmu == &aux_pmu)
		W.hw.aux_off++;
}

static void perf_pmu_enable(struct pmu *pmu)
{
	if (pmu == &cpu_pmu)
		W.hw.cpu_off -= !goes_on;
	else if (pmu == &aux_pmu)
		W.hw.aux_off--;
}

static inline void perf_event_update_time(struct perf_event *event) { }
static inline void perf_event_update_sibling_time(struct perf_event *event) { }
static inline void perf_cgroup_event_disable(struct perf_event *event,
					     struct perf_event_context *ctx) { }
static inline void ctx_time_update_event(struct perf_event_context *ctx,
					 struct perf_event *event) { }

/* Who records the throttle of the group: the first that stops */
static struct perf_event *recorder(void)
{
	return &W.event[!aux_index && !can_pause && !counts_too];
}

/* The records of the group's throttles; those of a sibling that is paused for them */
static int logged[2], told;

static void perf_log_throttle(struct perf_event *event, int enable)
{
	if (event == recorder()) {
		logged[enable]++;
		return;
	}
	must(event == AUX && can_pause, "a record of event %d, which is not paused",
	     (int)(event - W.event));
	must(!enable || W.hw.recorded, "the end of a throttle is recorded, and it did not begin");
	W.hw.recorded = !enable;
	told += !enable;
}

/* The tracepoints, which come before anybody else may call the PMU */
__attribute__((no_sanitize("thread")))
static void trace_perf_aux_pause(struct perf_event *event)
{
	must(!event->hw.aux_open && !W.hw.running, "perf_aux_pause, and it runs");
	W.hw.untold = false;
}

__attribute__((no_sanitize("thread")))
static void trace_perf_aux_resume(struct perf_event *event)
{
	must(!event->hw.aux_open && (W.hw.running || W.hw.faulted) && !W.hw.unresumed,
	     "perf_aux_resume, and it does not run");
	W.hw.untold = false;
}

__attribute__((no_sanitize("thread")))
static void trace_perf_aux_give_up(struct perf_event *event)
{
	must(!event->hw.aux_open && !W.hw.running, "perf_aux_give_up, and it runs");
	/* It may have been resumed, and stopped by its PMU since. */
	must(!W.hw.untold || W.hw.faulted, "perf_aux_give_up, and no tracepoint of the pause");
	W.hw.giving_up = true;
	W.hw.untold = false;
}

static inline void perf_log_itrace_start(struct perf_event *event) { }
static inline void perf_adjust_period(struct perf_event *event, u64 nsec, u64 count,
				      bool disable) { }
static inline u64 perf_clock(void) { return 0; }

/*
 * Each interrupt here is the first of its tick: a mark is overwritten with 1,
 * which differs from the 0 that hwc->interrupts++ makes of it in no way that
 * matters, but may trip the throttle once more.  do_overflow() sees to it.
 */
#define __this_cpu_read(seq)		1
#define __this_cpu_inc(count)		do { W.hw.throttled = true; } while (0)
#define tick_dep_set_cpu(cpu, bit)	do { } while (0)

static u64 max_samples_per_tick;

void perf_event_disable_inatomic(struct perf_event *event);

/* Only those of the AUX area event are ever queued. User space is woken up at once. */
static void irq_work_queue(int *work)
{
	if (work == &AUX->pending_irq) {
		AUX->pending_wakeup = 0;
		return;
	}
	W.hw.irq_work = true;
	gives_up();
}

static inline void irq_work_queue_on(int *work, int cpu) { }

/* User space is told that trace is missing */
static void perf_aux_output_lost(struct perf_event *event)
{
	tells_loss();
}

static void __perf_event_disable(struct perf_event *event, struct perf_cpu_context *cpuctx,
				 struct perf_event_context *ctx, void *info);

/* The event is on this CPU, and interrupts are off. */
static void perf_event_disable_local(struct perf_event *event)
{
	__perf_event_disable(event, NULL, event->ctx, NULL);
}

/*
 * The Makefile puts a _ behind the names of four of the functions, where they
 * are defined: every caller comes here first, for the checks.
 */
static void aux_request(struct perf_event *event, bool *request, bool value);
static void aux_add_failed(struct perf_event *event);
static void start_unthrottled(struct perf_event *event, int flags);
static void perf_event_unthrottle_group(struct perf_event *event, struct perf_event *skip);
static void perf_event_throttle_group(struct perf_event *event);
static void check_throttled(int i);

#define AUX_MAX_LOOKS		max_looks

#define HZ			1000
#define jiffies			1000000

#include "core-functions.c"

const unsigned int tree_max_looks = TREE_AUX_MAX_LOOKS;

static void aux_request(struct perf_event *event, bool *request, bool value)
{
	settle_begins();
	aux_request_(event, request, value);
	settle_ends();
}

/*
 * If its PMU cannot be disabled, the group may be throttled while it is started, and
 * once more before it is seen to.
 */
__attribute__((no_sanitize("thread")))
static void start_unthrottled(struct perf_event *event, int flags)
{
	int bit = 1 << (event - W.event);

	W.hw.starting |= bit;
	start_unthrottled_(event, flags);
	W.hw.starting &= ~bit;
	must(event->pmu == &aux_pmu || !event->hw.group_throttled ||
	     event->hw.state & PERF_HES_STOPPED,
	     "C12: event %d was started, and its group is throttled", (int)(event - W.event));
}

/* Two attempts are always far apart, so that it does not matter when the last one was. */
__attribute__((no_sanitize("thread")))
static void aux_add_failed(struct perf_event *event)
{
	aux_add_failed_(event);
	event->add_failed_at = 0;
}

static void perf_event_unthrottle_group(struct perf_event *event, struct perf_event *skip)
{
	struct perf_event *by = recorder();
	bool records = by->state == PERF_EVENT_STATE_ACTIVE && group_throttled(by - W.event);
	int before = logged[1];

	W.hw.unthrottling = true;
	perf_event_unthrottle_group_(event, skip);
	if (W.hw.again) {
		check_throttled(-1);
		must(!can_pause || AUX->state != PERF_EVENT_STATE_ACTIVE || group_throttled(aux_index),
		     "C12: the AUX area event is not throttled, and its group is");
		throttled_anew();
	}
	must(logged[1] == before + records, "C9: an unthrottle with %d records", logged[1] - before);
	W.hw.unthrottling = false;
	W.hw.again = 0;
}

/* The event that has the group throttled */
struct perf_event *tripping;

static void perf_event_throttle_group(struct perf_event *event)
{
	/* Counters do not overflow in one another; "own" does. */
	bool active = recorder()->state == PERF_EVENT_STATE_ACTIVE &&
		      !group_throttled(recorder() - W.event);
	bool paused = can_pause && AUX != recorder() && AUX->state == PERF_EVENT_STATE_ACTIVE &&
		      !group_throttled(AUX - W.event);
	int before = logged[0], before_told = told;

	struct perf_event *outer = tripping;

	/* One that comes before the group is unthrottled has no effect. */
	W.hw.again |= W.hw.unthrottling && !group_throttled(0);
	tripping = event;
	perf_event_throttle_group_(event);
	tripping = outer;
	must(counts_too || logged[0] == before + active, "C9: a throttle with %d records", logged[0] - before);
	must(counts_too || told == before_told + paused, "a throttle with %d records of a sibling that is paused",
	     told - before_told);
}

/*
 * perf_ctx_disable() and perf_ctx_enable(): those that have events in the context.
 * What cannot be disabled is taken not to overflow either.  If it does, and throttles
 * a group of which some are yet to come in, those count until the next tick.
 */
static void ctx_disable(void)
{
	int i;

	W.hw.cpu_off += goes_on;
	for (i = 0; i < NR_PMUS; i++)
		if (W.epc[i].pmu)
			perf_pmu_disable(W.epc[i].pmu);
}

static void ctx_enable(void)
{
	int i;

	for (i = 0; i < NR_PMUS; i++)
		if (W.epc[i].pmu)
			perf_pmu_enable(W.epc[i].pmu);
	W.hw.cpu_off -= goes_on;
}

/* A group that was throttled when it went off has its record as it comes in. */
static void schedule_in(struct perf_event *leader)
{
	bool throttled = group_throttled(recorder() - W.event);
	int before = logged[1];

	group_sched_in(leader, &W.ctx);
	/* It does not come in if the leader fails. */
	throttled &= !group_throttled(recorder() - W.event);
	/* It may be throttled just before it is looked at. */
	must(logged[1] - before <= 1 && logged[1] - before >= throttled,
	     "C9: a group that %s throttled is scheduled in with %d records",
	     throttled ? "was" : "was not", logged[1] - before);
}

/* ctx_sched_in() and ctx_sched_out() */
void do_sched_in(void)
{
	ctx_disable();
	schedule_in(&W.event[0]);
	ctx_enable();
}

void do_sched_out(void)
{
	ctx_disable();
	group_sched_out(&W.event[0], &W.ctx);
	ctx_enable();
}

/* perf_event_stop(): new address filters */
void do_restart(void)
{
	__perf_event_stop(&(struct stop_event_data){ .event = AUX, .restart = 1 });
}

/* perf_pmu_output_stop(): munmap() of the AUX area */
void do_stop_for_good(void)
{
	__perf_event_stop(&(struct stop_event_data){ .event = AUX, .restart = 0 });
}

/* PERF_EVENT_IOC_PERIOD */
void do_period_of(int i)
{
	u64 value = 1;

	__perf_event_period(&W.event[i], NULL, &W.ctx, &value);
}

void do_period(void)
{
	do_period_of(aux_index);
}

/*
 * perf_event_task_tick() and perf_adjust_freq_unthr_context(): the list of
 * active events of each PMU of the context.  There are only leaders in it.
 */
static void tick(bool freq)
{
	struct list_head list = { 0, 1 };
	struct pmu *pmu = W.event[0].pmu_ctx->pmu;
	bool throttled = W.hw.throttled;

	W.hw.throttled = false;
	if (!throttled && !freq)
		return;

	perf_pmu_disable(pmu);
	perf_adjust_freq_unthr_events(&list, true);
	perf_pmu_enable(pmu);
}

void do_tick(void)
{
	tick(false);
}

void do_tick_freq(void)
{
	W.event[0].attr.freq = W.event[0].attr.sample_freq = 1;
	tick(true);
	W.event[0].attr.freq = W.event[0].attr.sample_freq = 0;
}

/* PERF_EVENT_IOC_DISABLE */
void do_disable(int i)
{
	__perf_event_disable(&W.event[i], NULL, &W.ctx, NULL);
}

/* PERF_EVENT_IOC_ENABLE: __perf_event_enable() and, for a sibling, ctx_resched() */
void do_enable(int i)
{
	perf_event_set_state(&W.event[i], PERF_EVENT_STATE_INACTIVE);
	if (i && W.event[0].state == PERF_EVENT_STATE_ACTIVE) {
		ctx_disable();
		group_sched_out(&W.event[0], &W.ctx);
		schedule_in(&W.event[0]);
		ctx_enable();
	}
}

/* perf_pending_disable() */
void do_irq_work(void)
{
	W.hw.irq_work = false;
	__perf_pending_disable(AUX);
}

/* perf_aux_output_begin() finds no room */
__attribute__((no_sanitize("thread")))
void no_room(void)
{
	AUX->pending_wakeup = 1;
	perf_event_disable_inatomic(AUX);
}

/* __perf_event_account_interrupt() of a sibling that is not modelled */
void do_throttle(void)
{
	W.hw.throttled = true;
	perf_event_throttle_group_(AUX);
}

__attribute__((no_sanitize("thread")))
bool marked(int i)
{
	return W.event[i].hw.interrupts == MAX_INTERRUPTS;
}

__attribute__((no_sanitize("thread")))
bool group_throttled(int i)
{
	return W.event[i].hw.group_throttled;
}

__attribute__((no_sanitize("thread")))
bool is_trigger(int i)
{
	return W.event[i].attr.aux_pause || W.event[i].attr.aux_resume;
}

/* Counters that overflow and are accounted, with all that this says of the group */
__attribute__((no_sanitize("thread")))
static void check_throttled(int i)
{
	int j;

	for (j = 0; j < nr_events; j++) {
		struct perf_event *event = &W.event[j];

		if (event->state != PERF_EVENT_STATE_ACTIVE || (j != i && is_trigger(j)))
			continue;
		if (event->pmu == &aux_pmu && !counts_too)
			continue;
		/* Whom it has interrupted may be about to stop it. */
		if (j != i && i >= 0 && goes_on && (W.hw.unthrottling || W.hw.starting))
			continue;
		must(event->hw.state & PERF_HES_STOPPED, j == i ?
		     "C12: event %d overflows too often, and is not stopped" :
		     "C12: event %d is not stopped, and its group is throttled", j);
	}
}

__attribute__((no_sanitize("thread")))
static unsigned int counting(void)
{
	unsigned int mask = 0;
	int i;

	for (i = 0; i < nr_events; i++)
		if (W.event[i].pmu == &cpu_pmu && W.event[i].state == PERF_EVENT_STATE_ACTIVE &&
		    !(W.event[i].hw.state & PERF_HES_STOPPED))
			mask |= 1 << i;
	return mask;
}

/*
 * How many interrupts there were this tick is of no interest, but for the mark:
 * whether that is enough is up to do_overflow().
 */
__attribute__((no_sanitize("thread")))
static void forget_interrupts(void)
{
	int i;

	for (i = 0; i < nr_events; i++) {
		W.event[i].hw.interrupts_seq = 0;
		if (!marked(i))
			W.event[i].hw.interrupts = 0;
	}
}

/*
 * The interrupt of counter @i, or of a software event, that trips the throttle,
 * and what __perf_event_overflow() does for aux-action.  @late: all other
 * counters that counted have overflowed along with it, and are accounted after
 * it, stopped or not.  With 1, they have not overflowed often; with 2, one
 * interrupt a tick is too many.
 */
void do_overflow(int i, int late)
{
	u64 saved = max_samples_per_tick;
	unsigned int others = counting() & ~(1 << i);
	struct perf_event *event = &W.event[i];
	int j;

	/* The handler does not interrupt itself, whether its PMU can be disabled or not. */
	W.hw.cpu_off += event->pmu == &cpu_pmu;
	W.hw.aux_off += event->pmu == &aux_pmu;

	max_samples_per_tick = 1;
	__perf_event_account_interrupt(event, 1);
	check_throttled(i);
	if (event->attr.aux_pause)
		perf_event_aux_pause(AUX, true);
	if (event->attr.aux_resume)
		perf_event_aux_pause(AUX, false);

	if (late == 1)
		max_samples_per_tick = 1000;
	for (j = 0; late && j < nr_events; j++)
		if (others & 1 << j)
			__perf_event_account_interrupt(&W.event[j], 1);
	max_samples_per_tick = saved;

	W.hw.aux_off -= event->pmu == &aux_pmu;
	W.hw.cpu_off -= event->pmu == &cpu_pmu;
	forget_interrupts();
}

/* __perf_event_overflow() */
void do_pause(void)
{
	perf_event_aux_pause(AUX, true);
}

void do_resume(void)
{
	perf_event_aux_pause(AUX, false);
}

/* ... of a trigger whose AUX area event is gone */
void do_orphan(void)
{
	perf_event_aux_pause(NULL, true);
	perf_event_aux_pause(NULL, false);
}

/* ... of a trigger that a callback hits by itself */
void do_answer(bool pause)
{
	if (!answering)
		return;
	answer_begins();
	perf_event_aux_pause(AUX, pause);
	answer_ends();
}

/* Without the rest of core.c: event_sched_in(), event_sched_out() and so on */
void do_add(void)
{
	AUX->hw.group_throttled = false;
	aux_enter(AUX);
	if (AUX->pmu->add(AUX, PERF_EF_START)) {
		AUX->pending_disable = 0;
		return;
	}
	aux_leave(AUX);
}

void do_del(void)
{
	aux_enter(AUX);
	AUX->pmu->del(AUX, 0);
	AUX->pending_disable = 0;
}

void do_start(void)
{
	aux_enter(AUX);
	AUX->pmu->start(AUX, 0);
	aux_leave(AUX);
}

void do_stop(void)
{
	aux_enter(AUX);
	AUX->pmu->stop(AUX, PERF_EF_UPDATE);
	aux_leave(AUX);
}

void do_aux_throttle(void)
{
	aux_request(AUX, &AUX->hw.group_throttled, true);
}

void do_aux_unthrottle(void)
{
	aux_request(AUX, &AUX->hw.group_throttled, false);
}
