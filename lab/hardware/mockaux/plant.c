// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that a sanitizer has to report: insmod plant.ko bug=NAME.  No bug, and the
 * module does not stay loaded either way.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *bug = "";
module_param(bug, charp, 0);

static volatile int sink = 40;

static void out_of_bounds(void)
{
	char *p = kmalloc(24, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	sink = p[24];
	kfree(p);
}

static int shared;

static int racer(void *done)
{
	unsigned long end = jiffies + 5 * HZ;

	while (time_before(jiffies, end)) {
		for (int i = 0; i < 1000; i++) {
			shared++;
			barrier();
		}
		cond_resched();
	}
	complete(done);
	return 0;
}

static void race(void)
{
	DECLARE_COMPLETION_ONSTACK(done);

	for (int i = 0; i < 2; i++)
		wake_up_process(kthread_create_on_cpu(racer, &done, i, "racer/%u"));
	wait_for_completion(&done);
	wait_for_completion(&done);
	msleep(100);		/* they are on their way out of this text */
}

static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static DEFINE_RAW_SPINLOCK(raw);

static void lock_inversion(void)
{
	spin_lock(&a);
	spin_lock(&b);
	spin_unlock(&b);
	spin_unlock(&a);
	spin_lock(&b);
	spin_lock(&a);
	spin_unlock(&a);
	spin_unlock(&b);
}

static void sleep_in_atomic(void)
{
	raw_spin_lock(&raw);
	fsleep(1000);
	raw_spin_unlock(&raw);
}

static void shift(void)
{
	sink = 1 << sink;
}

/* Fine but on PREEMPT_RT, where a spinlock_t sleeps */
static void spinlock_in_irq(struct irq_work *work)
{
	spin_lock(&a);
	spin_unlock(&a);
}

static void irq(void)
{
	static struct irq_work work = IRQ_WORK_INIT_HARD(spinlock_in_irq);

	irq_work_queue(&work);
	irq_work_sync(&work);
}

static const struct {
	const char *name;
	void (*plant)(void);
} bugs[] = {
	{ "kasan", out_of_bounds }, { "kcsan", race }, { "lockdep", lock_inversion },
	{ "atomic-sleep", sleep_in_atomic }, { "ubsan", shift }, { "rt", irq },
};

static int __init plant_init(void)
{
	for (int i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!strcmp(bug, bugs[i].name)) {
			bugs[i].plant();
			return -ECANCELED;
		}
	}
	return -EINVAL;
}
module_init(plant_init);

MODULE_DESCRIPTION("Bugs for sanitizers to find");
MODULE_LICENSE("GPL");
