// SPDX-License-Identifier: GPL-2.0
/*
 * Count the instructions of the perf core, for lab/cost/bench.
 *
 * Two PMUs without hardware, whose callbacks are two instructions each:
 *
 *	aux	AUX area, can pause; it never opens its AUX output
 *	counter	a counter that overflows when it is told to
 *
 * BENCH_RUN runs a step BENCH_SAMPLES times with interrupts disabled. Under
 * QEMU's -icount shift=0 one instruction is 1 ns, so the TSC (x86_64) and the
 * cycle counter of the PMU (arm64) count instructions. Marks around each interval
 * let the plugin of lab/cost count the same instructions in its own way.
 *
 * The functions that are measured are not exported: their addresses come from
 * System.map as parameters. Nothing here depends on what a patch series adds.
 */
#define pr_fmt(fmt) "bench: " fmt

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "bench.h"

static ulong perf_event_overflow_at, perf_event_task_tick_at;
static ulong __perf_event_task_sched_out_at, __perf_event_task_sched_in_at;
module_param(perf_event_overflow_at, ulong, 0);
module_param(perf_event_task_tick_at, ulong, 0);
module_param(__perf_event_task_sched_out_at, ulong, 0);
module_param(__perf_event_task_sched_in_at, ulong, 0);

/* ===== The counter and the marks ===== */

/* Instructions that do nothing and that no compiler makes */
#define MARK_BEGIN	1
#define MARK_END	2
#define MARK_ROW	3

#ifdef CONFIG_X86_64

/* nopl 0xbe9c000N(%rax) */
static __always_inline void mark(const int n)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x00, 0x9c, 0xbe" :: "i" (n) : "memory");
}

static __always_inline u64 counter_read(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high) :: "memory");
	return low | (u64)high << 32;
}

static void counter_start(void) { }

asm(".pushsection .text\n"
	".globl bench_callback, bench_null\n"
	".type bench_callback, @function\n"
	"bench_callback: xorl %eax, %eax\n"
	"	ret\n"
	".size bench_callback, . - bench_callback\n"
	".type bench_null, @function\n"
	"bench_null: ret\n"
	".size bench_null, . - bench_null\n"
	".popsection");

#else /* CONFIG_ARM64 */

/* movz xzr, #0xbe90 + n */
static __always_inline void mark(const int n)
{
	asm volatile(".inst 0xd2800000 | (0xbe90 + %c0) << 5 | 31" :: "i" (n) : "memory");
}

static __always_inline u64 counter_read(void)
{
	u64 cycles;

	asm volatile("mrs %0, pmccntr_el0" : "=r" (cycles) :: "memory");
	return cycles;
}

static void counter_start(void)
{
	write_sysreg(0, pmccfiltr_el0);
	write_sysreg(BIT(31), pmcntenset_el0);
	write_sysreg(BIT(6) | BIT(0), pmcr_el0);	/* 64 bits, enable */
	isb();
}

asm(".pushsection .text\n"
	".globl bench_callback, bench_null\n"
	".type bench_callback, @function\n"
	"bench_callback: mov w0, #0\n"
	"	ret\n"
	".size bench_callback, . - bench_callback\n"
	".type bench_null, @function\n"
	"bench_null: ret\n"
	".size bench_null, . - bench_null\n"
	".popsection");

#endif

static __always_inline u64 begin(void)
{
	mark(MARK_BEGIN);
	return counter_read();
}

static __always_inline u64 end(void)
{
	u64 now = counter_read();

	mark(MARK_END);
	return now;
}

/* ===== The PMUs ===== */

static struct pmu aux_pmu, counter_pmu;

static int bench_event_init(struct perf_event *event)
{
	if (event->attr.type != event->pmu->type)
		return -ENOENT;
	/* as a driver does at its first start: ITRACE_START is not of every switch */
	event->attach_state |= PERF_ATTACH_ITRACE;
	return 0;
}

static void *bench_setup_aux(struct perf_event *event, void **pages, int nr_pages, bool overwrite)
{
	return NULL;
}

static void bench_free_aux(void *aux) { }

/* What replaces the callbacks while they are counted */
static struct bench_run *counted;

static int count_add(struct perf_event *event, int flags)
{
	counted->add++;
	return 0;
}

static void count_del(struct perf_event *event, int flags)
{
	counted->del++;
}

static void count_start(struct perf_event *event, int flags)
{
	if (flags & PERF_EF_RESUME)
		counted->resume++;
	else
		counted->start++;
}

static void count_stop(struct perf_event *event, int flags)
{
	if (flags & PERF_EF_PAUSE)
		counted->pause++;
	else
		counted->stop++;
}

static void set_callbacks(struct pmu *pmu, struct bench_run *run)
{
	counted = run;
	pmu->add = run ? count_add : (void *)bench_callback;
	pmu->del = run ? count_del : (void *)bench_callback;
	pmu->start = run ? count_start : (void *)bench_callback;
	pmu->stop = run ? count_stop : (void *)bench_callback;
	pmu->read = (void *)bench_callback;
}

/* ===== The steps ===== */

static struct bench {
	int (*overflow)(struct perf_event *event, struct perf_sample_data *data,
			struct pt_regs *regs);
	void (*tick)(void);
	void (*sched_out)(struct task_struct *task, struct task_struct *next);
	void (*sched_in)(struct task_struct *prev, struct task_struct *task);
	struct perf_event *event[2];
	struct perf_sample_data data[2];
	struct pt_regs *regs;
} bench;

static noinline u64 run_overflow(struct bench *b)
{
	u64 t = begin();

	b->overflow(b->event[0], &b->data[0], b->regs);
	return end() - t;
}

static noinline u64 run_overflows(struct bench *b)
{
	u64 t = begin();

	b->overflow(b->event[0], &b->data[0], b->regs);
	b->overflow(b->event[1], &b->data[1], b->regs);
	return end() - t;
}

static noinline u64 run_throttle(struct bench *b)
{
	u64 t = begin();

	b->overflow(b->event[0], &b->data[0], b->regs);
	b->tick();
	return end() - t;
}

/* What a context switch does to perf events of a task, once for each direction */
static noinline u64 run_switch(struct bench *b)
{
	u64 t = begin();

	b->sched_out(current, &init_task);
	b->sched_in(&init_task, current);
	return end() - t;
}

static u64 (*const steps[BENCH_STEPS])(struct bench *b) = {
	[BENCH_OVERFLOW]	= run_overflow,
	[BENCH_OVERFLOWS]	= run_overflows,
	[BENCH_THROTTLE]	= run_throttle,
	[BENCH_SWITCH]		= run_switch,
};

static void setup(struct bench *b, bool null)
{
	b->overflow = null ? (void *)bench_null : (void *)perf_event_overflow_at;
	b->tick = null ? (void *)bench_null : (void *)perf_event_task_tick_at;
	b->sched_out = null ? (void *)bench_null : (void *)__perf_event_task_sched_out_at;
	b->sched_in = null ? (void *)bench_null : (void *)__perf_event_task_sched_in_at;
	b->regs = task_pt_regs(current);
}

static u64 repetition(struct bench *b, u32 step)
{
	for (int i = 0; i < 2; i++) {
		struct perf_event *event = b->event[i];

		if (!event)
			continue;
		perf_sample_data_init(&b->data[i], 0, event->hw.sample_period);
		/* neither the first interrupt of this tick, nor the one that throttles ... */
		event->hw.interrupts = 1;
		/* ... but for the step in which it does, and in which a tick went by before */
		if (step == BENCH_THROTTLE) {
			event->hw.interrupts = INT_MAX;
			event->hw.interrupts_seq++;
		}
	}
	return steps[step](b);
}

static void run(struct bench *b, struct bench_run *run, u32 *samples)
{
	unsigned long flags;

	local_irq_save(flags);
	counter_start();
	setup(b, false);

	/* The first takes note of the tick that the throttle looks at. */
	repetition(b, run->step);
	set_callbacks(&aux_pmu, run);
	set_callbacks(&counter_pmu, run);
	repetition(b, run->step);
	set_callbacks(&aux_pmu, NULL);
	set_callbacks(&counter_pmu, NULL);

	setup(b, run->null);
	mark(MARK_ROW);
	for (int i = 0; i < BENCH_SAMPLES; i++)
		samples[i] = repetition(b, run->step);
	mark(MARK_ROW);
	local_irq_restore(flags);
}

/* ===== The device ===== */

static int run_with_events(struct bench_run *r)
{
	struct file *files[2] = { };
	u32 *samples;
	int err = 0;

	memset(&bench, 0, sizeof(bench));
	samples = kcalloc(BENCH_SAMPLES, sizeof(*samples), GFP_KERNEL);
	if (!samples)
		return -ENOMEM;
	for (int i = 0; i < 2 && !err; i++) {
		if (r->fd[i] < 0)
			continue;
		files[i] = fget(r->fd[i]);
		if (files[i])
			bench.event[i] = files[i]->private_data;
		else
			err = -EBADF;
	}
	if (!err) {
		run(&bench, r, samples);
		if (copy_to_user(u64_to_user_ptr(r->samples), samples,
				 BENCH_SAMPLES * sizeof(*samples)))
			err = -EFAULT;
	}
	for (int i = 0; i < 2; i++) {
		if (files[i])
			fput(files[i]);
	}
	kfree(samples);
	return err;
}

static long bench_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct bench_types types = { .aux = aux_pmu.type, .counter = counter_pmu.type };
	void __user *user = (void __user *)arg;
	struct bench_run r;
	int err;

	switch (cmd) {
	case BENCH_TYPES:
		return copy_to_user(user, &types, sizeof(types)) ? -EFAULT : 0;
	case BENCH_RUN:
		if (copy_from_user(&r, user, sizeof(r)))
			return -EFAULT;
		if (r.step >= BENCH_STEPS)
			return -EINVAL;
		err = run_with_events(&r);
		if (err)
			return err;
		return copy_to_user(user, &r, sizeof(r)) ? -EFAULT : 0;
	}
	return -ENOTTY;
}

static const struct file_operations bench_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= bench_ioctl,
};

static int register_pmu(struct pmu *pmu, const char *name)
{
	pmu->module = THIS_MODULE;
	pmu->event_init = bench_event_init;
	set_callbacks(pmu, NULL);
	return perf_pmu_register(pmu, name, -1);
}

static int __init bench_init(void)
{
	int err;

	if (!perf_event_overflow_at || !perf_event_task_tick_at ||
	    !__perf_event_task_sched_out_at || !__perf_event_task_sched_in_at)
		return -EINVAL;

	aux_pmu.task_ctx_nr = perf_sw_context;
	aux_pmu.capabilities = PERF_PMU_CAP_EXCLUSIVE | PERF_PMU_CAP_ITRACE |
			       PERF_PMU_CAP_AUX_PAUSE;
	aux_pmu.setup_aux = bench_setup_aux;
	aux_pmu.free_aux = bench_free_aux;
	counter_pmu.task_ctx_nr = perf_hw_context;

	err = register_pmu(&aux_pmu, "bench_aux");
	if (err)
		return err;
	err = register_pmu(&counter_pmu, "bench_counter");
	if (err)
		goto unregister_aux;
	err = register_chrdev(BENCH_MAJOR, "bench", &bench_fops);
	if (!err)
		return 0;

	perf_pmu_unregister(&counter_pmu);
unregister_aux:
	perf_pmu_unregister(&aux_pmu);
	return err;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	unregister_chrdev(BENCH_MAJOR, "bench");
	perf_pmu_unregister(&counter_pmu);
	perf_pmu_unregister(&aux_pmu);
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Counts the instructions of the perf core");
MODULE_LICENSE("GPL");
