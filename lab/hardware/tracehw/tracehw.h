/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Emulated Arm trace hardware (FEAT_SPE, FEAT_ETE, FEAT_TRBE, FEAT_TRF).
 *
 * Everything about one CPU's trace hardware lives in its struct hw_cpu and is
 * only touched on that CPU inside hw_lock(), so that an access is atomic even
 * against a pseudo-NMI, as it is on hardware.
 */
#ifndef TRACEHW_H
#define TRACEHW_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/ptrace.h>
#include <linux/types.h>

struct dentry;

#define MAX_REGS	160
#define MAX_KNOBS	8

enum unit_id { UNIT_SPE, UNIT_TRBE, UNIT_ETE, NR_UNITS };

enum counter {
	CNT_ENABLES,		/* enable bit: 0 -> 1 */
	CNT_DISABLES,		/* enable bit: 1 -> 0 */
	CNT_BYTES,		/* SPE, TRBE: written to memory; ETE: generated */
	CNT_RECORDS,		/* SPE: sampled; ETE: address packets */
	CNT_DROPPED,		/* SPE: records; ETE: bytes no sink accepted */
	CNT_NO_SINK,		/* ETE: of these, while TRBE was not even enabled */
	CNT_SYNC_LOST,		/* ETE: A-Sync or Trace Info among them */
	CNT_BRANCHES,		/* ETE: taken branches of the program flow */
	CNT_FULL,		/* buffer full or wrapped */
	CNT_FAULTS,		/* real or injected faults */
	CNT_IRQS,		/* rising edges of the interrupt line */
	CNT_CONTROL_WRITES,	/* writes to REG_CONTROL registers */
	CNT_FILTER_WRITES,	/* writes to REG_FILTER registers */
	CNT_IGNORED_WRITES,	/* writes while the register was not writable */
	CNT_POWER_OFFS,		/* CPU powered down */
	CNT_POWER_CUTS,		/* the same, with the unit enabled */
	CNT_RUN,		/* counter ticks spent running (shown as ns) */
	NR_COUNTERS
};

enum reg_kind {
	REG_ID,			/* identification, read only */
	REG_STATUS,		/* status and buffer pointers */
	REG_CONTROL,		/* turns something on or off, or sets a rate */
	REG_FILTER,		/* selects what is traced */
};

struct hw_cpu;

/* One line a register; ri is the line's own index in its table. */
struct reg {
	const char *name;
	u32 enc;
	enum reg_kind kind;
	u64 reset;
	u64 wmask;		/* all other bits keep their reset value */
	u64 known;		/* of wmask: not UNKNOWN after a reset */
	u64 (*read)(struct hw_cpu *hw, int ri);
	void (*write)(struct hw_cpu *hw, int ri, u64 val);
};

#define REG(_name, _kind, _reset, _wmask, ...)				\
	{ .name = #_name, .enc = SYS_##_name, .kind = REG_##_kind,	\
	  .reset = (_reset), .wmask = (_wmask), ##__VA_ARGS__ }

/* A number that debugfs can change: a fault's countdown, or a rate. */
struct knob {
	const char *name;
	bool rate;		/* survives a write to "reset" */
	atomic_t val;
};

struct unit {
	const char *name;
	const char *compatible;	/* of the node that has the interrupt */
	const struct reg *regs;
	int nr_regs;
	struct knob knobs[MAX_KNOBS];
	int irq;
	bool (*enabled)(const struct hw_cpu *hw);
	bool (*running)(const struct hw_cpu *hw);
	bool (*level)(const struct hw_cpu *hw);
	/* May the register be written now?  NULL: always. */
	bool (*writable)(const struct hw_cpu *hw, int ri);
	/* The unit ran for @ticks while the CPU was last seen at @regs. */
	void (*advance)(struct hw_cpu *hw, const struct pt_regs *regs,
			u64 ticks);
};

struct unit_cpu {
	u64 val[MAX_REGS];
	u32 writes[MAX_REGS];
	u64 cnt[NR_COUNTERS];
	u64 carry;		/* of ticks into bytes or operations */
	u32 stuck;		/* injected state, private to the unit */
	bool level;		/* interrupt line as last driven */
};

#define ETE_SCRATCH	4096UL
#define MAX_RUNS	512

/* From an enable of the ETE to its disable: what became of what it emitted? */
struct ete_run {
	u64 at;			/* where in TRBE's buffer its first byte is */
	u32 taken;		/* from there on, without a gap */
	u32 emitted;
	bool over;		/* there was one */
};

/* The program at EL0, as the trace has it so far */
struct ete_flow {
	bool mode;		/* the ETE was enabled with the knob "flow" set */
	bool on;		/* the trace has come to @pc, the instruction there has not */
	u64 pc;
	u32 insn;		/* 0: could not be read yet */
	struct task_struct *task;
	u64 migrations;		/* of the task, when it was at @pc */
};

struct hw_cpu {
	struct unit_cpu unit[NR_UNITS];
	u64 last;		/* virtual counter up to which time has passed */
	u32 prng;
	bool fresh;		/* ETE: no synchronisation emitted since enable */
	u32 since_sync;		/* ETE: bytes since the last one */
	u64 ete_busy_until;	/* ETE: virtual counter, once it is disabled */
	size_t budget;		/* ETE: bytes earned by running, not yet emitted */
	struct ete_flow flow;
	u32 nr_runs;
	struct ete_run runs[MAX_RUNS];
	struct hrtimer timer;
	struct irq_work irq_work;
	u8 scratch[ETE_SCRATCH];
};

extern struct unit spe_unit, trbe_unit, ete_unit;
extern struct unit *const units[NR_UNITS];

struct hw_cpu *hw_of(int cpu);
void hw_sync(void);
void hw_clear_counters(void);
int hw_store(u64 va, const void *src, size_t len);
u32 hw_insn_at(const struct pt_regs *regs);
u32 hw_user_insn(u64 pc);
u64 hw_scale(struct unit_cpu *u, u64 ticks, u32 per_ms);
bool knob_fires(struct unit *unit, int knob);

/* The first knob of all units; of those with a buffer, what may happen as it is enabled */
enum { STICKY, FAULT_AT_ENABLE, ABORT_AT_ENABLE, FULL_AT_ENABLE, NR_BUFFER_KNOBS };
#define BUFFER_KNOBS						\
		[STICKY]		= { .name = "sticky" },			\
		[FAULT_AT_ENABLE]	= { .name = "fault_at_enable" },	\
		[ABORT_AT_ENABLE]	= { .name = "abort_at_enable" },	\
		[FULL_AT_ENABLE]	= { .name = "full_at_enable" }
int buffer_enable(struct hw_cpu *hw, enum unit_id id, int ri, u64 val);
u64 trbe_offset(const struct hw_cpu *hw);
size_t trbe_accept(struct hw_cpu *hw, const void *data, size_t len);
size_t tmc_accept(int cpu, u8 trace_id, const u8 *data, size_t len);

u64 hw_access(u32 enc, bool load, u64 val, const struct pt_regs *regs);
unsigned long hw_enter(const struct pt_regs *regs);
void hw_leave(unsigned long flags);

enum flow_kind { FLOW_OTHER, FLOW_MAYBE, FLOW_ALWAYS, FLOW_INDIRECT, FLOW_BARRIER, FLOW_CALL,
		 FLOW_ID };
extern bool flow_possible;
void flow_init(void);
void flow_exit(void);
void flow_arm(bool on);
enum flow_kind flow_kind(u32 insn, u64 pc, u64 *target);
void ete_step(struct hw_cpu *hw, struct pt_regs *regs);
void ete_leave(struct hw_cpu *hw);
void hw_step(struct pt_regs *regs);

int mmio_init(void);
void mmio_exit(void);
u64 etm_access(int cpu, u32 offset, bool load, u64 val, const struct pt_regs *regs);
u64 tmc_access(u32 offset, bool load, u64 val, const struct pt_regs *regs);
void tmc_debugfs_init(struct dentry *root);

void tracehw_debugfs_init(void);
void tracehw_debugfs_exit(void);

#endif
