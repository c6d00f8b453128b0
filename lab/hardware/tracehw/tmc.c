// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Trace Memory Controller, an ETR: CoreSight SoC-400, circular buffer, no
 * scatter-gather.
 *
 * What a write means depends on the state (Arm DDI 0461, 2.2.1):
 *
 *	Disabled	everything is programmed here
 *	Running		entered from Disabled alone, by CTL.TraceCaptEn; captures
 *	Stopped		entered from Running when a flush has completed and
 *			FFCR.StopOnFl is set; TMCReady, TraceCaptEn still set; may be read
 *
 * Stopping and Disabling take no time here, but for "stuck_at_stop".  A write that the
 * manual does not allow in the state is not carried out, and counted: to a board it
 * would be UNPREDICTABLE.
 *
 * Trace is put into frames of 16 bytes by the formatter, each with the ID of its source.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <asm/memory.h>

#include "tracehw.h"

enum {
	RSZ = 0x004, STS = 0x00c, RRD = 0x010, RRP = 0x014, RWP = 0x018, TRG = 0x01c,
	CTL = 0x020, RWD = 0x024, MODE = 0x028, LBUFLEVEL = 0x02c, CBUFLEVEL = 0x030,
	BUFWM = 0x034, RRPHI = 0x038, RWPHI = 0x03c, AXICTL = 0x110, DBALO = 0x118,
	DBAHI = 0x11c, FFSR = 0x300, FFCR = 0x304, PSCR = 0x308,
	CLAIMSET = 0xfa0, CLAIMCLR = 0xfa4, LAR = 0xfb0, AUTHSTATUS = 0xfb8,
	DEVID = 0xfc8, DEVTYPE = 0xfcc,
};

#define CTL_CAPT_EN	BIT(0)
#define STS_FULL	BIT(0)
#define STS_READY	BIT(2)
#define STS_FT_EMPTY	BIT(3)
#define FFCR_EN_FT	BIT(0)
#define FFCR_FLUSH_MAN	BIT(6)
#define FFCR_STOP_ON_FL	BIT(12)
#define FFSR_FT_STOPPED	BIT(1)
#define DEVID_ETR_64	(BIT(6) | 3 << 8)	/* a bus of 64 bits */

#define FRAME		16
#define FRAME_DATA	14

static const char * const states[] = { "disabled", "running", "stopped" };

static struct {
	arch_spinlock_t lock;		/* all CPUs reach it; taken with hw_enter() */
	u32 reg[0x1000 / sizeof(u32)];
	enum { DISABLED, RUNNING, STOPPED } state;
	bool busy;			/* TMCReady does not come */
	u64 rwp;
	bool full;
	u32 claimed;
	struct {
		u8 id, n, data[FRAME_DATA];
	} pending[NR_CPUS];

	u64 enables, disables, bytes, lost, frames, full_seen, ignored_writes;
} tmc = { .lock = __ARCH_SPIN_LOCK_UNLOCKED };

static atomic_t stuck_at_stop;
static atomic_t flush_us;		/* what a flush takes */

static u32 *reg(u32 offset)
{
	return &tmc.reg[offset / sizeof(u32)];
}

static u64 base(void)
{
	return *reg(DBALO) | (u64)*reg(DBAHI) << 32;
}

static u64 size(void)
{
	return *reg(RSZ) * 4ULL;
}

/* The first @n bytes of @data, @n up to FRAME_DATA, of the source @id */
static void put_frame(u8 id, const u8 *data, int n)
{
	u8 frame[FRAME] = { id << 1 | 1 };

	for (int i = 0; i < n; i++) {
		frame[i + 1] = data[i];
		if ((i + 1) % 2 == 0) {
			frame[i + 1] &= ~1;
			frame[FRAME - 1] |= (data[i] & 1) << (i + 1) / 2;
		}
	}
	/* The rest is of ID 0, which says that it is padding. */
	if (n < FRAME_DATA) {
		if (n % 2) {
			frame[n + 1] = 1;
		} else if (n) {
			/* There is one more byte of the old ID after the new one. */
			frame[n + 1] = frame[n] | (frame[FRAME - 1] >> n / 2 & 1);
			frame[n] = 1;
			frame[FRAME - 1] |= 1 << n / 2;
		} else {
			frame[0] = 1;
		}
	}

	memcpy(phys_to_virt(tmc.rwp), frame, FRAME);
	tmc.frames++;
	tmc.rwp += FRAME;
	if (tmc.rwp >= base() + size()) {
		tmc.rwp = base();
		tmc.full = true;
		tmc.full_seen++;
	}
}

static void put_pending(void)
{
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (tmc.pending[cpu].n)
			put_frame(tmc.pending[cpu].id, tmc.pending[cpu].data, tmc.pending[cpu].n);
		tmc.pending[cpu].n = 0;
	}
}

/* Called on the CPU of the source, by hw_advance() */
size_t tmc_accept(int cpu, u8 id, const u8 *data, size_t len)
{
	typeof(tmc.pending[0]) *p = &tmc.pending[cpu];

	arch_spin_lock(&tmc.lock);
	if (tmc.state != RUNNING || !size()) {
		tmc.lost += len;
		len = 0;
	}
	tmc.bytes += len;
	if (p->n && p->id != id) {
		put_frame(p->id, p->data, p->n);
		p->n = 0;
	}
	p->id = id;
	for (size_t i = 0; i < len; i++) {
		p->data[p->n++] = data[i];
		if (p->n == FRAME_DATA) {
			put_frame(id, p->data, p->n);
			p->n = 0;
		}
	}
	arch_spin_unlock(&tmc.lock);
	return len;
}

static void write_ctl(u32 val)
{
	if (!(val & CTL_CAPT_EN)) {
		if (tmc.state != DISABLED)
			tmc.disables++;
		for (int cpu = 0; cpu < NR_CPUS; cpu++)
			tmc.pending[cpu].n = 0;
		tmc.state = DISABLED;
	} else if (tmc.state == DISABLED) {
		tmc.state = RUNNING;
		tmc.enables++;
		tmc.rwp = base();
		tmc.full = false;
		tmc.busy = false;
	} else {
		tmc.ignored_writes++;
	}
}

static void write_ffcr(u32 val)
{
	const u32 any_time = FFCR_FLUSH_MAN | FFCR_STOP_ON_FL;

	if (tmc.state != DISABLED && (val ^ *reg(FFCR)) & ~any_time) {
		tmc.ignored_writes++;
		return;
	}
	*reg(FFCR) = val & ~FFCR_FLUSH_MAN;
	if (!(val & FFCR_FLUSH_MAN) || tmc.state != RUNNING)
		return;
	put_pending();
	udelay(atomic_read(&flush_us));
	if (!(val & FFCR_STOP_ON_FL))
		return;
	tmc.state = STOPPED;
	if (!atomic_dec_if_positive(&stuck_at_stop))
		tmc.busy = true;
}

static void tmc_write(u32 offset, u32 val)
{
	switch (offset) {
	case CTL:
		write_ctl(val);
		break;
	case FFCR:
		write_ffcr(val);
		break;
	case CLAIMSET:
		tmc.claimed |= val & GENMASK(3, 0);
		break;
	case CLAIMCLR:
		tmc.claimed &= ~val;
		break;
	case LAR:
		break;
	case RSZ: case RRP: case RWP: case TRG: case MODE: case BUFWM: case RRPHI: case RWPHI:
	case AXICTL: case DBALO: case DBAHI: case PSCR: case STS:
		if (tmc.state == DISABLED)
			*reg(offset) = val;
		else
			tmc.ignored_writes++;
		break;
	default:
		tmc.ignored_writes++;
	}
}

static u32 tmc_read(u32 offset)
{
	/* From PIDR4 on, then PIDR0 to 3: Arm's TMC, part 961 */
	static const u8 pid[] = { 4, 0, 0, 0, 0x61, 0xb9, 0x0b, 0 };
	static const u8 cid[] = { 0x0d, 0x90, 0x05, 0xb1 };

	switch (offset) {
	case STS:
		return (tmc.full ? STS_FULL : 0) |
		       (tmc.state != RUNNING && !tmc.busy ? STS_READY | STS_FT_EMPTY : 0);
	case CTL:
		return tmc.state != DISABLED;
	case RRP:
		return lower_32_bits(tmc.full ? tmc.rwp : base());
	case RRPHI:
		return upper_32_bits(tmc.full ? tmc.rwp : base());
	case RWP:
		return lower_32_bits(tmc.rwp);
	case RWPHI:
		return upper_32_bits(tmc.rwp);
	case FFSR:
		return tmc.state != RUNNING ? FFSR_FT_STOPPED : 0;
	case CLAIMSET:
		return GENMASK(3, 0);
	case CLAIMCLR:
		return tmc.claimed;
	case AUTHSTATUS:
		return 3 << 2 | 3;
	case DEVID:
		return DEVID_ETR_64;
	case DEVTYPE:
		return 0x21;
	case 0xfd0 ... 0xfec:
		return pid[(offset - 0xfd0) / 4];
	case 0xff0 ... 0xffc:
		return cid[(offset - 0xff0) / 4];
	case RRD:
		return ~0U;
	default:
		return *reg(offset);
	}
}

u64 tmc_access(u32 offset, bool load, u64 val, const struct pt_regs *regs)
{
	unsigned long flags = hw_enter(regs);

	arch_spin_lock(&tmc.lock);
	if (load)
		val = tmc_read(offset);
	else
		tmc_write(offset, val);
	arch_spin_unlock(&tmc.lock);
	hw_leave(flags);
	return val;
}

static int tmc_show(struct seq_file *m, void *unused)
{
	hw_sync();
	seq_printf(m, "state %s\nenables %llu\ndisables %llu\nbytes %llu\nlost %llu\nframes %llu\nfull %llu\nignored_writes %llu\n",
		   states[tmc.state], tmc.enables, tmc.disables, tmc.bytes, tmc.lost,
		   tmc.frames, tmc.full_seen, tmc.ignored_writes);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tmc);

static ssize_t reset_write(struct file *file, const char __user *ubuf, size_t count, loff_t *ppos)
{
	tmc.enables = 0;
	tmc.disables = 0;
	tmc.bytes = 0;
	tmc.lost = 0;
	tmc.frames = 0;
	tmc.full_seen = 0;
	tmc.ignored_writes = 0;
	atomic_set(&stuck_at_stop, 0);
	atomic_set(&flush_us, 0);
	tmc.busy = false;
	return count;
}

static const struct file_operations reset_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= reset_write,
};

void tmc_debugfs_init(struct dentry *root)
{
	struct dentry *dir = debugfs_create_dir("tmc", root);

	debugfs_create_file("state", 0444, dir, NULL, &tmc_fops);
	debugfs_create_file("reset", 0200, dir, NULL, &reset_fops);
	debugfs_create_atomic_t("stuck_at_stop", 0600, dir, &stuck_at_stop);
	debugfs_create_atomic_t("flush_us", 0600, dir, &flush_us);
}
