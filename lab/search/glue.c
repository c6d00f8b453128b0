// SPDX-License-Identifier: GPL-2.0
/*
 * The operations that the search is about, by the functions of
 * kernel/events/core.c that carry them out.  core-functions.c has them as they
 * are in the tree; this file has the stand-ins that they need.  The second
 * half goes to kernel/events/aux_pause.c directly, where core.c's rules on who
 * may come when do not hold.
 */

#include "world.h"

struct perf_cpu_context;
struct list_head { int first, last; };
enum event_type_t { EVENT_ALL };

#define this_cpc(pmu)			(&W.cpc[(pmu) == &cpu_pmu])
#define TICK_NSEC			1000000
#define NSEC_PER_SEC			1000000000L

#define list_del_init(entry)		do { } while (0)
#define list_for_each_entry(pos, list, member)				\
	for (pos = &W.event[(list)->first]; pos < &W.event[(list)->last]; pos++)
#define for_each_sibling_event(sibling, of)				\
	if ((of)->group_leader == (of))				\
		for (sibling = &W.event[1]; sibling < &W.event[nr_events]; sibling++)

#define event_filter_match(event)	true
#define is_software_event(event)	false
#define perf_assert_pmu_disabled(pmu)	do { } while (0)

static void perf_pmu_disable(struct pmu *pmu)
{
	if (pmu == &cpu_pmu)
		W.hw.cpu_off++;
	else
		W.hw.aux_off++;
}

static void perf_pmu_enable(struct pmu *pmu)
{
	if (pmu == &cpu_pmu)
		W.hw.cpu_off--;
	else
		W.hw.aux_off--;
}

static inline void perf_event_update_time(struct perf_event *event) { }
static inline void perf_event_update_sibling_time(struct perf_event *event) { }
static inline void perf_cgroup_event_disable(struct perf_event *event,
					     struct perf_event_context *ctx) { }
static inline void perf_log_throttle(struct perf_event *event, int enable) { }
static inline void perf_log_itrace_start(struct perf_event *event) { }
static inline void perf_adjust_period(struct perf_event *event, u64 nsec, u64 count,
				      bool disable) { }

#include "core-functions.c"

#define AUX	(&W.event[0])

/* ctx_sched_in() and ctx_sched_out(), after perf_ctx_disable() */
void do_sched_in(void)
{
	perf_pmu_disable(&aux_pmu);
	perf_pmu_disable(&cpu_pmu);
	group_sched_in(AUX, &W.ctx);
	perf_pmu_enable(&cpu_pmu);
	perf_pmu_enable(&aux_pmu);
}

void do_sched_out(void)
{
	perf_pmu_disable(&aux_pmu);
	perf_pmu_disable(&cpu_pmu);
	group_sched_out(AUX, &W.ctx);
	perf_pmu_enable(&cpu_pmu);
	perf_pmu_enable(&aux_pmu);
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
void do_period(void)
{
	u64 value = 1;

	__perf_event_period(AUX, NULL, &W.ctx, &value);
}

/* perf_adjust_freq_unthr_context(), for a PMU of ctx->pmu_ctx_list */
static void tick_of(struct pmu *pmu)
{
	struct list_head list = { 0, 1 };

	if (pmu == &cpu_pmu) {
		list.first = 1;
		list.last = nr_events;
	}
	perf_pmu_disable(pmu);
	perf_adjust_freq_unthr_events(&list);
	perf_pmu_enable(pmu);
}

void do_tick(void)
{
	tick_of(&aux_pmu);
}

void do_tick_cpu(void)
{
	tick_of(&cpu_pmu);
}

void do_tick_freq(void)
{
	AUX->attr.freq = AUX->attr.sample_freq = 1;
	do_tick();
	AUX->attr.freq = AUX->attr.sample_freq = 0;
}

/* __perf_event_account_interrupt() of a sibling that is not modelled */
void do_throttle(void)
{
	perf_event_throttle(AUX, false);
}

/* ... and of one that is */
void do_overflow_1(void)
{
	perf_event_throttle_group(&W.event[1]);
}

void do_overflow_2(void)
{
	perf_event_throttle_group(&W.event[2]);
}

/* ... and of the event itself */
void do_overflow_own(void)
{
	perf_event_throttle_group(AUX);
}

/* __perf_event_overflow() */
void do_pause(void)
{
	perf_aux_pause(AUX);
}

void do_resume(void)
{
	perf_aux_resume(AUX);
}

/* Without core.c */
void do_add(void)
{
	perf_aux_unthrottle(AUX, false);
	perf_aux_add(AUX);
}

void do_del(void)
{
	perf_aux_del(AUX);
}

void do_start(void)
{
	perf_aux_start(AUX, 0);
}

void do_stop(void)
{
	perf_aux_stop(AUX, PERF_EF_UPDATE);
}

void do_aux_throttle(void)
{
	perf_aux_throttle(AUX, false);
}

void do_aux_unthrottle(void)
{
	perf_aux_unthrottle(AUX, true);
}
