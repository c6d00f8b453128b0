// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Statistical Profiling Extension, SPEv1.2.
 *
 * Time stands for operations: the interval counter counts "ops_per_ms"
 * operations a millisecond.  A sampled operation is the instruction at the pc
 * where the CPU was last seen; what cannot be known of it (latencies, cache and
 * TLB events, branch outcomes) comes from a generator with a fixed seed.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <asm/sysreg.h>

#include "tracehw.h"

#define RECORD_SIZE	64	/* and alignment: what a Neoverse N1 says */
#define MAX_BURST	512	/* records for one look at the unit */

enum {
	PMSCR, PMSNEVFR, PMSICR, PMSIRR, PMSFCR, PMSEVFR, PMSLATFR, PMSIDR,
	PMBLIMITR, PMBPTR, PMBSR, PMBIDR,
};

enum { FAULT_AFTER_BYTES = NR_BUFFER_KNOBS, OPS_PER_MS };

/* Events and operation classes, Arm ARM D18 "Statistical Profiling Extension" */
#define EV_RETIRED	BIT(1)
#define EV_L1D_ACCESS	BIT(2)
#define EV_L1D_REFILL	BIT(3)
#define EV_TLB_ACCESS	BIT(4)
#define EV_TLB_WALK	BIT(5)
#define EV_NOT_TAKEN	BIT(6)
#define EV_MISPREDICTED	BIT(7)
#define EV_ALL		GENMASK(7, 1)

enum op_class { OP_OTHER, OP_LDST, OP_BRANCH };

#define OP_STORE	BIT(0)	/* of OP_LDST */
#define OP_COND		BIT(0)	/* of OP_BRANCH, and of OP_OTHER */
#define OP_INDIRECT	BIT(1)	/* of OP_BRANCH */

/* Fault status codes in PMBSR_EL1.MSS */
#define FSC_TRANSLATION_L3	0x07
#define FSC_EXTERNAL_ABORT	0x10

struct op {
	enum op_class class;
	u8 sub;
	u16 events;
	u16 latency[3];		/* total, issue, translation */
};

static u64 *spe_regs_of(struct hw_cpu *hw)
{
	return hw->unit[UNIT_SPE].val;
}

static bool spe_enabled(const struct hw_cpu *hw)
{
	return hw->unit[UNIT_SPE].val[PMBLIMITR] & PMBLIMITR_EL1_E;
}

static bool spe_running(const struct hw_cpu *hw)
{
	const u64 *r = hw->unit[UNIT_SPE].val;

	return spe_enabled(hw) && !(r[PMBSR] & PMBSR_EL1_S) &&
	       (r[PMSCR] & (PMSCR_EL1_E0SPE | PMSCR_EL1_E1SPE));
}

static bool spe_level(const struct hw_cpu *hw)
{
	return hw->unit[UNIT_SPE].val[PMBSR] & PMBSR_EL1_S;
}

static void spe_stop_on(struct hw_cpu *hw, u64 pmbsr, enum counter cnt)
{
	hw->unit[UNIT_SPE].cnt[cnt]++;
	spe_regs_of(hw)[PMBSR] = pmbsr | PMBSR_EL1_S;
}

static void spe_full(struct hw_cpu *hw)
{
	spe_stop_on(hw, FIELD_PREP(PMBSR_EL1_EC, PMBSR_EL1_EC_BUF) |
			FIELD_PREP(PMBSR_EL1_BUF_BSC_MASK, PMBSR_EL1_BUF_BSC_FULL),
		    CNT_FULL);
}

static void spe_fault(struct hw_cpu *hw)
{
	spe_stop_on(hw, FIELD_PREP(PMBSR_EL1_EC, PMBSR_EL1_EC_FAULT_S1) |
			FIELD_PREP(PMBSR_EL1_FAULT_FSC_MASK, FSC_TRANSLATION_L3),
		    CNT_FAULTS);
}

static void spe_abort(struct hw_cpu *hw)
{
	spe_stop_on(hw, FIELD_PREP(PMBSR_EL1_EC, PMBSR_EL1_EC_FAULT_S1) |
			FIELD_PREP(PMBSR_EL1_FAULT_FSC_MASK, FSC_EXTERNAL_ABORT) |
			PMBSR_EL1_EA | PMBSR_EL1_DL, CNT_FAULTS);
}

static u32 spe_random(struct hw_cpu *hw)
{
	u32 x = hw->prng;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return hw->prng = x;
}

/* Arm ARM C4.1: only as much of the encoding as a record reports */
static void spe_classify(struct op *op, u32 insn)
{
	bool literal = (insn & 0x3b000000) == 0x18000000;
	bool prefetch = (insn & 0xffc00000) == 0xf9800000;

	if ((insn & 0x7c000000) == 0x14000000) {		/* b, bl */
		op->class = OP_BRANCH;
	} else if ((insn & 0xff000010) == 0x54000000 ||		/* b.cond */
		   (insn & 0x7c000000) == 0x34000000) {		/* cbz, tbz */
		op->class = OP_BRANCH;
		op->sub = OP_COND;
	} else if ((insn & 0xfe000000) == 0xd6000000) {		/* br, blr, ret */
		op->class = OP_BRANCH;
		op->sub = OP_INDIRECT;
	} else if ((insn & 0x0a000000) == 0x08000000 && !prefetch) {
		op->class = OP_LDST;
		/* A zero opc or L field is a store, in all common classes */
		if (!literal && !(insn & GENMASK(23, 22)))
			op->sub = OP_STORE;
		else if (!literal && !(insn & BIT(22)) &&
			 (insn & 0x3a000000) != 0x38000000)
			op->sub = OP_STORE;			/* stp, stxr */
	}
}

static void spe_invent(struct hw_cpu *hw, struct op *op)
{
	u32 rnd = spe_random(hw);

	op->events = EV_RETIRED;
	op->latency[1] = 1 + (rnd & 7);
	op->latency[0] = op->latency[1] + 1 + (rnd >> 3 & 7);

	if (op->class == OP_LDST) {
		op->events |= EV_L1D_ACCESS | EV_TLB_ACCESS;
		op->latency[2] = 1;
		if (!(rnd >> 8 & 0xf)) {
			op->events |= EV_L1D_REFILL;
			op->latency[0] += 40;
		}
		if (!(rnd >> 12 & 0x3f)) {
			op->events |= EV_TLB_WALK;
			op->latency[0] += 60;
			op->latency[2] += 60;
		}
	} else if (op->class == OP_BRANCH) {
		if ((op->sub & OP_COND) && (rnd >> 18 & 1))
			op->events |= EV_NOT_TAKEN;
		if (!(rnd >> 20 & 0x1f))
			op->events |= EV_MISPREDICTED;
	}
}

static bool spe_filter(const u64 *r, const struct op *op)
{
	u64 fcr = r[PMSFCR];

	if ((fcr & PMSFCR_EL1_FE) && (r[PMSEVFR] & ~op->events))
		return false;
	if ((fcr & PMSFCR_EL1_FnE) && (r[PMSNEVFR] & op->events))
		return false;
	if ((fcr & PMSFCR_EL1_FL) &&
	    op->latency[0] < FIELD_GET(PMSLATFR_EL1_MINLAT, r[PMSLATFR]))
		return false;
	if (!(fcr & PMSFCR_EL1_FT))
		return true;

	switch (op->class) {
	case OP_LDST:
		return fcr & (op->sub & OP_STORE ? PMSFCR_EL1_ST : PMSFCR_EL1_LD);
	case OP_BRANCH:
		return fcr & PMSFCR_EL1_B;
	default:
		return false;
	}
}

static u8 *put_packet(u8 *p, u8 header, u64 payload, int bytes)
{
	*p++ = header;
	for (; bytes; bytes--, payload >>= 8)
		*p++ = payload;
	return p;
}

static void spe_format(const u64 *r, const struct pt_regs *regs,
		       const struct op *op, u64 ts, u8 *record)
{
	u64 el = user_mode(regs) ? 0 : 1;
	u8 *p = record;

	memset(record, 0, RECORD_SIZE);		/* 0 is the padding packet */

	p = put_packet(p, 0xb0, BIT_ULL(63) | el << 61 |
		       (regs->pc & GENMASK_ULL(55, 0)), 8);
	if (r[PMSCR] & PMSCR_EL1_CX)
		p = put_packet(p, 0x64, read_sysreg(contextidr_el1), 4);
	p = put_packet(p, 0x48 | op->class, op->sub, 1);
	p = put_packet(p, 0x98, op->latency[0], 2);
	p = put_packet(p, 0x99, op->latency[1], 2);
	if (op->latency[2])
		p = put_packet(p, 0x9a, op->latency[2], 2);
	p = put_packet(p, 0x52, op->events, 2);
	if (r[PMSCR] & PMSCR_EL1_TS)
		put_packet(p, 0x71, ts, 8);
	else
		put_packet(p, 0x01, 0, 0);
}

static bool spe_room(const u64 *r)
{
	return r[PMBPTR] + RECORD_SIZE <= (r[PMBLIMITR] & PMBLIMITR_EL1_LIMIT);
}

static void spe_write_record(struct hw_cpu *hw, const u8 *record)
{
	struct unit_cpu *u = &hw->unit[UNIT_SPE];
	atomic_t *left = &spe_unit.knobs[FAULT_AFTER_BYTES].val;
	u64 *r = u->val;

	if (FIELD_GET(PMBLIMITR_EL1_FM, r[PMBLIMITR]) == PMBLIMITR_EL1_FM_DISCARD)
		return;

	/* PMBPTR may have been programmed at or behind the limit */
	if (!spe_room(r)) {
		u->cnt[CNT_DROPPED]++;
		spe_full(hw);
		return;
	}
	if (hw_store(r[PMBPTR], record, RECORD_SIZE)) {
		u->cnt[CNT_DROPPED]++;
		spe_fault(hw);
		return;
	}
	r[PMBPTR] += RECORD_SIZE;
	u->cnt[CNT_BYTES] += RECORD_SIZE;

	if (atomic_read(left) > 0 && atomic_sub_return(RECORD_SIZE, left) <= 0) {
		atomic_set(left, 0);
		spe_fault(hw);
	} else if (!spe_room(r)) {
		spe_full(hw);
	}
}

static u32 spe_reload(struct hw_cpu *hw)
{
	u64 pmsirr = spe_regs_of(hw)[PMSIRR];
	u32 count = pmsirr & PMSIRR_EL1_INTERVAL_MASK;

	if (pmsirr & PMSIRR_EL1_RND)
		count += spe_random(hw) & 0xff;
	/* INTERVAL 0 is not for software to write; do not spin on it */
	return max(count, 256U);
}

static void spe_advance(struct hw_cpu *hw, const struct pt_regs *regs, u64 ticks)
{
	struct unit_cpu *u = &hw->unit[UNIT_SPE];
	u64 *r = u->val;
	u64 allowed = user_mode(regs) ? PMSCR_EL1_E0SPE : PMSCR_EL1_E1SPE;
	u64 ops = hw_scale(u, ticks, atomic_read(&spe_unit.knobs[OPS_PER_MS].val));
	u64 all = ops;
	u32 count = FIELD_GET(PMSICR_EL1_COUNT, r[PMSICR]);
	u32 insn;

	/* The interval counter stands still while profiling is not allowed */
	if (!(r[PMSCR] & allowed))
		return;

	insn = hw_insn_at(regs);
	if (!count)
		count = spe_reload(hw);

	for (int burst = 0; ops >= count; burst++) {
		struct op op = {};
		u64 ago;

		ops -= count;
		ago = ticks * ops / all;
		count = spe_reload(hw);

		if (burst >= MAX_BURST) {
			u->cnt[CNT_DROPPED]++;
			continue;
		}
		spe_classify(&op, insn);
		spe_invent(hw, &op);
		if (!spe_filter(r, &op))
			continue;
		u->cnt[CNT_RECORDS]++;
		spe_format(r, regs, &op, hw->last - ago, hw->scratch);
		spe_write_record(hw, hw->scratch);
		if (!spe_running(hw)) {
			ops = 0;
			break;
		}
	}
	r[PMSICR] = FIELD_PREP(PMSICR_EL1_COUNT, count - ops);
}

static void spe_write_pmblimitr(struct hw_cpu *hw, int ri, u64 val)
{
	switch (buffer_enable(hw, UNIT_SPE, ri, val)) {
	case FAULT_AT_ENABLE:
		return spe_fault(hw);
	case ABORT_AT_ENABLE:
		return spe_abort(hw);
	case FULL_AT_ENABLE:
		return spe_full(hw);
	}
}

static const struct reg spe_regs[] = {
	[PMSCR]     = REG(PMSCR_EL1, CONTROL, 0, GENMASK(7, 3) | GENMASK(1, 0)),
	[PMSNEVFR]  = REG(PMSNEVFR_EL1, FILTER, 0, EV_ALL),
	[PMSICR]    = REG(PMSICR_EL1, CONTROL, 0, PMSICR_EL1_COUNT),
	[PMSIRR]    = REG(PMSIRR_EL1, CONTROL, 0, PMSIRR_EL1_INTERVAL | PMSIRR_EL1_RND),
	[PMSFCR]    = REG(PMSFCR_EL1, FILTER, 0, GENMASK(18, 16) | GENMASK(3, 0)),
	[PMSEVFR]   = REG(PMSEVFR_EL1, FILTER, 0, EV_ALL),
	[PMSLATFR]  = REG(PMSLATFR_EL1, FILTER, 0, GENMASK(11, 0)),
	[PMSIDR]    = REG(PMSIDR_EL1, ID, PMSIDR_EL1_FE | PMSIDR_EL1_FT | PMSIDR_EL1_FL |
			  PMSIDR_EL1_ERND | PMSIDR_EL1_FnE |
			  FIELD_PREP_CONST(PMSIDR_EL1_INTERVAL, PMSIDR_EL1_INTERVAL_1024) |
			  FIELD_PREP_CONST(PMSIDR_EL1_MAXSIZE, const_ilog2(RECORD_SIZE)) |
			  FIELD_PREP_CONST(PMSIDR_EL1_COUNTSIZE,
					   PMSIDR_EL1_COUNTSIZE_12_BIT_SAT), 0),
	[PMBLIMITR] = REG(PMBLIMITR_EL1, STATUS, 0, PMBLIMITR_EL1_LIMIT | PMBLIMITR_EL1_FM |
			  PMBLIMITR_EL1_E, .known = PMBLIMITR_EL1_E,
			  .write = spe_write_pmblimitr),
	[PMBPTR]    = REG(PMBPTR_EL1, STATUS, 0, U64_MAX),
	[PMBSR]     = REG(PMBSR_EL1, STATUS, 0, GENMASK(31, 26) | GENMASK(19, 0)),
	[PMBIDR]    = REG(PMBIDR_EL1, ID, PMBIDR_EL1_F |
			  FIELD_PREP_CONST(PMBIDR_EL1_ALIGN, const_ilog2(RECORD_SIZE)), 0),
};

struct unit spe_unit = {
	.name		= "spe",
	.compatible	= "arm,statistical-profiling-extension-v1",
	.regs		= spe_regs,
	.nr_regs	= ARRAY_SIZE(spe_regs),
	.knobs		= {
		BUFFER_KNOBS,
		[FAULT_AFTER_BYTES]	= { .name = "fault_after_bytes" },
		[OPS_PER_MS]		= { .name = "ops_per_ms", .rate = true,
					    .val = ATOMIC_INIT(32000) },
	},
	.enabled	= spe_enabled,
	.running	= spe_running,
	.level		= spe_level,
	.advance	= spe_advance,
};
