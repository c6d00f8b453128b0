// SPDX-License-Identifier: GPL-2.0
/*
 * An overflow interrupt at a place of choice:
 *
 *	insmod nmi-at.ko symbol=FUNCTION[,FUNCTION] [offset=BYTES] [pmcr=1 [late=N]] [task=1]
 *	insmod nmi-at.ko symbol=FUNCTION ret=1 [task=1]
 *
 * The next N times, after a write of N to parameters/arm, that an interrupt
 * handler comes by while there are counters that count and may interrupt, all
 * of these overflow at once; with task=1, when a task comes by.
 * With pseudo-NMIs the interrupt is taken right there.  With pmcr=1 the first function is
 * one that turns the PMU off: they overflow right before that, and interrupt right after;
 * with late=N, when the second function is called for the Nth time since.
 */
#define pr_fmt(fmt) "nmi-at: " fmt

#include <linux/bitops.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include <asm/sysreg.h>

static char *symbol[2];
static int symbols;
module_param_array(symbol, charp, &symbols, 0444);
static uint offset;
module_param(offset, uint, 0444);
static bool ret;
module_param(ret, bool, 0444);
MODULE_PARM_DESC(ret, "at the return of the function, not at its begin");

static bool task;
module_param(task, bool, 0444);
MODULE_PARM_DESC(task, "not in interrupt handlers, but outside them");

static bool pmcr;
module_param(pmcr, bool, 0444);
MODULE_PARM_DESC(pmcr, "where the first function has written PMCR_EL0, not at its begin");

static uint late;
module_param(late, uint, 0644);
MODULE_PARM_DESC(late, "at which call of the second function the interrupt arrives, 0 for at once");

static uint mask = ~0U;
module_param(mask, uint, 0644);
MODULE_PARM_DESC(mask, "which counters");

static atomic_t armed;
static int arm_set(const char *val, const struct kernel_param *kp)
{
	int n, err = kstrtoint(val, 0, &n);

	if (!err)
		atomic_set(&armed, n);
	return err;
}

static int arm_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%d\n", atomic_read(&armed));
}

static const struct kernel_param_ops arm_ops = { .set = arm_set, .get = arm_get };
module_param_cb(arm, &arm_ops, NULL, 0644);
MODULE_PARM_DESC(arm, "how many times");

static uint fired;
module_param(fired, uint, 0444);

/* Those that have overflowed, and in how many calls their interrupt arrives */
static unsigned long on_its_way;
static uint calls;

/*
 * A PMU that is off has no interrupt: turn it on for that.  QEMU leaves the line up when it is
 * turned off again, until the handler comes; on hardware it would go down.
 */
static void interrupt(unsigned long counters, u64 pmcr_was)
{
	write_sysreg(pmcr_was | 1, pmcr_el0);
	isb();
	write_sysreg(counters, pmovsset_el0);
	isb();
	write_sysreg(pmcr_was, pmcr_el0);
	isb();
}

/* @off: the PMU has just been turned off, and they have overflowed before */
static void overflow_now(bool off)
{
	unsigned long counters, i, pmcr_was = read_sysreg(pmcr_el0);

	/* An NMI is one of those, too */
	if (!in_hardirq() == !task)
		return;
	if (!off && calls && !--calls)
		return interrupt(on_its_way, pmcr_was);
	/* A PMU that is off counts nothing */
	if (!(pmcr_was & 1) && !off)
		return;

	/* Those that count and may interrupt: just gone past zero */
	counters = read_sysreg(pmcntenset_el0) & read_sysreg(pmintenset_el1) & mask;
	if (!counters || atomic_dec_if_positive(&armed) < 0)
		return;
	fired++;

	for_each_set_bit(i, &counters, 31) {
		write_sysreg(i, pmselr_el0);
		isb();
		write_sysreg(1, pmxevcntr_el0);
	}
	if (counters & BIT(31))
		write_sysreg(1, pmccntr_el0);
	isb();
	if (off && late) {
		on_its_way = counters;
		calls = late;
		return;
	}
	interrupt(counters, pmcr_was);
}

static int at_begin(struct kprobe *p, struct pt_regs *regs)
{
	overflow_now(pmcr && p->symbol_name == symbol[0]);
	return 0;
}

static int at_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	overflow_now(false);
	return 0;
}

static struct kprobe kp[] = { { .pre_handler = at_begin }, { .pre_handler = at_begin } };
static struct kretprobe krp = { .handler = at_return, .maxactive = 16 };

/* Where the next "msr pmcr_el0, <Xt>" of a function is done, in bytes from its begin, or -ENOENT */
static int pmcr_write(char *function)
{
	struct kprobe here = { .symbol_name = function };
	int at, err = register_kprobe(&here);
	u32 insn;

	if (err)
		return err;
	unregister_kprobe(&here);
	for (at = 4; at < 512; at += 4) {
		insn = le32_to_cpup((__le32 *)((void *)here.addr + at));
		if ((insn & ~0x1f) == 0xd51b9c00)
			return at + 4;
	}
	return -ENOENT;
}

static void remove(int n)
{
	while (n--)
		unregister_kprobe(&kp[n]);
}

static int __init nmi_at_init(void)
{
	int n, err;

	if (!symbols || (ret && (symbols > 1 || offset || pmcr))) {
		pr_err("wants symbol=FUNCTION; with ret=1 just one, and neither offset nor pmcr\n");
		return -EINVAL;
	}
	if (ret) {
		krp.kp.symbol_name = symbol[0];
		return register_kretprobe(&krp);
	}
	for (n = 0; n < symbols; n++) {
		kp[n].symbol_name = symbol[n];
		kp[n].offset = offset;
		err = pmcr && !n ? pmcr_write(symbol[n]) : 0;
		if (err > 0)
			kp[n].offset = err;
		if (err >= 0)
			err = register_kprobe(&kp[n]);
		if (err) {
			remove(n);
			return err;
		}
	}
	return 0;
}
module_init(nmi_at_init);

static void __exit nmi_at_exit(void)
{
	if (ret)
		unregister_kretprobe(&krp);
	else
		remove(symbols);
}
module_exit(nmi_at_exit);

MODULE_DESCRIPTION("Make the PMU interrupt at a given instruction");
MODULE_LICENSE("GPL");
