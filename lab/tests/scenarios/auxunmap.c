// SPDX-License-Identifier: GPL-2.0
/*
 * Take the AUX area away from a trace, in ways that perf record never does:
 *
 *	auxunmap PMU paused	unmap it while an aux-action holds the trace
 *	auxunmap PMU throttled	unmap it while the group is throttled
 *
 * or leave it full for the next time that the event is scheduled in:
 *
 *	auxunmap PMU full leader|sibling [pinned]
 *
 * All in one group with a counter, on this task; "leader" or "sibling" is what the
 * AUX area event is in it.  Build: cc -O2 -o auxunmap auxunmap.c
 */
#include "auxevents.h"

static struct trace t;

static int unmap(const char *pmu, int paused)
{
	struct perf_event_attr cycles = cycles_event(paused ? 4000000 : 2000);
	int leader, counter;
	uint64_t count;

	leader = open_event(aux_event(pmu), -1);
	counter = open_event(paused ? with_action(cycles, AUX_PAUSE) : cycles, leader);
	/*
	 * Not a multiple of the other period: of two that overflow in one interrupt,
	 * the pause comes last
	 */
	if (paused)
		open_event(with_action(cycles_event(41500000), AUX_RESUME), leader);
	t = map_trace(leader, 1024);
	ioctl(counter, PERF_EVENT_IOC_SET_OUTPUT, leader);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);

	if (wait_for(&t, paused ? PERF_RECORD_SAMPLE : PERF_RECORD_THROTTLE))
		return 1;
	munmap(t.aux, t.aux_size);
	count = count_of(counter);
	/* By now the resume or the unthrottle is over */
	work(200);
	saw("counted_after_unmap", count_of(counter) - count);
	ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
	count = count_of(counter);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	work(50);
	ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
	saw("counted_without_trace", count_of(counter) - count);
	if (map_aux(&t, 1024)) {
		perror("mmap");
		return 1;
	}
	saw("traced_again", traced_again(&t, 100));
	return 0;
}

/* End of file, which is how an event in the ERROR state reads */
static int at_end(int fd)
{
	uint64_t val;

	return read(fd, &val, sizeof(val)) == 0;
}

/* What it traces until it is scheduled out, and then in again */
static uint64_t traced_for_a_moment(struct trace *t)
{
	uint64_t before = take_trace(t);

	work(2);
	usleep(20000);
	return take_trace(t) - before;
}

static int full(const char *pmu, int leads, int pinned)
{
	struct perf_event_attr aux = aux_event(pmu), cycles = cycles_event(0);
	struct perf_event_attr *first = leads ? &aux : &cycles;
	struct pollfd poll_leader = { .events = POLLIN };
	int leader, counter, trace;
	uint64_t count;

	aux.disabled = 0;
	first->disabled = 1;
	first->pinned = pinned;
	leader = open_event(*first, -1);
	if (leads) {
		trace = leader;
		counter = open_event(cycles, leader);
	} else {
		counter = leader;
		trace = open_event(aux, leader);
	}
	poll_leader.fd = leader;
	t = map_trace(trace, 4);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	/* The interrupt finds no room, and disables the event */
	if (wait_for(&t, PERF_RECORD_AUX))
		return 1;
	work(300);
	saw("filled", t.page->aux_head);

	/* So does the next start */
	ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	count = at_end(counter) ? 0 : count_of(counter);
	work(50);
	saw("counted_without_trace", at_end(counter) ? 0 : count_of(counter) - count);
	saw("error_read", at_end(leader));
	poll(&poll_leader, 1, 0);
	saw("error_poll", !!(poll_leader.revents & POLLERR));

	/* There is room, and nobody enables it; it must not fill up again here */
	take_trace(&t);
	usleep(20000);
	saw("traced_by_itself", traced_for_a_moment(&t));
	saw("traced_after_that", traced_for_a_moment(&t));

	ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	saw("traced_enabled", traced_for_a_moment(&t));
	saw("traced_enabled_after_that", traced_for_a_moment(&t));
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[2] : "", *who = argc > 3 ? argv[3] : "";

	if (argc == 3 && (!strcmp(mode, "paused") || !strcmp(mode, "throttled")))
		return unmap(argv[1], !strcmp(mode, "paused"));
	if (!strcmp(mode, "full") && (!strcmp(who, "leader") || !strcmp(who, "sibling")))
		return full(argv[1], !strcmp(who, "leader"), argc > 4);
	fprintf(stderr, "usage: auxunmap PMU paused|throttled\n"
			"       auxunmap PMU full leader|sibling [pinned]\n");
	return 2;
}
