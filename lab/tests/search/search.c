// SPDX-License-Identifier: GPL-2.0
/*
 * Every interleaving of the contexts of one CPU over the code that ships
 *
 * The code under test is compiled with -fsanitize=thread, for the calls that
 * this makes the compiler emit ahead of each memory access; they come to
 * point() below rather than to the sanitizer.  An access to what contexts
 * share is a point: any context that may interrupt can do so there, any number
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
 *		return.  Explored once, whatever was interrupted.
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
#include <errno.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "map.h"
#include "ops.h"

#define MAX_OPS		9
#define MAX_PATH	4096

struct world W;
int nr_events = 1, aux_index;
unsigned int max_looks;
bool answering, can_pause = true, counts_too, goes_on;

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
 * Settings
 */
static int nr_ops = 5;		/* operations in a sequence, nested ones included */

/* Where the reasons are to be seen */
static enum { IN_STOP, IN_PAUSED, NOWHERE } mask = IN_STOP;

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
	bool		alone;		/* nobody will interrupt */

	/* For the checks */
	unsigned int	seen;		/* the reasons when last looked at */
	enum perf_event_state state;	/* of the AUX area event, at the entry */
	unsigned int	changed;	/* reasons, as it should, each once */
	unsigned int	nothing_to_do;	/* for these reasons, at some time */
	bool		owed;		/* a callback, at the entry: by whom it has interrupted */
	int		edges;		/* changes that were to the first or from the last reason */
	int		callbacks;	/* PAUSE and RESUME */
	int		in_settle;	/* of them, in this call of aux_request() */
	bool		looked;		/* W.hw.looking before it */
	bool		gave_up;	/* in this call of aux_request() */
	bool		told_loss;	/* ... and told user space */
	bool		answers;	/* a trigger in a callback, see do_answer(), or a kprobe */
	bool		requests;	/* in aux_request(), and not by such a trigger */
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
	const struct hw_perf_event *hwc = &AUX->hw;

	switch (mask) {
	case IN_STOP:
		return (hwc->aux_stop_action ? ACTION : 0) |
		       (hwc->group_throttled ? THROTTLE : 0);
	case IN_PAUSED:
		return hwc->aux_paused ? ACTION : 0;
	default:
		return W.hw.reference;
	}
}

static const char *reasons_name(unsigned int r)
{
	static const char * const name[] = {
		"none", "ACTION", "THROTTLE", "ACTION|THROTTLE",
	};

	return name[r & ANY_REASON];
}

/*
 * What must hold
 */

/* C4, C2: a reason changes as the effect of the operation that changes it, once. */
static void account(struct frame *f)
{
	unsigned int now = reasons(), diff = now ^ f->seen;

	if (!diff)
		return;
	f->edges += !f->seen != !now;
	f->seen = now;

	if (f->answers) {
		must(diff == ACTION, "C2: a trigger in a callback turns the reasons into %s",
		     reasons_name(now));
		return;
	}
	/* An unthrottle that finds the group throttled anew takes its own part back. */
	if (W.hw.again && f->op->clear & now & diff & THROTTLE)
		return;
	must(mask == NOWHERE || !((now & diff & ~f->op->set) | (~now & diff & ~f->op->clear)),
	     "C2, C4: '%s' turns the reasons from %s into %s",
	     f->op->name, reasons_name(now ^ diff), reasons_name(now));
	must(!(f->changed & diff),
	     "C4: '%s' takes effect a second time, and undoes what came after it", f->op->name);
	f->changed |= diff;
}

static void look(struct frame *f)
{
	f->seen = reasons();
	f->nothing_to_do |= (f->op->set & f->seen) | (f->op->clear & ~f->seen);
}

/*
 * In every state that a context can see, whatever is on the stack.
 *
 * The hardware is what the PMU was last told, if the gate is open; and that is
 * what the reasons say, or else some context is in aux_request(), and has to look
 * at them before it returns.
 */
static void check_state(void)
{
	const struct hw_perf_event *hwc = &AUX->hw;

	if (W.hw.callback)
		must(hwc->aux_paused == W.hw.told, "hw.aux_paused changes during a callback");
	must(!W.hw.given_up || !W.hw.running,
	     "C11: aux_request() gave up, and the hardware runs before the event is off its PMU");

	must(!W.hw.unresumed || W.hw.callback || W.hw.looking || AUX->pending_disable,
	     "C1: an event that did not resume is not turned off");

	if (mask != IN_STOP || !hwc->aux_open)
		return;
	must(!W.hw.callback, "C5: the gate is open during a callback");
	must(!W.hw.untold, "the event was paused or resumed, and no tracepoint says so");
	must(W.hw.on && W.hw.started, "the gate is open, and the event is not started");
	must(W.hw.faulted || W.hw.running == !hwc->aux_paused,
	     "C1: the gate is open, the hardware %s, hw.aux_paused is %#x",
	     W.hw.running ? "runs" : "is paused", hwc->aux_paused);
	must(W.hw.looking || !hwc->aux_paused == !reasons(),
	     "C4: the gate is open, hw.aux_paused is %#x, reasons: %s, and nobody looks again",
	     hwc->aux_paused, reasons_name(reasons()));
}

/* Called by glue.c: around aux_request() */
void settle_begins(void)
{
	struct frame *f = cur;

	if (!f)
		return;
	if (f->answers)
		return;
	f->requests = true;
	f->in_settle = 0;
	f->gave_up = f->told_loss = false;
	f->looked = W.hw.looking;
	W.hw.looking = true;
}

void settle_ends(void)
{
	const struct hw_perf_event *hwc = &AUX->hw;
	struct frame *f = cur;

	if (!f || f->answers)
		return;
	W.hw.looking = f->looked;
	f->requests = false;
	f->in_settle = 0;
	if (f->gave_up) {
		must(f->told_loss || W.hw.faulted || mask != IN_STOP,
		     "C11: aux_request() gave up, and user space is not told that trace is missing");
		must(!hwc->aux_open && (hwc->aux_paused || W.hw.faulted) &&
		     AUX->pending_disable && W.hw.irq_work &&
		     !W.hw.running,
		     "C11: aux_request() gave up: the gate is %s, hw.aux_paused is %#x, the hardware %s, pending_disable is %u",
		     hwc->aux_open ? "open" : "shut", hwc->aux_paused,
		     W.hw.running ? "runs" : "does not run", AUX->pending_disable);
	}
}

/* Called by glue.c: an order to disable the event; outside of callbacks it is aux_request()'s. */
void gives_up(void)
{
	if (!cur)
		return;
	if (W.hw.callback)
		return;
	must(W.hw.giving_up || mask != IN_STOP, "an event is given up, and no tracepoint says so");
	W.hw.giving_up = false;
	/* A kprobe's request; the one that it has interrupted may not have shut the gate yet. */
	if (!cur->requests || !cur->answers)
		cur->gave_up = true;
	W.hw.given_up = true;
}

/* Called by glue.c: the record that says so */
void tells_loss(void)
{
	if (!cur)
		return;
	must(!W.hw.unresumed, "the core tells of a resume that failed, as its driver does");
	cur->told_loss = true;
}

/* Called by glue.c: a group that was throttled anew before the AUX area event had its turn */
void throttled_anew(void)
{
	if (cur)
		cur->nothing_to_do |= THROTTLE;
}

void answer_begins(void)
{
	if (!cur)
		return;
	account(cur);
	cur->answers = true;
}

void answer_ends(void)
{
	if (!cur)
		return;
	account(cur);
	cur->answers = false;
}

/*
 * Kprobes, for configuration kprobes: one that pauses and one that resumes, on
 * accesses of aux_request().  Each hits each time, other than in the handler of
 * a kprobe.
 */
#define MAX_SITES	64
static struct sites {
	const void	*at[MAX_SITES];
	int		nr;
	double		states;		/* of all searches */
} *sites;			/* shared by all processes */
static const void *kprobe[2];	/* [pause] */

static void kprobes(struct frame *f, const void *pc)
{
	bool pause = pc == kprobe[true];
	int i;

	if (!f->requests || f->answers || W.hw.callback)
		return;
	if (sites && !kprobe[true]) {
		for (i = 0; i < sites->nr && sites->at[i] != pc; i++)
			;
		must(i < MAX_SITES, "internal error: aux_request() has more than %d accesses", i);
		sites->at[i] = pc;
		sites->nr += i == sites->nr;
	}
	if (!pause && pc != kprobe[false])
		return;
	answer_begins();
	if (pause)
		do_pause();
	else
		do_resume();
	answer_ends();
}

static void enter_op(struct frame *f)
{
	f->below = cur;
	cur = f;
	f->points = 0;
	f->store = -1;
	f->state = AUX->state;
	f->changed = f->nothing_to_do = 0;
	f->edges = f->callbacks = f->in_settle = 0;
	f->owed = AUX->hw.aux_open && !AUX->hw.aux_paused != !reasons();
	f->gave_up = f->told_loss = f->answers = f->requests = false;
	if (f->op->fail)
		W.hw.fail = f->op->fail;
	look(f);
}

/* Has to leave the AUX area event started, and does, unless told to fail */
static bool starts(const struct frame *f)
{
	const struct op *op = f->op;

	return !op->fail && ((op->fn == do_sched_in && f->state == PERF_EVENT_STATE_INACTIVE) ||
			     op->fn == do_restart || op->fn == do_period ||
			     (op->fn == do_tick_freq && !aux_index) ||
			     op->fn == do_add || op->fn == do_start);
}

/*
 * What makes no difference any more, for fewer worlds: that there was a throttle
 * and the group is not throttled, an irq_work that finds nothing to disable.
 */
static void forget(void)
{
	if (!AUX->pending_disable)
		W.hw.irq_work = false;
	if (!group_throttled(0))
		W.hw.throttled = false;
}

static void leave_op(struct frame *f)
{
	unsigned int all = f->op->clear | f->op->set;
	bool effect = f->op->effect == MUST ||
		      (f->op->effect == MUST_IF_ACTIVE && f->state == PERF_EVENT_STATE_ACTIVE) ||
		      (f->op->effect == MUST_IF_INACTIVE && f->state == PERF_EVENT_STATE_INACTIVE);

	account(f);
	if (f->op->fail)
		W.hw.fail = FAIL_NONE;
	if (mask == NOWHERE) {
		if (can_pause && (effect || f->op->clear))
			W.hw.reference = (W.hw.reference & ~f->op->clear) | f->op->set;
	} else if (effect) {
		must(((f->changed | f->nothing_to_do) & all) == all, "C4: '%s' is lost", f->op->name);
	}
	if (starts(f))
		must(W.hw.started, "C1: '%s' does not start the event", f->op->name);
	check_state();
	cur = f->below;
	if (cur)
		cur->cost += f->cost;
}

/*
 * Called by the PMU: bounded work, and C3 in numbers.  Of the operations that
 * interrupt, each has as many edges as reasons; and an operation that is
 * interrupted between its edge and its callback finds that others have seen to it.
 */
void count_callback(void)
{
	struct frame *f = cur;
	int most = config == TRIGGERS ? 2 : 1;

	if (!f)
		return;
	account(f);
	f->callbacks++;
	if (mask != IN_STOP)
		return;
	/* A kprobe makes its own. */
	if (f->answers)
		return;
	must(++f->in_settle <= (int)max_looks + 1,
	     "C11: '%s' makes %d calls to pause and resume in one go", f->op->name, f->in_settle);
	if (!answering && !kprobe[true])
		must(f->callbacks <= f->owed + f->edges + most * (f->cost - 1),
		     "C3: '%s' makes a call to pause or resume without an edge of the reasons",
		     f->op->name);
}

/* By those that nobody interrupts, so that these come to an end as well */
static unsigned int plain_accesses;

static void exec_plain(void (*fn)(void))
{
	int saved = mode;

	plain_accesses = 0;
	mode = PLAIN;
	fn();
	mode = saved;
}

/* Called by the PMU: C8, C9 */
void check_callback(bool pause_or_resume)
{
	if (!can_pause && cur) {
		must(!pause_or_resume, "C8: '%s' pauses or resumes an event that cannot pause",
		     cur->op->name);
		must(counts_too || (!cur->op->nests && cur->op->fn != do_tick),
		     "C8: '%s' calls the PMU of an event that cannot pause", cur->op->name);
	}
}

/* Called by the PMUs: a trigger is stopped for its own overflows. */
void check_stop_of(int i, int flags)
{
	/* It may have been throttled for its own overflows just before it is started. */
	if (cur && !cur->op->trips && !(flags & PERF_EF_UPDATE) && is_trigger(i))
		must(W.hw.starting & 1 << i, "C14: '%s' stops event %d, which is a trigger",
		     cur->op->name, i);
	if (cur && cur->op->trips && is_trigger(i) && cur->op->trips != i + 1)
		must(strstr(cur->op->name, "throttle late"),
		     "C14: '%s' stops event %d, which is a trigger", cur->op->name, i);
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

/* With nothing on the stack, after a tick that nobody has interrupted */
static void check_unthrottled(void)
{
	int i;

	must(!group_throttled(0), "C12: the group is still throttled after the next tick");
	for (i = 0; i < nr_events; i++) {
		if (W.event[i].state != PERF_EVENT_STATE_ACTIVE)
			continue;
		must(!marked(i), "C12: event %d is still throttled after the next tick", i);
		must(W.event[i].pmu == &aux_pmu || !(W.event[i].hw.state & PERF_HES_STOPPED),
		     "C12: event %d is still stopped after the next tick", i);
	}
}

static void check_quiet(void)
{
	static const char * const restart_core[] = {
		"schedule out", "the order to disable", "enable", "schedule in", "resume", NULL
	};
	static const char * const restart_any[] = { "del", "add", "resume", NULL };
	static const char * const go_on_core[] = { "resume", "tick", NULL };
	static const char * const go_on_any[] = { "resume", "unthrottle", NULL };
	const struct hw_perf_event *hwc = &AUX->hw;
	bool start_ok = W.hw.on && !(hwc->state & PERF_HES_STOPPED), saved_answering;
	struct world saved;
	int i;

	must(!W.hw.callback, "C5: a callback is left behind");
	must(!W.hw.looking && !W.hw.unthrottling && !W.hw.aux_off && !W.hw.cpu_off,
	     "internal error: something is left behind");
	must(W.hw.on == (AUX->state == PERF_EVENT_STATE_ACTIVE) || config == ANY,
	     "the event's state and its PMU disagree");
	must(W.hw.recorded == (aux_index && can_pause && hwc->group_throttled),
	     "a throttle %s recorded, the event %s throttled", W.hw.recorded ? "is" : "is not",
	     hwc->group_throttled ? "is" : "is not");
	for (i = 0; i < nr_events; i++)
		must((W.event[i].pmu == &aux_pmu && !counts_too) || !group_throttled(i) ||
		     W.event[i].state != PERF_EVENT_STATE_ACTIVE ||
		     W.event[i].hw.state & PERF_HES_STOPPED,
		     "C12: event %d counts, and is throttled", i);
	must(W.hw.session == start_ok, "C3: the session is %s, the event %s",
	     W.hw.session ? "open" : "closed", start_ok ? "started" : "not started");

	/* What is about to be disabled need not run. */
	must(W.hw.running == (start_ok && !reasons()) || (AUX->pending_disable && !W.hw.running),
	     "C1: the hardware %s, %s, reasons: %s",
	     W.hw.running ? "runs" : "does not run",
	     !W.hw.on ? "the event is not on its PMU" :
	     start_ok ? "the event is on its PMU and started" :
	     "the event is on its PMU, but not started", reasons_name(reasons()));
	must(!AUX->pending_disable || W.hw.irq_work, "C11: pending_disable is set, and nobody comes to disable the event");
	if (mask == IN_STOP && can_pause && !W.hw.faulted)
		must(hwc->aux_open == start_ok || (AUX->pending_disable && !hwc->aux_open),
		     "the gate is %s, the event %s",
		     hwc->aux_open ? "open" : "shut", start_ok ? "started" : "not started");

	if (config != ANY && mask == IN_STOP) {
		must(W.hw.on || !AUX->pending_disable,
		     "C13: the order to disable outlives the event's time on its PMU");
		must(AUX->pending_disable || !AUX->pending_wakeup,
		     "C13: there was no room, and nobody is woken up to hear of it");
		for (i = 1; i < nr_events; i++)
			must(W.event[i].state != PERF_EVENT_STATE_INACTIVE ||
			     W.event[0].state != PERF_EVENT_STATE_ACTIVE,
			     "C13: event %d is not in, its group is", i);
	}

	saved = W;
	saved_answering = answering;
	answering = false;	/* the triggers are gone */
	if (config == ANY || active()) {
		bool all = recover(config == ANY ? go_on_any : go_on_core);

		if (all && start_ok && !AUX->pending_disable)
			must(W.hw.running, "stuck: neither resume nor unthrottle makes the event run again");
		if (all && config != ANY && mask == IN_STOP)
			check_unthrottled();
	}
	W = saved;
	if (recover(config == ANY ? restart_any : restart_core))
		must(W.hw.running || (aux_index && !active()),
		     "stuck: the event does not run when it is scheduled in anew");
	W = saved;
	answering = saved_answering;
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
	int		rank;
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
		uint8_t		in_settle, edges, changed, nothing_to_do;
	} f;
};

struct nodes {
	struct node	*node;
	size_t		nr, cap;
	struct map	index;
};

static struct node *node_of(struct nodes *l, const struct frame *f, u32 hist, u32 world,
			    unsigned int nothing_to_do)
{
	uint64_t flags = f->callbacks | (uint64_t)f->in_settle << 16 | (uint64_t)f->edges << 24 |
			 (uint64_t)f->changed << 32 | (uint64_t)nothing_to_do << 40;
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
		n->f.edges = f->edges;
		n->f.in_settle = f->in_settle;
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

	/* Before the first point; or to the end, if there is nobody to wait for */
	{
		struct frame f = {
			.op = &ops[op], .rank = rank, .path = a->path, .cost = 1,
			.alone = budget == 1,
		};
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
			violation("C11: no end to '%s' after %d points", ops[op].name, len);

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
					.changed = b->f.changed, .edges = b->f.edges,
					.in_settle = b->f.in_settle,
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

static bool alone(int rank)
{
	int by;

	for (by = rank + 1; by < NR_RANKS; by++)
		if (may_interrupt(rank, by))
			return false;
	return true;
}

/* The operation is one of @budget.  If that is all there is, the rank is all one. */
static struct run *get_run(int op, int rank, u32 world, int budget)
{
	struct run *run;
	u32 *v;

	if (budget == 1 || alone(rank)) {
		budget = 1;
		rank = NR_RANKS - 1;
	}
	v = map_find(&run_index, op << 16 | rank << 8 | budget, world);
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

/* @id, with nothing left on the stack */
static u32 quiet_world(u32 id)
{
	set_world(id);
	forget();
	return world_id();
}

static void extend_ways(struct reach *r, u32 i, int k, const struct run *run)
{
	u32 x;
	int j;

	for (x = 0; x < run->nr; x++)
		for (j = 1; k + j <= nr_ops; j++)
			reach_entry(r, quiet_world(run->exit[x].world))->ways.n[k + j] +=
				r->entry[i].ways.n[k] * run->exit[x].ways.n[j];
}

/* One more operation after those that lead to entry @i with @k operations */
static void extend(struct reach *r, u32 i, int k, const struct run *run, int rank, int budget)
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
			e->rank = rank;
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
			for (op = 0; op < nr_in_table; op++) {
				if (!ops[op].nests)
					continue;
				for (by = 0; by < NR_RANKS; by++)
					if (may_interrupt(rank, by))
						extend(r, i, k,
						       get_run(op, by, r->entry[i].world,
							       budget - k),
						       by, budget);
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
		for (op = 0; op < nr_in_table; op++) {
			const struct run *run = get_run(op, ops[op].base_rank,
							base.entry[i].world, nr_ops);
			u32 x;

			for (x = 0; x < run->nr; x++) {
				u32 n = base.nr;
				struct entry *e = reach_entry(&base, quiet_world(run->exit[x].world));

				if (n != base.nr) {
					e->prev = i;
					e->run = run;
					e->rank = ops[op].base_rank;
					e->exit = x;
				}
			}
		}
	}

	/* How many of them have up to nr_ops operations? */
	for (k = 0; k < nr_ops; k++)
		for (i = 0; i < base.nr; i++)
			for (op = 0; op < nr_in_table && base.entry[i].ways.n[k]; op++)
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
		struct { const struct op *op; int rank; } can[nr_in_table * NR_RANKS];
		int op, by, n = 0;

		for (op = 0; op < nr_in_table; op++) {
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
			const struct op *can[nr_in_table];
			int op, m = 0;

			for (op = 0; op < nr_in_table; op++)
				if (op_enabled(&ops[op]))
					can[m++] = &ops[op];
			m = choose(m + 1);
			if (!m)
				break;
			count_exec(can[m - 1], can[m - 1]->base_rank);
			forget();
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
	char		text[400];
};

static struct line *lines;
static size_t nr_lines, cap_lines;
static struct activation told[NR_RANKS + 2];
static int nr_told;
static jmp_buf found;
static char message[400];

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

static const struct field {
	const char	*name;
	size_t		at;
	int		size;
} fields[] = {
#define FIELD(f)	{ #f, offsetof(struct perf_event, f), sizeof(W.event[0].f) }
	FIELD(state), FIELD(oncpu), FIELD(pending_disable), FIELD(hw.aux_paused),
	FIELD(hw.aux_stop_action), FIELD(hw.aux_open), FIELD(hw.state), FIELD(hw.interrupts),
	FIELD(hw.group_throttled), FIELD(hw.aux_stop_reasons), FIELD(hw.interrupts_seq),
};

static const struct field *field_of(void *addr, int size, int *i)
{
	size_t n;

	for (*i = 0; *i < nr_events; ++*i)
		for (n = 0; n < sizeof(fields) / sizeof(fields[0]); n++)
			if (addr == (char *)&W.event[*i] + fields[n].at && size == fields[n].size)
				return &fields[n];
	return NULL;
}

static void format_value(char *to, size_t size, void *addr, int bytes)
{
	uint64_t value = 0;
	int i;
	const struct field *field = field_of(addr, bytes, &i);

	memcpy(&value, addr, bytes);
	if (field && field->at == offsetof(struct perf_event, hw.state))
		snprintf(to, size, "%s", value & PERF_HES_STOPPED ? "STOPPED" : "0");
	else if (field && field->at == offsetof(struct perf_event, hw.interrupts) && value == ~0ULL)
		snprintf(to, size, "MAX_INTERRUPTS");
	else if (bytes == 4)
		snprintf(to, size, "%d", (int)value);
	else
		snprintf(to, size, "%#lx", (unsigned long)value);
}

static const char *field_name(void *addr, int size)
{
	static char name[64];
	int i;
	const struct field *field = field_of(addr, size, &i);

	if (!field)
		return addr == &W.rb.aux_in_pause_resume ? "rb->aux_in_pause_resume" : "?";
	if (nr_events > 1)
		snprintf(name, sizeof(name), "event %d: %s", i, field->name);
	else
		snprintf(name, sizeof(name), "%s", field->name);
	return name;
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
	const struct hw_perf_event *hwc = &AUX->hw;
	char others[200] = "";
	int i;

	for (i = 0; nr_events > 1 && i < nr_events; i++)
		snprintf(others + strlen(others), sizeof(others) - strlen(others), "; event %d %s%s",
			 i, W.event[i].state != PERF_EVENT_STATE_ACTIVE ? "not in" :
			 &W.event[i] == AUX ? "traces" :
			 W.event[i].hw.state & PERF_HES_STOPPED ? "stopped" : "counts",
			 marked(i) ? ", marked" : "");
	tell(NULL, "  [%s, reasons: %s%s; hardware %s%s%s]",
	     !W.hw.on ? "not on its PMU" :
	     hwc->state & PERF_HES_STOPPED ? "on its PMU, stopped" : "on its PMU",
	     reasons_name(reasons()),
	     mask != IN_STOP ? "" : hwc->aux_open ? ", gate open" : ", gate shut",
	     W.hw.running ? "runs" : "does not run", others,
	     group_throttled(0) ? "; group throttled" : "");
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
	trace_exec(&ops[e->run->op], e->rank, e->run->exit[e->exit].path,
		   e->run->exit[e->exit].len, -1);
	if (r == &base)
		forget();
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

				/* The Makefile's */
				if (function[0] && function[strlen(function) - 1] == '_')
					function[strlen(function) - 1] = 0;
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
	must(f->points < MAX_PATH, "C11: no end to '%s' after %d points", f->op->name, f->points);
	switch (mode) {
	case SEARCH:
		if (f->alone) {
			check_state();
			nr_nodes++;
			break;
		}
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
	if (mode == SEARCH && f->points == f->len && !f->alone)
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

	if (p == (char *)&W.rb.aux_in_pause_resume || p == (char *)&AUX->pending_disable)
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

	if (mode == PLAIN)
		must(plain_accesses++ < 16 * MAX_PATH, "C11: no end to an operation that nobody interrupts");
	if (!f || mode == PLAIN)
		return;
	w = watch(addr);
	if (w == UNWATCHED)
		return;
	if (w == BASE_ONLY && store && f->op->nests)
		violation("'%s' is no base operation, and writes %s", f->op->name, field_name(addr, size));
	kprobes(f, pc);
	if (mode == TRACE)
		tell_stored(f);
	if (store || w == SHARED)
		interrupt(f);

	if (mode == TRACE) {
		if (store) {
			f->store = tell(pc, "%s %s", once ? "WRITE_ONCE" : "store", field_name(addr, size));
			f->store_addr = addr;
			f->store_size = size;
		} else {
			format_value(text, sizeof(text), addr, size);
			tell(pc, "%s %s: %s", once ? "READ_ONCE" : "load", field_name(addr, size), text);
		}
	}
	if (!store)
		memcpy(&value, addr, size);
	remember(f, pc, value);
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
static const struct config {
	const char	*name;
	unsigned int	config;
	struct pmu	*pmu[MAX_EVENTS];	/* of the leader, and of its siblings */
	int		aux_index;
	bool		cannot_pause, counts, answers, kprobes;
	int		aux_pause, aux_resume;	/* which event is a trigger */
} configs[] = {
	{ "core",	CORE,		{ &aux_pmu } },
	{ "any",	ANY,		{ &aux_pmu } },
	{ "answer",	ANSWER,		{ &aux_pmu }, .answers = true },
	{ "kprobes",	ANSWER,		{ &aux_pmu }, .kprobes = true },
	{ "group",	GROUP,		{ &aux_pmu, &cpu_pmu, &cpu_pmu } },
	{ "follow",	FOLLOW,		{ &cpu_pmu, &aux_pmu, &cpu_pmu }, .aux_index = 1 },
	{ "triggers",	TRIGGERS,	{ &aux_pmu, &cpu_pmu, &cpu_pmu, &cpu_pmu },
					.aux_pause = 1, .aux_resume = 2 },
	{ "soft",	SOFT,		{ &aux_pmu, &soft_pmu, &soft_pmu }, .aux_pause = 1 },
	{ "fixed",	FIXED,		{ &aux_pmu, &cpu_pmu }, .cannot_pause = true },
	{ "own",	OWN,		{ &aux_pmu, &soft_pmu }, .cannot_pause = true, .counts = true },
};

static const struct config *the_config = configs;

static int pmu_of(const struct pmu *pmu)
{
	return pmu == &aux_pmu ? AUX_PMU : pmu == &cpu_pmu ? CPU_PMU : SOFT_PMU;
}

/*
 * A group with a counter in it is in the context of the counters' PMU, as a
 * whole.  Without one, each event is in that of its own PMU, and the group is
 * where its leader is.
 */
static void first_world(void)
{
	int i, counters = 0;

	memset(&W, 0, sizeof(W));
	nr_events = 0;
	while (nr_events < MAX_EVENTS && the_config->pmu[nr_events])
		counters += the_config->pmu[nr_events++] == &cpu_pmu;

	for (i = 0; i < nr_events; i++) {
		struct perf_event *event = &W.event[i];
		struct pmu *pmu = the_config->pmu[i];

		event->state = PERF_EVENT_STATE_INACTIVE;
		event->oncpu = -1;
		event->pmu = pmu;
		event->group_leader = &W.event[0];
		event->ctx = &W.ctx;
		if (counters)
			pmu = &cpu_pmu;
		else if (the_config->counts)
			pmu = &aux_pmu;
		event->pmu_ctx = &W.epc[pmu_of(pmu)];
		event->pmu_ctx->pmu = pmu;
		event->rb = &W.rb;
		event->hw.state = PERF_HES_STOPPED;
		event->attr.aux_pause = i && i == the_config->aux_pause;
		event->attr.aux_resume = i && i == the_config->aux_resume;
		if (event->attr.aux_pause || event->attr.aux_resume)
			event->aux_event = AUX;
	}
}

static void list_points(void)
{
	static const u32 none[1];
	const struct op *op;

	mode = TRACE;
	for (op = ops; op < ops + nr_in_table; op++)
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

static const char usage_text[] =
"usage: search [-c CONFIG] [-n OPS] [-d DEPTH] [-1 OPS] [-r RESUMES] [-m WHERE] [-x OP]... [-k] [-l] [-h]\n"
"  -c	what is explored:\n"
"	core		an AUX area event, by core.c's rules\n"
"	any		straight to the state machine, any request from anywhere\n"
"	answer		core, and the PMU's own callbacks hit triggers, each time\n"
"	kprobes		core, with a kprobe that pauses and one that resumes in aux_request()\n"
"	group		core, with two counters as siblings, which are throttled, too\n"
"	follow		a counter leads the group, the AUX area event is a sibling\n"
"	triggers	a group with counters that pause and resume\n"
"	soft		a group without counters, with a tracepoint that pauses\n"
"	fixed		a PMU that cannot pause\n"
"	own		one that overflows itself, and is no AUX area event in this\n"
"  -n	operations in a sequence, those that interrupt included, 1 to 9; default 5\n"
"  -d	contexts on the stack at a time, 1 to 8\n"
"  -1	also count the interleavings of up to so many operations one by one, 0 to 9\n"
"  -r	AUX_MAX_LOOKS, 1 to 240; default: that of the tree\n"
"  -m	where the code keeps the reasons: stop, paused, or none for \"hold it\n"
"	against the reference\"; for plants\n"
"  -x	leave out an operation, and where it fails; at most 32 of them\n"
"  -k	the counters' PMU cannot be disabled, as AMD's IBS\n"
"  -l	do not search, list the points of each operation\n"
"  -h	this\n"
"Exits with 1 if something is found.\n";

__attribute__((format(printf, 1, 2), noreturn))
static void refuse(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "search: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; see search -h\n");
	exit(2);
}

static int number(int opt, const char *text, int from, int to)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < from || n > to)
		refuse("-%c: '%s' is no number from %d to %d", opt, text, from, to);
	return n;
}

static const struct config *config_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		if (!strcmp(configs[i].name, name))
			return &configs[i];
	refuse("-c: there is no '%s'", name);
}

/* Go on in a child; false in the parent, after that */
static bool child(int *failed)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid)
		return true;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		refuse("fork: %s", strerror(errno));
	*failed += !WIFEXITED(status) || WEXITSTATUS(status);
	return false;
}

/*
 * A search without kprobes, to find the places, and one for each pair of them,
 * each in a process of its own: true in these, false in the end, or when one
 * has failed.
 */
static bool each_kprobes(int *failed)
{
	int i, j;

	sites = mmap(NULL, sizeof(*sites), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sites == MAP_FAILED)
		refuse("mmap: %s", strerror(errno));
	if (child(failed))
		return true;
	for (i = 0; i < sites->nr; i++) {
		for (j = 0; j < sites->nr && !*failed; j++) {
			if (i == j)
				continue;
			kprobe[true] = sites->at[i];
			kprobe[false] = sites->at[j];
			if (child(failed))
				return true;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int opt, i, one_by_one = 0, depth = NR_RANKS, max;
	double t0 = seconds(), sum = 0, total;
	bool list = false;
	struct rusage usage_now;
	const char *name;
	u32 start;

	max_looks = tree_max_looks;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":c:n:d:1:r:m:x:klh", long_options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			the_config = config_of(optarg);
			break;
		case 'n':
			nr_ops = number(opt, optarg, 1, MAX_OPS);
			break;
		case 'd':
			depth = number(opt, optarg, 1, NR_RANKS);
			break;
		case '1':
			one_by_one = number(opt, optarg, 0, MAX_OPS);
			break;
		case 'r':
			max_looks = number(opt, optarg, 1, 240);
			break;
		case 'm':
			if (!strcmp(optarg, "stop"))
				mask = IN_STOP;
			else if (!strcmp(optarg, "paused"))
				mask = IN_PAUSED;
			else if (!strcmp(optarg, "none"))
				mask = NOWHERE;
			else
				refuse("-m: there is no '%s'", optarg);
			break;
		case 'x':
			/* for those who cannot quote it */
			for (i = 0; optarg[i]; i++)
				if (optarg[i] == '_')
					optarg[i] = ' ';
			if (!exclude(optarg))
				refuse("-x: there is no '%s', or too much is left out", optarg);
			break;
		case 'k':
			goes_on = true;
			break;
		case 'l':
			list = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return 0;
		case ':':
			refuse("-%c wants an argument", optopt);
		default:
			refuse("unknown option '%s'", argv[optind - 1]);
		}
	}
	if (optind != argc)
		refuse("'%s' is too much", argv[optind]);

	name = the_config->name;
	config = the_config->config;
	aux_index = the_config->aux_index;
	answering = the_config->answers;
	can_pause = !the_config->cannot_pause;
	counts_too = the_config->counts;
	if (!can_pause) {
		aux_pmu.capabilities &= ~PERF_PMU_CAP_AUX_PAUSE;
		mask = NOWHERE;
	}
	if (counts_too)		/* s390's cpum_sf */
		aux_pmu.capabilities &= ~PERF_PMU_CAP_EXCLUSIVE;

	first_world();
	world_size = offsetof(struct world, event) + nr_events * sizeof(W.event[0]);
	start = world_id();

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
	if (mask == IN_STOP) {
		mode = PLAIN;
		do_orphan();
	}

	if (list) {
		list_points();
		return 0;
	}

	i = 0;
	if (the_config->kprobes && !each_kprobes(&i)) {
		if (!i && sites->nr)
			printf("%s: %d operations, %d contexts deep: %d pairs of places for kprobes; %.0f states; %.1f s\n",
			       name, nr_ops, depth, sites->nr * (sites->nr - 1), sites->states,
			       seconds() - t0);
		return i || !sites->nr;
	}

	/* Few first, so that a counter-example is short */
	max = nr_ops;
	for (nr_ops = 1; nr_ops <= max; nr_ops++) {
		if (setjmp(found)) {
			answering = the_config->answers;
			getrusage(RUSAGE_SELF, &usage_now);
			printf("%s: counter-example, of %d operations within one another, %.1f s, %ld MiB:\n",
			       name, nr_ops, seconds() - t0, usage_now.ru_maxrss / 1024);
			print_trace(start);
			return 1;
		}
		search_base(start);
	}
	nr_ops = max;

	if (the_config->kprobes) {
		sites->states += nr_nodes;
		return 0;
	}
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
