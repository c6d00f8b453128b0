// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Embedded Trace Extension: the flow of the program at EL0.
 *
 * While the knob "flow" is set, a CPU whose ETE is enabled has MDSCR_EL1.SS set, so that
 * it takes a Software Step exception after each instruction at EL0, and one before the
 * first.  An ftrace handler on do_el0_softstep() sends these here, except those of a task
 * that is stepped by ptrace or a uprobe (TIF_SINGLESTEP).  Each says where the CPU is
 * now; with the instruction that it was at before, this is an atom for a branch, with its
 * target if that was indirect, and an exception for all that does not follow from the
 * instruction.
 *
 * Nothing is traced of EL1.  That the CPU was there is an exception in the trace only after
 * a system call, and if a trace unit's register was accessed there; the flow begins anew
 * with the next instruction at EL0.
 */
#define pr_fmt(fmt) "tracehw: " fmt

#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>

#include <asm/debug-monitors.h>
#include <asm/insn.h>
#include <asm/sysreg.h>

#include "tracehw.h"

/* Have this CPU step at EL0, or leave it alone */
void flow_arm(bool on)
{
	sysreg_clear_set(mdscr_el1, MDSCR_EL1_SS, on ? MDSCR_EL1_SS : 0);
	isb();
}

/* What is a P0 element in the trace, and where does a direct branch at @pc go? */
enum flow_kind flow_kind(u32 insn, u64 pc, u64 *target)
{
	s64 offset;

	if (aarch64_insn_is_b(insn) || aarch64_insn_is_bl(insn))
		offset = sign_extend64(insn & GENMASK(25, 0), 25);
	else if (aarch64_insn_is_tbz(insn) || aarch64_insn_is_tbnz(insn))
		offset = sign_extend64(insn >> 5 & GENMASK(13, 0), 13);
	else if (aarch64_insn_is_bcond(insn) || aarch64_insn_is_cbz(insn) ||
		 aarch64_insn_is_cbnz(insn))
		offset = sign_extend64(insn >> 5 & GENMASK(18, 0), 18);
	else if (aarch64_insn_is_br(insn) || aarch64_insn_is_br_auth(insn) ||
		 aarch64_insn_is_blr(insn) || aarch64_insn_is_blr_auth(insn) ||
		 aarch64_insn_is_ret(insn) || aarch64_insn_is_ret_auth(insn))
		return FLOW_INDIRECT;
	else if (aarch64_insn_is_isb(insn))
		return FLOW_BARRIER;
	else if (aarch64_insn_is_svc(insn))
		return FLOW_CALL;
	else if ((insn & 0xffff0000) == 0xd5380000 && !(insn & 0xf000))
		return FLOW_ID;
	else
		return FLOW_OTHER;

	*target = pc + offset * 4;
	return aarch64_insn_is_b(insn) || aarch64_insn_is_bl(insn) ? FLOW_ALWAYS : FLOW_MAYBE;
}

/*
 * The return to EL0 clears the exclusive monitor, so that no store-exclusive that is
 * stepped would ever succeed.  A load-exclusive and the store-exclusive after it are done
 * here instead, the store if memory has what was loaded.
 */
static DEFINE_PER_CPU(struct {
	struct task_struct *task;
	u64 address;
	u64 val;
}, monitor);

static bool load_exclusive(u64 address, int bytes, u64 *val)
{
	*val = 0;
	if (copy_from_user(val, (void __user *)address, bytes))
		return false;
	preempt_disable();
	this_cpu_write(monitor.task, current);
	this_cpu_write(monitor.address, address);
	this_cpu_write(monitor.val, *val);
	preempt_enable();
	return true;
}

static bool exchange(void *p, int bytes, u64 old, u64 val)
{
	switch (bytes) {
	case 1:
		return cmpxchg((u8 *)p, (u8)old, (u8)val) == (u8)old;
	case 2:
		return cmpxchg((u16 *)p, (u16)old, (u16)val) == (u16)old;
	case 4:
		return cmpxchg((u32 *)p, (u32)old, (u32)val) == (u32)old;
	default:
		return cmpxchg((u64 *)p, old, val) == old;
	}
}

/* To @status 0 if it was stored, 1 if not; false if the page cannot be written */
static bool store_exclusive(u64 address, int bytes, u64 val, u64 *status)
{
	struct page *page;
	bool open;
	u64 old;

	if (get_user_pages_fast(address, 1, FOLL_WRITE, &page) != 1)
		return false;

	preempt_disable();
	open = this_cpu_read(monitor.task) == current &&
	       this_cpu_read(monitor.address) == address;
	old = this_cpu_read(monitor.val);
	this_cpu_write(monitor.task, NULL);
	preempt_enable();

	*status = !(open && exchange(page_address(page) + offset_in_page(address),
				     bytes, old, val));
	set_page_dirty_lock(page);
	put_page(page);
	return true;
}

/* Not those of pairs, which nobody was seen to use */
static bool exclusive(struct pt_regs *regs)
{
	__le32 code;
	u32 insn;
	int bytes, rn, rt;
	u64 address, val;

	if (get_user(code, (__le32 __user *)regs->pc))
		return false;
	insn = le32_to_cpu(code);
	if (insn & BIT(21) || !(aarch64_insn_is_load_ex(insn) || aarch64_insn_is_store_ex(insn)))
		return false;

	bytes = 1 << (insn >> 30);
	rn = insn >> 5 & 0x1f;
	rt = insn & 0x1f;
	address = untagged_addr(rn == 31 ? regs->sp : pt_regs_read_reg(regs, rn));
	if (address & (bytes - 1))
		return false;
	if (aarch64_insn_is_load_ex(insn)) {
		if (!load_exclusive(address, bytes, &val))
			return false;
	} else {
		if (!store_exclusive(address, bytes, pt_regs_read_reg(regs, rt), &val))
			return false;
		rt = insn >> 16 & 0x1f;
	}
	pt_regs_write_reg(regs, rt, val);
	regs->pstate &= ~PSR_BTYPE_MASK;
	regs->pc += 4;
	return true;
}

/* Runs instead of do_el0_softstep() */
static void tracehw_step(unsigned long esr, struct pt_regs *regs)
{
	do {
		hw_step(regs);
	} while (exclusive(regs));
}

static void notrace tracehw_softstep(unsigned long ip, unsigned long parent_ip,
				     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (!test_thread_flag(TIF_SINGLESTEP))
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)tracehw_step);
}

static struct ftrace_ops step_ops = {
	.func	= tracehw_softstep,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION,
};

bool flow_possible;

/* Kernels before 6.17 handle a step elsewhere: no flow there, but all the rest */
void __init flow_init(void)
{
	int ret = ftrace_set_filter(&step_ops, "do_el0_softstep", strlen("do_el0_softstep"), 1);

	if (!ret)
		ret = register_ftrace_function(&step_ops);
	if (ret) {
		ftrace_free_filter(&step_ops);
		pr_info("no program flow: %d\n", ret);
		return;
	}
	flow_possible = true;
}

void flow_exit(void)
{
	if (!flow_possible)
		return;
	unregister_ftrace_function(&step_ops);
	ftrace_free_filter(&step_ops);
}
