// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Embedded Trace Extension (ETEv1.0) with FEAT_TRF.
 *
 * The stream is well formed, but it is no program flow: a synchronisation when
 * the unit starts and every TRCSYNCPR bytes, for each look at the running CPU a
 * Trace On, a timestamp if asked for, and the address and context where the CPU
 * was seen, and E atoms up to "bytes_per_ms".  The exception level filters are
 * honoured; comparators, counters and the sequencer are registers without
 * effect.
 *
 * The unit does not know whether anybody takes what it emits.  A synchronisation
 * that no sink took is gone, and the next one comes when it is due.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include <asm/debug-monitors.h>
#include <asm/sysreg.h>

#include "tracehw.h"

enum {
	TRCPRGCTLR, TRCSTATR, TRCCONFIGR, TRCSYNCPR, TRCVICTLR, TRCRSR,
	TRCCLAIMSET, TRCCLAIMCLR, TRFCR, TRCTRACEIDR,
};

enum { STUCK_AT_START = STICKY + 1, STUCK_AT_STOP, UNSTABLE, BYTES_PER_MS, FLOW, DRAIN_US };

#define TRCPRGCTLR_EN		BIT(0)
#define TRCSTATR_IDLE		BIT(0)
#define TRCSTATR_PMSTABLE	BIT(1)
#define TRCCONFIGR_CID		BIT(6)
#define TRCCONFIGR_TS		BIT(11)
#define TRCVICTLR_NO_EL0	BIT(20)
#define TRCVICTLR_NO_EL1	BIT(21)
#define CLAIM_TAGS		GENMASK(3, 0)

#define MIN_BUDGET		32U	/* bytes that are worth an address */
#define MAX_BUDGET		65536U	/* bytes for one look at the unit */

/* unit_cpu.stuck */
#define STUCK_IDLE		1
#define STUCK_BUSY		2	/* for so long, whatever is done to it: */
#define BUSY_US			20000

static bool ete_enabled(const struct hw_cpu *hw)
{
	return hw->unit[UNIT_ETE].val[TRCPRGCTLR] & TRCPRGCTLR_EN;
}

static bool os_locked(void)
{
	return read_sysreg(oslsr_el1) & OSLSR_EL1_OSLK;
}

static bool ete_busy(const struct hw_cpu *hw)
{
	return (s64)(hw->ete_busy_until - read_sysreg(cntvct_el0)) > 0;
}

static int ete_stuck(const struct hw_cpu *hw)
{
	int stuck = hw->unit[UNIT_ETE].stuck;

	return stuck == STUCK_BUSY && !ete_busy(hw) ? 0 : stuck;
}

static bool ete_running(const struct hw_cpu *hw)
{
	return ete_enabled(hw) && !ete_stuck(hw) && !os_locked();
}

static void ete_busy_for(struct hw_cpu *hw, u32 us)
{
	hw->ete_busy_until = read_sysreg(cntvct_el0) + (u64)us * read_sysreg(cntfrq_el0) / 1000000;
}

/*
 * The registers keep their values once the unit is disabled. It is idle only when it has
 * put out all of its trace.
 */
static u64 ete_status(const struct hw_cpu *hw)
{
	switch (ete_stuck(hw)) {
	case STUCK_IDLE:
		return TRCSTATR_IDLE | TRCSTATR_PMSTABLE;
	case STUCK_BUSY:
		return 0;
	default:
		if (os_locked() && atomic_read(&ete_unit.knobs[UNSTABLE].val))
			return 0;
		if (ete_running(hw))
			return 0;
		return TRCSTATR_PMSTABLE | (ete_busy(hw) ? 0 : TRCSTATR_IDLE);
	}
}

static u64 ete_read_statr(struct hw_cpu *hw, int ri)
{
	return ete_status(hw);
}

static void ete_write_prgctlr(struct hw_cpu *hw, int ri, u64 val)
{
	struct unit_cpu *u = &hw->unit[UNIT_ETE];
	bool was = ete_enabled(hw), hangs = ete_stuck(hw) == STUCK_BUSY;

	u->val[ri] = val;
	if (was == ete_enabled(hw))
		return;

	if (!hangs)
		u->stuck = 0;
	if (was) {
		if (hw->flow.mode)
			flow_arm(false);
		u->cnt[CNT_DISABLES]++;
		if (hangs)
			return;
		ete_busy_for(hw, atomic_read(&ete_unit.knobs[DRAIN_US].val));
		if (knob_fires(&ete_unit, STUCK_AT_STOP)) {
			u->stuck = STUCK_BUSY;
			ete_busy_for(hw, BUSY_US);
			u->cnt[CNT_FAULTS]++;
		}
	} else {
		u->cnt[CNT_ENABLES]++;
		if (!hangs && knob_fires(&ete_unit, STUCK_AT_START)) {
			u->stuck = STUCK_IDLE;
			u->cnt[CNT_FAULTS]++;
		}
		u->carry = 0;
		hw->budget = 0;
		hw->fresh = true;
		hw->flow.on = false;
		hw->flow.mode = flow_possible && atomic_read(&ete_unit.knobs[FLOW].val) > 0;
		if (hw->flow.mode && !(u->val[TRCVICTLR] & TRCVICTLR_NO_EL0))
			flow_arm(true);
		if (hw->nr_runs < MAX_RUNS)
			hw->runs[hw->nr_runs++] = (struct ete_run){ };
	}
}

static u64 ete_read_claimset(struct hw_cpu *hw, int ri)
{
	return CLAIM_TAGS;
}

static void ete_write_claimset(struct hw_cpu *hw, int ri, u64 val)
{
	hw->unit[UNIT_ETE].val[TRCCLAIMCLR] |= val;
}

static void ete_write_claimclr(struct hw_cpu *hw, int ri, u64 val)
{
	hw->unit[UNIT_ETE].val[TRCCLAIMCLR] &= ~val;
}

static u64 ete_read_oslsr(struct hw_cpu *hw, int ri)
{
	/* OSLM: the PE's own OS Lock is the one; OSLK: its state */
	return BIT(4) | (os_locked() ? BIT(1) : 0);
}

/* The rest of the trace unit can be programmed only while it is idle. */
static bool ete_writable(const struct hw_cpu *hw, int ri)
{
	switch (ri) {
	case TRCPRGCTLR:
	case TRCCLAIMSET:
	case TRCCLAIMCLR:
	case TRFCR:
		return true;
	default:
		return !ete_enabled(hw) && ete_status(hw) & TRCSTATR_IDLE;
	}
}

/* Where the CPU has FEAT_TRF of its own, accesses do not trap. */
static u64 ete_trfcr(const u64 *r)
{
	u64 dfr0 = read_sysreg_s(SYS_ID_AA64DFR0_EL1);

	if (FIELD_GET(ID_AA64DFR0_EL1_TraceFilt, dfr0))
		return read_sysreg_s(SYS_TRFCR_EL1);
	return r[TRFCR];
}

static bool ete_allowed(const u64 *r, bool user)
{
	u64 trfcr = ete_trfcr(r);

	if (user)
		return (trfcr & TRFCR_EL1_E0TRE) &&
		       !(r[TRCVICTLR] & TRCVICTLR_NO_EL0);
	return (trfcr & TRFCR_EL1_ExTRE) &&
	       !(r[TRCVICTLR] & TRCVICTLR_NO_EL1);
}

static u8 *put_sync(u8 *p)
{
	memset(p, 0, 11);		/* A-Sync */
	p += 11;
	*p++ = 0x80;
	*p++ = 0x01;			/* Trace Info: INFO, no cycle counts */
	*p++ = 0x01;
	*p++ = 0x00;
	return p;
}

static u8 *put_timestamp(u8 *p, u64 ts)
{
	*p++ = 0x02;
	for (int i = 0; i < 8; i++, ts >>= 7)
		*p++ = (ts & 0x7f) | 0x80;
	*p++ = ts;
	return p;
}

static u8 *put_pc(u8 *p, u8 header, u64 pc)
{
	*p++ = header;
	*p++ = (pc >> 2) & 0x7f;
	*p++ = (pc >> 9) & 0x7f;
	for (int i = 16; i < 64; i += 8)
		*p++ = pc >> i;
	return p;
}

#define ADDRESS_CONTEXT		0x85	/* 64 bits, IS0 */
#define ADDRESS			0x9d	/* the same without context */

static u8 *put_address(u8 *p, u64 pc, bool user, bool cid)
{
	u32 id = read_sysreg(contextidr_el1);

	p = put_pc(p, ADDRESS_CONTEXT, pc);
	*p++ = BIT(5) | BIT(4) | (user ? 0 : 1) | (cid ? BIT(7) : 0);
	for (int i = 0; cid && i < 32; i += 8)
		*p++ = id >> i;
	return p;
}

/* The first @sync bytes are A-Sync and Trace Info */
static void ete_emit(struct hw_cpu *hw, size_t len, size_t sync)
{
	struct unit_cpu *u = &hw->unit[UNIT_ETE];
	struct ete_run *run = hw->nr_runs ? &hw->runs[hw->nr_runs - 1] : NULL;
	u64 at = trbe_offset(hw);
	bool off = !trbe_unit.enabled(hw);
	size_t taken = trbe_accept(hw, hw->scratch, len);

	if (!taken)
		taken = tmc_accept(smp_processor_id(), u->val[TRCTRACEIDR], hw->scratch, len);

	u->cnt[CNT_BYTES] += len;
	u->cnt[CNT_DROPPED] += len - taken;
	if (off)
		u->cnt[CNT_NO_SINK] += len - taken;
	if (taken < sync)
		u->cnt[CNT_SYNC_LOST]++;
	hw->since_sync += len;

	if (!run)
		return;
	run->emitted += len;
	if (run->over)
		return;
	if (!run->taken)
		run->at = at;
	run->taken += taken;
	run->over = run->taken && taken < len;
}

/* Program flow, see flow.c */

#define TRACE_ON		0x04
#define ATOM_N			0xf6
#define ATOM_E			0xf7
#define EXCEPTION		0x06

/* Types of exceptions */
#define EXC_HALT		1
#define EXC_CALL		2
#define EXC_TRAP		3
#define EXC_IRQ			14

static u32 sync_period(const struct unit_cpu *u)
{
	u64 period = u->val[TRCSYNCPR];

	return period ? BIT(min_t(u64, period, 20)) : U32_MAX;
}

/* Where the program is, from which the trace goes on; with a synchronisation if one is due */
static void flow_at(struct hw_cpu *hw, u8 *p, u64 pc, bool anew)
{
	struct unit_cpu *u = &hw->unit[UNIT_ETE];
	u64 config = u->val[TRCCONFIGR];
	u8 *start = p;
	size_t sync = 0;

	if (hw->fresh || hw->since_sync >= sync_period(u)) {
		p = put_sync(p);
		sync = p - start;
		hw->since_sync = 0;
		hw->fresh = false;
	}
	if (anew)
		*p++ = TRACE_ON;
	if (anew || sync) {
		if (config & TRCCONFIGR_TS)
			p = put_timestamp(p, read_sysreg(cntvct_el0));
		p = put_address(p, pc, true, config & TRCCONFIGR_CID);
		u->cnt[CNT_RECORDS]++;
	}
	ete_emit(hw, p - hw->scratch, start == hw->scratch ? sync : 0);
}

/* All before @to was executed, and then the CPU was elsewhere */
static void flow_except(struct hw_cpu *hw, u32 type, u64 to)
{
	u8 *p = hw->scratch;

	*p++ = EXCEPTION;
	*p++ = type << 1 | 1;		/* an address follows */
	p = put_pc(p, ADDRESS, to);
	ete_emit(hw, p - hw->scratch, 0);
	hw->flow.on = false;
}

/* The instruction at flow.pc was executed, or has raised an exception: now at @pc */
static void flow_retire(struct hw_cpu *hw, u64 pc)
{
	struct ete_flow *f = &hw->flow;
	u32 insn = f->insn ?: hw_user_insn(f->pc);
	u64 next = f->pc + 4, target = next;
	u8 *p = hw->scratch;

	switch (flow_kind(insn, f->pc, &target)) {
	case FLOW_CALL:
		return flow_except(hw, EXC_CALL, next);
	case FLOW_ID:
		/* The kernel has read the register, and gone on with one more instruction */
		if (pc != next) {
			f->pc = next;
			f->insn = 0;
			flow_retire(hw, pc);
		}
		return;
	case FLOW_OTHER:
		if (pc != next)
			flow_except(hw, EXC_TRAP, f->pc);
		return;
	case FLOW_MAYBE:
		if (pc == next && pc != target) {
			*p++ = ATOM_N;
			break;
		}
		fallthrough;
	case FLOW_ALWAYS:
		if (pc != target)
			return flow_except(hw, EXC_TRAP, f->pc);
		*p++ = ATOM_E;
		hw->unit[UNIT_ETE].cnt[CNT_BRANCHES]++;
		break;
	case FLOW_BARRIER:
		if (pc != next)
			return flow_except(hw, EXC_TRAP, f->pc);
		*p++ = ATOM_E;
		break;
	case FLOW_INDIRECT:
		*p++ = ATOM_E;
		p = put_pc(p, ADDRESS, pc);
		hw->unit[UNIT_ETE].cnt[CNT_BRANCHES]++;
		break;
	}
	flow_at(hw, p, pc, false);
}

/*
 * The CPU is at EL1, and a register of a trace unit is accessed: the flow ends here.  The
 * CPU has come before the instruction that it was to step, or after it, and the handler of
 * the step has not seen that yet.  So that none is lost, the next return to EL0 is a step
 * without an instruction.
 */
void ete_leave(struct hw_cpu *hw)
{
	struct pt_regs *regs = task_pt_regs(current);
	struct ete_flow *f = &hw->flow;

	if (!f->on || !ete_running(hw))
		return;
	if (f->task == current && user_mode(regs)) {
		if (regs->pstate & DBG_SPSR_SS) {
			regs->pstate &= ~DBG_SPSR_SS;
		} else {
			flow_retire(hw, regs->pc);
			f->pc = regs->pc;
		}
	}
	if (f->on)
		flow_except(hw, EXC_IRQ, f->pc);
}

void ete_step(struct hw_cpu *hw, struct pt_regs *regs)
{
	atomic_t *left = &ete_unit.knobs[FLOW].val;
	struct ete_flow *f = &hw->flow;
	u64 target;
	int steps;

	/* To get anywhere, even if this is a step too many */
	regs->pstate |= DBG_SPSR_SS;
	if (!f->mode || atomic_read(left) <= 1)
		flow_arm(false);
	if (!f->mode || !ete_running(hw) || !ete_allowed(hw->unit[UNIT_ETE].val, true))
		return;

	/* Of another task: it sleeps in its call, or was preempted and will be at flow.pc again */
	if (f->on && (f->task != current || f->migrations != current->se.nr_migrations)) {
		if (flow_kind(f->insn, f->pc, &target) == FLOW_CALL)
			flow_except(hw, EXC_CALL, f->pc + 4);
		else
			flow_except(hw, EXC_IRQ, f->pc);
	}
	if (f->on)
		flow_retire(hw, regs->pc);
	steps = atomic_dec_if_positive(left);
	if (!steps)
		atomic_set(left, 1);
	if (steps <= 0) {
		if (f->on)
			flow_except(hw, EXC_HALT, regs->pc);
		return;
	}
	if (!f->on)
		flow_at(hw, hw->scratch, regs->pc, true);

	f->on = true;
	f->pc = regs->pc;
	f->insn = hw_insn_at(regs);
	f->task = current;
	f->migrations = current->se.nr_migrations;
}

static void ete_advance(struct hw_cpu *hw, const struct pt_regs *regs, u64 ticks)
{
	struct unit_cpu *u = &hw->unit[UNIT_ETE];
	bool user = user_mode(regs), seen = false;
	u64 *r = u->val;
	u32 period = sync_period(u);
	u64 earned = hw_scale(u, ticks, atomic_read(&ete_unit.knobs[BYTES_PER_MS].val));

	if (hw->flow.mode || !ete_allowed(r, user))
		return;

	/* However short it was, a run shows; later, save up for an address. */
	hw->budget = min_t(u64, hw->budget + earned, MAX_BUDGET);
	if (!hw->fresh && hw->budget < MIN_BUDGET)
		return;

	do {
		u8 *p = hw->scratch;
		size_t sync = 0, len, most;

		if (hw->fresh || hw->since_sync >= period) {
			p = put_sync(p);
			sync = p - hw->scratch;
			hw->since_sync = 0;
			hw->fresh = false;
		}
		if (!seen) {
			*p++ = 0x04;	/* Trace On */
			if (r[TRCCONFIGR] & TRCCONFIGR_TS)
				p = put_timestamp(p, read_sysreg(cntvct_el0));
			u->cnt[CNT_RECORDS]++;
		}
		if (!seen || sync)
			p = put_address(p, regs->pc, user, r[TRCCONFIGR] & TRCCONFIGR_CID);
		seen = true;

		len = p - hw->scratch;
		most = clamp(period - hw->since_sync, len, ETE_SCRATCH);
		memset(p, 0xf7, most - len);	/* Atom format 1, E */
		len = clamp(hw->budget, len, most);
		hw->budget -= min(hw->budget, len);
		ete_emit(hw, len, sync);
	} while (hw->budget);
}

#define CONFIG32(_name)		REG(_name, CONTROL, 0, U32_MAX)
#define FILTER32(_name)		REG(_name, FILTER, 0, U32_MAX)
#define FILTER64(_name)		REG(_name, FILTER, 0, U64_MAX)
#define ID32(_name, _val)	REG(_name, ID, _val, 0)

static const struct reg ete_regs[] = {
	[TRCPRGCTLR]  = REG(TRCPRGCTLR, CONTROL, 0, TRCPRGCTLR_EN, .write = ete_write_prgctlr),
	[TRCSTATR]    = REG(TRCSTATR, STATUS, 0, 0, .read = ete_read_statr),
	[TRCCONFIGR]  = CONFIG32(TRCCONFIGR),
	[TRCSYNCPR]   = REG(TRCSYNCPR, CONTROL, 0, GENMASK(4, 0)),
	[TRCVICTLR]   = FILTER32(TRCVICTLR),
	[TRCRSR]      = REG(TRCRSR, STATUS, 0, GENMASK(12, 0)),
	[TRCCLAIMSET] = REG(TRCCLAIMSET, STATUS, 0, CLAIM_TAGS,
			    .read = ete_read_claimset, .write = ete_write_claimset),
	[TRCCLAIMCLR] = REG(TRCCLAIMCLR, STATUS, 0, CLAIM_TAGS, .write = ete_write_claimclr),
	[TRFCR]       = REG(TRFCR_EL1, CONTROL, 0, TRFCR_EL1_TS_MASK | TRFCR_EL1_ExTRE |
			    TRFCR_EL1_E0TRE),
	[TRCTRACEIDR] = CONFIG32(TRCTRACEIDR),

	/* From here on the numbers do not matter. */
	REG(TRCOSLSR, STATUS, 0, 0, .read = ete_read_oslsr),
	CONFIG32(TRCAUXCTLR), CONFIG32(TRCEVENTCTL0R), CONFIG32(TRCEVENTCTL1R),
	CONFIG32(TRCTSCTLR), CONFIG32(TRCCCCTLR), CONFIG32(TRCBBCTLR),

	FILTER32(TRCVIIECTLR), FILTER32(TRCVISSCTLR),
	FILTER32(TRCSEQEVR(0)), FILTER32(TRCSEQEVR(1)), FILTER32(TRCSEQEVR(2)),
	FILTER32(TRCSEQRSTEVR), FILTER32(TRCSEQSTR),
	FILTER32(TRCEXTINSELR(0)), FILTER32(TRCEXTINSELR(1)),
	FILTER32(TRCEXTINSELR(2)), FILTER32(TRCEXTINSELR(3)),
	FILTER32(TRCCNTRLDVR(0)), FILTER32(TRCCNTRLDVR(1)),
	FILTER32(TRCCNTCTLR(0)), FILTER32(TRCCNTCTLR(1)),
	FILTER32(TRCCNTVR(0)), FILTER32(TRCCNTVR(1)),
	FILTER32(TRCRSCTLR(2)), FILTER32(TRCRSCTLR(3)), FILTER32(TRCRSCTLR(4)),
	FILTER32(TRCRSCTLR(5)), FILTER32(TRCRSCTLR(6)), FILTER32(TRCRSCTLR(7)),
	FILTER32(TRCRSCTLR(8)), FILTER32(TRCRSCTLR(9)), FILTER32(TRCRSCTLR(10)),
	FILTER32(TRCRSCTLR(11)), FILTER32(TRCRSCTLR(12)), FILTER32(TRCRSCTLR(13)),
	FILTER32(TRCRSCTLR(14)), FILTER32(TRCRSCTLR(15)),
	FILTER32(TRCSSCCR(0)), FILTER32(TRCSSCSR(0)),
	FILTER64(TRCACVR(0)), FILTER64(TRCACVR(1)), FILTER64(TRCACVR(2)),
	FILTER64(TRCACVR(3)), FILTER64(TRCACVR(4)), FILTER64(TRCACVR(5)),
	FILTER64(TRCACVR(6)), FILTER64(TRCACVR(7)),
	FILTER64(TRCACATR(0)), FILTER64(TRCACATR(1)), FILTER64(TRCACATR(2)),
	FILTER64(TRCACATR(3)), FILTER64(TRCACATR(4)), FILTER64(TRCACATR(5)),
	FILTER64(TRCACATR(6)), FILTER64(TRCACATR(7)),
	FILTER64(TRCCIDCVR(0)), FILTER64(TRCVMIDCVR(0)),
	FILTER32(TRCCIDCCTLR0), FILTER32(TRCVMIDCCTLR0),

	ID32(TRCIDR8, 0), ID32(TRCIDR9, 0), ID32(TRCIDR10, 0),
	ID32(TRCIDR11, 0), ID32(TRCIDR12, 0), ID32(TRCIDR13, 0),
	ID32(TRCIMSPEC(0), 0),
	/* TSSIZE 64 bits, one event; bit 0 is RES1 */
	ID32(TRCIDR0, 8 << 24 | BIT(0)),
	/* Arm; the version is in TRCDEVARCH */
	ID32(TRCIDR1, 'A' << 24 | 0xff << 4),
	/* 64-bit addresses, 32-bit Context ID and VMID */
	ID32(TRCIDR2, 4 << 10 | 4 << 5 | 8),
	/* EL0 and EL1, Non-secure; TRCSYNCPR is writable */
	ID32(TRCIDR3, BIT(21) | BIT(20) | 4),
	/* One VMID, one Context ID and one single-shot comparator, 8 selector
	 * pairs, 4 address comparator pairs
	 */
	ID32(TRCIDR4, 1 << 28 | 1 << 24 | 1 << 20 | 7 << 16 | 4),
	/* 2 counters, 4 sequencer states, 7-bit trace ID, 4 input selectors */
	ID32(TRCIDR5, 2 << 28 | 4 << 25 | 7 << 16 | 4 << 9),
	ID32(TRCIDR6, 0), ID32(TRCIDR7, 0),
	ID32(TRCAUTHSTATUS, GENMASK(3, 2)),
	/* Arm, present, ETEv1.0 */
	ID32(TRCDEVARCH, 0x23bU << 21 | BIT(20) | 0x5a13),
	ID32(TRCDEVID, 0),
};

/*
 * The same trace unit by way of memory, which makes it an ETMv4: with the registers
 * below that system registers have no need of.  Those of another CPU are not reached.
 */
u64 etm_access(int cpu, u32 offset, bool load, u64 val, const struct pt_regs *regs)
{
	static u32 power_request[NR_CPUS];
	u32 n = offset / sizeof(u32);

	switch (offset) {
	case 0x300:				/* TRCOSLAR: the OS Lock is the PE's */
	case 0xfb0:				/* TRCLAR */
		return 0;
	case 0x310:				/* TRCPDCR */
		if (!load)
			power_request[cpu] = val;
		return power_request[cpu];
	case 0x314:				/* TRCPDSR: powered */
		return 1;
	case 0xfbc:				/* TRCDEVARCH: Arm, present, ETMv4.4 */
		return 0x23bU << 21 | BIT(20) | 4 << 16 | 0x4a13;
	case 0xfcc:				/* TRCDEVTYPE: traces a processor */
		return 0x13;
	case 0xff0 ... 0xffc:			/* TRCCIDRn: a CoreSight component */
		return 0xb105900d >> (offset - 0xff0) * 2 & 0xff;
	}

	if (cpu != raw_smp_processor_id() && offset < 0xf00) {
		WARN_ONCE(1, "tracehw: register %#x of CPU %d's ETM is accessed by another CPU\n",
			  offset, cpu);
		return 0;
	}
	return hw_access(sys_reg(2, 1, n >> 7 & 7, n & 15, n >> 4 & 7), load, val, regs);
}

struct unit ete_unit = {
	.name		= "ete",
	.regs		= ete_regs,
	.nr_regs	= ARRAY_SIZE(ete_regs),
	.knobs		= {
		[STICKY]		= { .name = "sticky" },
		[STUCK_AT_START]	= { .name = "stuck_at_start" },
		[STUCK_AT_STOP]		= { .name = "stuck_at_stop" },
		[UNSTABLE]		= { .name = "unstable" },
		[FLOW]			= { .name = "flow", .rate = true },
		[DRAIN_US]		= { .name = "drain_us", .rate = true,
					    .val = ATOMIC_INIT(2) },
		[BYTES_PER_MS]		= { .name = "bytes_per_ms", .rate = true,
					    .val = ATOMIC_INIT(2000) },
	},
	.enabled	= ete_enabled,
	.running	= ete_running,
	.writable	= ete_writable,
	.advance	= ete_advance,
};
