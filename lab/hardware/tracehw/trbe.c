// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Trace Buffer Extension: takes the bytes of the ETE to memory.
 *
 * The trigger is not there (no trace unit event can raise one), nor is manual
 * mode (FEAT_TRBE_EXT).
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/kernel.h>

#include <asm/sysreg.h>

#include "tracehw.h"

enum { TRBLIMITR, TRBPTR, TRBBASER, TRBSR, TRBMAR, TRBTRG, TRBIDR };

enum { FAULT_AFTER_BYTES = NR_BUFFER_KNOBS, ABORT_AT_DISABLE };

/* TRBSR_EL1 */
#define EC_BUFFER		0x00
#define EC_STAGE1_FAULT		0x24
#define FSC_TRANSLATION_L3	0x07
#define FSC_EXTERNAL_ABORT	0x10
#define BSC_FILLED		0x01

static bool trbe_enabled(const struct hw_cpu *hw)
{
	return hw->unit[UNIT_TRBE].val[TRBLIMITR] & TRBLIMITR_EL1_E;
}

static bool trbe_running(const struct hw_cpu *hw)
{
	return trbe_enabled(hw) &&
	       !(hw->unit[UNIT_TRBE].val[TRBSR] & TRBSR_EL1_S);
}

static bool trbe_level(const struct hw_cpu *hw)
{
	return hw->unit[UNIT_TRBE].val[TRBSR] & TRBSR_EL1_IRQ;
}

static void trbe_stop_on(struct hw_cpu *hw, u64 bits, u32 ec, u32 mss,
			 enum counter cnt)
{
	u64 *trbsr = &hw->unit[UNIT_TRBE].val[TRBSR];

	hw->unit[UNIT_TRBE].cnt[cnt]++;
	*trbsr &= ~(TRBSR_EL1_EC_MASK | TRBSR_EL1_MSS_MASK);
	*trbsr |= bits | TRBSR_EL1_IRQ | TRBSR_EL1_S |
		  FIELD_PREP(TRBSR_EL1_EC_MASK, ec) |
		  FIELD_PREP(TRBSR_EL1_MSS_MASK, mss);
}

static void trbe_fault(struct hw_cpu *hw)
{
	trbe_stop_on(hw, 0, EC_STAGE1_FAULT, FSC_TRANSLATION_L3, CNT_FAULTS);
}

static void trbe_abort(struct hw_cpu *hw)
{
	trbe_stop_on(hw, TRBSR_EL1_EA, EC_STAGE1_FAULT, FSC_EXTERNAL_ABORT,
		     CNT_FAULTS);
}

static void trbe_wrap(struct hw_cpu *hw)
{
	u64 *r = hw->unit[UNIT_TRBE].val;

	r[TRBPTR] = r[TRBBASER] & TRBBASER_EL1_BASE;

	switch (FIELD_GET(TRBLIMITR_EL1_FM_MASK, r[TRBLIMITR])) {
	case TRBLIMITR_EL1_FM_FILL:
		trbe_stop_on(hw, TRBSR_EL1_WRAP, EC_BUFFER, BSC_FILLED, CNT_FULL);
		break;
	case TRBLIMITR_EL1_FM_WRAP:
		hw->unit[UNIT_TRBE].cnt[CNT_FULL]++;
		r[TRBSR] |= TRBSR_EL1_WRAP | TRBSR_EL1_IRQ;
		break;
	default:
		hw->unit[UNIT_TRBE].cnt[CNT_FULL]++;
		r[TRBSR] |= TRBSR_EL1_WRAP;
	}
}

/* Where in the buffer the next byte goes */
u64 trbe_offset(const struct hw_cpu *hw)
{
	const u64 *r = hw->unit[UNIT_TRBE].val;

	return r[TRBPTR] - (r[TRBBASER] & TRBBASER_EL1_BASE);
}

/* Returns how much of the trace went to memory; the rest is lost. */
size_t trbe_accept(struct hw_cpu *hw, const void *data, size_t len)
{
	struct unit_cpu *u = &hw->unit[UNIT_TRBE];
	atomic_t *left = &trbe_unit.knobs[FAULT_AFTER_BYTES].val;
	u64 *r = u->val;
	size_t done = 0;

	while (done < len && trbe_running(hw)) {
		u64 limit = r[TRBLIMITR] & TRBLIMITR_EL1_LIMIT;
		size_t chunk;

		/* A pointer programmed at or behind the limit wraps at once */
		if (r[TRBPTR] >= limit) {
			trbe_wrap(hw);
			/* and an empty buffer in circular mode takes nothing */
			if (r[TRBPTR] >= limit)
				break;
			continue;
		}
		chunk = min_t(u64, len - done, limit - r[TRBPTR]);
		if (hw_store(r[TRBPTR], data + done, chunk)) {
			trbe_fault(hw);
			break;
		}
		r[TRBPTR] += chunk;
		done += chunk;

		if (atomic_read(left) > 0 && atomic_sub_return(chunk, left) <= 0) {
			atomic_set(left, 0);
			trbe_fault(hw);
		} else if (r[TRBPTR] == limit) {
			trbe_wrap(hw);
		}
	}
	u->cnt[CNT_BYTES] += done;
	return done;
}

/* An abort of what is drained.  If TRBE has stopped before, all that it sets is EA (D6.5.5) */
static void trbe_abort_late(struct hw_cpu *hw)
{
	if (!(hw->unit[UNIT_TRBE].val[TRBSR] & TRBSR_EL1_S))
		return trbe_abort(hw);
	hw->unit[UNIT_TRBE].val[TRBSR] |= TRBSR_EL1_EA;
	hw->unit[UNIT_TRBE].cnt[CNT_FAULTS]++;
}

static void trbe_write_trblimitr(struct hw_cpu *hw, int ri, u64 val)
{
	bool was = trbe_enabled(hw);

	switch (buffer_enable(hw, UNIT_TRBE, ri, val)) {
	case FAULT_AT_ENABLE:
		return trbe_fault(hw);
	case ABORT_AT_ENABLE:
		return trbe_abort(hw);
	case FULL_AT_ENABLE:
		return trbe_wrap(hw);
	}
	if (was && !trbe_enabled(hw) && knob_fires(&trbe_unit, ABORT_AT_DISABLE))
		trbe_abort_late(hw);
}

/* Writing the pointers of an enabled buffer is not for software to do. */
static bool trbe_writable(const struct hw_cpu *hw, int ri)
{
	return !trbe_enabled(hw) || ri == TRBLIMITR || ri == TRBSR;
}

static const struct reg trbe_regs[] = {
	[TRBLIMITR] = REG(TRBLIMITR_EL1, CONTROL, 0, TRBLIMITR_EL1_LIMIT | GENMASK(5, 0),
			  .known = TRBLIMITR_EL1_E, .write = trbe_write_trblimitr),
	[TRBPTR]    = REG(TRBPTR_EL1, STATUS, 0, U64_MAX),
	[TRBBASER]  = REG(TRBBASER_EL1, STATUS, 0, TRBBASER_EL1_BASE),
	[TRBSR]     = REG(TRBSR_EL1, STATUS, 0, GENMASK_ULL(55, 26) | GENMASK(23, 20) |
			  GENMASK(18, 17) | GENMASK(15, 0)),
	[TRBMAR]    = REG(TRBMAR_EL1, STATUS, 0, GENMASK(11, 0)),
	[TRBTRG]    = REG(TRBTRG_EL1, CONTROL, 0, GENMASK(31, 0)),
	/* Bytes need no alignment; 64 is what the implementations have */
	[TRBIDR]    = REG(TRBIDR_EL1, ID, TRBIDR_EL1_F |
			  FIELD_PREP_CONST(TRBIDR_EL1_Align, 6), 0),
};

struct unit trbe_unit = {
	.name		= "trbe",
	.compatible	= "arm,trace-buffer-extension",
	.regs		= trbe_regs,
	.nr_regs	= ARRAY_SIZE(trbe_regs),
	.knobs		= {
		BUFFER_KNOBS,
		[FAULT_AFTER_BYTES]	= { .name = "fault_after_bytes" },
		[ABORT_AT_DISABLE]	= { .name = "abort_at_disable" },
	},
	.enabled	= trbe_enabled,
	.running	= trbe_running,
	.level		= trbe_level,
	.writable	= trbe_writable,
};
