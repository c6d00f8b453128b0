// SPDX-License-Identifier: GPL-2.0
/*
 * An overflow interrupt at a place of choice:
 *
 *	insmod nmi-at.ko symbol=FUNCTION [offset=BYTES] [ret=1]
 *
 * The next N times, after a write of N to parameters/arm, that an interrupt
 * handler comes by while there are counters that count and may interrupt, all
 * of these overflow at once.
 * With pseudo-NMIs the interrupt is taken right there.
 */
#define pr_fmt(fmt) "nmi-at: " fmt

#include <linux/bitops.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include <asm/sysreg.h>

static char *symbol;
module_param(symbol, charp, 0444);
static uint offset;
module_param(offset, uint, 0444);
static bool ret;
module_param(ret, bool, 0444);
MODULE_PARM_DESC(ret, "at the return of the function, not at its begin");

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

static void overflow_now(void)
{
	unsigned long counters, i;

	if (!in_hardirq())
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
	write_sysreg(counters, pmovsset_el0);
	isb();
}

static int at_begin(struct kprobe *p, struct pt_regs *regs)
{
	overflow_now();
	return 0;
}

static int at_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	overflow_now();
	return 0;
}

static struct kprobe kp = { .pre_handler = at_begin };
static struct kretprobe krp = { .handler = at_return, .maxactive = 16 };

static int __init nmi_at_init(void)
{
	if (ret) {
		krp.kp.symbol_name = symbol;
		return register_kretprobe(&krp);
	}
	kp.symbol_name = symbol;
	kp.offset = offset;
	return register_kprobe(&kp);
}
module_init(nmi_at_init);

static void __exit nmi_at_exit(void)
{
	if (ret)
		unregister_kretprobe(&krp);
	else
		unregister_kprobe(&kp);
}
module_exit(nmi_at_exit);

MODULE_DESCRIPTION("Make the PMU interrupt at a given instruction");
MODULE_LICENSE("GPL");
