// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of ops.h: a line each, after the conditions that some of them have
 */

#include <string.h>

#include "ops.h"

unsigned int config = CORE;

#define MAX_EXCLUDED	32
static const char *excluded[MAX_EXCLUDED];
static int nr_excluded;

static bool state_is(int i, enum perf_event_state state)
{
	return i < nr_events && W.event[i].state == state;
}

/* The group, that is its leader */
static bool inactive(void)	{ return state_is(0, PERF_EVENT_STATE_INACTIVE); }
bool active(void)	{ return state_is(0, PERF_EVENT_STATE_ACTIVE); }

static bool aux_active(void)	{ return state_is(aux_index, PERF_EVENT_STATE_ACTIVE); }
static bool aux_disabled(void)	{ return AUX->state == PERF_EVENT_STATE_OFF; }
static bool off_pmu(void)	{ return !W.hw.on; }
static bool on_pmu(void)	{ return W.hw.on; }
static bool stopped(void)	{ return W.hw.on && !W.hw.started; }
static bool ordered(void)	{ return W.hw.irq_work; }

static bool can_fault(void)
{
	return W.hw.on && W.hw.started && !W.hw.faulted && !W.hw.callback;
}

/* Counters have no interrupts while their PMU is disabled. */
static bool can_overflow(int i)
{
	const struct perf_event *event = &W.event[i];

	if (event->pmu == &aux_pmu)
		return W.hw.running && !W.hw.callback && !W.hw.aux_off;
	return state_is(i, PERF_EVENT_STATE_ACTIVE) && !(event->hw.state & PERF_HES_STOPPED) &&
	       !(event->pmu == &cpu_pmu && W.hw.cpu_off);
}

#define EVENT(i)									\
static bool active_##i(void)	{ return state_is(i, PERF_EVENT_STATE_ACTIVE); }	\
static bool disabled_##i(void)	{ return state_is(i, PERF_EVENT_STATE_OFF); }	\
static bool overflows_##i(void)	{ return can_overflow(i); }				\
static void do_overflow_##i(void)	{ do_overflow(i, 0); }				\
static void do_overflow_late_##i(void)	{ do_overflow(i, 1); }				\
static void do_overflow_again_##i(void)	{ do_overflow(i, 2); }				\
static void do_period_##i(void)	{ do_period_of(i); }					\
static void do_disable_##i(void)	{ do_disable(i); }				\
static void do_enable_##i(void)	{ do_enable(i); }

EVENT(0)
EVENT(1)
EVENT(2)
EVENT(3)

static void do_disable_aux(void)	{ do_disable(aux_index); }
static void do_enable_aux(void)		{ do_enable(aux_index); }

/*
 * Software events, hrtimers aside, trip the throttle where one hit counts for
 * several: sched:sched_stat_*, and only there.  That is with interrupts off, and
 * in none of these operations, so it does not interrupt them; nor do hrtimers.
 */
#define OVERFLOWS(i, configs, nests, clear, set, effect)				\
	{ "event " #i " overflows, throttle",			do_overflow_##i,	\
	  configs, IRQ, nests, clear, set, effect, FAIL_NONE, overflows_##i, i + 1 }
#define OVERFLOWS_LATE(i, configs, clear, set, effect)					\
	{ "event " #i " overflows, throttle; others are late",	do_overflow_late_##i,	\
	  configs, IRQ, true, clear, set, effect, FAIL_NONE, overflows_##i, i + 1 },	\
	{ "event " #i " overflows, throttle; others throttle late",	do_overflow_again_##i,	\
	  configs, IRQ, true, clear, set, effect, FAIL_NONE, overflows_##i, i + 1 }
#define SIBLING(i, configs)								\
	{ "new period of event " #i,	do_period_##i,	configs, IRQ, false, THROTTLE, 0, MAY,	FAIL_NONE, active_##i },	\
	{ "disable event " #i,		do_disable_##i,	(configs) & (GROUP | FOLLOW), IRQ, false, 0, 0, MAY,	FAIL_NONE, active_##i },	\
	{ "enable event " #i,		do_enable_##i,	(configs) & (GROUP | FOLLOW), IRQ, false, THROTTLE, 0, MAY,	FAIL_NONE, disabled_##i }

const struct op ops[] = {
	/* name						fn			configs				at the base	nests	clear		set		effect			fails		if */
	{ "schedule in",				do_sched_in,		FULL,				IRQ,		false,	THROTTLE,	0,		MUST_IF_INACTIVE,	FAIL_NONE,	inactive },
	{ "schedule in; start fails",			do_sched_in,		CORE | FIXED | ANSWER,		IRQ,		false,	THROTTLE,	0,		MAY,			FAIL_START,	inactive },
	{ "schedule in; a sibling fails",		do_sched_in,		CORE | GROUP | FOLLOW | FIXED,		IRQ,		false,	THROTTLE,	0,		MAY,			FAIL_TXN,	inactive },
	{ "schedule out",				do_sched_out,		FULL,				IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	active },
	{ "address filter",				do_restart,		CORE | GROUP | FIXED | ANSWER,		IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	aux_active },
	{ "address filter; start fails",		do_restart,		CORE | FIXED,			IRQ,		false,	0,		0,		MAY,			FAIL_START,	aux_active },
	{ "stop for good",				do_stop_for_good,	CORE | FIXED,			IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	aux_active },
	{ "new period",					do_period,		FULL,				IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,		FAIL_NONE,	aux_active },
	{ "new period; start fails",			do_period,		CORE | FIXED,			IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,		FAIL_START,	aux_active },
	{ "tick",					do_tick,		FULL,				IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,		FAIL_NONE,	active },
	{ "tick in frequency mode",			do_tick_freq,		FULL,				IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,		FAIL_NONE,	active },
	{ "tick in frequency mode; start fails",	do_tick_freq,		CORE | FIXED,			IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,		FAIL_START,	active },
	{ "the order to disable",			do_irq_work,		CORE | FIXED | ANSWER,		IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	ordered },
	{ "disable",					do_disable_aux,		FOLLOW,				IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	aux_active },
	{ "enable",					do_enable_aux,		CORE | FOLLOW | FIXED | ANSWER,		IRQ,		false,	THROTTLE,	0,		MAY,			FAIL_NONE,	aux_disabled },
	{ "throttle",					do_throttle,		CORE | ANSWER,			IRQ,		true,	0,		THROTTLE,	MUST_IF_ACTIVE,		FAIL_NONE,	NULL },

	SIBLING(0, FOLLOW),
	SIBLING(1, GROUP | TRIGGERS | SOFT | FIXED | OWN),
	SIBLING(2, GROUP | FOLLOW | TRIGGERS | SOFT),
	SIBLING(3, TRIGGERS),
	OVERFLOWS(0, OWN,		true,	0,		0,			MAY),
	OVERFLOWS(0, FOLLOW,		true,	0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS(1, GROUP,		true,	0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS(1, FIXED,		true,	0,		0,			MAY),
	OVERFLOWS(1, TRIGGERS,		true,	0,		THROTTLE | ACTION,	MUST_IF_ACTIVE),
	OVERFLOWS(1, SOFT,		false,	0,		THROTTLE | ACTION,	MUST_IF_ACTIVE),
	OVERFLOWS(1, OWN,		false,	0,		0,			MAY),
	OVERFLOWS(2, GROUP | FOLLOW,	true,	0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS(2, TRIGGERS,		true,	ACTION,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS(2, SOFT,		false,	0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS(3, TRIGGERS,		true,	0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS_LATE(0, FOLLOW,		0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS_LATE(1, GROUP,		0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS_LATE(1, TRIGGERS,		0,		THROTTLE | ACTION,	MUST_IF_ACTIVE),
	OVERFLOWS_LATE(2, GROUP | FOLLOW,	0,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS_LATE(2, TRIGGERS,		ACTION,		THROTTLE,		MUST_IF_ACTIVE),
	OVERFLOWS_LATE(3, TRIGGERS,		0,		THROTTLE,		MUST_IF_ACTIVE),

	{ "add",					do_add,			ANY,				IRQ,		false,	THROTTLE,	0,		MUST,			FAIL_NONE,	off_pmu },
	{ "add; start fails",				do_add,			ANY,				IRQ,		false,	THROTTLE,	0,		MUST,			FAIL_START,	off_pmu },
	{ "del",					do_del,			ANY,				IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	on_pmu },
	{ "full stop",					do_stop,		ANY,				IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	on_pmu },
	{ "full start",					do_start,		ANY,				IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	stopped },
	{ "full start; fails",				do_start,		ANY,				IRQ,		false,	0,		0,		MAY,			FAIL_START,	stopped },
	{ "throttle",					do_aux_throttle,	ANY,				TASK,		true,	0,		THROTTLE,	MUST,			FAIL_NONE,	NULL },
	{ "unthrottle",					do_aux_unthrottle,	ANY,				TASK,		true,	THROTTLE,	0,		MUST,			FAIL_NONE,	NULL },

	{ "pause",					do_pause,		PAUSES,				IRQ,		true,	0,		ACTION,		MUST,			FAIL_NONE,	NULL },
	{ "resume",					do_resume,		PAUSES,				IRQ,		true,	ACTION,		0,		MUST,			FAIL_NONE,	NULL },
	{ "pause",					do_pause,		ANY,				TASK,		true,	0,		ACTION,		MUST,			FAIL_NONE,	NULL },
	{ "resume",					do_resume,		ANY,				TASK,		true,	ACTION,		0,		MUST,			FAIL_NONE,	NULL },
	{ "resume; fails",				do_resume,		CORE | ANY | ANSWER,		IRQ,		false,	ACTION,		0,		MUST,			FAIL_RESUME,	on_pmu },
	{ "tick; resume fails",				do_tick,		CORE | FOLLOW,			IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,		FAIL_RESUME,	active },
	{ "the PMU's interrupt",			do_handler,		CORE | ANY | ANSWER | FOLLOW,		IRQ,		false,	0,		0,		MAY,			FAIL_NONE,	can_fault },
	{ "the PMU's interrupt; resume fails",		do_handler,		CORE | ANY,			IRQ,		false,	0,		0,		MAY,			FAIL_RESUME,	can_fault },
	{ "the PMU gives up",				do_fault,		CORE | ANY | FIXED,		IRQ,		true,	0,		0,		MAY,			FAIL_NONE,	can_fault },
};

const int nr_in_table = sizeof(ops) / sizeof(ops[0]);

/* What is left out goes by its name, and takes along where it fails */
static bool is_named(const struct op *op, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(name, op->name, n) && (!op->name[n] || op->name[n] == ';');
}

bool op_used(const struct op *op)
{
	int i;

	for (i = 0; i < nr_excluded; i++)
		if (is_named(op, excluded[i]))
			return false;
	return op->configs & config;
}

bool op_enabled(const struct op *op)
{
	return op_used(op) && (!op->enabled || op->enabled());
}

const struct op *find_op(const char *name)
{
	const struct op *op;

	for (op = ops; op < ops + nr_in_table; op++)
		if (op->configs & config && !strcmp(op->name, name))
			return op;
	return NULL;
}

bool exclude(const char *name)
{
	const struct op *op;

	for (op = ops; op < ops + nr_in_table; op++) {
		if (is_named(op, name) && nr_excluded < MAX_EXCLUDED) {
			excluded[nr_excluded++] = name;
			return true;
		}
	}
	return false;
}
