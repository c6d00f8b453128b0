// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Arm trace hardware: registers in memory.
 *
 * The device tree puts a device where the machine has nothing.  An access is a
 * synchronous external abort then, and arrives in do_sea(); an ftrace handler sends
 * those to a device of ours to mmio_access(), as core.c does for system registers.
 *
 * An ETMv4 has the registers of the ETE, each at its offset, and some that system
 * registers do not need.
 */
#define pr_fmt(fmt) "tracehw: " fmt

#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>

#include <asm/sysreg.h>

#include "tracehw.h"

#define DEVICE_SIZE	0x1000

static struct mmio_device {
	phys_addr_t base;
	int cpu;			/* of an ETM, -1 for the TMC */
} devices[NR_CPUS + 1];
static int nr_devices;

/* Nothing that can be traced may be called from here to the end of the ftrace handler. */
static __always_inline const struct mmio_device *device_at(unsigned long far, u32 *offset)
{
	u64 par, pa;

	asm volatile("at s1e1r, %0" : : "r" (far));
	isb();
	par = read_sysreg_par();
	if (par & SYS_PAR_EL1_F)
		return NULL;
	pa = (par & GENMASK_ULL(47, 12)) | (far & (DEVICE_SIZE - 1));
	for (int i = 0; i < nr_devices; i++) {
		if (pa - devices[i].base < DEVICE_SIZE) {
			*offset = pa - devices[i].base;
			return &devices[i];
		}
	}
	return NULL;
}

/* A load or store of one register, without write-back: all that readl() and writel() are */
static bool insn_is_access(u32 insn)
{
	if ((insn & 0x3f000000) == 0x39000000)		/* unsigned offset */
		return !(insn & BIT(23));
	return (insn & 0x3f200c00) == 0x38000000 && !(insn & BIT(23));
}

static int mmio_access(unsigned long far, unsigned long esr, struct pt_regs *regs)
{
	u32 insn = le32_to_cpup((__le32 *)regs->pc), offset = 0;
	const struct mmio_device *dev = device_at(far, &offset);
	bool load = insn & BIT(22);
	int rt = insn & 0x1f;
	u64 val = load ? 0 : pt_regs_read_reg(regs, rt);

	if (WARN_ONCE(!insn_is_access(insn) || (insn >> 30) < 2,
		      "tracehw: instruction %08x at %pS is no access to a register\n",
		      insn, (void *)regs->pc))
		load = false;
	else if (dev->cpu < 0)
		val = tmc_access(offset, load, val, regs);
	else
		val = etm_access(dev->cpu, offset, load, val, regs);

	if (load)
		pt_regs_write_reg(regs, rt, val);
	regs->pstate &= ~PSR_BTYPE_MASK;
	regs->pc += 4;
	return 0;
}

static void notrace mmio_abort(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	unsigned long far = ftrace_regs_get_argument(fregs, 0);
	struct pt_regs *regs = (void *)ftrace_regs_get_argument(fregs, 2);
	u32 offset;

	if (!user_mode(regs) && device_at(far, &offset))
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)mmio_access);
}

static struct ftrace_ops sea_ops = {
	.func	= mmio_abort,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION,
};

static int __init add_device(struct device_node *np, int cpu)
{
	struct resource res;
	int ret = of_address_to_resource(np, 0, &res);

	if (!ret)
		devices[nr_devices++] = (struct mmio_device){ res.start, cpu };
	return ret;
}

int __init mmio_init(void)
{
	struct device_node *np;
	int ret = 0;

	for_each_compatible_node(np, NULL, "arm,coresight-etm4x") {
		struct device_node *cpu = of_parse_phandle(np, "cpu", 0);

		ret = ret ?: add_device(np, of_cpu_node_to_id(cpu));
		of_node_put(cpu);
	}
	for_each_compatible_node(np, NULL, "arm,coresight-tmc")
		ret = ret ?: add_device(np, -1);
	if (ret || !nr_devices)
		return ret;

	ret = ftrace_set_filter(&sea_ops, "do_sea", strlen("do_sea"), 1);
	if (!ret)
		ret = register_ftrace_function(&sea_ops);
	if (ret)
		ftrace_free_filter(&sea_ops);
	else
		pr_info("%d devices by memory\n", nr_devices);
	return ret;
}

void mmio_exit(void)
{
	if (!nr_devices)
		return;
	unregister_ftrace_function(&sea_ops);
	ftrace_free_filter(&sea_ops);
}
