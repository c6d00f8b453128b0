/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of the scenarios share: open a group of events, map it, take
 * what it has recorded, and keep a CPU busy.
 *
 * Each prints a line for each thing seen, "NAME VALUE".  Exit status: 2 if this
 * machine cannot do it, 1 if the moment never came.
 */
#ifndef AUXEVENTS_H
#define AUXEVENTS_H

#define _GNU_SOURCE
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* perf_event_attr::aux_action, which older headers do not have */
enum { AUX_START_PAUSED = 1, AUX_PAUSE = 2, AUX_RESUME = 4 };

#define DATA_PAGES	(1 + 64)
#define GROUP		PERF_IOC_FLAG_GROUP

struct trace {
	int fd;
	struct perf_event_mmap_page *page;
	void *aux;
	size_t aux_size;
	uint64_t seen;			/* of the data area */
	unsigned int records[64];	/* taken so far, by type */
};

static inline void cannot(const char *what)
{
	perror(what);
	exit(2);
}

static inline void saw(const char *name, uint64_t val)
{
	printf("%s %llu\n", name, (unsigned long long)val);
	fflush(stdout);
}

/* The number in a file of sysfs and the like */
static inline long number_in(const char *path)
{
	FILE *f = fopen(path, "r");
	long val;

	if (!f || fscanf(f, "%ld", &val) != 1)
		cannot(path);
	fclose(f);
	return val;
}

static inline void number_to(const char *path, unsigned long val)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%lu\n", val) < 0 || fclose(f))
		cannot(path);
}

static inline uint32_t pmu_type(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", name);
	return number_in(path);
}

static inline struct perf_event_attr with_action(struct perf_event_attr attr, uint32_t action)
{
	memcpy((char *)&attr.aux_sample_size + sizeof(attr.aux_sample_size),
	       &action, sizeof(action));
	return attr;
}

static inline struct perf_event_attr aux_event(const char *pmu)
{
	return (struct perf_event_attr){ .type = pmu_type(pmu), .sample_period = 4096, .disabled = 1 };
}

static inline struct perf_event_attr dummy_event(void)
{
	return (struct perf_event_attr){ .type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY, .disabled = 1 };
}

static inline struct perf_event_attr cycles_event(uint64_t period)
{
	return (struct perf_event_attr){ .type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES, .sample_period = period,
		.sample_type = PERF_SAMPLE_IP };
}

/* Each time that this task gets to @function */
static inline struct perf_event_attr breakpoint_event(void (*function)(void))
{
	return (struct perf_event_attr){ .type = PERF_TYPE_BREAKPOINT, .bp_type = HW_BREAKPOINT_X,
		.bp_addr = (uintptr_t)function, .bp_len = HW_BREAKPOINT_LEN_4,
		.sample_period = 1, .exclude_kernel = 1 };
}

/* A kprobe that kprobe_events has, "lab/NAME" */
static inline struct perf_event_attr kprobe_event(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/lab/%s/id", name);
	return (struct perf_event_attr){ .type = PERF_TYPE_TRACEPOINT,
		.config = number_in(path), .sample_period = 1 };
}

static inline int open_on(struct perf_event_attr attr, int pid, int cpu, int group)
{
	int fd;

	attr.size = sizeof(attr);
	fd = syscall(SYS_perf_event_open, &attr, pid, cpu, group, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		cannot("perf_event_open");
	return fd;
}

/* of this task */
static inline int open_event(struct perf_event_attr attr, int group)
{
	return open_on(attr, 0, -1, group);
}

static inline int map_aux(struct trace *t, size_t pages)
{
	size_t page_size = sysconf(_SC_PAGESIZE);

	t->aux_size = pages * page_size;
	t->page->aux_offset = DATA_PAGES * page_size;
	t->page->aux_size = t->aux_size;
	t->aux = mmap(NULL, t->aux_size, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd,
		      t->page->aux_offset);
	return t->aux == MAP_FAILED ? -1 : 0;
}

static inline struct trace map_data(int fd)
{
	struct trace t = { .fd = fd };

	t.page = mmap(NULL, DATA_PAGES * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (t.page == MAP_FAILED)
		cannot("mmap");
	return t;
}

static inline struct trace map_trace(int fd, size_t aux_pages)
{
	struct trace t = map_data(fd);

	if (map_aux(&t, aux_pages))
		cannot("mmap of the AUX area");
	return t;
}

/* The next record, or NULL; its words, which do not wrap, as all sizes are of 8 */
static inline uint64_t *next_record(struct trace *t)
{
	uint64_t head = __atomic_load_n(&t->page->data_head, __ATOMIC_ACQUIRE);
	char *data = (char *)t->page + t->page->data_offset;
	static uint64_t words[8192];
	struct perf_event_header *h = (void *)words;

	if (t->seen >= head) {
		__atomic_store_n(&t->page->data_tail, t->seen, __ATOMIC_RELEASE);
		return NULL;
	}
	words[0] = *(uint64_t *)(data + t->seen % t->page->data_size);
	for (unsigned int at = 8; at < h->size; at += 8)
		words[at / 8] = *(uint64_t *)(data + (t->seen + at) % t->page->data_size);
	t->seen += h->size;
	if (h->type < 64)
		t->records[h->type]++;
	return words;
}

static inline uint32_t type_of(uint64_t *record)
{
	return ((struct perf_event_header *)record)->type;
}

/* Take all records; how many were of this type? */
static inline unsigned int records(struct trace *t, uint32_t type)
{
	unsigned int before = t->records[type];

	while (next_record(t))
		;
	return t->records[type] - before;
}

/* Make room in the AUX area; where it ends now */
static inline uint64_t take_trace(struct trace *t)
{
	return t->page->aux_tail = __atomic_load_n(&t->page->aux_head, __ATOMIC_ACQUIRE);
}

static inline uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

static inline void work_us(unsigned int us)
{
	uint64_t end = now_us() + us;

	while (now_us() < end)
		for (volatile int i = 0; i < 200; i++)
			;
}

static inline void work(unsigned int ms)
{
	work_us(ms * 1000);
}

static inline uint64_t count_of(int fd)
{
	uint64_t val = 0;

	if (read(fd, &val, sizeof(val)) != sizeof(val))
		perror("read");
	return val;
}

static inline int wait_for(struct trace *t, uint32_t type)
{
	for (uint64_t end = now_us() + 3000000; now_us() < end; work(0))
		if (records(t, type))
			return 0;
	fprintf(stderr, "no record of type %u came\n", type);
	return -1;
}

/* What is traced in @ms once it is enabled again */
static inline uint64_t traced_again(struct trace *t, unsigned int ms)
{
	uint64_t before = take_trace(t);

	ioctl(t->fd, PERF_EVENT_IOC_DISABLE, GROUP);
	ioctl(t->fd, PERF_EVENT_IOC_ENABLE, GROUP);
	work(ms);
	ioctl(t->fd, PERF_EVENT_IOC_DISABLE, GROUP);
	return take_trace(t) - before;
}

static inline void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		cannot("sched_setaffinity");
}

#endif
