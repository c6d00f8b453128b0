// SPDX-License-Identifier: GPL-2.0
/*
 * The first and only process of a pseries guest: does vpa_dtl survive what the perf
 * core does to an active event?  QEMU takes the log area of H_REGISTER_VPA and never
 * writes to it, so there is no trace to look at.  The timer that would copy it is
 * all of the driver that runs between add and del: /proc/timer_list shows it.
 *
 * A case that the kernel does not survive ends the guest; the unpatched one gets as
 * far as event_is_scheduled_out_and_in.
 */
#include "nolibc.h"

#include <linux/perf_event.h>

#define HANDLER		"vpa_dtl_hrtimer_handle"
#define PERIOD		2000000L		/* ns */
#define LONG_PERIOD	60000000000L
#define NEVER		LONG_MAX
#define DTL_LOG_ALL	7

static int failures, cases;

static void result(bool ok, const char *name)
{
	printf("    %sok %d %s\n", ok ? "" : "not ", ++cases, name);
	failures += !ok;
}

static long number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -1;
	close(fd);
	return atol(text);
}

static int event_open(__u32 type, __u64 config, __u64 period, int group, int disabled)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = type,
		.config = config,
		.sample_period = period,
		.sample_type = PERF_SAMPLE_TIME,
		.disabled = disabled,
	};

	return syscall(__NR_perf_event_open, &attr, -1, 0, group, PERF_FLAG_FD_CLOEXEC);
}

/* In how many ns does the driver's timer expire?  It may be overdue. */
static long timer_expires(void)
{
	static char list[65536];
	char *at;
	size_t size = 0;
	ssize_t got;
	int fd = open("/proc/timer_list", O_RDONLY);

	while ((got = read(fd, list + size, sizeof(list) - 1 - size)) > 0)
		size += got;
	close(fd);
	list[size] = 0;

	at = strstr(list, HANDLER);
	at = at ? strstr(at, "[in ") : NULL;
	return at ? atol(at + 4) : NEVER;
}

/*
 * On another CPU, it may be running just now, and be in no list; or have been set
 * anew since the time that the list begins with, and what it says is too much.
 */
static bool runs(long period)
{
	int tries = 5;

	while (tries--) {
		long expires = timer_expires();

		if (expires != NEVER)
			return expires <= period + 1000000000L;
	}
	return false;
}

static void burn(unsigned int ms)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

static int throttles(struct perf_event_mmap_page *ring)
{
	char *data = (char *)ring + ring->data_offset;
	__u64 at = ring->data_tail, head = ring->data_head;
	int n = 0;

	while (at < head) {
		struct perf_event_header *header = (void *)(data + at % ring->data_size);

		n += header->type == PERF_RECORD_THROTTLE;
		at += header->size;
	}
	return n;
}

static void run(void)
{
	const size_t page = getpagesize();
	struct perf_event_mmap_page *ring;
	__u64 period = LONG_PERIOD;
	int type, dtl, clock;
	void *aux;

	/* to map the AUX area of an event stops it, so begin with one that is off */
	type = number("/sys/bus/event_source/devices/vpa_dtl/type");
	dtl = event_open(type, DTL_LOG_ALL, PERIOD, -1, 1);
	result(type > 0 && dtl >= 0, "event_opens");
	if (dtl < 0)
		return;
	ring = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, dtl, 0);
	ring->aux_offset = 2 * page;
	ring->aux_size = 4 * page;
	aux = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, dtl, 2 * page);
	result(aux != MAP_FAILED, "aux_area_is_mapped");
	result(!ioctl(dtl, PERF_EVENT_IOC_ENABLE, 0) && runs(PERIOD), "event_is_enabled");

	clock = event_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 100000, dtl, 0);
	result(clock >= 0 && runs(PERIOD), "event_is_scheduled_out_and_in");
	result(!ioctl(dtl, PERF_EVENT_IOC_DISABLE, 0) && timer_expires() == NEVER, "event_is_disabled");
	result(!ioctl(dtl, PERF_EVENT_IOC_ENABLE, 0) && runs(PERIOD), "event_is_enabled_again");

	/* the log of it is the leader's */
	burn(300);
	result(throttles(ring) > 0, "group_is_throttled");
	result(runs(PERIOD), "timer_does_not_care");
	close(clock);

	result(!ioctl(dtl, PERF_EVENT_IOC_PERIOD, &period) && runs(LONG_PERIOD) && !runs(PERIOD),
	       "period_is_set");
	result(!munmap(aux, 4 * page) && timer_expires() == NEVER, "aux_area_is_unmapped");
	result(!munmap(ring, 2 * page) && !close(dtl), "event_is_closed");
	dtl = event_open(type, DTL_LOG_ALL, PERIOD, -1, 1);
	result(dtl >= 0, "event_opens_again");
}

int main(void)
{
	int fd;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);

	/* a rate that run() exceeds, so that the group is throttled */
	fd = open("/proc/sys/kernel/perf_event_max_sample_rate", O_WRONLY);
	if (fd < 0 || write(fd, "1000", 4) != 4)
		printf("# perf_event_max_sample_rate: %s\n", strerror(errno));
	close(fd);

	printf("KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: vpa_dtl\n");
	run();
	printf("    1..%d\n", cases);
	printf("%sok 1 vpa_dtl\n", failures ? "not " : "");
	reboot(RB_POWER_OFF);
	return 0;
}
