// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of one owner for one sink: that of an event that is bound to a CPU, which all
 * such have in common, and that of an event that follows a thread, which goes first.
 *
 *	auxshare PMU SINK
 *
 * Build: cc -O2 -o auxshare auxshare.c
 */
#include "auxevents.h"

#include <pthread.h>

static volatile int thread, done;

static void *other(void *arg)
{
	thread = syscall(SYS_gettid);
	while (!done)
		usleep(1000);
	return arg;
}

/* Its number, as in /sys/bus/event_source/devices/PMU/sinks/SINK */
static uint64_t sink_id(const char *pmu, const char *sink)
{
	char path[128];
	FILE *f;
	unsigned long id;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/sinks/%s", pmu, sink);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%lx", &id) != 1)
		cannot(path);
	fclose(f);
	return id;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr;
	struct trace bound, follows;
	pthread_t t;

	if (argc != 3) {
		fprintf(stderr, "usage: auxshare PMU SINK\n");
		return 2;
	}
	attr = aux_event(argv[1]);
	attr.config2 = sink_id(argv[1], argv[2]);
	if (pthread_create(&t, NULL, other, NULL))
		cannot("pthread_create");
	while (!thread)
		usleep(1000);
	bound = map_trace(open_on(attr, 0, 0, -1), 16);
	follows = map_trace(open_on(attr, thread, -1, -1), 16);
	munmap(follows.aux, follows.aux_size);
	close(follows.fd);
	/* It goes by way of a work queue, and that of the first one is still of use */
	usleep(200000);
	run_on(0);
	saw("traced", traced_again(&bound, 20));
	done = 1;
	pthread_join(t, NULL);
	return 0;
}
