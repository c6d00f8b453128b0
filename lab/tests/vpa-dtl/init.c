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
#define OTHER_USER	"/sys/kernel/debug/powerpc/dtl/cpu-0"
#define BUFFERS		"/sys/kernel/slab/dtl/total_objects"

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

static void set(const char *path, const char *text)
{
	int size = strlen(text), fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, size) != size)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

static const char * const complaints[] = {
#include "complaints.h"
};

/* Does the kernel's log have this text? */
static bool said(const char *text)
{
	static char log[1 << 18];
	int size = syscall(__NR_syslog, 3, log, sizeof(log) - 1);

	log[size > 0 ? size : 0] = 0;
	return strstr(log, text);
}

static int event_open_on(int pid, int cpu, __u32 type, __u64 config, __u64 period, int group, int disabled)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = type,
		.config = config,
		.sample_period = period,
		.sample_type = PERF_SAMPLE_TIME,
		.disabled = disabled,
	};

	return syscall(__NR_perf_event_open, &attr, pid, cpu, group, PERF_FLAG_FD_CLOEXEC);
}

static int event_open(__u32 type, __u64 config, __u64 period, int group, int disabled)
{
	return event_open_on(-1, 0, type, config, period, group, disabled);
}

/*
 * Open an event, and close it, with the nth allocation on the way failing.  Does it
 * come to so many?
 */
static bool open_fails_at(int nth, int pid, int cpu, int type, int *error)
{
	char left[16] = "";
	int fd, knob = open("/proc/self/fail-nth", O_RDWR);

	*error = 0;
	write(knob, itoa(nth), strlen(itoa(nth)));
	fd = event_open_on(pid, cpu, type, DTL_LOG_ALL, PERIOD, -1, 1);
	if (fd < 0)
		*error = errno;
	read(knob, left, sizeof(left) - 1);
	write(knob, "0", 1);
	close(knob);
	if (fd >= 0)
		close(fd);
	/* a knob that is not there reaches nothing */
	return left[0] && !atoi(left);
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
	struct perf_event_mmap_page *ring, *clock_ring;
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

	/* as the leader goes on, the log of it is that of the one which is stopped */
	clock_ring = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, clock, 0);
	burn(300);
	result(clock_ring != MAP_FAILED && throttles(clock_ring) > 0, "group_is_throttled");
	result(!throttles(ring), "leader_is_not");
	result(runs(PERIOD), "timer_does_not_care");
	munmap(clock_ring, 2 * page);
	close(clock);

	result(!ioctl(dtl, PERF_EVENT_IOC_PERIOD, &period) && runs(LONG_PERIOD) && !runs(PERIOD),
	       "period_is_set");
	result(!munmap(aux, 4 * page) && timer_expires() == NEVER, "aux_area_is_unmapped");
	result(!munmap(ring, 2 * page) && !close(dtl), "event_is_closed");
	dtl = event_open(type, DTL_LOG_ALL, PERIOD, -1, 1);
	result(dtl >= 0 && !close(dtl), "event_opens_again");
}

/* Events that do not come to be */
static void refuse(void)
{
	int type = number("/sys/bus/event_source/devices/vpa_dtl/type");
	int nth, error, other, surprises = 0, opens = 200;
	long buffers;

	result(event_open_on(0, -1, type, DTL_LOG_ALL, PERIOD, -1, 1) < 0 && errno == EINVAL,
	       "event_of_a_task_is_refused");
	for (nth = 1; open_fails_at(nth, 0, -1, type, &error); nth++)
		;
	result(nth > 1 && !said("buffer allocation failed for cpu -1"), "no_buffer_for_a_task");

	for (nth = 1; open_fails_at(nth, -1, 0, type, &error); nth++)
		surprises += error && error != ENOMEM;
	printf("# %d allocations, %d errors other than ENOMEM\n", nth - 1, surprises);
	result(said("buffer allocation failed for cpu 0"), "allocation_of_the_buffer_fails");
	result(!error && !surprises, "event_opens_after_that");

	other = open(OTHER_USER, O_RDONLY);
	result(other >= 0, "other_user_opens");
	buffers = number(BUFFERS);
	surprises = 0;
	while (opens--)
		surprises += event_open(type, DTL_LOG_ALL, PERIOD, -1, 1) >= 0 || errno != EBUSY;
	result(!surprises, "event_is_refused_beside_the_other_user");
	result(buffers > 0 && number(BUFFERS) < buffers + 100, "no_buffer_is_left_of_that");
	close(other);
	result(event_open(type, DTL_LOG_ALL, PERIOD, -1, 1) >= 0, "event_opens_without_it");
}

int main(void)
{
	bool complained = false;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);

	/* a rate that run() exceeds, so that the group is throttled */
	set("/proc/sys/kernel/perf_event_max_sample_rate", "1000");
	/* what fail-nth counts: allocations that may sleep, too; and say nothing */
	set("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/failslab/verbose", "0");

	printf("KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: vpa_dtl\n");
	run();
	refuse();
	for (unsigned int i = 0; i < sizeof(complaints) / sizeof(*complaints); i++)
		complained |= said(complaints[i]);
	result(said("Linux version") && !complained, "kernel_does_not_complain");
	printf("    1..%d\n", cases);
	printf("%sok 1 vpa_dtl\n", failures ? "not " : "");
	reboot(RB_POWER_OFF);
	return 0;
}
