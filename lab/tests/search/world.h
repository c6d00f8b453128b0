/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that contexts share: the events as the kernel knows them, the trace
 * hardware as it really is.
 */
#ifndef WORLD_H
#define WORLD_H

#include <linux/perf_event.h>

#define MAX_EVENTS	4

enum callback { CB_NONE, CB_ADD, CB_DEL, CB_START, CB_STOP, CB_PAUSE, CB_RESUME,
		CB_HANDLER };

/* What the base operation that is on its way has to fail with */
enum failure { FAIL_NONE, FAIL_START, FAIL_TXN, FAIL_RESUME };

struct hardware {
	bool		on;		/* between add() and del() */
	bool		started;	/* a start in full succeeded, no stop in full since */
	bool		session;	/* the AUX output is open */
	bool		running;	/* trace is produced */
	bool		faulted;	/* the PMU's own interrupt stopped the event, or it did not resume */
	unsigned char	callback;	/* enum callback: the one in progress */
	unsigned short	told;		/* hw.aux_paused as that one found it */
	unsigned char	fail;		/* enum failure */
	unsigned char	aux_off;	/* perf_pmu_disable() */
	unsigned char	cpu_off;	/* ... of the counters' PMU */
	unsigned char	reference;	/* the reasons, where the code has none to look at */
	bool		irq_work;	/* perf_pending_disable() of the AUX area event is queued */
	bool		throttled;	/* perf_throttled_count is not 0 */
	bool		untold;		/* it was paused or resumed, and no tracepoint has said so */
	bool		giving_up;	/* the tracepoint has said so, and the order is to follow */

	/* For the checks alone */
	bool		given_up;	/* by aux_request(), and still on its PMU */
	bool		recorded;	/* a throttle of a sibling, and not its end */
	bool		unresumed;	/* the PMU did not resume, and still has it */
	bool		looking;	/* some context is in aux_request() */
	bool		unthrottling;	/* ... in perf_event_unthrottle_group() */
	unsigned char	starting;	/* events that are in start_unthrottled(), a mask */
	unsigned char	again;		/* and the group was throttled meanwhile; 2: one was started since */
};

struct perf_buffer {
	int	aux_in_pause_resume;	/* of the plants alone */
};

struct perf_event_context {
	int	lock, nr_freq;
};

struct perf_event_pmu_context {
	struct pmu	*pmu;
	int		nr_freq;
};

struct perf_cpu_pmu_context {
	int	active_oncpu, exclusive;
};

enum { AUX_PMU, CPU_PMU, SOFT_PMU, NR_PMUS };

/* Zero except for what the code stores: worlds are compared byte by byte. */
struct world {
	struct hardware			hw;
	struct perf_buffer		rb;
	struct perf_event_context	ctx;
	struct perf_event_pmu_context	epc[NR_PMUS];
	struct perf_cpu_pmu_context	cpc[NR_PMUS];
	struct perf_event		event[MAX_EVENTS];	/* the first leads */
};

extern struct world W;
extern int nr_events;
extern int aux_index;			/* which has the AUX area */
extern unsigned int max_looks;	/* AUX_MAX_LOOKS */
extern const unsigned int tree_max_looks;
extern bool answering;			/* the PMU's callbacks hit triggers, each time */
extern bool can_pause, counts_too;	/* what the AUX PMU is like */
extern bool goes_on;			/* the counters' PMU cannot be disabled */

#define AUX	(&W.event[aux_index])

extern struct pmu aux_pmu, cpu_pmu, soft_pmu;

/* glue.c: core.c's own functions behind names, see there */
void do_sched_in(void);
void do_sched_out(void);
void do_restart(void);
void do_stop_for_good(void);
void do_period(void);
void do_period_of(int i);
void do_tick(void);
void do_tick_freq(void);
void do_throttle(void);
void do_overflow(int i, int late);
void do_pause(void);
void do_resume(void);
void do_disable(int i);
void do_enable(int i);
void do_irq_work(void);
void do_orphan(void);
void do_answer(bool pause);
void no_room(void);
bool marked(int i);
bool group_throttled(int i);
bool is_trigger(int i);

void do_add(void);
void do_del(void);
void do_start(void);
void do_stop(void);
void do_aux_throttle(void);
void do_aux_unthrottle(void);

/* pmu.c */
void do_fault(void);
void do_handler(void);

/* search.c */
void point(const char *what);
void count_callback(void);
void check_callback(bool resume_or_pause);
void check_stop_of(int i, int flags);
extern struct perf_event *tripping;
void settle_begins(void);
void settle_ends(void);
void gives_up(void);
void tells_loss(void);
void throttled_anew(void);
void answer_begins(void);
void answer_ends(void);
__attribute__((format(printf, 1, 2), noreturn)) void violation(const char *fmt, ...);
#define must(cond, ...)	do { if (!(cond)) violation(__VA_ARGS__); } while (0)

#endif
