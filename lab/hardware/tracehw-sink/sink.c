// SPDX-License-Identifier: GPL-2.0
/*
 * A system sink for the emulated ETEs, modelled on the TMC-ETR driver, and the
 * funnel that leads to it, with a helper.
 *
 * It is a sink that is not per CPU, so coresight-etm-perf takes the path of
 * Juno's ETMv4 and TMC-ETR: a pause reads the sink and closes and opens the AUX
 * output. The trace is a sequence of 64-bit numbers, so that a test sees what
 * is missing, doubled or stale; its amount is the time for which the ETE of a
 * CPU was seen enabled. README.md has the knobs, and what differs from hardware.
 */
#define pr_fmt(fmt) "tracehw-sink: " fmt

#include <linux/coresight.h>
#include <linux/cpuhotplug.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/property.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <asm/sysreg.h>

#include "coresight-etm4x.h"
#include "coresight-etm-perf.h"
#include "coresight-priv.h"

#define RAM_WORDS	8192	/* 64 KiB, a ring */
#define TICK_US		500

/* What TMC-ETR's driver keeps in struct etr_perf_buffer */
struct sink_buf {
	pid_t pid;
	bool snapshot;
	int nr_pages;
	void **pages;
};

static struct sink {
	struct platform_device *pdev;
	struct coresight_device *csdev;
	raw_spinlock_t lock;		/* the rest of this, as in TMC */
	int owner;			/* the CPU that holds it in its timer */
	pid_t pid;
	bool capture;			/* TMC_CTL_CAPT_EN */
	u64 ram[RAM_WORDS];
	u64 next;			/* the next number of the sequence */
	u32 level, at;			/* words in the ring, and where it ends */
	bool full;			/* TMC_STS_FULL: it went around */
} sink = { .pid = -1, .owner = -1 };

/* Knobs count down to the occasion on which they fire. */
static atomic_t enable_fails, reenable_fails, update_empty, link_fails, helper_fails;
static atomic_t words_per_tick = ATOMIC_INIT(16);

static u64 enables, disables, updates, updates_nmi, locked, captured,
	   handed_over, overwritten;

static const struct counter {
	const char *name;
	u64 *val;
} counters[] = {
	{ "enables", &enables }, { "disables", &disables },
	{ "updates", &updates }, { "updates_nmi", &updates_nmi },
	{ "locked", &locked }, { "captured", &captured },
	{ "handed_over", &handed_over }, { "overwritten", &overwritten },
};

static bool fires(atomic_t *knob)
{
	return !atomic_dec_if_positive(knob);
}

/* The hardware */

static void sink_capture(u32 words)
{
	for (; words; words--) {
		sink.ram[sink.at] = sink.next++;
		sink.at = (sink.at + 1) % RAM_WORDS;
		if (sink.level < RAM_WORDS) {
			sink.level++;
		} else {
			sink.full = true;
			overwritten += sizeof(u64);
		}
		captured += sizeof(u64);
	}
}

static DEFINE_PER_CPU(struct hrtimer, sink_timer);
static DEFINE_PER_CPU(struct coresight_device *, ete);

/* The ETE has no other way to say that it runs; this traps into tracehw. */
static bool ete_enabled(void)
{
	return read_sysreg_s(SYS_TRCPRGCTLR) & BIT(0);
}

static enum hrtimer_restart sink_tick(struct hrtimer *timer)
{
	struct coresight_device *source = __this_cpu_read(ete);
	struct coresight_path *path = source ? source->path : NULL;

	scoped_guard(raw_spinlock_irqsave, &sink.lock) {
		sink.owner = smp_processor_id();
		if (sink.capture && path &&
		    coresight_get_sink(path) == sink.csdev && ete_enabled())
			sink_capture(atomic_read(&words_per_tick));
		sink.owner = -1;
	}
	hrtimer_forward_now(timer, us_to_ktime(TICK_US));
	return HRTIMER_RESTART;
}

/* The driver: what follows mirrors coresight-tmc-etr.c, function by function. */

static int __sink_enable_hw(void)
{
	sink.level = 0;
	sink.full = false;
	sink.capture = true;
	enables++;
	return 0;
}

static int sink_enable(struct coresight_device *csdev, enum cs_mode mode,
		       struct coresight_path *path)
{
	struct sink_buf *buf = etm_perf_sink_config(path->handle);

	if (mode != CS_MODE_PERF)
		return -EINVAL;

	guard(raw_spinlock_irqsave)(&sink.lock);

	if (WARN_ON(!buf))
		return -EINVAL;
	if (sink.pid != -1 && sink.pid != buf->pid)
		return -EBUSY;
	if (fires(&enable_fails))
		return -EIO;
	if (sink.pid == -1) {
		int ret = __sink_enable_hw();

		if (ret)
			return ret;
		sink.pid = buf->pid;
		coresight_set_mode(csdev, CS_MODE_PERF);
	}
	csdev->refcnt++;
	return 0;
}

static int sink_disable(struct coresight_device *csdev)
{
	guard(raw_spinlock_irqsave)(&sink.lock);

	if (WARN_ON(!csdev->refcnt))
		return -EINVAL;
	if (--csdev->refcnt)
		return -EBUSY;

	sink.capture = false;
	disables++;
	sink.pid = -1;
	coresight_set_mode(csdev, CS_MODE_DISABLED);
	return 0;
}

static void *sink_alloc_buffer(struct coresight_device *csdev,
			       struct perf_event *event, void **pages,
			       int nr_pages, bool snapshot)
{
	struct sink_buf *buf = kzalloc_obj(struct sink_buf);

	if (!buf)
		return NULL;
	buf->pid = task_pid_nr(event->owner);
	buf->snapshot = snapshot;
	buf->nr_pages = nr_pages;
	buf->pages = pages;
	return buf;
}

static void sink_free_buffer(void *config)
{
	kfree(config);
}

static void sink_copy(const struct sink_buf *buf, unsigned long head, u32 words)
{
	u32 from = (sink.at + RAM_WORDS - words) % RAM_WORDS;
	unsigned long mask = ((unsigned long)buf->nr_pages << PAGE_SHIFT) - 1;

	for (; words; words--, head += sizeof(u64)) {
		*(u64 *)(buf->pages[(head & mask) >> PAGE_SHIFT] + (head & ~PAGE_MASK)) =
			sink.ram[from];
		from = (from + 1) % RAM_WORDS;
	}
}

static unsigned long sink_update_buffer(struct coresight_device *csdev,
					struct perf_output_handle *handle,
					void *config)
{
	struct perf_event *event = handle->event;
	struct sink_buf *buf = config;
	unsigned long flags, size;
	bool lost, dead = false;

	updates++;
	updates_nmi += !!in_nmi();
	/* Where TMC's driver would hang, only say so. */
	if (!raw_spin_trylock_irqsave(&sink.lock, flags)) {
		if (READ_ONCE(sink.owner) == smp_processor_id()) {
			locked++;
			return 0;
		}
		raw_spin_lock_irqsave(&sink.lock, flags);
	}

	if (csdev->refcnt != 1) {
		raw_spin_unlock_irqrestore(&sink.lock, flags);
		return 0;
	}

	/* One that did not run again after a pause */
	if (!sink.capture) {
		raw_spin_unlock_irqrestore(&sink.lock, flags);
		perf_aux_output_flag(handle, PERF_AUX_FLAG_TRUNCATED);
		return 0;
	}

	sink.capture = false;
	lost = sink.full;
	size = sink.level * sizeof(u64);
	if (fires(&update_empty))
		size = 0;
	if (!buf->snapshot && size > handle->size) {
		size = round_down(handle->size, sizeof(u64));
		lost = true;
	}
	sink_copy(buf, handle->head, size / sizeof(u64));
	handed_over += size;
	if (buf->snapshot)
		handle->head += size;

	/* In a pause the event is still active. */
	if (!event->hw.state) {
		if (fires(&reenable_fails))
			dead = true;
		else
			__sink_enable_hw();
	}
	raw_spin_unlock_irqrestore(&sink.lock, flags);

	if (dead || (!buf->snapshot && lost))
		perf_aux_output_flag(handle, PERF_AUX_FLAG_TRUNCATED);
	return size;
}

static const struct coresight_ops_sink sink_ops_sink = {
	.enable		= sink_enable,
	.disable	= sink_disable,
	.alloc_buffer	= sink_alloc_buffer,
	.free_buffer	= sink_free_buffer,
	.update_buffer	= sink_update_buffer,
};

static const struct coresight_ops sink_cs_ops = {
	.sink_ops	= &sink_ops_sink,
};

/* On the way to the sink: a funnel, as coresight-funnel.c, and a helper of it */

static struct part {
	struct platform_device *pdev;
	struct coresight_device *csdev;
	atomic_t *fails;
	int refcnt;
} link = { .fails = &link_fails }, helper = { .fails = &helper_fails };

static int part_enable(struct part *part)
{
	guard(raw_spinlock_irqsave)(&sink.lock);
	if (fires(part->fails))
		return -EIO;
	part->refcnt++;
	return 0;
}

static void part_disable(struct part *part)
{
	guard(raw_spinlock_irqsave)(&sink.lock);
	WARN_ON(!part->refcnt);
	part->refcnt--;
}

static int link_enable(struct coresight_device *csdev, struct coresight_connection *in,
		       struct coresight_connection *out)
{
	return part_enable(&link);
}

static void link_disable(struct coresight_device *csdev, struct coresight_connection *in,
			 struct coresight_connection *out)
{
	part_disable(&link);
}

static int helper_enable(struct coresight_device *csdev, enum cs_mode mode,
			 struct coresight_path *path)
{
	return part_enable(&helper);
}

static int helper_disable(struct coresight_device *csdev, struct coresight_path *path)
{
	part_disable(&helper);
	return 0;
}

static const struct coresight_ops_link link_ops_link = {
	.enable		= link_enable,
	.disable	= link_disable,
};

static const struct coresight_ops link_cs_ops = {
	.link_ops	= &link_ops_link,
};

static const struct coresight_ops_helper helper_ops_helper = {
	.enable		= helper_enable,
	.disable	= helper_disable,
};

static const struct coresight_ops helper_cs_ops = {
	.helper_ops	= &helper_ops_helper,
};

/* What tests can see and break */

static int state_show(struct seq_file *m, void *unused)
{
	for (int i = 0; i < ARRAY_SIZE(counters); i++)
		seq_printf(m, "%s %llu\n", counters[i].name, *counters[i].val);
	seq_printf(m, "capture %d\nrefcnt %d\npid %d\nmode %d\nlink %d\nhelper %d\n",
		   sink.capture, sink.csdev->refcnt, sink.pid,
		   coresight_get_mode(sink.csdev), link.refcnt, helper.refcnt);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static ssize_t reset_write(struct file *file, const char __user *ubuf,
			   size_t count, loff_t *ppos)
{
	guard(raw_spinlock_irqsave)(&sink.lock);
	for (int i = 0; i < ARRAY_SIZE(counters); i++)
		*counters[i].val = 0;
	atomic_set(&enable_fails, 0);
	atomic_set(&reenable_fails, 0);
	atomic_set(&update_empty, 0);
	atomic_set(&link_fails, 0);
	atomic_set(&helper_fails, 0);
	return count;
}

static const struct file_operations reset_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= reset_write,
};

static struct dentry *debugfs_root;

static void sink_debugfs_init(void)
{
	debugfs_root = debugfs_create_dir("tracehw-sink", NULL);
	debugfs_create_file("state", 0444, debugfs_root, NULL, &state_fops);
	debugfs_create_file("reset", 0200, debugfs_root, NULL, &reset_fops);
	debugfs_create_atomic_t("enable_fails", 0600, debugfs_root, &enable_fails);
	debugfs_create_atomic_t("reenable_fails", 0600, debugfs_root, &reenable_fails);
	debugfs_create_atomic_t("update_empty", 0600, debugfs_root, &update_empty);
	debugfs_create_atomic_t("link_fails", 0600, debugfs_root, &link_fails);
	debugfs_create_atomic_t("helper_fails", 0600, debugfs_root, &helper_fails);
	debugfs_create_atomic_t("words_per_tick", 0600, debugfs_root, &words_per_tick);
}

/*
 * The topology: ETEn -> link -> sink, and the helper at the link. TRBE stays the
 * default, config2 selects us.
 */
static int connect_to(struct device *dev, struct coresight_device *from, int from_port,
		      struct platform_device *to_dev, struct coresight_device *to, int to_port)
{
	struct coresight_connection *new, conn = {
		.src_dev = from,
		.src_port = from_port,
		.dest_dev = to,
		.dest_port = to_port,
		/* coresight puts it */
		.dest_fwnode = fwnode_handle_get(dev_fwnode(&to_dev->dev)),
	};

	new = coresight_add_out_conn(dev, from->pdata, &conn);
	if (IS_ERR(new))
		return PTR_ERR(new);
	return coresight_add_in_conn(new);
}

static int sink_connect_one(struct device *dev, void *data)
{
	struct etmv4_drvdata *drvdata = dev_get_drvdata(dev);
	int *n = data, ret;

	if (!drvdata || !dev->driver || strcmp(dev->driver->name, "coresight-etm4x"))
		return 0;

	ret = connect_to(dev, drvdata->csdev, -1, link.pdev, link.csdev, drvdata->cpu);
	if (ret)
		return ret;
	per_cpu(ete, drvdata->cpu) = drvdata->csdev;
	++*n;
	return 0;
}

static int sink_connect(void)
{
	int n = 0, ret;

	ret = connect_to(&link.pdev->dev, link.csdev, 0, sink.pdev, sink.csdev, 0);
	if (ret)
		return ret;
	coresight_add_helper(link.csdev, helper.csdev);
	ret = bus_for_each_dev(&platform_bus_type, NULL, &n, sink_connect_one);
	return ret ?: n;
}

static enum cpuhp_state timer_state;

static int sink_cpu_up(unsigned int cpu)
{
	struct hrtimer *timer = per_cpu_ptr(&sink_timer, cpu);

	hrtimer_setup(timer, sink_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(timer, us_to_ktime(TICK_US), HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static int sink_cpu_down(unsigned int cpu)
{
	hrtimer_cancel(per_cpu_ptr(&sink_timer, cpu));
	return 0;
}

/* Each part is a device of its own: a firmware node is what the core knows it by */
enum { SINK, LINK, HELPER, PARTS };

static const char * const names[PARTS] = { "tracehw_etr0", "tracehw_funnel0", "tracehw_cti0" };
static struct platform_device **pdevs[PARTS] = { &sink.pdev, &link.pdev, &helper.pdev };
static struct coresight_device **csdevs[PARTS] = { &sink.csdev, &link.csdev, &helper.csdev };

static int register_part(int part)
{
	static const struct coresight_desc descs[PARTS] = {
		{ .type = CORESIGHT_DEV_TYPE_SINK, .ops = &sink_cs_ops,
		  .subtype.sink_subtype = CORESIGHT_DEV_SUBTYPE_SINK_SYSMEM },
		{ .type = CORESIGHT_DEV_TYPE_LINK, .ops = &link_cs_ops,
		  .subtype.link_subtype = CORESIGHT_DEV_SUBTYPE_LINK_MERG },
		{ .type = CORESIGHT_DEV_TYPE_HELPER, .ops = &helper_cs_ops,
		  .subtype.helper_subtype = CORESIGHT_DEV_SUBTYPE_HELPER_ECT_CTI },
	};
	struct coresight_desc desc = descs[part];
	int ret;

	desc.name = names[part];
	desc.dev = &(*pdevs[part])->dev;
	desc.pdata = devm_kzalloc(desc.dev, sizeof(*desc.pdata), GFP_KERNEL);
	if (!desc.pdata)
		return -ENOMEM;

	pm_runtime_set_active(desc.dev);
	ret = devm_pm_runtime_enable(desc.dev);
	if (ret)
		return ret;

	*csdevs[part] = coresight_register(&desc);
	return PTR_ERR_OR_ZERO(*csdevs[part]);
}

static void unregister_parts(void)
{
	for (int part = 0; part < PARTS; part++)
		if (!IS_ERR_OR_NULL(*csdevs[part]))
			coresight_unregister(*csdevs[part]);
}

/* The sink's device comes last, and stands for all */
static int sink_probe(struct platform_device *pdev)
{
	int ret;

	if (pdev->id != SINK)
		return 0;
	sink.pdev = pdev;
	for (int part = 0; part < PARTS; part++) {
		ret = register_part(part);
		if (ret)
			goto out_csdevs;
	}

	ret = sink_connect();
	if (ret <= 0) {
		pr_err("no ETE there: load it after coresight-etm4x\n");
		ret = ret ?: -ENODEV;
		goto out_csdevs;
	}
	pr_info("connected to %d ETEs\n", ret);

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tracehw-sink:timer",
				sink_cpu_up, sink_cpu_down);
	if (ret < 0)
		goto out_csdevs;
	timer_state = ret;

	sink_debugfs_init();
	return 0;

out_csdevs:
	unregister_parts();
	return ret;
}

static void sink_remove(struct platform_device *pdev)
{
	if (pdev->id != SINK)
		return;
	debugfs_remove(debugfs_root);
	cpuhp_remove_state(timer_state);
	unregister_parts();
}

/* coresight takes references to the driver's module */
static struct platform_driver sink_driver = {
	.driver	= {
		.name = "tracehw-sink",
		.suppress_bind_attrs = true,
	},
	.probe	= sink_probe,
	.remove	= sink_remove,
};

static int __init sink_init(void)
{
	int ret, part;

	raw_spin_lock_init(&sink.lock);
	ret = platform_driver_register(&sink_driver);
	if (ret)
		return ret;
	for (part = PARTS - 1; part >= 0; part--) {
		const struct property_entry props[] = {
			PROPERTY_ENTRY_STRING("label", names[part]), {}
		};
		const struct platform_device_info info = {
			.name = "tracehw-sink",
			.id = part,
			.properties = props,
		};
		struct platform_device *pdev = platform_device_register_full(&info);

		ret = PTR_ERR_OR_ZERO(pdev);
		if (ret)
			break;
		*pdevs[part] = pdev;
	}
	if (!ret && sink.pdev->dev.driver)
		return 0;
	while (++part < PARTS)
		platform_device_unregister(*pdevs[part]);
	platform_driver_unregister(&sink_driver);
	return ret ?: -ENODEV;
}
module_init(sink_init);

static void __exit sink_exit(void)
{
	for (int part = 0; part < PARTS; part++)
		platform_device_unregister(*pdevs[part]);
	platform_driver_unregister(&sink_driver);
}
module_exit(sink_exit);

MODULE_DESCRIPTION("System sink for emulated Arm trace hardware");
MODULE_LICENSE("GPL");
