/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that contexts share: the events as the kernel knows them, the trace
 * hardware as it really is.
 */
#ifndef WORLD_H
#define WORLD_H

#include <linux/perf_event.h>

#include "internal.h"

#define MAX_EVENTS	3

enum callback { CB_NONE, CB_ADD, CB_DEL, CB_START, CB_STOP, CB_PAUSE, CB_RESUME };

/* What the base operation that is on its way has to fail with */
enum failure { FAIL_NONE, FAIL_START, FAIL_TXN };

struct hardware {
	bool		on;		/* between add() and del() */
	bool		started;	/* a start in full succeeded, no stop in full since */
	bool		session;	/* the AUX output is open */
	bool		running;	/* trace is produced */
	bool		faulted;	/* the PMU's own interrupt stopped the event */
	unsigned char	callback;	/* enum callback: the one in progress */
	unsigned char	told;		/* hw.aux_paused as that one found it */
	unsigned char	fail;		/* enum failure */
	unsigned char	aux_off;	/* perf_pmu_disable() */
	unsigned char	cpu_off;	/* ... of the siblings' PMU */
	unsigned char	reference;	/* the reasons, where the code has no mask to look at */
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

/* Zero but for what the code stores: worlds are compared byte by byte. */
struct world {
	struct hardware			hw;
	struct perf_buffer		rb;
	struct perf_event_context	ctx;
	struct perf_event_pmu_context	epc[2];
	struct perf_cpu_pmu_context	cpc[2];
	struct perf_event		event[MAX_EVENTS];	/* the first leads, and has the AUX area */
};

extern struct world W;
extern int nr_events;
extern bool check_siblings;

extern struct pmu aux_pmu, cpu_pmu;

/* glue.c: core.c's own functions behind names, see there */
void do_sched_in(void);
void do_sched_out(void);
void do_restart(void);
void do_stop_for_good(void);
void do_period(void);
void do_tick(void);
void do_tick_cpu(void);
void do_tick_freq(void);
void do_throttle(void);
void do_overflow_own(void);
void do_overflow_1(void);
void do_overflow_2(void);
void do_pause(void);
void do_resume(void);

void do_add(void);
void do_del(void);
void do_start(void);
void do_stop(void);
void do_aux_throttle(void);
void do_aux_unthrottle(void);

/* pmu.c */
void do_fault(void);

/* search.c */
void point(const char *what);
void count_callback(void);
void check_callback(void);
__attribute__((format(printf, 1, 2), noreturn)) void violation(const char *fmt, ...);
#define must(cond, ...)	do { if (!(cond)) violation(__VA_ARGS__); } while (0)

#endif
