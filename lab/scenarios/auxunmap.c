// SPDX-License-Identifier: GPL-2.0
/*
 * Take the AUX area away from a trace, in ways that perf record never does:
 *
 *	auxunmap PMU paused	unmap it while an aux-action holds the trace
 *	auxunmap PMU throttled	unmap it while the group is throttled
 *	auxunmap PMU full	leave it full, and start the event again
 *
 * All in one group with a counter, on this task.  Prints a line for each thing
 * seen, "NAME VALUE".  Exit status: 2 if the PMU cannot do this, 1 if the moment
 * never came.  Build: cc -O2 -o auxunmap auxunmap.c
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DATA_PAGES	(1 + 64)
#define AUX_PAUSE	2
#define AUX_RESUME	4

static struct perf_event_mmap_page *page;
static uint64_t data_seen;
static size_t page_size, aux_size;
static void *aux;
static int leader;

static int open_event(struct perf_event_attr *attr, int group)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(SYS_perf_event_open, attr, 0, -1, group, 0);
	if (fd < 0) {
		perror("perf_event_open");
		exit(2);
	}
	return fd;
}

/* perf_event_attr::aux_action, which older headers do not have */
static void set_action(struct perf_event_attr *attr, uint32_t action)
{
	memcpy((char *)&attr->aux_sample_size + sizeof(attr->aux_sample_size),
	       &action, sizeof(action));
}

static int map_aux(void)
{
	page->aux_offset = DATA_PAGES * page_size;
	page->aux_size = aux_size;
	aux = mmap(NULL, aux_size, PROT_READ | PROT_WRITE, MAP_SHARED, leader, page->aux_offset);
	return aux == MAP_FAILED ? -1 : 0;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void work(unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	while (now_ms() < end)
		for (volatile int i = 0; i < 1000; i++)
			;
}

static uint64_t count_of(int fd)
{
	uint64_t val = 0;

	if (read(fd, &val, sizeof(val)) != sizeof(val))
		perror("read");
	return val;
}

/* Consume the records that are there; how many were of this type? */
static int records(uint32_t type)
{
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	char *data = (char *)page + page->data_offset;
	int n = 0;

	while (data_seen < head) {
		struct perf_event_header *h = (void *)(data + data_seen % page->data_size);

		n += h->type == type;
		data_seen += h->size;
	}
	__atomic_store_n(&page->data_tail, data_seen, __ATOMIC_RELEASE);
	return n;
}

static int wait_for(uint32_t type)
{
	for (uint64_t end = now_ms() + 3000; now_ms() < end; work(0))
		if (records(type))
			return 0;
	fprintf(stderr, "auxunmap: no record of type %u came\n", type);
	return 1;
}

static void trace_again(const char *what)
{
	uint64_t before;

	before = page->aux_tail = __atomic_load_n(&page->aux_head, __ATOMIC_ACQUIRE);
	ioctl(leader, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
	work(100);
	ioctl(leader, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
	printf("%s %llu\n", what, (unsigned long long)(page->aux_head - before));
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {}, cycles = {}, extra = {};
	const char *mode = argc == 3 ? argv[2] : "";
	int paused = !strcmp(mode, "paused"), throttled = !strcmp(mode, "throttled");
	int full = !strcmp(mode, "full"), counter;
	uint64_t count;
	char path[128];
	FILE *f;

	if (!paused && !throttled && !full) {
		fprintf(stderr, "usage: auxunmap PMU paused|throttled|full\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", argv[1]);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%u", &attr.type) != 1)
		return 2;

	page_size = sysconf(_SC_PAGESIZE);
	aux_size = (full ? 4 : 1024) * page_size;
	attr.disabled = 1;
	attr.sample_period = 4096;
	leader = open_event(&attr, -1);

	cycles.type = PERF_TYPE_HARDWARE;
	cycles.config = PERF_COUNT_HW_CPU_CYCLES;
	cycles.sample_type = PERF_SAMPLE_IP;
	if (paused) {
		extra = cycles;
		extra.sample_period = 40000000;
		set_action(&extra, AUX_RESUME);
		cycles.sample_period = 4000000;
		set_action(&cycles, AUX_PAUSE);
	} else if (throttled) {
		cycles.sample_period = 2000;
	}
	counter = open_event(&cycles, leader);
	if (paused)
		open_event(&extra, leader);

	page = mmap(NULL, DATA_PAGES * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, leader, 0);
	if (page == MAP_FAILED || map_aux()) {
		perror("mmap");
		return 2;
	}
	ioctl(counter, PERF_EVENT_IOC_SET_OUTPUT, leader);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);

	if (full) {
		if (wait_for(PERF_RECORD_AUX))
			return 1;
		work(300);
		ioctl(leader, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
		printf("filled %llu\n", (unsigned long long)page->aux_head);
		count = count_of(counter);
		ioctl(leader, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
		work(100);
		printf("counted_without_trace %llu\n", (unsigned long long)(count_of(counter) - count));
		/* It was disabled for that, so room alone does not bring it back */
		count = page->aux_tail = __atomic_load_n(&page->aux_head, __ATOMIC_ACQUIRE);
		usleep(20000);
		work(50);
		printf("traced_by_itself %llu\n", (unsigned long long)(page->aux_head - count));
		trace_again("traced_again");
		return 0;
	}

	if (wait_for(paused ? PERF_RECORD_SAMPLE : PERF_RECORD_THROTTLE))
		return 1;
	munmap(aux, aux_size);
	count = count_of(counter);
	/* By now the resume or the unthrottle is over */
	work(200);
	printf("counted_after_unmap %llu\n", (unsigned long long)(count_of(counter) - count));
	ioctl(leader, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
	count = count_of(counter);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
	work(50);
	ioctl(leader, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
	printf("counted_without_trace %llu\n", (unsigned long long)(count_of(counter) - count));
	if (map_aux()) {
		perror("mmap");
		return 1;
	}
	trace_again("traced_again");
	return 0;
}
