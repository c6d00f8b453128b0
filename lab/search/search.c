// SPDX-License-Identifier: GPL-2.0
/*
 * Every interleaving of the contexts of one CPU over the code that ships
 *
 * The code under test is compiled with -fsanitize=thread, for the calls that
 * this makes the compiler emit ahead of each memory access; they come to
 * point() below rather than to the sanitizer.  An access to what contexts
 * share is a point: whoever is allowed to interrupt may do so there, any number
 * of them one after the other, each in turn open to be interrupted.  A point is
 * before its access; after it is before the next one, or at the return of the
 * operation, for what happens in between no other context can see.
 *
 * Contexts nest.  Whatever interrupts has returned when the interrupted goes
 * on, so all that a context will ever learn of those that interrupted it at a
 * point is the world that they leave.  Hence there is no need to take up each
 * interruption of each interruption anew:
 *
 *   run	an operation, at a rank, from a world: the worlds in which it can
 *		return.  Explored once, whoever was interrupted.
 *   reach	a rank and a world: all worlds that contexts which may interrupt
 *		that rank can make of it.  What a point of a run is offered.
 *
 * A run goes through its points in step.  At each it has a set of nodes, a node
 * being all that matters for what comes: the world, and what the context has
 * read so far, of which its registers and its stack are a function.  Nodes that
 * agree in that are one, whatever led there.  To go on from a node, the
 * operation is executed again from its start, with the worlds of the node's
 * path put in place at the points passed.
 *
 * Along with each node goes in how many ways it is reached with 1, 2, 3...
 * operations in all, which makes the number of interleavings exact, and the
 * least number of operations, which is what the bound on work is held against.
 *
 * Soundness: that a context is a function of the values it has read holds as
 * long as every load of shared memory is a point, or is of memory that only
 * base operations write, which never interrupt (see struct hw_perf_event in
 * include/linux/perf_event.h).  pmu.c keeps to it as said there.  That nothing
 * is lost by the sharing is checked: count_one_by_one() does without, and has
 * to arrive at the same numbers.
 */

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define MAX_OPS		9
#define MAX_PATH	4096

typedef uint32_t u32;

struct world W;
int nr_events = 1;

/*
 * Ranks: who may interrupt whom
 */
enum {
	TASK, TASK_TP, IRQ, IRQ_TP, NMI, NMI_TP, NMI2, NMI2_TP, NR_RANKS,
	BASE = -1,
};

static const char * const rank_name[] = {
	"task", "tracepoint in task", "interrupt", "tracepoint in interrupt",
	"NMI", "tracepoint in NMI", "second NMI", "tracepoint in second NMI",
};

/* In the order in which DEPTH= gives them up, from the end */
static const int rank_order[NR_RANKS] = {
	TASK, NMI, NMI2, IRQ, IRQ_TP, NMI_TP, TASK_TP, NMI2_TP,
};

static bool rank_used[NR_RANKS];

static bool may_interrupt(int rank, int by)
{
	/* A tracepoint does not recurse; it hits what is on the CPU. */
	return rank_used[by] && by > rank && (!(by & 1) || by == rank + 1);
}

/*
 * Operations
 */
enum { CORE = 1, ANY = 2, GROUP = 4, FIXED = 8, OWN = 16 };
enum effect { MAY, MUST, MUST_IF_ACTIVE };

struct op {
	const char	*name;
	void		(*fn)(void);
	unsigned int	configs;
	int		base_rank;	/* at the base: interrupts on or off */
	bool		nests;		/* comes as an interruption, too */
	unsigned int	clear, set;	/* of the reasons, at most once */
	enum effect	effect;
	enum failure	fail;
	bool		(*enabled)(void);
};

static bool inactive(void)	{ return W.event[0].state == PERF_EVENT_STATE_INACTIVE; }
static bool active(void)	{ return W.event[0].state == PERF_EVENT_STATE_ACTIVE; }
static bool off_pmu(void)	{ return !W.hw.on; }
static bool on_pmu(void)	{ return W.hw.on; }
static bool stopped(void)	{ return W.hw.on && !W.hw.started; }

static bool can_fault(void)
{
	return W.hw.on && W.hw.started && !W.hw.faulted && !W.hw.callback;
}

/* Not while the PMU is disabled, nor for what it is being throttled for */
static bool can_overflow(void)
{
	return W.hw.running && !W.hw.callback && !W.hw.aux_off && !W.event[0].hw.interrupts;
}

static bool counts(int i)
{
	return W.event[i].state == PERF_EVENT_STATE_ACTIVE && !W.hw.cpu_off &&
	       !(W.event[i].hw.state & PERF_HES_STOPPED);
}

static bool counts_1(void)	{ return counts(1); }
static bool counts_2(void)	{ return counts(2); }

#define ACTION		PERF_AUX_STOP_ACTION
#define THROTTLE	PERF_AUX_STOP_THROTTLE

static const struct op ops[] = {
	/* name						fn			configs				at the base	nests	clear		set		effect		fails		if */
	{ "schedule in",				do_sched_in,		CORE | GROUP | FIXED | OWN,	IRQ,		false,	THROTTLE,	0,		MUST,		FAIL_NONE,	inactive },
	{ "schedule in; start fails",			do_sched_in,		CORE | GROUP | FIXED,		IRQ,		false,	THROTTLE,	0,		MAY,		FAIL_START,	inactive },
	{ "schedule in; a sibling fails",		do_sched_in,		CORE | GROUP | FIXED,		IRQ,		false,	THROTTLE,	0,		MAY,		FAIL_TXN,	inactive },
	{ "schedule out",				do_sched_out,		CORE | GROUP | FIXED | OWN,	IRQ,		false,	0,		0,		MAY,		FAIL_NONE,	active },
	{ "address filter",				do_restart,		CORE | GROUP | FIXED,		IRQ,		false,	0,		0,		MAY,		FAIL_NONE,	active },
	{ "address filter; start fails",		do_restart,		CORE | FIXED,			IRQ,		false,	0,		0,		MAY,		FAIL_START,	active },
	{ "stop for good",				do_stop_for_good,	CORE | FIXED,			IRQ,		false,	0,		0,		MAY,		FAIL_NONE,	active },
	{ "new period",					do_period,		CORE | GROUP | FIXED | OWN,	IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,	FAIL_NONE,	active },
	{ "new period; start fails",			do_period,		CORE | FIXED,			IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,	FAIL_START,	active },
	{ "tick",					do_tick,		CORE | GROUP | FIXED | OWN,	IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,	FAIL_NONE,	active },
	{ "tick, PMU of the siblings",			do_tick_cpu,		GROUP,				IRQ,		false,	THROTTLE,	0,		MAY,		FAIL_NONE,	active },
	{ "tick in frequency mode",			do_tick_freq,		CORE | FIXED | OWN,		IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,	FAIL_NONE,	active },
	{ "tick in frequency mode; start fails",	do_tick_freq,		CORE | FIXED,			IRQ,		false,	THROTTLE,	0,		MUST_IF_ACTIVE,	FAIL_START,	active },
	{ "throttle",					do_throttle,		CORE,				IRQ,		true,	0,		THROTTLE,	MUST_IF_ACTIVE,	FAIL_NONE,	NULL },
	{ "throttle for another",			do_throttle,		FIXED | OWN,			IRQ,		true,	0,		0,		MAY,		FAIL_NONE,	NULL },
	{ "it overflows, throttle",			do_overflow_own,	OWN,				IRQ,		true,	0,		THROTTLE,	MUST,		FAIL_NONE,	can_overflow },
	{ "sibling 1 overflows, throttle",		do_overflow_1,		GROUP,				IRQ,		true,	0,		THROTTLE,	MUST_IF_ACTIVE,	FAIL_NONE,	counts_1 },
	{ "sibling 2 overflows, throttle",		do_overflow_2,		GROUP,				IRQ,		true,	0,		THROTTLE,	MUST_IF_ACTIVE,	FAIL_NONE,	counts_2 },

	{ "add",					do_add,			ANY,				IRQ,		false,	THROTTLE,	0,		MUST,		FAIL_NONE,	off_pmu },
	{ "add; start fails",				do_add,			ANY,				IRQ,		false,	THROTTLE,	0,		MUST,		FAIL_START,	off_pmu },
	{ "del",					do_del,			ANY,				IRQ,		false,	0,		0,		MAY,		FAIL_NONE,	on_pmu },
	{ "full stop",					do_stop,		ANY,				IRQ,		false,	0,		0,		MAY,		FAIL_NONE,	on_pmu },
	{ "full start",					do_start,		ANY,				IRQ,		false,	0,		0,		MAY,		FAIL_NONE,	stopped },
	{ "full start; fails",				do_start,		ANY,				IRQ,		false,	0,		0,		MAY,		FAIL_START,	stopped },
	{ "throttle",					do_aux_throttle,	ANY,				TASK,		true,	0,		THROTTLE,	MUST,		FAIL_NONE,	NULL },
	{ "unthrottle",					do_aux_unthrottle,	ANY,				TASK,		true,	THROTTLE,	0,		MUST,		FAIL_NONE,	NULL },

	{ "pause",					do_pause,		CORE | GROUP,			IRQ,		true,	0,		ACTION,		MUST,		FAIL_NONE,	NULL },
	{ "resume",					do_resume,		CORE | GROUP,			IRQ,		true,	ACTION,		0,		MUST,		FAIL_NONE,	NULL },
	{ "pause",					do_pause,		ANY,				TASK,		true,	0,		ACTION,		MUST,		FAIL_NONE,	NULL },
	{ "resume",					do_resume,		ANY,				TASK,		true,	ACTION,		0,		MUST,		FAIL_NONE,	NULL },
	{ "the PMU gives up",				do_fault,		CORE | ANY,			IRQ,		true,	0,		0,		MAY,		FAIL_NONE,	can_fault },
};

#define NR_OPS	((int)(sizeof(ops) / sizeof(ops[0])))

/*
 * Settings
 */
static unsigned int config = CORE;
static int nr_ops = 5;		/* operations in a sequence, nested ones included */
static const char *excluded[32];
static int nr_excluded;
bool check_siblings;

/* Where the reasons are to be seen */
static enum { IN_STATE, IN_PAUSED, NOWHERE } mask = IN_STATE;

static bool op_used(const struct op *op)
{
	int i;

	for (i = 0; i < nr_excluded; i++) {
		size_t n = strlen(excluded[i]);

		if (!strncmp(excluded[i], op->name, n) && (!op->name[n] || op->name[n] == ';'))
			return false;
	}
	return op->configs & config;
}

static bool op_enabled(const struct op *op)
{
	return op_used(op) && (!op->enabled || op->enabled());
}

static void *grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = *cap ? 2 * *cap : 16;
	p = realloc(p, *cap * size);
	if (!p) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	return p;
}

/*
 * Numbers for things: (a, b) -> index, exact
 */
struct map {
	struct slot { uint64_t a, b; u32 v; } *slot;
	size_t n, size;
};

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	return x ^ x >> 32;
}

static struct slot *map_slot(const struct map *m, uint64_t a, uint64_t b)
{
	size_t i = mix(a ^ mix(b + 0x9e3779b97f4a7c15ull)) & (m->size - 1);

	while (m->slot[i].v && (m->slot[i].a != a || m->slot[i].b != b))
		i = (i + 1) & (m->size - 1);
	return &m->slot[i];
}

static u32 map_get(const struct map *m, uint64_t a, uint64_t b)
{
	return m->size ? map_slot(m, a, b)->v : 0;
}

/* Where the index + 1 of (a, b) is kept, 0 if it is new */
static u32 *map_find(struct map *m, uint64_t a, uint64_t b)
{
	struct slot *s;

	if (2 * m->n >= m->size) {
		struct map new = { .n = m->n, .size = m->size ? 2 * m->size : 64 };
		size_t i;

		new.slot = calloc(new.size, sizeof(*new.slot));
		for (i = 0; i < m->size; i++)
			if (m->slot[i].v)
				*map_slot(&new, m->slot[i].a, m->slot[i].b) = m->slot[i];
		free(m->slot);
		*m = new;
	}
	s = map_slot(m, a, b);
	if (!s->v) {
		s->a = a;
		s->b = b;
		m->n++;		/* the caller is about to store to v */
	}
	return &s->v;
}

/* Worlds */
static struct world *worlds;
static size_t nr_worlds, cap_worlds, world_size;
static u32 *world_hash;
static size_t world_hash_size;

static uint64_t hash_world(const struct world *w)
{
	const uint64_t *p = (const uint64_t *)w;
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < world_size / 8; i++)
		h = (h ^ p[i]) * 0x9e3779b97f4a7c15ull ^ h >> 29;
	return mix(h);
}

static u32 world_id(void)
{
	size_t i;

	if (2 * nr_worlds >= world_hash_size) {
		size_t n;

		world_hash_size = world_hash_size ? 2 * world_hash_size : 1024;
		free(world_hash);
		world_hash = calloc(world_hash_size, sizeof(*world_hash));
		for (n = 0; n < nr_worlds; n++) {
			i = hash_world(&worlds[n]) & (world_hash_size - 1);
			while (world_hash[i])
				i = (i + 1) & (world_hash_size - 1);
			world_hash[i] = n + 1;
		}
	}

	i = hash_world(&W) & (world_hash_size - 1);
	for (; world_hash[i]; i = (i + 1) & (world_hash_size - 1))
		if (!memcmp(&worlds[world_hash[i] - 1], &W, world_size))
			return world_hash[i] - 1;
	worlds = grow(worlds, nr_worlds, &cap_worlds, sizeof(*worlds));
	memcpy(&worlds[nr_worlds], &W, world_size);
	world_hash[i] = ++nr_worlds;
	return nr_worlds - 1;
}

static void set_world(u32 id)
{
	memcpy(&W, &worlds[id], world_size);
}

/* What a context has read: a chain of (where, value) */
static struct map histories;

static u32 history(u32 before, const void *pc, uint64_t value)
{
	u32 *v = map_find(&histories, (uint64_t)before << 32 | (u32)(uintptr_t)pc, value);

	if (!*v)
		*v = histories.n;
	return *v;
}

/*
 * A context while it executes
 */
struct frame {
	const struct op	*op;
	int		rank;
	struct frame	*below;

	/* The worlds to put in place at the first points */
	const u32	*path;
	int		len, points;
	u32		hist;

	/* For the checks */
	unsigned int	seen;		/* the reasons when last looked at */
	bool		active;		/* at the entry */
	bool		changed;	/* the reasons, as it should, once */
	bool		nothing_to_do;	/* at some time */
	bool		edge;		/* that change was the first or the last reason */
	int		callbacks;	/* PAUSE and RESUME */
	int		cost;		/* operations so far, its own included */

	/* For the trace */
	int		act;
	int		store;		/* line that waits for the value */
	void		*store_addr;
	int		store_size;

	jmp_buf		env;
};

static struct frame *cur;

static enum { PLAIN, SEARCH, COUNT, TRACE } mode;

static unsigned int reasons(void)
{
	const struct hw_perf_event *hwc = &W.event[0].hw;

	switch (mask) {
	case IN_STATE:
		return hwc->aux_state & PERF_AUX_STOP_ANY;
	case IN_PAUSED:
		return hwc->aux_paused ? ACTION : 0;
	default:
		return W.hw.reference;
	}
}

static const char *reasons_name(unsigned int r)
{
	static const char * const name[] = { "none", "ACTION", "THROTTLE", "ACTION|THROTTLE" };

	return name[r & PERF_AUX_STOP_ANY];
}

/*
 * What must hold
 */

/* C4, C2: a reason changes as the effect of the operation that changes it, once. */
static void account(struct frame *f)
{
	unsigned int now = reasons(), wanted = (f->seen & ~f->op->clear) | f->op->set;

	if (now == f->seen)
		return;
	must(mask == NOWHERE || now == wanted, "C2, C4: '%s' turns the reasons from %s into %s",
	     f->op->name, reasons_name(f->seen), reasons_name(now));
	must(!f->changed, "C4: '%s' takes effect a second time, and undoes what came after it",
	     f->op->name);
	f->changed = true;
	f->edge = !f->seen != !now;
	f->seen = now;
}

static void look(struct frame *f)
{
	f->seen = reasons();
	if (((f->seen & ~f->op->clear) | f->op->set) == f->seen)
		f->nothing_to_do = true;
}

/* In every state that a context can see */
static void check_state(void)
{
	const struct hw_perf_event *hwc = &W.event[0].hw;

	if (W.hw.callback)
		must(hwc->aux_paused == W.hw.told, "hw.aux_paused changes during a callback");

	if (mask != IN_STATE || !(hwc->aux_state & PERF_AUX_OPEN))
		return;
	must(!W.hw.callback, "C5: the gate is open during a callback");
	must(W.hw.on && W.hw.started, "the gate is open, and the event is not started");
	must(hwc->aux_paused == !!reasons(), "C1: the gate is open, hw.aux_paused is %u, reasons: %s",
	     hwc->aux_paused, reasons_name(reasons()));
	must(W.hw.faulted || W.hw.running == !reasons(),
	     "C1: the gate is open, the hardware %s, reasons: %s",
	     W.hw.running ? "runs" : "is paused", reasons_name(reasons()));
}

static void enter_op(struct frame *f)
{
	f->below = cur;
	cur = f;
	f->points = 0;
	f->store = -1;
	f->active = active();
	f->changed = f->nothing_to_do = f->edge = false;
	f->callbacks = 0;
	if (f->op->fail)
		W.hw.fail = f->op->fail;
	look(f);
}

/* Has to leave the event started, and does, unless told to fail */
static bool starts(const struct op *op)
{
	return !op->fail && (op->fn == do_sched_in || op->fn == do_restart ||
			     op->fn == do_period || op->fn == do_tick_freq ||
			     op->fn == do_add || op->fn == do_start);
}

static void leave_op(struct frame *f)
{
	bool effect = f->op->effect == MUST || (f->op->effect == MUST_IF_ACTIVE && f->active);

	account(f);
	if (f->op->fail)
		W.hw.fail = FAIL_NONE;
	if (config == FIXED) {
		;
	} else if (mask == NOWHERE) {
		if (effect || f->op->clear)
			W.hw.reference = (W.hw.reference & ~f->op->clear) | f->op->set;
	} else if (effect) {
		must(f->changed || f->nothing_to_do, "C4: '%s' is lost", f->op->name);
	}
	if (starts(f->op))
		must(W.hw.started, "C1: '%s' does not start the event", f->op->name);
	check_state();
	cur = f->below;
	if (cur)
		cur->cost += f->cost;
}

/* Called by the PMU: bounded work, and C3 in numbers */
void count_callback(void)
{
	struct frame *f = cur;

	if (!f)
		return;
	account(f);
	f->callbacks++;
	if (mask == IN_STATE)
		must(f->callbacks <= f->edge + f->cost - 1,
		     "C3: '%s' makes a call to pause or resume without an edge of the reasons",
		     f->op->name);
}

static void exec_plain(void (*fn)(void))
{
	int saved = mode;

	mode = PLAIN;
	fn();
	mode = saved;
}

static const struct op *find_op(const char *name)
{
	const struct op *op;

	for (op = ops; op < ops + NR_OPS; op++)
		if (op->configs & config && !strcmp(op->name, name))
			return op;
	return NULL;
}

/* Called by the PMU: C8 */
void check_callback(void)
{
	if (config & (FIXED | OWN) && cur)
		must(!cur->op->nests || cur->op->fn == do_overflow_own, "C8: '%s' calls the PMU of an event that cannot pause",
		     cur->op->name);
}

static void trace_op(const struct op *op);

/* The shortest way back to tracing, not interrupted; false if it is left out */
static bool recover(const char * const *names)
{
	const char * const *name;

	for (name = names; *name; name++)
		if (find_op(*name) && !op_used(find_op(*name)))
			return false;

	for (name = names; *name; name++) {
		const struct op *op = find_op(*name);

		if (!op || !op_enabled(op))
			continue;
		if (mode == TRACE)
			trace_op(op);
		else
			exec_plain(op->fn);
	}
	return true;
}

static void check_quiet(void)
{
	static const char * const restart_core[] = { "schedule out", "schedule in", "resume", NULL };
	static const char * const restart_any[] = { "del", "add", "resume", NULL };
	static const char * const go_on_core[] = { "resume", "tick", "tick, PMU of the siblings", NULL };
	static const char * const go_on_any[] = { "resume", "unthrottle", NULL };
	const struct hw_perf_event *hwc = &W.event[0].hw;
	bool start_ok = W.hw.on && !(hwc->state & PERF_HES_STOPPED);
	struct world saved = W;

	must(!W.hw.callback, "C5: a callback is left behind");
	must(W.hw.on == (W.event[0].state == PERF_EVENT_STATE_ACTIVE) || config == ANY,
	     "the event's state and its PMU disagree");
	must(W.hw.session == start_ok, "C3: the session is %s, the event %s",
	     W.hw.session ? "open" : "closed", start_ok ? "started" : "not started");
	must(W.hw.running == ((config == OWN ? W.hw.on : start_ok) && !reasons()), "C1: the hardware %s, %s, reasons: %s",
	     W.hw.running ? "runs" : "does not run",
	     !W.hw.on ? "the event is not on its PMU" :
	     start_ok ? "the event is on its PMU and started" :
	     "the event is on its PMU, but not started", reasons_name(reasons()));
	if (mask == IN_STATE && config != OWN && !W.hw.faulted)
		must(!!(hwc->aux_state & PERF_AUX_OPEN) == start_ok, "the gate is %s, the event %s",
		     hwc->aux_state & PERF_AUX_OPEN ? "open" : "shut",
		     start_ok ? "started" : "not started");

	if ((start_ok || (config == OWN && W.hw.on)) &&
	    recover(config == ANY ? go_on_any : go_on_core))
		must(W.hw.running, "stuck: neither resume nor unthrottle makes the event run again");
	W = saved;
	if (recover(config == ANY ? restart_any : restart_core))
		must(W.hw.running, "stuck: the event does not run when it is scheduled in anew");
	W = saved;
}

/*
 * Numbers of ways, by the number of operations; exact up to 2^53
 */
struct ways {
	double n[MAX_OPS + 1];
};

static int least(const struct ways *w)
{
	int k;

	for (k = 0; k <= MAX_OPS; k++)
		if (w->n[k])
			break;
	return k;
}

/* to += a * b, up to @budget operations */
static void add_product(struct ways *to, const struct ways *a, const struct ways *b, int budget)
{
	int i, j;

	for (i = 0; i <= budget; i++)
		for (j = 0; a->n[i] && i + j <= budget; j++)
			to->n[i + j] += a->n[i] * b->n[j];
}

static const struct ways once = { .n = { 1 } };

/*
 * Runs
 */
struct exit {
	u32		world;
	struct ways	ways;
	u32		*path;		/* of one with the least operations */
	int		len;
};

struct run {
	int		op, rank;
	struct exit	*exit;
	size_t		nr, cap;
};

struct entry {
	u32		world;
	struct ways	ways;
	/* The last step of one way with the least operations */
	u32		prev;
	const struct run *run;
	u32		exit;
};

struct reach {
	struct entry	*entry;
	size_t		nr, cap;
	u32		serial;
};

static struct map run_index, reach_index;
static struct run **runs;
static struct reach **reaches;
static size_t nr_runs, cap_runs, nr_reaches, cap_reaches;
static double nr_nodes, nr_steps;

/* What is being explored at the moment: who has interrupted whom, and how */
struct activation {
	int			op, rank;
	const u32		*path;
	int			len;
	u32			node_path[MAX_PATH];
	const struct reach	*reach;
	u32			entry;
};

static struct activation acts[NR_RANKS + 2];
static int nr_acts;

/* A node, before or after those that interrupt at its point */
struct node {
	u32		hist, world, parent;
	struct ways	ways;
	struct {
		uint16_t	callbacks;
		bool		changed, nothing_to_do, edge;
	} f;
};

struct nodes {
	struct node	*node;
	size_t		nr, cap;
	struct map	index;
};

static struct node *node_of(struct nodes *l, const struct frame *f, u32 hist, u32 world,
			    bool nothing_to_do)
{
	uint64_t flags = f->callbacks | f->changed << 16 | f->edge << 17 | nothing_to_do << 18;
	u32 *v = map_find(&l->index, (uint64_t)hist << 32 | world, flags);
	struct node *n;

	if (!*v) {
		l->node = grow(l->node, l->nr, &l->cap, sizeof(*l->node));
		n = &l->node[l->nr++];
		memset(n, 0, sizeof(*n));
		n->hist = hist;
		n->world = world;
		n->parent = ~0u;
		n->f.callbacks = f->callbacks;
		n->f.changed = f->changed;
		n->f.edge = f->edge;
		n->f.nothing_to_do = nothing_to_do;
		*v = l->nr;
	}
	return &l->node[*v - 1];
}

/* Execute @f to the point after its path; true if there is none and it returned. */
static bool step(struct frame *f)
{
	nr_steps++;
	mode = SEARCH;
	cur = NULL;
	enter_op(f);
	if (!setjmp(f->env)) {
		f->op->fn();
		leave_op(f);
		cur = NULL;
		return true;
	}
	cur = NULL;
	return false;
}

static struct reach *get_reach(int rank, u32 world, int budget);

static void add_exit(struct run *run, struct map *index, u32 world, const struct ways *ways,
		     const u32 *path, int len)
{
	u32 *v = map_find(index, world, 0);
	struct exit *x;
	int before;

	if (!*v) {
		run->exit = grow(run->exit, run->nr, &run->cap, sizeof(*run->exit));
		memset(&run->exit[run->nr], 0, sizeof(*run->exit));
		run->exit[run->nr].world = world;
		*v = ++run->nr;
	}
	x = &run->exit[*v - 1];
	before = least(&x->ways);
	add_product(&x->ways, ways, &once, MAX_OPS);
	if (least(&x->ways) < before) {
		free(x->path);
		x->path = malloc((len + 1) * sizeof(*path));
		memcpy(x->path, path, len * sizeof(*path));
		x->len = len;
	}
}

/*
 * The paths of the nodes: a tree, the node's parent in it and its world.  The
 * same for all nodes that agree, see above.
 */
struct tree {
	struct { u32 parent, world; } *node;
	size_t nr, cap;
};

static u32 tree_add(struct tree *t, u32 parent, u32 world)
{
	t->node = grow(t->node, t->nr, &t->cap, sizeof(*t->node));
	t->node[t->nr].parent = parent;
	t->node[t->nr].world = world;
	return t->nr++;
}

static void tree_path(const struct tree *t, u32 leaf, int len, u32 *path)
{
	while (len--) {
		path[len] = t->node[leaf].world;
		leaf = t->node[leaf].parent;
	}
}

static void free_nodes(struct nodes *l)
{
	free(l->node);
	free(l->index.slot);
	memset(l, 0, sizeof(*l));
}

static void explore(struct run *run, u32 world, int budget)
{
	int op = run->op, rank = run->rank;
	struct activation *a = &acts[nr_acts++];
	struct nodes before = { 0 }, after = { 0 };
	struct map exits = { 0 };
	struct tree tree = { 0 };
	size_t i, j;
	int len;

	a->op = op;
	a->rank = rank;
	a->path = a->node_path;

	/* Before the first point */
	{
		struct frame f = { .op = &ops[op], .rank = rank, .path = a->path, .cost = 1 };
		const struct ways one = { .n = { 0, 1 } };

		a->len = 0;
		a->reach = NULL;
		set_world(world);
		if (step(&f)) {
			add_exit(run, &exits, world_id(), &one, NULL, 0);
			goto out;
		}
		node_of(&before, &f, f.hist, world_id(), f.nothing_to_do)->ways = one;
	}

	for (len = 0; before.nr; len++) {
		if (len + 1 >= MAX_PATH)
			violation("no end to '%s' after %d points", ops[op].name, len);

		/* Those that interrupt */
		for (i = 0; i < before.nr; i++) {
			struct node *b = &before.node[i];
			struct reach *r;

			nr_nodes++;
			if (b->parent != ~0u)
				tree_path(&tree, b->parent, len, a->node_path);
			a->len = len;
			r = get_reach(rank, b->world, budget - least(&b->ways));

			for (j = 0; j < r->nr; j++) {
				struct entry *e = &r->entry[j];
				struct frame f = {
					.op = &ops[op], .callbacks = b->f.callbacks,
					.changed = b->f.changed, .edge = b->f.edge,
					.nothing_to_do = b->f.nothing_to_do,
				};
				struct node *n;
				int was;

				if (least(&b->ways) + least(&e->ways) > budget)
					continue;
				set_world(e->world);
				look(&f);
				n = node_of(&after, &f, b->hist, e->world, f.nothing_to_do);
				was = least(&n->ways);
				add_product(&n->ways, &b->ways, &e->ways, budget);
				if (least(&n->ways) < was)
					n->parent = tree_add(&tree, b->parent, e->world);
			}
		}

		/* The access, and on to the next point */
		free_nodes(&before);
		for (i = 0; i < after.nr; i++) {
			struct node *n = &after.node[i], *b;
			struct frame f = {
				.op = &ops[op], .rank = rank, .path = a->path, .len = len + 1,
				.cost = least(&n->ways), .hist = n->hist,
			};
			int was;

			tree_path(&tree, n->parent, len + 1, a->node_path);
			a->len = len + 1;
			a->reach = NULL;
			set_world(world);
			if (step(&f)) {
				add_exit(run, &exits, world_id(), &n->ways, a->node_path, len + 1);
				continue;
			}
			b = node_of(&before, &f, f.hist, world_id(), f.nothing_to_do);
			was = least(&b->ways);
			add_product(&b->ways, &n->ways, &once, budget);
			if (least(&b->ways) < was)
				b->parent = n->parent;
		}
		free_nodes(&after);
	}
out:
	free_nodes(&before);
	free(exits.slot);
	free(tree.node);
	nr_acts--;
}

/* The operation is one of @budget. */
static struct run *get_run(int op, int rank, u32 world, int budget)
{
	u32 *v = map_find(&run_index, op << 16 | rank << 8 | budget, world);
	struct run *run;

	if (*v)
		return runs[*v - 1];

	runs = grow(runs, nr_runs, &cap_runs, sizeof(*runs));
	run = runs[nr_runs++] = calloc(1, sizeof(*run));
	*v = nr_runs;
	run->op = op;
	run->rank = rank;
	set_world(world);
	if (op_enabled(&ops[op]))
		explore(run, world, budget);
	return run;
}

/* Which entry a world has in the reach that is being made, by depth */
static struct place { u32 serial, entry; } *places[NR_RANKS + 3];
static size_t nr_places[NR_RANKS + 3];

static struct entry *reach_entry(struct reach *r, u32 world)
{
	struct place **p = &places[nr_acts];
	size_t *n = &nr_places[nr_acts];
	static u32 serial;

	if (!r->serial)
		r->serial = ++serial;
	if (world >= *n) {
		*p = realloc(*p, 2 * nr_worlds * sizeof(**p));
		memset(*p + *n, 0, (2 * nr_worlds - *n) * sizeof(**p));
		*n = 2 * nr_worlds;
	}
	if ((*p)[world].serial != r->serial) {
		r->entry = grow(r->entry, r->nr, &r->cap, sizeof(*r->entry));
		memset(&r->entry[r->nr], 0, sizeof(*r->entry));
		r->entry[r->nr].world = world;
		(*p)[world].serial = r->serial;
		(*p)[world].entry = r->nr++;
	}
	return &r->entry[(*p)[world].entry];
}

static void extend_ways(struct reach *r, u32 i, int k, const struct run *run)
{
	u32 x;
	int j;

	for (x = 0; x < run->nr; x++)
		for (j = 1; k + j <= nr_ops; j++)
			reach_entry(r, run->exit[x].world)->ways.n[k + j] +=
				r->entry[i].ways.n[k] * run->exit[x].ways.n[j];
}

/* One more operation after those that lead to entry @i with @k operations */
static void extend(struct reach *r, u32 i, int k, const struct run *run, int budget)
{
	double have = r->entry[i].ways.n[k];
	u32 x;
	int j;

	for (x = 0; x < run->nr; x++) {
		const struct exit *exit = &run->exit[x];
		struct entry *e = reach_entry(r, exit->world);
		int was = least(&e->ways);

		for (j = 1; k + j <= budget; j++)
			e->ways.n[k + j] += have * exit->ways.n[j];
		if (least(&e->ways) < was) {
			e->prev = i;
			e->run = run;
			e->exit = x;
		}
	}
}

static struct reach *get_reach(int rank, u32 world, int budget)
{
	u32 *v = map_find(&reach_index, rank << 8 | budget, world);
	struct activation *a = &acts[nr_acts - 1];
	struct reach *r;
	int k, op, by;
	u32 i;

	if (*v)
		return reaches[*v - 1];

	reaches = grow(reaches, nr_reaches, &cap_reaches, sizeof(*reaches));
	r = reaches[nr_reaches++] = calloc(1, sizeof(*r));
	*v = nr_reaches;
	reach_entry(r, world)->ways.n[0] = 1;

	for (k = 0; k < budget; k++) {
		for (i = 0; i < r->nr; i++) {
			if (!r->entry[i].ways.n[k])
				continue;
			a->reach = r;
			a->entry = i;
			for (op = 0; op < NR_OPS; op++) {
				if (!ops[op].nests)
					continue;
				for (by = 0; by < NR_RANKS; by++)
					if (may_interrupt(rank, by))
						extend(r, i, k,
						       get_run(op, by, r->entry[i].world,
							       budget - k),
						       budget);
			}
		}
	}
	a->reach = NULL;
	return r;
}

/*
 * The base: operations one after the other, with nothing on the stack between
 * them, until nothing new comes.  Only what nests in one is bounded.
 */
static struct reach base;

static void search_base(u32 start)
{
	u32 i, known = 0;
	int op, k;

	free(base.entry);
	memset(&base, 0, sizeof(base));
	nr_acts = 1;
	reach_entry(&base, start)->ways.n[0] = 1;

	for (i = 0; i < base.nr; i++) {
		acts[0].reach = &base;
		acts[0].rank = BASE;
		for (; known < base.nr; known++) {
			acts[0].entry = known;
			set_world(base.entry[known].world);
			cur = NULL;
			mode = SEARCH;
			check_quiet();
		}
		acts[0].entry = i;
		for (op = 0; op < NR_OPS; op++) {
			const struct run *run = get_run(op, ops[op].base_rank,
							base.entry[i].world, nr_ops);
			u32 x;

			for (x = 0; x < run->nr; x++) {
				u32 n = base.nr;
				struct entry *e = reach_entry(&base, run->exit[x].world);

				if (n != base.nr) {
					e->prev = i;
					e->run = run;
					e->exit = x;
				}
			}
		}
	}

	/* How many of them have up to nr_ops operations? */
	for (k = 0; k < nr_ops; k++)
		for (i = 0; i < base.nr; i++)
			for (op = 0; op < NR_OPS && base.entry[i].ways.n[k]; op++)
				extend_ways(&base, i, k, get_run(op, ops[op].base_rank,
								 base.entry[i].world, nr_ops));
}

static double interleavings(int k)
{
	double n = 0;
	u32 i;

	for (i = 0; i < base.nr; i++)
		n += base.entry[i].ways.n[k];
	return n;
}

/*
 * Without any of that: each interleaving by itself, contexts nested for real,
 * again and again with the next choice
 */
static struct { int chosen, of; } choice[MAX_PATH];
static int nr_choices, choice_pos;
static int count_ops, count_depth;

static int choose(int of)
{
	if (choice_pos == nr_choices) {
		choice[nr_choices].chosen = 0;
		choice[nr_choices++].of = of;
	}
	if (choice[choice_pos].of != of)
		violation("not repeatable");
	return choice[choice_pos++].chosen;
}

static void count_exec(const struct op *op, int rank)
{
	struct frame f = { .op = op, .rank = rank, .cost = 1 };

	count_ops++;
	enter_op(&f);
	op->fn();
	leave_op(&f);
}

static void count_point(struct frame *f, int max)
{
	while (count_ops < max) {
		struct { const struct op *op; int rank; } can[NR_OPS * NR_RANKS];
		int op, by, n = 0;

		for (op = 0; op < NR_OPS; op++) {
			if (!ops[op].nests || !op_enabled(&ops[op]))
				continue;
			for (by = 0; by < NR_RANKS; by++) {
				if (!may_interrupt(f->rank, by))
					continue;
				can[n].op = &ops[op];
				can[n++].rank = by;
			}
		}
		n = choose(n + 1);
		if (!n)
			break;
		count_exec(can[n - 1].op, can[n - 1].rank);
	}
}

static void count_one_by_one(u32 start, int max, double *n)
{
	mode = COUNT;
	nr_choices = 0;
	for (;;) {
		choice_pos = 0;
		count_ops = 0;
		count_depth = max;
		cur = NULL;
		set_world(start);
		while (count_ops < max) {
			const struct op *can[NR_OPS];
			int op, m = 0;

			for (op = 0; op < NR_OPS; op++)
				if (op_enabled(&ops[op]))
					can[m++] = &ops[op];
			m = choose(m + 1);
			if (!m)
				break;
			count_exec(can[m - 1], can[m - 1]->base_rank);
			mode = SEARCH;
			check_quiet();
			mode = COUNT;
		}
		n[count_ops]++;

		/* The next one */
		nr_choices = choice_pos;
		while (nr_choices && choice[nr_choices - 1].chosen + 1 == choice[nr_choices - 1].of)
			nr_choices--;
		if (!nr_choices)
			break;
		choice[nr_choices - 1].chosen++;
	}
}

/*
 * The trace of a counter-example: executed again, contexts nested for real
 */
struct line {
	int		depth;
	const void	*pc;
	char		text[200];
};

static struct line *lines;
static size_t nr_lines, cap_lines;
static struct activation told[NR_RANKS + 2];
static int nr_told;
static jmp_buf found;
static char message[300];

__attribute__((format(printf, 2, 3)))
static int tell(const void *pc, const char *fmt, ...)
{
	struct frame *f;
	struct line *l;
	va_list ap;

	lines = grow(lines, nr_lines, &cap_lines, sizeof(*lines));
	l = &lines[nr_lines];
	l->pc = pc;
	l->depth = 0;
	for (f = cur; f; f = f->below)
		l->depth++;
	va_start(ap, fmt);
	vsnprintf(l->text, sizeof(l->text), fmt, ap);
	va_end(ap);
	return nr_lines++;
}

static void format_value(char *to, size_t size, void *addr, int bytes)
{
	struct hw_perf_event *hwc = NULL;
	int i;

	for (i = 0; i < nr_events; i++)
		if ((char *)addr >= (char *)&W.event[i] && (char *)addr < (char *)&W.event[i + 1])
			hwc = &W.event[i].hw;

	if (hwc && addr == &hwc->aux_state)
		snprintf(to, size, "{ %s%s }", reasons_name(hwc->aux_state),
			 hwc->aux_state & PERF_AUX_OPEN ? ", open" : "");
	else if (hwc && addr == &hwc->state)
		snprintf(to, size, "%s", hwc->state & PERF_HES_STOPPED ? "STOPPED" : "0");
	else if (hwc && addr == &hwc->interrupts)
		snprintf(to, size, "%s", hwc->interrupts == ~0ULL ? "MAX_INTERRUPTS" : "0");
	else
		snprintf(to, size, "%d", *(int *)addr);
}

static const char *field_name(void *addr)
{
	static char name[64];
	int i;

	for (i = 0; i < nr_events; i++) {
		struct perf_event *event = &W.event[i];
		const char *field =
			addr == &event->state ? "state" :
			addr == &event->oncpu ? "oncpu" :
			addr == &event->hw.aux_paused ? "hw.aux_paused" :
			addr == &event->hw.state ? "hw.state" :
			addr == &event->hw.aux_state ? "hw.aux_state" :
			addr == &event->hw.interrupts ? "hw.interrupts" : NULL;

		if (!field)
			continue;
		if (i)
			snprintf(name, sizeof(name), "sibling %d: %s", i, field);
		else
			snprintf(name, sizeof(name), "%s", field);
		return name;
	}
	return addr == &W.rb.aux_in_pause_resume ? "rb->aux_in_pause_resume" : "?";
}

static void tell_stored(struct frame *f)
{
	char value[64];
	size_t end;

	if (f->store < 0)
		return;
	format_value(value, sizeof(value), f->store_addr, f->store_size);
	end = strlen(lines[f->store].text);
	snprintf(lines[f->store].text + end, sizeof(lines->text) - end, " = %s", value);
	f->store = -1;
}

static void tell_state(void)
{
	const struct hw_perf_event *hwc = &W.event[0].hw;

	tell(NULL, "  [%s, reasons: %s%s; hardware %s]",
	     !W.hw.on ? "not on its PMU" :
	     hwc->state & PERF_HES_STOPPED ? "on its PMU, stopped" : "on its PMU",
	     reasons_name(reasons()),
	     mask != IN_STATE ? "" : hwc->aux_state & PERF_AUX_OPEN ? ", gate open" : ", gate shut",
	     W.hw.running ? "runs" : "does not run");
}

/* @act: the innermost unfinished one it is, or -1 */
static void trace_exec(const struct op *op, int rank, const u32 *path, int len, int act)
{
	struct frame f = {
		.op = op, .rank = rank, .path = path, .len = len, .cost = 1, .act = act,
	};
	bool quiet = act < 0;
	u32 before = world_id();
	size_t from = nr_lines;

	tell(NULL, "%s%s%s", cur ? rank_name[rank] : "", cur ? ": " : "", op->name);
	enter_op(&f);
	op->fn();
	tell_stored(&f);
	leave_op(&f);

	/* Nothing happened on the way: a line is enough. */
	if (quiet && f.cost == 1 && f.below == NULL && before != ~0u)
		nr_lines = from + 1;
	tell_state();
}

static void trace_op(const struct op *op)
{
	static const u32 none[1];

	trace_exec(op, op->base_rank, none, 0, -1);
}

static void trace_chain(const struct reach *r, u32 entry)
{
	const struct entry *e = &r->entry[entry];

	if (!entry)
		return;
	trace_chain(r, e->prev);
	trace_exec(&ops[e->run->op], e->run->rank, e->run->exit[e->exit].path,
		   e->run->exit[e->exit].len, -1);
	if (world_id() != e->world) {
		printf("internal error: the trace takes another way\n");
		exit(2);
	}
}

static void trace_point(struct frame *f)
{
	int n = f->points;

	if (n < f->len) {
		u32 to = f->path[n], from = world_id();
		int budget;

		if (to == from)
			return;
		for (budget = 0; budget <= nr_ops; budget++) {
			u32 r = map_get(&reach_index, f->rank << 8 | budget, from), e;

			for (e = 0; r && e < reaches[r - 1]->nr; e++) {
				if (reaches[r - 1]->entry[e].world != to)
					continue;
				trace_chain(reaches[r - 1], e);
				return;
			}
		}
	} else if (n == f->len && f->act >= 0 && told[f->act].reach) {
		const struct activation *a = &told[f->act];

		trace_chain(a->reach, a->entry);
		if (f->act + 1 < nr_told) {
			const struct activation *next = a + 1;

			trace_exec(&ops[next->op], next->rank, next->path, next->len, f->act + 1);
		}
	}
}

static void print_lines(void)
{
	char exe[4096], command[8192];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	size_t i;

	exe[n < 0 ? 0 : n] = 0;
	for (i = 0; i < nr_lines; i++) {
		char where[300] = "", function[200] = "", file[300] = "";
		const struct line *l = &lines[i];
		FILE *p;

		if (l->pc) {
			snprintf(command, sizeof(command), "addr2line -f -e '%s' %#lx", exe,
				 (unsigned long)l->pc - 1);
			p = popen(command, "r");
			if (p && fscanf(p, "%199s %299s", function, file) == 2) {
				char *slash = strrchr(file, '/');

				snprintf(where, sizeof(where), "%s %s: ", slash ? slash + 1 : file,
					 function);
			}
			if (p)
				pclose(p);
		}
		printf("  %*s%s%s\n", 4 * (l->depth - !!l->pc) + (l->pc ? 2 : 0), "", where, l->text);
	}
}

static void print_trace(u32 start)
{
	char expected[sizeof(message)];

	memcpy(told, acts, sizeof(told));
	nr_told = nr_acts;
	memcpy(expected, message, sizeof(expected));
	nr_lines = 0;
	mode = TRACE;
	cur = NULL;
	set_world(start);
	if (!setjmp(found)) {
		tell(NULL, "at first:");
		tell_state();
		trace_chain(told[0].reach, told[0].entry);
		if (nr_told > 1)
			trace_exec(&ops[told[1].op], told[1].rank, told[1].path, told[1].len, 1);
		check_quiet();
		snprintf(message, sizeof(message), "(nothing)");
	}
	print_lines();
	printf("  *** %s\n", message);
	if (strcmp(message, expected)) {
		printf("internal error: the search has found: %s\n", expected);
		exit(2);
	}
}

void violation(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (mode == TRACE) {
		if (cur) {
			tell_stored(cur);
			tell_state();
		}
	}
	longjmp(found, 1);
}

void warn(const char *what, const char *file, int line)
{
	violation("C10: WARN_ON_ONCE(%s) at %s:%d", what, file, line);
}

/*
 * Points
 */

/* Others go first; then the access that follows may have its turn. */
static void interrupt(struct frame *f)
{
	account(f);
	switch (mode) {
	case SEARCH:
		if (f->points == f->len) {
			check_state();
			longjmp(f->env, 1);
		}
		set_world(f->path[f->points]);
		break;
	case COUNT:
		check_state();
		count_point(f, count_depth);
		break;
	case TRACE:
		check_state();
		trace_point(f);
		break;
	default:
		break;
	}
	f->points++;
	look(f);
}

/* What came before the node of a path is in the node. */
static void remember(struct frame *f, const void *pc, uint64_t value)
{
	if (mode == SEARCH && f->points == f->len)
		f->hist = history(f->hist, pc, value);
}

void point(const char *what)
{
	static const char * const name[] = {
		[CB_ADD] = "add()", [CB_DEL] = "del()",
		[CB_START] = "start()", [CB_STOP] = "stop()",
		[CB_PAUSE] = "stop(PAUSE)", [CB_RESUME] = "start(RESUME)",
	};
	const void *pc = __builtin_return_address(0);
	struct frame *f = cur;

	if (!f || mode == PLAIN)
		return;
	if (mode == TRACE) {
		tell_stored(f);
		tell(NULL, "  %s %s", what, name[W.hw.callback]);
	}
	interrupt(f);
	remember(f, pc, 0);
}

/*
 * SHARED by contexts of all ranks, and BASE_ONLY for what just base operations
 * write: these never interrupt, so a load of it is no point.
 */
static enum watch { UNWATCHED, BASE_ONLY, SHARED } watch(const void *addr)
{
	const char *p = addr;
	int i;

	if (p == (char *)&W.rb.aux_in_pause_resume)
		return SHARED;
	if (p < (char *)&W.event[0] || p >= (char *)&W.event[nr_events])
		return UNWATCHED;
	i = (p - (char *)&W.event[0]) / sizeof(W.event[0]);
	if (p < (char *)&W.event[i].hw)
		return BASE_ONLY;
	return p < (char *)&W.event[i].hw.unwatched ? SHARED : UNWATCHED;
}

static void memory_access(void *addr, int size, bool store, bool once, const void *pc)
{
	struct frame *f = cur;
	uint64_t value = 0;
	enum watch w;
	char text[64];

	if (!f || mode == PLAIN)
		return;
	w = watch(addr);
	if (w == UNWATCHED)
		return;
	if (w == BASE_ONLY && store && f->op->nests)
		violation("'%s' is no base operation, and writes %s", f->op->name, field_name(addr));
	if (mode == TRACE)
		tell_stored(f);
	if (store || w == SHARED)
		interrupt(f);

	if (mode == TRACE) {
		if (store) {
			f->store = tell(pc, "%s %s", once ? "WRITE_ONCE" : "store", field_name(addr));
			f->store_addr = addr;
			f->store_size = size;
		} else {
			format_value(text, sizeof(text), addr, size);
			tell(pc, "%s %s: %s", once ? "READ_ONCE" : "load", field_name(addr), text);
		}
	}
	if (!store)
		memcpy(&value, addr, size);
	remember(f, pc, value);
}

bool try_cmpxchg_local(unsigned int *p, unsigned int *old, unsigned int new)
{
	const void *pc = __builtin_return_address(0);
	struct frame *f = cur;
	char was[64], text[64];
	unsigned int value;
	bool ok;

	if (f && mode != PLAIN) {
		if (mode == TRACE)
			tell_stored(f);
		interrupt(f);
		remember(f, pc, *p);
	}
	value = *p;
	ok = value == *old;
	if (f && mode == TRACE)
		format_value(was, sizeof(was), p, sizeof(*p));
	if (ok)
		*p = new;
	else
		*old = value;
	if (f && mode == TRACE) {
		format_value(text, sizeof(text), p, sizeof(*p));
		if (ok)
			tell(pc, "cmpxchg %s: %s -> %s", field_name(p), was, text);
		else
			tell(pc, "cmpxchg %s fails: %s", field_name(p), was);
	}
	return ok;
}

/* What -fsanitize=thread calls ahead of each access */
#define ACCESS(n)									\
	void __tsan_read##n(void *p);							\
	void __tsan_read##n(void *p)							\
	{ memory_access(p, n, false, false, __builtin_return_address(0)); }			\
	void __tsan_write##n(void *p);							\
	void __tsan_write##n(void *p)							\
	{ memory_access(p, n, true, false, __builtin_return_address(0)); }			\
	void __tsan_volatile_read##n(void *p);						\
	void __tsan_volatile_read##n(void *p)						\
	{ memory_access(p, n, false, true, __builtin_return_address(0)); }			\
	void __tsan_volatile_write##n(void *p);						\
	void __tsan_volatile_write##n(void *p)						\
	{ memory_access(p, n, true, true, __builtin_return_address(0)); }

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)

void __tsan_init(void);
void __tsan_init(void) { }
void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc) { }
void __tsan_func_exit(void);
void __tsan_func_exit(void) { }

/*
 * main
 */
static void first_world(void)
{
	int i;

	memset(&W, 0, sizeof(W));
	for (i = 0; i < nr_events; i++) {
		struct perf_event *event = &W.event[i];

		event->state = PERF_EVENT_STATE_INACTIVE;
		event->oncpu = -1;
		event->pmu = i ? &cpu_pmu : &aux_pmu;
		event->group_leader = &W.event[0];
		event->ctx = &W.ctx;
		event->pmu_ctx = &W.epc[!!i];
		event->rb = &W.rb;
		event->hw.state = PERF_HES_STOPPED;
		W.epc[!!i].pmu = event->pmu;
	}
}

static void list_points(void)
{
	static const u32 none[1];
	const struct op *op;

	mode = TRACE;
	for (op = ops; op < ops + NR_OPS; op++)
		if (op_enabled(op))
			trace_exec(op, op->base_rank, none, 0, 0);
	print_lines();
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void usage(void)
{
	fprintf(stderr,
		"usage: search [-c core|any|group|fixed|own] [-n OPS] [-d DEPTH] [-1 OPS] [-m state|paused|none] [-x OP]... [-W] [-l]\n"
		"  -c	whose rules: core.c's, any request from anywhere, core.c's with siblings,\n"
		"	or core.c's with a PMU that cannot pause, or one that overflows, too\n"
		"  -n	operations in a sequence, those that interrupt included, up to %d\n"
		"  -d	contexts on the stack at a time\n"
		"  -1	also count the interleavings of up to so many operations one by one\n"
		"  -m	where the code keeps the reasons; none: hold it against the reference\n"
		"  -x	leave out an operation, and where it fails\n"
		"  -W	start() of a sibling that counts is a failure, too\n"
		"  -l	do not search, list the points of each operation\n", MAX_OPS);
	exit(2);
}

int main(int argc, char **argv)
{
	int opt, i, one_by_one = 0, depth = NR_RANKS, max;
	double t0 = seconds(), sum = 0, total;
	const char *name = "core";
	bool list = false;
	struct rusage usage_now;
	u32 start;

	nr_ops = 5;
	while ((opt = getopt(argc, argv, "c:n:d:1:m:x:Wl")) != -1) {
		switch (opt) {
		case 'c':
			name = optarg;
			config = !strcmp(name, "core") ? CORE : !strcmp(name, "any") ? ANY :
				 !strcmp(name, "group") ? GROUP :
				 !strcmp(name, "fixed") ? FIXED :
				 !strcmp(name, "own") ? OWN : 0;
			if (!config)
				usage();
			break;
		case 'n':
			nr_ops = atoi(optarg);
			break;
		case 'd':
			depth = atoi(optarg);
			break;
		case '1':
			one_by_one = atoi(optarg);
			break;
		case 'm':
			mask = !strcmp(optarg, "none") ? NOWHERE :
			       !strcmp(optarg, "paused") ? IN_PAUSED : IN_STATE;
			break;
		case 'x':
			if (nr_excluded < 32)
				excluded[nr_excluded++] = optarg;
			break;
		case 'W':
			check_siblings = true;
			break;
		case 'l':
			list = true;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || nr_ops < 1 || nr_ops > MAX_OPS || depth < 1)
		usage();

	if (config == GROUP)
		nr_events = MAX_EVENTS;
	world_size = offsetof(struct world, event) + nr_events * sizeof(W.event[0]);
	first_world();
	start = world_id();
	if (config & (FIXED | OWN))
		aux_pmu.capabilities &= ~PERF_PMU_CAP_AUX_PAUSE;
	if (config == FIXED)
		mask = NOWHERE;

	/* core.c has interrupts off wherever this is called. */
	for (i = 0; i < NR_RANKS; i++)
		rank_used[i] = config == ANY || i >= IRQ;
	if (config != ANY && depth > NR_RANKS - IRQ)
		depth = NR_RANKS - IRQ;
	for (i = NR_RANKS - 1, max = config == ANY ? NR_RANKS : NR_RANKS - IRQ; max > depth; i--) {
		if (!rank_used[rank_order[i]] || (config != ANY && rank_order[i] == IRQ))
			continue;
		rank_used[rank_order[i]] = false;
		max--;
	}

	/* aux-action of an event that is gone */
	if (mask == IN_STATE) {
		perf_aux_pause(NULL);
		perf_aux_resume(NULL);
	}

	if (list) {
		list_points();
		return 0;
	}

	/* Few first, so that a counter-example is short */
	max = nr_ops;
	for (nr_ops = 1; nr_ops <= max; nr_ops++) {
		if (setjmp(found)) {
			getrusage(RUSAGE_SELF, &usage_now);
			printf("%s: counter-example, of %d operations within one another, %.1f s, %ld MiB:\n",
			       name, nr_ops, seconds() - t0, usage_now.ru_maxrss / 1024);
			print_trace(start);
			return 1;
		}
		search_base(start);
	}
	nr_ops = max;

	for (i = 1; i <= nr_ops; i++)
		sum += interleavings(i);
	total = nr_nodes;
	getrusage(RUSAGE_SELF, &usage_now);
	printf("%s: %d operations, %d contexts deep: %.0f interleavings; %.0f states, %zu worlds, %u of them quiet; %.1f s, %ld MiB\n",
	       name, nr_ops, depth, sum, total, nr_worlds, (u32)base.nr, seconds() - t0,
	       usage_now.ru_maxrss / 1024);

	if (one_by_one) {
		double n[MAX_OPS + 1] = { 0 };
		bool same = true;

		if (one_by_one > nr_ops)
			one_by_one = nr_ops;
		if (setjmp(found)) {
			printf("%s: one by one: %s\n", name, message);
			return 2;
		}
		count_one_by_one(start, one_by_one, n);
		for (i = 1; i <= one_by_one; i++) {
			printf("%s: one by one, %d operations: %.0f interleavings, of the search: %.0f\n",
			       name, i, n[i], interleavings(i));
			same &= n[i] == interleavings(i);
		}
		if (!same) {
			printf("%s: the search and one by one differ\n", name);
			return 2;
		}
	}
	return 0;
}
