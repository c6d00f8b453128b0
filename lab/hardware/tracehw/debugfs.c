// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated Arm trace hardware: what tests can see and break, in
 * /sys/kernel/debug/tracehw.  README.md describes the files.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/seq_file.h>

#include <asm/arch_timer.h>

#include "tracehw.h"

static struct dentry *root;

static const char * const counter_names[NR_COUNTERS] = {
	[CNT_ENABLES]		= "enables",
	[CNT_DISABLES]		= "disables",
	[CNT_BYTES]		= "bytes",
	[CNT_RECORDS]		= "records",
	[CNT_DROPPED]		= "dropped",
	[CNT_NO_SINK]		= "no_sink",
	[CNT_SYNC_LOST]		= "sync_lost",
	[CNT_BRANCHES]		= "branches",
	[CNT_FULL]		= "full",
	[CNT_FAULTS]		= "faults",
	[CNT_IRQS]		= "irqs",
	[CNT_CONTROL_WRITES]	= "control_writes",
	[CNT_FILTER_WRITES]	= "filter_writes",
	[CNT_IGNORED_WRITES]	= "ignored_writes",
	[CNT_POWER_OFFS]	= "power_offs",
	[CNT_POWER_CUTS]	= "power_cuts",
	[CNT_RUN]		= "run_ns",
};

static u64 counter(const struct hw_cpu *hw, int unit, int cnt)
{
	u64 val = hw->unit[unit].cnt[cnt];

	if (cnt == CNT_RUN)
		val = mul_u64_u32_div(val, NSEC_PER_SEC, arch_timer_get_cntfrq());
	return val;
}

static int state_show(struct seq_file *m, void *unused)
{
	int cpu;

	hw_sync();

	for (int i = 0; i < NR_UNITS; i++) {
		const char *name = units[i]->name;

		for (int c = 0; c < NR_COUNTERS; c++) {
			u64 sum = 0;

			for_each_present_cpu(cpu)
				sum += counter(hw_of(cpu), i, c);
			seq_printf(m, "%s.%s %llu\n", name, counter_names[c], sum);
		}
		for_each_present_cpu(cpu) {
			const struct hw_cpu *hw = hw_of(cpu);

			seq_printf(m, "%s.cpu%d.enabled %d\n", name, cpu,
				   units[i]->enabled(hw));
			seq_printf(m, "%s.cpu%d.running %d\n", name, cpu,
				   units[i]->running(hw));
			seq_printf(m, "%s.cpu%d.irq_level %d\n", name, cpu,
				   hw->unit[i].level);
			for (int c = 0; c < NR_COUNTERS; c++)
				seq_printf(m, "%s.cpu%d.%s %llu\n", name, cpu,
					   counter_names[c], counter(hw, i, c));
		}
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int regs_show(struct seq_file *m, void *unused)
{
	int cpu;

	for_each_present_cpu(cpu) {
		for (int i = 0; i < NR_UNITS; i++) {
			const struct unit_cpu *u = &hw_of(cpu)->unit[i];

			for (int ri = 0; ri < units[i]->nr_regs; ri++)
				seq_printf(m, "%s.cpu%d.%s 0x%llx %u\n",
					   units[i]->name, cpu,
					   units[i]->regs[ri].name,
					   u->val[ri], u->writes[ri]);
		}
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(regs);

static int runs_show(struct seq_file *m, void *unused)
{
	int cpu;

	hw_sync();
	for_each_present_cpu(cpu) {
		const struct hw_cpu *hw = hw_of(cpu);

		for (int i = 0; i < hw->nr_runs; i++)
			seq_printf(m, "%d %llu %u %u\n", cpu, hw->runs[i].at,
				   hw->runs[i].taken, hw->runs[i].emitted);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(runs);

static ssize_t reset_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	for (int i = 0; i < NR_UNITS; i++) {
		for (int k = 0; k < MAX_KNOBS; k++) {
			if (!units[i]->knobs[k].rate)
				atomic_set(&units[i]->knobs[k].val, 0);
		}
	}
	hw_clear_counters();
	return count;
}

static const struct file_operations reset_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= reset_write,
};

void tracehw_debugfs_init(void)
{
	root = debugfs_create_dir("tracehw", NULL);
	debugfs_create_file("state", 0444, root, NULL, &state_fops);
	debugfs_create_file("regs", 0444, root, NULL, &regs_fops);
	debugfs_create_file("reset", 0200, root, NULL, &reset_fops);
	tmc_debugfs_init(root);

	for (int i = 0; i < NR_UNITS; i++) {
		struct dentry *dir = debugfs_create_dir(units[i]->name, root);

		for (int k = 0; k < MAX_KNOBS && units[i]->knobs[k].name; k++)
			debugfs_create_atomic_t(units[i]->knobs[k].name, 0600,
						dir, &units[i]->knobs[k].val);
		if (i == UNIT_ETE)
			debugfs_create_file("runs", 0444, dir, NULL, &runs_fops);
	}
}

void tracehw_debugfs_exit(void)
{
	debugfs_remove(root);
}
