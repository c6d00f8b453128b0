// SPDX-License-Identifier: GPL-2.0
/*
 * Four PMUs for lab/tests/torture that need no hardware, and that check how the perf
 * core calls them:
 *
 *	mock_aux	AUX area, can pause		one unit a CPU, exclusive
 *	mock_unp	AUX area, cannot pause		one unit a CPU, exclusive
 *	mock_sf		overflows by itself, and its PMU has an AUX area that this event
 *			does not use (s390's cpum_sf when it samples); not exclusive
 *	mock_cnt	a counter, which overflows from hard interrupts and NMIs
 *
 * attr.config: BUFFERLESS lets an AUX event run without its AUX area; WILD has a
 * counter overflow while its PMU is disabled, too, as a tracepoint does.
 *
 * All counters of a CPU that overflow at a time are handled in one go, also those
 * that one of the others has had stopped by then (armv8pmu_handle_irq()).
 *
 * A hard timer on each CPU plays the hardware: it makes counters overflow, fills
 * AUX areas, sends NMIs to other CPUs and, as no callback can be in progress
 * when it comes, compares what the units do with what they should (see
 * check_quiet()).  Callbacks now and then send an NMI to their own CPU, so that
 * overflows land inside of them.  Those of a few events do so each time, and it is
 * the triggers that ask for the opposite which overflow then.
 *
 * A violation is counted by its kind, and said once.  /sys/kernel/debug/mockaux:
 * state (key value lines), reregister (write: unregister the AUX PMUs, events
 * and all, and register them again).
 */
#define pr_fmt(fmt) "mockaux: " fmt

#include <linux/cpuhotplug.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <asm/irq_regs.h>

enum { BUFFERLESS = 1, WILD = 2 };		/* attr.config */

#define MAX_INTERRUPTS	(~0ULL)			/* of the perf core */
#define STUCK_TICKS	20			/* of the scheduler; the first ends a throttle */
#define MANY_RESUMES	100			/* in one go; the core allows 64 */

static uint tick_us = 250;
module_param(tick_us, uint, 0644);
static uint overflow_permille = 300;
module_param(overflow_permille, uint, 0644);
MODULE_PARM_DESC(overflow_permille, "how likely a counter overflows at a tick or in an NMI");
static uint kick_permille = 100;
module_param(kick_permille, uint, 0644);
MODULE_PARM_DESC(kick_permille, "how likely an NMI is at each of the places in a callback");
static uint answer_permille = 30;
module_param(answer_permille, uint, 0644);
MODULE_PARM_DESC(answer_permille, "how many events have each pause and resume answered by the opposite");
static uint fail_permille;
module_param(fail_permille, uint, 0644);
MODULE_PARM_DESC(fail_permille, "how likely a full start fails");
static char *plant = "";
module_param(plant, charp, 0444);
MODULE_PARM_DESC(plant, "do wrong on purpose: the name of a violation");

/* ===== What is counted ===== */

#define VIOLATIONS(V)								\
	V(reentry,	"C5: a callback inside of a callback")			\
	V(order,	"C3: start of what runs, pause of what is paused")	\
	V(late,		"a callback of an event that is not on the PMU")	\
	V(victim,	"C3, C8: throttled with stop(event, 0)")		\
	V(trigger,	"C14: a trigger was throttled for another's overflow")	\
	V(restart,	"C12: a member of a group was started that counts")	\
	V(cpu,		"a callback on the wrong CPU or with interrupts on")	\
	V(paused,	"hw.aux_paused changed during a callback")		\
	V(session,	"the AUX output was open at start or is after del")	\
	V(runs,		"C1: runs, and has a reason not to, or the reverse")	\
	V(told,		"C1: hw.aux_paused is not what the reasons are")	\
	V(stuck,	"C12: throttled, and ticks go by")			\
	V(gate,		"C4: the gate is shut and nobody owns it")		\
	V(endless,	"C11: one resume after the other")

#define COUNTS(C)								\
	C(adds) C(dels) C(starts) C(stops) C(pauses) C(resumes) C(failed_starts) \
	C(overflows_irq) C(overflows_nmi) C(throttles) C(nmis_in_callbacks)	\
	C(nmis) C(full) C(checks) C(filters) C(late) C(answers) C(gave_up)

/* What must be 0 once all events are closed */
#define LIVES(L) L(events) L(on_pmu) L(sessions) L(aux_areas)

#define ENUM2(name, text) V_##name,
#define NAME2(name, text) #name,
#define TEXT2(name, text) text,
#define ENUM1(name) C_##name,
#define ENUML(name) L_##name,
#define NAME1(name) #name,
enum violation { VIOLATIONS(ENUM2) NR_VIOLATIONS };
enum count { COUNTS(ENUM1) NR_COUNTS };
enum live { LIVES(ENUML) NR_LIVES };
static const char * const violation_names[] = { VIOLATIONS(NAME2) };
static const char * const violation_texts[] = { VIOLATIONS(TEXT2) };
static const char * const count_names[] = { COUNTS(NAME1) };
static const char * const live_names[] = { LIVES(NAME1) };

static atomic_t violations[NR_VIOLATIONS];
static atomic_t lives[NR_LIVES];
static DEFINE_PER_CPU(unsigned long [NR_COUNTS], counts);

#define count(what) this_cpu_inc(counts[C_##what])
#define live(what, n) atomic_add(n, &lives[L_##what])

/* ===== Events and units ===== */

enum kind { AUX, UNP, SF, CNT, NR_KINDS };
static const char * const pmu_names[] = { "mock_aux", "mock_unp", "mock_sf", "mock_cnt" };

#define MAX_ON_CPU 24

struct mock_event {
	struct perf_event *event;
	enum kind kind;
	int depth;			/* of callbacks */
	unsigned int paused_before;
	bool on, paused, ended;		/* ended: by its own interrupt handler */
	bool session;
	bool answered;			/* each pause and resume, by the opposite */
	bool overflows;			/* we are in perf_event_overflow() for it */
	bool undone;			/* the last pause, before it returned */
	unsigned int resumes;		/* in a row that undo such pauses */
	unsigned long since;		/* jiffies, that it is stopped or paused */
	unsigned int stopped_ticks;
	struct perf_output_handle handle;
	unsigned long filled;
	unsigned int odd[NR_VIOLATIONS];	/* in how many ticks in a row */
};

/* The content of aux_priv */
struct area {
	int nr;
	bool overwrite;
	void *pages[];
};

struct mock_cpu {
	struct hrtimer timer;
	struct mock_event *on[MAX_ON_CPU];	/* [AUX], [UNP], [SF], counters */
	bool nmi_wanted;
	bool disabled[NR_KINDS];
	enum { ANY, PAUSING, RESUMING } answer;	/* who overflows in the next NMI */
	u64 seed;
	int cpu;
};

static DEFINE_PER_CPU(struct mock_cpu, mock_cpus);
static struct pmu pmus[NR_KINDS];

/* xorshift; an NMI in the middle does no harm */
static bool likely_by(struct mock_cpu *c, uint permille)
{
	u64 x = c->seed;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	c->seed = x;
	return (x >> 20) % 1000 < permille;
}

static void violation(enum violation v, struct mock_event *m, const char *what, int flags)
{
	if (atomic_inc_return(&violations[v]) > 1)
		return;
	pr_err("violation %s: %s; %s of %s, flags %x, hw.state %x, paused %u, in_nmi %d\n",
	       violation_names[v], violation_texts[v], what, pmu_names[m->kind], flags,
	       m->event->hw.state, m->event->hw.aux_paused, !!in_nmi());
	dump_stack();
}

static bool planted(const char *name)
{
	return !strcmp(plant, name);
}

/* Once in a while, so that there is something to break */
static bool plant_now(const char *name)
{
	return planted(name) && likely_by(this_cpu_ptr(&mock_cpus), 100);
}

/* ===== Overflows, and the NMIs that bring them ===== */

static bool nmi_works;
static bool nmi_to(int cpu);

static int (*overflow)(struct perf_event *event, struct perf_sample_data *data,
		       struct pt_regs *regs);

static bool overflows_itself(struct mock_event *m)
{
	return m->kind == CNT || m->kind == SF;
}

static bool is_trigger(struct perf_event *event)
{
	return event->attr.aux_pause || event->attr.aux_resume;
}

/* Does it overflow now, as far as the hardware is concerned? */
static bool overflow_now(struct mock_cpu *c, struct mock_event *m, int answer)
{
	struct perf_event *event = m->event;

	if (!overflows_itself(m) || !event->hw.sample_period ||
	    (event->hw.state & PERF_HES_STOPPED))
		return false;
	if (READ_ONCE(c->disabled[m->kind]) && !(event->attr.config & WILD))
		return false;
	/* hw.interrupts copes with one level for each event, as hardware has it */
	if (nmi_works && (event->id & 1) != !!in_nmi())
		return false;
	if (answer)
		return answer == PAUSING ? event->attr.aux_pause : event->attr.aux_resume;
	return likely_by(c, overflow_permille);
}

static void overflow_some(struct mock_cpu *c, struct pt_regs *regs, int answer)
{
	struct perf_sample_data data;
	unsigned long flags = 0;	/* of hardware, as PMOVSCLR */

	for (int i = 0; i < MAX_ON_CPU; i++) {
		struct mock_event *m = READ_ONCE(c->on[i]);

		if (m && overflow_now(c, m, answer))
			flags |= 1UL << i;
	}
	for (int i = 0; i < MAX_ON_CPU; i++) {
		struct mock_event *m = READ_ONCE(c->on[i]);
		struct perf_event *event;

		if (!m || !(flags & 1UL << i))
			continue;
		event = m->event;
		if (event->hw.state & PERF_HES_STOPPED)
			count(late);
		if (in_nmi())
			count(overflows_nmi);
		else
			count(overflows_irq);
		local64_add(event->hw.sample_period, &event->count);
		event->hw.last_period = event->hw.sample_period;
		local64_set(&event->hw.period_left, event->hw.sample_period);
		perf_sample_data_init(&data, 0, event->hw.last_period);
		m->overflows = true;
		if (overflow(event, &data, regs) && event->hw.interrupts == MAX_INTERRUPTS)
			count(throttles);
		m->overflows = false;
	}
}

static void mock_nmi(struct pt_regs *regs)
{
	struct mock_cpu *c = this_cpu_ptr(&mock_cpus);
	int answer;

	if (!c->nmi_wanted)
		return;
	WRITE_ONCE(c->nmi_wanted, false);
	count(nmis);
	answer = c->answer;
	c->answer = ANY;
	overflow_some(c, regs, answer);
}

static void nmi_send(int cpu)
{
	WRITE_ONCE(per_cpu(mock_cpus, cpu).nmi_wanted, true);
	if (!nmi_to(cpu))
		WRITE_ONCE(per_cpu(mock_cpus, cpu).nmi_wanted, false);
}

static void *lookup(const char *name)
{
	static unsigned long (*kallsyms)(const char *name);
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };

	if (!kallsyms) {
		if (register_kprobe(&kp))
			return NULL;
		kallsyms = (void *)kp.addr;
		unregister_kprobe(&kp);
	}
	return (void *)kallsyms(name);
}

#ifdef CONFIG_X86_64

#include <asm/apic.h>
#include <asm/nmi.h>

/* All of them are ours, and two may come as one, or an old one late */
static int mock_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	mock_nmi(regs);
	return NMI_HANDLED;
}

/* We may be in an NMI that has come between the two halves of an IPI that is being sent. */
static bool nmi_to(int cpu)
{
	bool halves = !x2apic_enabled();
	u32 destination = halves ? native_apic_mem_read(APIC_ICR2) : 0;

	static_call_mod(apic_call_send_IPI_mask)(cpumask_of(cpu), NMI_VECTOR);
	if (halves)
		native_apic_mem_write(APIC_ICR2, destination);
	return true;
}

static int nmi_setup(void)
{
	nmi_works = true;
	return register_nmi_handler(NMI_LOCAL, mock_nmi_handler, 0, "mockaux");
}

static void nmi_teardown(void)
{
	unregister_nmi_handler(NMI_LOCAL, "mockaux");
}

#else /* CONFIG_ARM64: a shared interrupt for each CPU, that no device uses */

#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/smp.h>

static unsigned int nmi_irqs[NR_CPUS];
static const void *(*do_free_nmi)(unsigned int irq, void *dev);
static void (*do_disable_nmi)(unsigned int irq);

static irqreturn_t mock_nmi_handler(int irq, void *dev)
{
	mock_nmi(get_irq_regs());
	return IRQ_HANDLED;
}

static bool nmi_to(int cpu)
{
	return nmi_irqs[cpu] && !irq_set_irqchip_state(nmi_irqs[cpu], IRQCHIP_STATE_PENDING, true);
}

static int nmi_setup(void)
{
	int (*do_request_nmi)(unsigned int irq, irq_handler_t handler, unsigned long flags,
			      const char *name, void *dev) = lookup("request_nmi");
	void (*do_enable_nmi)(unsigned int irq) = lookup("enable_nmi");
	struct device_node *np = of_find_compatible_node(NULL, NULL, "arm,gic-v3");
	struct irq_fwspec spec = { .param_count = 3, .param = { 0, 0, IRQ_TYPE_EDGE_RISING } };
	struct irq_domain *gic;
	unsigned int irq;
	int cpu, err;

	do_free_nmi = lookup("free_nmi");
	do_disable_nmi = lookup("disable_nmi_nosync");
	if (!np)
		return -ENODEV;
	spec.fwnode = of_fwnode_handle(np);
	gic = irq_find_matching_fwnode(spec.fwnode, DOMAIN_BUS_WIRED);
	of_node_put(np);
	if (!gic)
		return -ENODEV;

	for_each_online_cpu(cpu) {
		spec.param[1] = 150 + cpu;
		irq = irq_create_fwspec_mapping(&spec);
		if (!irq)
			return -ENODEV;
		irq_set_affinity(irq, cpumask_of(cpu));
		err = do_request_nmi(irq, mock_nmi_handler, IRQF_PERCPU | IRQF_NO_AUTOEN,
				     "mockaux", &nmi_irqs[cpu]);
		if (err) {		/* no pseudo-NMI: hard interrupts only */
			irq_dispose_mapping(irq);
			return 0;
		}
		nmi_irqs[cpu] = irq;
		do_enable_nmi(irq);
		nmi_works = true;
	}
	return 0;
}

static void nmi_teardown(void)
{
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!nmi_irqs[cpu])
			continue;
		/* At once: free_nmi() takes the handler away before it masks the interrupt. */
		irq_set_status_flags(nmi_irqs[cpu], IRQ_DISABLE_UNLAZY);
		do_disable_nmi(nmi_irqs[cpu]);
		kick_all_cpus_sync();
		do_free_nmi(nmi_irqs[cpu], &nmi_irqs[cpu]);
		irq_dispose_mapping(nmi_irqs[cpu]);
	}
}

#endif

/* Perhaps an NMI, right here */
static void kick(void)
{
	struct mock_cpu *c = this_cpu_ptr(&mock_cpus);

	if (nmi_works && !in_nmi() && likely_by(c, kick_permille)) {
		count(nmis_in_callbacks);
		nmi_send(smp_processor_id());
	}
}

/* A pause is answered by a resume, and the reverse */
static void kick_answer(struct mock_event *m, int answer)
{
	if (!nmi_works || in_nmi() || !m->answered)
		return;
	count(answers);
	this_cpu_ptr(&mock_cpus)->answer = answer;
	nmi_send(smp_processor_id());
}

/* ===== The callbacks ===== */

#ifdef HAVE_AUX_OPEN
/* Why it may not trace */
static bool is_throttled(struct perf_event *event)
{
	return READ_ONCE(event->hw.group_throttled);
}

static bool has_reason(struct perf_event *event)
{
	return READ_ONCE(event->hw.aux_stop_action) || is_throttled(event);
}
#else
static bool has_reason(struct perf_event *event)
{
	return true;
}
#endif

static void enter(struct mock_event *m, const char *what, int flags)
{
	if (!irqs_disabled() || m->event->oncpu != smp_processor_id())
		violation(V_cpu, m, what, flags);
	if (overflows_itself(m))
		return;
	if (m->depth++)
		violation(V_reentry, m, what, flags);
	m->paused_before = READ_ONCE(m->event->hw.aux_paused);
	kick();
}

static void leave(struct mock_event *m, const char *what, int flags)
{
	if (overflows_itself(m))
		return;
	kick();
	if (m->paused_before != READ_ONCE(m->event->hw.aux_paused))
		violation(V_paused, m, what, flags);
	m->depth--;
	kick();
}

static void session_end(struct mock_event *m)
{
	if (!m->session)
		return;
	m->session = false;
	live(sessions, -1);
	perf_aux_output_end(&m->handle, m->filled);
}

static bool session_begin(struct mock_event *m)
{
	if (m->session)
		violation(V_session, m, "begin", 0);
	if (!perf_aux_output_begin(&m->handle, m->event)) {
		/* and has taken the open one's handle, which cannot be ended now */
		if (m->session)
			live(sessions, -1);
		m->session = false;
		return false;
	}
	m->session = true;
	m->filled = 0;
	live(sessions, 1);
	return true;
}

static void full_start(struct mock_event *m)
{
	struct perf_event *event = m->event;

	count(starts);
	if (!overflows_itself(m)) {
		perf_event_addr_filters_sync(event);
		if (likely_by(this_cpu_ptr(&mock_cpus), fail_permille) ||
		    (!session_begin(m) && !(event->attr.config & BUFFERLESS))) {
			count(failed_starts);
			event->hw.state |= PERF_HES_STOPPED;
			return;
		}
	}
	kick();
	m->paused = event->hw.aux_paused && m->kind == AUX;
	m->ended = false;
	m->stopped_ticks = 0;
	event->hw.state = 0;
}

static void full_stop(struct mock_event *m)
{
	count(stops);
	m->event->hw.state |= PERF_HES_STOPPED | PERF_HES_UPTODATE;
	kick();
	if (!plant_now("session"))
		session_end(m);
}

/* Does a member of the group overflow when its PMU is disabled? */
static bool wild_group(struct perf_event *event)
{
	struct perf_event *sibling, *leader = event->group_leader;

	if (leader->pmu == &pmus[CNT] && (leader->attr.config & WILD))
		return true;
	for_each_sibling_event(sibling, leader) {
		if (sibling->pmu == &pmus[CNT] && (sibling->attr.config & WILD))
			return true;
	}
	return false;
}

static void mock_start(struct perf_event *event, int flags)
{
	struct mock_event *m = event->pmu_private;
	bool stopped = event->hw.state & PERF_HES_STOPPED;

	enter(m, "start", flags);
	if (plant_now("reentry")) {
		enter(m, "start", flags);
		leave(m, "start", flags);
	}
	if (!m->on)
		violation(V_late, m, "start", flags);
	if (flags & PERF_EF_RESUME) {
		count(resumes);
		if (m->kind != AUX || (!m->ended && (stopped || !m->paused)))
			violation(V_order, m, "resume", flags);
		m->paused = false;
		m->stopped_ticks = 0;
		m->resumes = m->undone ? m->resumes + 1 : 0;
		if (m->resumes > MANY_RESUMES || plant_now("endless"))
			violation(V_endless, m, "resume", flags);
		kick_answer(m, PAUSING);
	} else if (overflows_itself(m)) {
		if ((!stopped && !wild_group(event)) || plant_now("restart"))
			violation(V_restart, m, "start", flags);
		full_start(m);
	} else if (!stopped || plant_now("order")) {
		violation(V_order, m, "start", flags);
	} else {
		full_start(m);
	}
	leave(m, "start", flags);
}

static void mock_stop(struct perf_event *event, int flags)
{
	struct mock_event *m = event->pmu_private;
	bool stopped = event->hw.state & PERF_HES_STOPPED;

	enter(m, "stop", flags);
	if (!m->on)
		violation(V_late, m, "stop", flags);
	if (flags & PERF_EF_PAUSE) {
		count(pauses);
		if (m->kind != AUX || (!m->ended && (stopped || m->paused)))
			violation(V_order, m, "pause", flags);
		m->paused = true;
		if (plant_now("paused"))
			event->hw.aux_paused ^= 1;
		kick_answer(m, RESUMING);
		m->undone = !has_reason(event);
	} else {
		if (m->kind == CNT && is_trigger(event) &&
		    ((!flags && !m->overflows) || plant_now("trigger")))
			violation(V_trigger, m, "stop", flags);
		if (!overflows_itself(m) && (!flags || plant_now("victim")))
			violation(V_victim, m, "stop", flags);
		if (!stopped)
			full_stop(m);
	}
	leave(m, "stop", flags);
}

static int mock_add(struct perf_event *event, int flags)
{
	struct mock_event *m = event->pmu_private;
	struct mock_cpu *c = this_cpu_ptr(&mock_cpus);
	int slot = m->kind, ret = 0;

	BUILD_BUG_ON(MAX_ON_CPU > BITS_PER_LONG);
	if (m->kind == CNT) {
		while (slot < MAX_ON_CPU && c->on[slot])
			slot++;
	}
	if (slot == MAX_ON_CPU || c->on[slot])
		return -EBUSY;

	enter(m, "add", flags);
	count(adds);
	if (m->on)
		violation(V_late, m, "add", flags);
	m->on = true;
	live(on_pmu, 1);
	memset(m->odd, 0, sizeof(m->odd));
	m->answered = m->kind == AUX && likely_by(c, answer_permille);
	event->hw.idx = slot;
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	WRITE_ONCE(c->on[slot], m);
	if (flags & PERF_EF_START) {
		full_start(m);
		if (event->hw.state & PERF_HES_STOPPED) {
			WRITE_ONCE(c->on[slot], NULL);
			m->on = false;
			live(on_pmu, -1);
			ret = -EINVAL;
		}
	}
	leave(m, "add", flags);
	return ret;
}

static void mock_del(struct perf_event *event, int flags)
{
	struct mock_event *m = event->pmu_private;
	struct mock_cpu *c = this_cpu_ptr(&mock_cpus);

	enter(m, "del", flags);
	count(dels);
	if (!m->on)
		violation(V_late, m, "del", flags);
	if (!(event->hw.state & PERF_HES_STOPPED))
		full_stop(m);
	if (m->session) {
		violation(V_session, m, "del", flags);
		session_end(m);
	}
	WRITE_ONCE(c->on[event->hw.idx], NULL);
	m->on = false;
	live(on_pmu, -1);
	leave(m, "del", flags);
	if (plant_now("late") && m->kind == AUX)
		mock_stop(event, PERF_EF_PAUSE);
	if (plant_now("cpu")) {
		event->oncpu = -1;
		enter(m, "plant", 0);
		leave(m, "plant", 0);
	}
}

static void mock_read(struct perf_event *event)
{
}

static void mock_filters_sync(struct perf_event *event)
{
	count(filters);
}

static int mock_filters_validate(struct list_head *filters)
{
	return 0;
}

static void *mock_setup_aux(struct perf_event *event, void **pages, int nr, bool overwrite)
{
	struct area *area;

	if (event->pmu == &pmus[SF])
		return NULL;
	area = kmalloc(struct_size(area, pages, nr), GFP_KERNEL);
	if (!area)
		return NULL;
	live(aux_areas, 1);
	area->nr = nr;
	area->overwrite = overwrite;
	memcpy(area->pages, pages, nr * sizeof(*pages));
	return area;
}

static void mock_free_aux(void *priv)
{
	if (planted("leak"))
		return;
	live(aux_areas, -1);
	kfree(priv);
}

static void mock_destroy(struct perf_event *event)
{
	live(events, -1);
	kfree(event->pmu_private);
}

static int mock_event_init(struct perf_event *event)
{
	struct mock_event *m;

	if (event->attr.type != event->pmu->type)
		return -ENOENT;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->event = event;
	m->kind = event->pmu - pmus;
	event->pmu_private = m;
	event->destroy = mock_destroy;
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	live(events, 1);
	return 0;
}

/* ===== The hardware's own time ===== */

/* What has to hold whenever a hard interrupt handler looks; NMIs may still come,
 * so only what is wrong in several ticks in a row is.
 */
static void __maybe_unused wrong(struct mock_event *m, enum violation v, bool is)
{
	if (!is)
		m->odd[v] = 0;
	else if (++m->odd[v] == 3)
		violation(v, m, "tick", 0);
}

/*
 * The first tick of the scheduler ends a throttle.  There may be none while the CPU
 * is idle; so count those jiffies that see it at work.
 */
static void check_stuck(struct mock_event *m, bool stopped)
{
	if (planted("stuck"))
		stopped = true;
	if (!stopped)
		m->stopped_ticks = 0;
	if (!stopped || is_idle_task(current) || !(jiffies - m->since))
		return;
	m->since = jiffies;
	if (++m->stopped_ticks == (planted("stuck") ? 2 : STUCK_TICKS))
		violation(V_stuck, m, "tick", 0);
}

/* When an AUX area is unmapped, what can write to it is stopped for good, cpum_sf too. */
static bool stopped_otherwise(struct perf_event *event)
{
#ifdef HAVE_AUX_OPEN
	return !event->hw.group_throttled;
#else
	return event->pmu->setup_aux;
#endif
}

static void check_quiet(struct mock_event *m)
{
	struct perf_event *event = m->event;

	if (event->state != PERF_EVENT_STATE_ACTIVE)
		return;
	/* A counter is started by its add(), and that does not fail */
	if (overflows_itself(m))
		check_stuck(m, event->hw.state & PERF_HES_STOPPED && !stopped_otherwise(event));
#ifdef HAVE_AUX_OPEN
	if (m->kind != AUX)
		return;
	count(checks);
	if (plant_now("runs"))
		m->paused = !m->paused;
	if (plant_now("told"))
		event->hw.aux_paused ^= 1;
	if (plant_now("gate"))
		event->hw.aux_open = 0;
	/* A start that failed in full, after add(): nothing to pause or resume */
	if (m->ended || (event->hw.state & PERF_HES_STOPPED))
		return;
	/* Resumed too often in one go: paused until it is disabled, whatever the reasons */
	if (event->pending_disable) {
		count(gave_up);
		wrong(m, V_runs, !m->paused);
		return;
	}
	wrong(m, V_runs, has_reason(event) != m->paused);
	wrong(m, V_told, has_reason(event) != !!event->hw.aux_paused);
	wrong(m, V_gate, !event->hw.aux_open);
	/* Had the throttle ended, it would have been resumed */
	check_stuck(m, is_throttled(event) && !event->hw.aux_stop_action);
#endif
}

/* Some trace, and what the interrupt handler does with a full AUX area */
static void trace(struct mock_cpu *c, struct mock_event *m)
{
	struct perf_output_handle *handle = &m->handle;
	struct area *area;
	unsigned long size, at;

	if (!m->session || m->paused || (m->event->hw.state & PERF_HES_STOPPED))
		return;
	area = perf_get_aux(handle);
	at = (handle->head + m->filled) % ((unsigned long)area->nr * PAGE_SIZE);
	*(u64 *)(area->pages[at / PAGE_SIZE] + (at % PAGE_SIZE & ~7UL)) = c->seed;

	size = c->seed % 256 & ~7UL;
	if (area->overwrite) {
		handle->head += size;
		return;
	}
	if (m->filled + size < handle->size) {
		m->filled += size;
		return;
	}
	m->filled = handle->size;
	if (likely_by(c, 500))
		perf_aux_output_flag(handle, PERF_AUX_FLAG_TRUNCATED);
	count(full);
	session_end(m);
	kick();
	if (!session_begin(m)) {
		m->ended = true;
		m->event->hw.state |= PERF_HES_STOPPED;
	}
}

static enum hrtimer_restart mock_tick(struct hrtimer *timer)
{
	struct mock_cpu *c = container_of(timer, struct mock_cpu, timer);
	ktime_t next, late;
	int other;

	if (planted("hang") && c->on[AUX])
		for (;;)
			cpu_relax();
	for (int i = 0; i < MAX_ON_CPU; i++) {
		if (c->on[i]) {
			check_quiet(c->on[i]);
			trace(c, c->on[i]);
		}
	}
	overflow_some(c, get_irq_regs(), ANY);
	if (nmi_works && likely_by(c, 400)) {
		other = cpumask_any_and_but(cpu_online_mask, cpu_online_mask, c->cpu);
		if (other < nr_cpu_ids)
			nmi_send(other);
	}
	likely_by(c, 0);
	/* On a slow machine, leave most of the time to others: it took since then to get here */
	next = us_to_ktime(tick_us / 2 + c->seed % (tick_us + 1));
	late = ktime_sub(ktime_get(), hrtimer_get_expires(timer));
	hrtimer_forward_now(timer, max(next, 4 * late));
	return HRTIMER_RESTART;
}

static int mock_cpu_up(unsigned int cpu)
{
	struct mock_cpu *c = this_cpu_ptr(&mock_cpus);

	c->cpu = cpu;
	c->seed |= cpu + 1;
	hrtimer_setup(&c->timer, mock_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&c->timer, us_to_ktime(tick_us), HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static int mock_cpu_down(unsigned int cpu)
{
	hrtimer_cancel(&per_cpu(mock_cpus, cpu).timer);
	return 0;
}

/* ===== The module ===== */

static void mock_disable(struct pmu *pmu)
{
	WRITE_ONCE(this_cpu_ptr(&mock_cpus)->disabled[pmu - pmus], true);
}

static void mock_enable(struct pmu *pmu)
{
	WRITE_ONCE(this_cpu_ptr(&mock_cpus)->disabled[pmu - pmus], false);
}

static const struct pmu template = {
	.module			= THIS_MODULE,
	.event_init		= mock_event_init,
	.add			= mock_add,
	.del			= mock_del,
	.start			= mock_start,
	.stop			= mock_stop,
	.read			= mock_read,
};

static int register_kind(enum kind kind)
{
	struct pmu *pmu = &pmus[kind];

	*pmu = template;
	if (kind == CNT || kind == SF) {
		pmu->task_ctx_nr = perf_hw_context;
		pmu->pmu_disable = mock_disable;
		pmu->pmu_enable = mock_enable;
	} else {
		pmu->task_ctx_nr = perf_sw_context;
	}
	if (kind != CNT) {
		pmu->setup_aux = mock_setup_aux;
		pmu->free_aux = mock_free_aux;
	}
	/* as all real ones with an AUX area but cpum_sf */
	if (kind == AUX || kind == UNP) {
		pmu->capabilities = PERF_PMU_CAP_EXCLUSIVE | PERF_PMU_CAP_ITRACE |
				    (kind == AUX ? PERF_PMU_CAP_AUX_PAUSE : 0);
		pmu->nr_addr_filters = 4;
		pmu->addr_filters_validate = mock_filters_validate;
		pmu->addr_filters_sync = mock_filters_sync;
	}
	return perf_pmu_register(pmu, pmu_names[kind], -1);
}

static ssize_t reregister_write(struct file *file, const char __user *buf, size_t n, loff_t *pos)
{
	static DEFINE_MUTEX(lock);

	guard(mutex)(&lock);
	for (int kind = AUX; kind <= SF; kind++) {
		int err = perf_pmu_unregister(&pmus[kind]) ?: register_kind(kind);

		if (err)
			return err;
	}
	return n;
}

static const struct file_operations reregister_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= reregister_write,
};

static int state_show(struct seq_file *s, void *unused)
{
	seq_printf(s, "nmi %d\n", nmi_works);
	for (int i = 0; i < NR_COUNTS; i++) {
		unsigned long sum = 0;
		int cpu;

		for_each_possible_cpu(cpu)
			sum += per_cpu(counts, cpu)[i];
		seq_printf(s, "%s %lu\n", count_names[i], sum);
	}
	for (int i = 0; i < NR_LIVES; i++)
		seq_printf(s, "live.%s %d\n", live_names[i], atomic_read(&lives[i]));
	for (int i = 0; i < NR_VIOLATIONS; i++)
		seq_printf(s, "violation.%s %d\n", violation_names[i], atomic_read(&violations[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static struct dentry *dir;
static enum cpuhp_state hp_state;

static int __init mockaux_init(void)
{
	int err, cpu;

	overflow = lookup("perf_event_overflow");
	if (!overflow)
		return -ENOENT;
	for_each_possible_cpu(cpu)
		per_cpu(mock_cpus, cpu).seed = 0x9e3779b97f4a7c15ULL * (cpu + 1);
	err = nmi_setup();
	if (err)
		return err;
	for (int kind = 0; kind < NR_KINDS && !err; kind++)
		err = register_kind(kind);
	if (err)
		return err;		/* of no use, and not to be cleaned up: it is a guest */
	hp_state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "lab/mockaux",
				     mock_cpu_up, mock_cpu_down);
	if (hp_state < 0)
		return hp_state;
	dir = debugfs_create_dir("mockaux", NULL);
	debugfs_create_file("state", 0444, dir, NULL, &state_fops);
	debugfs_create_file("reregister", 0200, dir, NULL, &reregister_fops);
	WARN(planted("warn"), "a plant\n");
	return 0;
}
module_init(mockaux_init);

/* perf_pmu_free() frees the timers as they are, see README.md.  No event starts one now. */
static void cancel_multiplexing(struct pmu *pmu)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(&(*per_cpu_ptr(pmu->cpu_pmu_context, cpu))->hrtimer);
}

static void __exit mockaux_exit(void)
{
	debugfs_remove(dir);
	cpuhp_remove_state(hp_state);
	nmi_teardown();
	for (int kind = 0; kind < NR_KINDS; kind++) {
		cancel_multiplexing(&pmus[kind]);
		perf_pmu_unregister(&pmus[kind]);
	}
}
module_exit(mockaux_exit);

MODULE_DESCRIPTION("PMUs that check their callers");
MODULE_LICENSE("GPL");
