// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Arm trace hardware: trapping, time and interrupts.
 *
 * An access to a system register that the CPU lacks is UNDEFINED and arrives
 * in do_el1_undef(); an ftrace handler sends those that name a register of ours
 * to tracehw_access() and leaves all others alone.  The only trace related
 * register that does not trap is ID_AA64DFR0_EL1, which says "not there": the
 * reads of it in the trace drivers get a kprobe each while the driver loads.
 *
 * Trace is a function of time.  A unit that runs is brought up to date
 * whenever one of its registers is accessed and at every tick of a per-CPU
 * timer, so nothing has to be started or stopped in the contexts that enable
 * trace: under a runqueue lock or in NMI.
 */
#define pr_fmt(fmt) "tracehw: " fmt

#include <linux/cpu.h>
#include <linux/cpu_pm.h>
#include <linux/cpuhotplug.h>
#include <linux/ftrace.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include <linux/percpu.h>
#include <linux/platform_device.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include <asm/arch_timer.h>
#include <asm/cputype.h>
#include <asm/irq_regs.h>
#include <asm/sysreg.h>

#include "tracehw.h"

static unsigned int tick_us = 500;
module_param(tick_us, uint, 0644);
MODULE_PARM_DESC(tick_us, "Longest time in us between two looks at a running unit");

struct unit *const units[NR_UNITS] = {
	[UNIT_SPE]	= &spe_unit,
	[UNIT_TRBE]	= &trbe_unit,
	[UNIT_ETE]	= &ete_unit,
};

static struct hw_cpu __percpu *hw_cpus;

struct hw_cpu *hw_of(int cpu)
{
	return per_cpu_ptr(hw_cpus, cpu);
}

/*
 * Not local_irq_save(): with pseudo-NMIs that only raises the priority mask,
 * and a counter overflow could still stop a unit in the middle of its write
 * and hand the buffer back.
 */
static unsigned long hw_lock(void)
{
	unsigned long daif;

	preempt_disable_notrace();
	daif = read_sysreg(daif);
	asm volatile("msr daifset, #3" : : : "memory");
	return daif;
}

static void hw_unlock(unsigned long daif)
{
	asm volatile("" : : : "memory");
	write_sysreg(daif, daif);
	preempt_enable_notrace();
}

/* Helpers for the units */

/* The buffer's pages, as the unit's own accesses would see them. */
int hw_store(u64 va, const void *src, size_t len)
{
	int ret = -EFAULT;

	/* The drivers give kernel addresses; the units translate as EL1. */
	if (!(va & BIT_ULL(55)))
		return ret;

	pagefault_disable();
	for (; len >= sizeof(u64); len -= 8, va += 8, src += 8)
		__put_kernel_nofault((u64 *)va, (u64 *)src, u64, fault);
	for (; len; len--, va++, src++)
		__put_kernel_nofault((u8 *)va, (u8 *)src, u8, fault);
	ret = 0;
fault:
	pagefault_enable();
	return ret;
}

u32 hw_user_insn(u64 pc)
{
	__le32 insn;

	if (copy_from_user_nofault(&insn, (void __user *)pc, 4))
		return 0;
	return le32_to_cpu(insn);
}

/* 0 is UDF, which a record reports as "other" */
u32 hw_insn_at(const struct pt_regs *regs)
{
	__le32 insn;
	long ret;

	if (user_mode(regs))
		return hw_user_insn(regs->pc);
	ret = copy_from_kernel_nofault(&insn, (void *)regs->pc, 4);
	return ret ? 0 : le32_to_cpu(insn);
}

u64 hw_scale(struct unit_cpu *u, u64 ticks, u32 per_ms)
{
	u32 khz = max(arch_timer_get_cntfrq() / 1000, 1U);
	u64 sum = u->carry + ticks * per_ms;

	u->carry = sum % khz;
	return sum / khz;
}

/*
 * Knob 0 of every unit is "sticky".  The others count down to the occasion on
 * which they fire, and disarm then or, if sticky, fire every time from then on.
 */
bool knob_fires(struct unit *unit, int knob)
{
	atomic_t *val = &unit->knobs[knob].val;

	if (atomic_dec_if_positive(val))
		return false;
	if (atomic_read(&unit->knobs[0].val))
		atomic_inc(val);
	return true;
}

/* A write to the register that enables the unit's buffer.  Which knob has it fail, or 0? */
int buffer_enable(struct hw_cpu *hw, enum unit_id id, int ri, u64 val)
{
	struct unit_cpu *u = &hw->unit[id];
	struct unit *unit = units[id];
	bool was = unit->enabled(hw);

	u->val[ri] = val;
	if (was == unit->enabled(hw))
		return 0;
	if (was) {
		u->cnt[CNT_DISABLES]++;
		return 0;
	}

	u->cnt[CNT_ENABLES]++;
	for (int knob = FAULT_AT_ENABLE; knob < NR_BUFFER_KNOBS; knob++)
		if (knob_fires(unit, knob))
			return knob;
	return 0;
}

/* Interrupts */

static void hw_drive_irqs(struct hw_cpu *hw)
{
	for (int i = 0; i < NR_UNITS; i++) {
		if (units[i]->irq)
			irq_set_irqchip_state(units[i]->irq,
					      IRQCHIP_STATE_PENDING,
					      hw->unit[i].level);
	}
}

/*
 * A PPI is level triggered but the GIC offers software only a latch.  The
 * latch is set on a rising edge, cleared on a falling one, and set again at
 * every tick for as long as the level is high, for a handler that returned
 * without clearing the cause.
 */
static void hw_update_irqs(struct hw_cpu *hw, bool tick)
{
	for (int i = 0; i < NR_UNITS; i++) {
		struct unit_cpu *u = &hw->unit[i];
		bool level = units[i]->level && units[i]->level(hw);

		if (level == u->level && !(level && tick))
			continue;
		if (level && !u->level)
			u->cnt[CNT_IRQS]++;
		u->level = level;
		if (!units[i]->irq)
			continue;

		/* An NMI may have interrupted the owner of desc->lock */
		if (in_nmi())
			irq_work_queue(&hw->irq_work);
		else
			irq_set_irqchip_state(units[i]->irq,
					      IRQCHIP_STATE_PENDING, level);
	}
}

static void hw_irq_work(struct irq_work *work)
{
	unsigned long flags = hw_lock();

	hw_drive_irqs(this_cpu_ptr(hw_cpus));
	hw_unlock(flags);
}

/* Time */

static void hw_advance(struct hw_cpu *hw, const struct pt_regs *regs)
{
	u64 now = __arch_counter_get_cntvct();
	u64 ticks = now - hw->last;

	hw->last = now;
	for (int i = 0; i < NR_UNITS; i++) {
		if (!units[i]->running(hw))
			continue;
		hw->unit[i].cnt[CNT_RUN] += ticks;
		/* More than a second at once is a CPU that was stopped */
		if (units[i]->advance && regs)
			units[i]->advance(hw, regs,
					  min_t(u64, ticks, arch_timer_get_cntfrq()));
	}
}

static enum hrtimer_restart hw_tick(struct hrtimer *timer)
{
	struct hw_cpu *hw = container_of(timer, struct hw_cpu, timer);
	unsigned long flags = hw_lock();

	hw_advance(hw, get_irq_regs());
	hw_update_irqs(hw, true);
	hw_unlock(flags);

	hrtimer_forward_now(timer, us_to_ktime(tick_us));
	return HRTIMER_RESTART;
}

static void hw_sync_local(void *unused)
{
	unsigned long flags = hw_lock();

	hw_advance(this_cpu_ptr(hw_cpus), get_irq_regs());
	hw_unlock(flags);
}

/* Make the counters exact, for those who want to read them. */
void hw_sync(void)
{
	on_each_cpu(hw_sync_local, NULL, 1);
}

static void hw_clear(struct hw_cpu *hw)
{
	hw->nr_runs = 0;
	for (int i = 0; i < NR_UNITS; i++) {
		memset(hw->unit[i].cnt, 0, sizeof(hw->unit[i].cnt));
		memset(hw->unit[i].writes, 0, sizeof(hw->unit[i].writes));
	}
}

static void hw_clear_local(void *unused)
{
	unsigned long flags = hw_lock();
	struct hw_cpu *hw = this_cpu_ptr(hw_cpus);

	hw_advance(hw, get_irq_regs());
	hw_clear(hw);
	hw_unlock(flags);
}

void hw_clear_counters(void)
{
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		/* Fails for a CPU that is down, and so has nothing running */
		if (smp_call_function_single(cpu, hw_clear_local, NULL, 1))
			hw_clear(hw_of(cpu));
	}
	cpus_read_unlock();
}

/* System registers */

struct map_entry {
	u32 enc;
	u16 unit;
	u16 ri;
};

static struct map_entry map[NR_UNITS * MAX_REGS];
static int nr_map;

static int map_cmp(const void *a, const void *b)
{
	const struct map_entry *l = a, *r = b;

	return l->enc < r->enc ? -1 : l->enc > r->enc;
}

static int __init map_init(void)
{
	for (int i = 0; i < NR_UNITS; i++) {
		if (WARN_ON(units[i]->nr_regs > MAX_REGS))
			return -E2BIG;
		for (int ri = 0; ri < units[i]->nr_regs; ri++)
			map[nr_map++] = (struct map_entry) {
				.enc = units[i]->regs[ri].enc,
				.unit = i,
				.ri = ri,
			};
	}
	sort(map, nr_map, sizeof(map[0]), map_cmp, NULL);

	for (int i = 1; i < nr_map; i++) {
		if (WARN_ON(map[i - 1].enc == map[i].enc))
			return -EEXIST;
	}
	return 0;
}

/* Called from the ftrace handler: must not call anything that can be traced. */
static __always_inline const struct map_entry *map_find(u32 insn)
{
	u32 enc = insn & GENMASK(20, 5);
	int lo = 0, hi = nr_map;

	/* MRS or MSR (register), op0 2 or 3 */
	if ((insn & 0xffd00000) != 0xd5100000)
		return NULL;

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (map[mid].enc == enc)
			return &map[mid];
		if (map[mid].enc < enc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static u32 insn_of(const struct pt_regs *regs)
{
	return le32_to_cpup((__le32 *)regs->pc);
}

static void hw_write_reg(struct hw_cpu *hw, const struct map_entry *e, u64 val)
{
	struct unit_cpu *u = &hw->unit[e->unit];
	const struct unit *unit = units[e->unit];
	const struct reg *reg = &unit->regs[e->ri];

	u->writes[e->ri]++;
	if (reg->kind == REG_CONTROL)
		u->cnt[CNT_CONTROL_WRITES]++;
	if (reg->kind == REG_FILTER)
		u->cnt[CNT_FILTER_WRITES]++;
	if (unit->writable && !unit->writable(hw, e->ri)) {
		u->cnt[CNT_IGNORED_WRITES]++;
		return;
	}

	val = (val & reg->wmask) | (reg->reset & ~reg->wmask);
	if (reg->write)
		reg->write(hw, e->ri, val);
	else
		u->val[e->ri] = val;
}

static u64 hw_read_reg(struct hw_cpu *hw, const struct map_entry *e)
{
	const struct reg *reg = &units[e->unit]->regs[e->ri];

	return reg->read ? reg->read(hw, e->ri) : hw->unit[e->unit].val[e->ri];
}

/* Returns what is read; @val is what is written. */
static u64 hw_access_reg(const struct map_entry *e, bool load, u64 val, const struct pt_regs *regs)
{
	unsigned long flags = hw_lock();
	struct hw_cpu *hw = this_cpu_ptr(hw_cpus);

	hw_advance(hw, regs);
	ete_leave(hw);
	if (load)
		val = hw_read_reg(hw, e);
	else
		hw_write_reg(hw, e, val);
	hw_update_irqs(hw, false);
	hw_unlock(flags);
	return val;
}

/* The same by number, for registers that are in memory, too; 0 if there is none. */
u64 hw_access(u32 enc, bool load, u64 val, const struct pt_regs *regs)
{
	for (int i = 0; i < nr_map; i++) {
		if (map[i].enc == enc)
			return hw_access_reg(&map[i], load, val, regs);
	}
	return 0;
}

/* The CPU has executed one instruction at EL0, or is about to execute the first. */
void hw_step(struct pt_regs *regs)
{
	unsigned long flags = hw_lock();
	struct hw_cpu *hw = this_cpu_ptr(hw_cpus);

	hw_advance(hw, regs);
	ete_step(hw, regs);
	hw_update_irqs(hw, false);
	hw_unlock(flags);
}

/* Bring this CPU's units up to date, and keep everybody out. */
unsigned long hw_enter(const struct pt_regs *regs)
{
	unsigned long flags = hw_lock();

	hw_advance(this_cpu_ptr(hw_cpus), regs);
	return flags;
}

void hw_leave(unsigned long flags)
{
	hw_unlock(flags);
}

/* Runs instead of do_el1_undef() when the instruction names one of ours. */
static void tracehw_access(struct pt_regs *regs, unsigned long esr)
{
	u32 insn = insn_of(regs);
	const struct map_entry *e = map_find(insn);
	int rt = insn & 0x1f;

	if (insn & BIT(21))
		pt_regs_write_reg(regs, rt, hw_access_reg(e, true, 0, regs));
	else
		hw_access_reg(e, false, pt_regs_read_reg(regs, rt), regs);

	regs->pstate &= ~PSR_BTYPE_MASK;
	regs->pc += 4;
}

static void notrace tracehw_undef(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	struct pt_regs *regs = (void *)ftrace_regs_get_argument(fregs, 0);

	if (map_find(insn_of(regs)))
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)tracehw_access);
}

/*
 * RECURSION: the handler calls nothing, so it needs no protection from itself,
 * and being skipped by the protection would be fatal in do_el1_undef().
 */
static struct ftrace_ops undef_ops = {
	.func	= tracehw_undef,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION,
};

/* ID_AA64DFR0_EL1 */

#define MAX_ID_READS	8

static struct id_driver {
	const char *module;
	const char *driver;
	struct kprobe probes[MAX_ID_READS];
	int nr_probes;
	bool pinned;
} id_drivers[] = {
	{ .module = "arm_spe_pmu",	.driver = "arm_spe_pmu" },
	{ .module = "coresight_etm4x",	.driver = "coresight-etm4x" },
	{ .module = "coresight_trbe",	.driver = "arm_trbe" },
};

static int id_read(struct kprobe *p, struct pt_regs *regs)
{
	u64 val = read_sysreg_s(SYS_ID_AA64DFR0_EL1);

	val &= ~(ID_AA64DFR0_EL1_PMSVer | ID_AA64DFR0_EL1_TraceVer |
		 ID_AA64DFR0_EL1_TraceFilt | ID_AA64DFR0_EL1_TraceBuffer);
	val |= SYS_FIELD_PREP_ENUM(ID_AA64DFR0_EL1, PMSVer, V1P2) |
	       SYS_FIELD_PREP_ENUM(ID_AA64DFR0_EL1, TraceVer, IMP) |
	       SYS_FIELD_PREP_ENUM(ID_AA64DFR0_EL1, TraceFilt, IMP) |
	       SYS_FIELD_PREP_ENUM(ID_AA64DFR0_EL1, TraceBuffer, IMP);

	pt_regs_write_reg(regs, p->opcode & 0x1f, val);
	regs->pc += 4;
	return 1;
}

static void id_unprobe(struct id_driver *d)
{
	while (d->nr_probes)
		unregister_kprobe(&d->probes[--d->nr_probes]);
	if (d->pinned)
		module_put(THIS_MODULE);
	d->pinned = false;
}

static int id_probe(struct id_driver *d, const struct module *mod)
{
	const struct module_memory *text = &mod->mem[MOD_TEXT];
	__le32 *end = text->base + text->size;
	int ret;

	/* The driver's next access would be an Oops if we went first */
	if (!try_module_get(THIS_MODULE))
		return -EBUSY;
	d->pinned = true;

	for (__le32 *p = text->base; p < end; p++) {
		struct kprobe *kp = &d->probes[d->nr_probes];

		/* MRS is MSR plus bit 21 */
		if ((le32_to_cpu(*p) & ~0x1f) !=
		    (0xd5200000 | SYS_ID_AA64DFR0_EL1))
			continue;
		if (d->nr_probes == MAX_ID_READS)
			return -E2BIG;
		*kp = (struct kprobe) {
			.addr = (void *)p,
			.pre_handler = id_read,
		};
		ret = register_kprobe(kp);
		if (ret)
			return ret;
		d->nr_probes++;
	}
	pr_info("%s: %d reads of ID_AA64DFR0_EL1 redirected\n", d->module,
		d->nr_probes);
	return 0;
}

static int module_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct module *mod = data;
	int ret = 0;

	for (int i = 0; i < ARRAY_SIZE(id_drivers); i++) {
		struct id_driver *d = &id_drivers[i];

		if (strcmp(mod->name, d->module))
			continue;
		if (event == MODULE_STATE_COMING) {
			ret = id_probe(d, mod);
			if (ret) {
				pr_err("%s: cannot redirect ID_AA64DFR0_EL1: %d\n",
				       d->module, ret);
				id_unprobe(d);
			}
		} else if (event == MODULE_STATE_GOING) {
			id_unprobe(d);
		}
	}
	return notifier_from_errno(ret);
}

static struct notifier_block module_nb = {
	.notifier_call = module_event,
};

/* Power */

/*
 * Of SPE and TRBE all is UNKNOWN after a reset but that the buffer is disabled: what
 * enables profiling, and that an interrupt is pending, too.  A driver that takes it for
 * 0 is to be found out.
 */
static u64 reset_value(int unit, const struct reg *reg)
{
	if (unit == UNIT_ETE || reg->kind == REG_ID)
		return reg->reset;
	return reg->reset | (reg->wmask & ~reg->known);
}

static void hw_reset(struct hw_cpu *hw)
{
	for (int i = 0; i < NR_UNITS; i++) {
		struct unit_cpu *u = &hw->unit[i];

		for (int ri = 0; ri < units[i]->nr_regs; ri++)
			u->val[ri] = reset_value(i, &units[i]->regs[ri]);
		u->carry = 0;
		u->stuck = 0;
		u->level = false;
	}
	hw->flow.mode = false;
	hw->ete_busy_until = 0;
	hw->last = __arch_counter_get_cntvct();
}

static int hw_power_up(unsigned int cpu)
{
	struct hw_cpu *hw = hw_of(cpu);

	/* Fixed, so that runs with -icount repeat */
	hw->prng = cpu + 1;
	hw_reset(hw);
	return 0;
}

static void hw_power_off(struct hw_cpu *hw)
{
	for (int i = 0; i < NR_UNITS; i++) {
		hw->unit[i].cnt[CNT_POWER_OFFS]++;
		if (units[i]->enabled(hw))
			hw->unit[i].cnt[CNT_POWER_CUTS]++;
	}
	hw_reset(hw);
}

/* Runs elsewhere once the CPU is dead, after all that its drivers do to it. */
static int hw_power_down(unsigned int cpu)
{
	hw_power_off(hw_of(cpu));
	return 0;
}

/*
 * An idle state with power-down.  Last of all, so the power is off before any
 * driver is told that the CPU is back, and on again for the first.
 */
static int hw_cpu_pm(struct notifier_block *nb, unsigned long cmd, void *v)
{
	unsigned long flags;

	if (cmd != CPU_PM_ENTER)
		return NOTIFY_DONE;

	flags = hw_lock();
	hw_power_off(this_cpu_ptr(hw_cpus));
	hw_unlock(flags);
	return NOTIFY_OK;
}

static struct notifier_block cpu_pm_nb = {
	.notifier_call = hw_cpu_pm,
	.priority = INT_MIN,
};

static int hw_timer_start(unsigned int cpu)
{
	struct hw_cpu *hw = hw_of(cpu);

	hrtimer_setup(&hw->timer, hw_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&hw->timer, us_to_ktime(tick_us),
		      HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static int hw_timer_stop(unsigned int cpu)
{
	hrtimer_cancel(&hw_of(cpu)->timer);
	return 0;
}

static enum cpuhp_state power_state, timer_state;

/* Module */

static void __init find_irqs(void)
{
	for (int i = 0; i < NR_UNITS; i++) {
		struct device_node *np;

		if (!units[i]->compatible)
			continue;
		np = of_find_compatible_node(NULL, NULL, units[i]->compatible);
		if (np)
			units[i]->irq = irq_of_parse_and_map(np, 0);
		of_node_put(np);
		if (!units[i]->irq)
			pr_warn("%s: no interrupt in the device tree\n",
				units[i]->name);
	}
}

static int __init tracehw_init(void)
{
	int cpu, ret;

	if (!tick_us)
		return -EINVAL;

	for (int i = 0; i < ARRAY_SIZE(id_drivers); i++) {
		if (driver_find(id_drivers[i].driver, &platform_bus_type)) {
			pr_err("must be loaded before %s\n", id_drivers[i].module);
			return -EBUSY;
		}
	}

	ret = map_init();
	if (ret)
		return ret;
	find_irqs();

	/* Too big for the per-CPU area that modules share */
	hw_cpus = alloc_percpu(struct hw_cpu);
	if (!hw_cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		init_irq_work(&hw_of(cpu)->irq_work, hw_irq_work);

	ret = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "tracehw:power",
				hw_power_up, hw_power_down);
	if (ret < 0)
		goto out_free;
	power_state = ret;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tracehw:timer",
				hw_timer_start, hw_timer_stop);
	if (ret < 0)
		goto out_power;
	timer_state = ret;

	ret = ftrace_set_filter(&undef_ops, "do_el1_undef",
				strlen("do_el1_undef"), 1);
	if (!ret)
		ret = register_ftrace_function(&undef_ops);
	if (ret)
		goto out_timer;

	ret = mmio_init();
	if (ret)
		goto out_ftrace;

	ret = register_module_notifier(&module_nb);
	if (ret)
		goto out_mmio;

	ret = cpu_pm_register_notifier(&cpu_pm_nb);
	if (ret)
		goto out_module;

	flow_init();
	tracehw_debugfs_init();
	pr_info("SPE on irq %d, TRBE on irq %d, one ETE a CPU; tick %u us\n",
		spe_unit.irq, trbe_unit.irq, tick_us);
	return 0;

out_module:
	unregister_module_notifier(&module_nb);
out_mmio:
	mmio_exit();
out_ftrace:
	unregister_ftrace_function(&undef_ops);
out_timer:
	ftrace_free_filter(&undef_ops);
	cpuhp_remove_state(timer_state);
out_power:
	cpuhp_remove_state(power_state);
out_free:
	free_percpu(hw_cpus);
	return ret;
}
module_init(tracehw_init);

/* The drivers pin us, so nobody is left who could access a register. */
static void __exit tracehw_exit(void)
{
	int cpu;

	tracehw_debugfs_exit();
	flow_exit();
	cpu_pm_unregister_notifier(&cpu_pm_nb);
	unregister_module_notifier(&module_nb);
	mmio_exit();
	/* Also waits for a tracehw_access() that was preempted */
	unregister_ftrace_function(&undef_ops);
	ftrace_free_filter(&undef_ops);
	cpuhp_remove_state(timer_state);
	cpuhp_remove_state_nocalls(power_state);
	for_each_possible_cpu(cpu)
		irq_work_sync(&hw_of(cpu)->irq_work);
	free_percpu(hw_cpus);
}
module_exit(tracehw_exit);

MODULE_DESCRIPTION("Emulated Arm SPE, ETE and TRBE for guests without them");
MODULE_LICENSE("GPL");
