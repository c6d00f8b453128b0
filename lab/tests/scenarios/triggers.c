// SPDX-License-Identifier: GPL-2.0
/*
 * Triggers of an AUX area event in places where nobody may miss them:
 *
 *	triggers answer PMU	kprobes lab/start and lab/stop, on the PMU's own callbacks,
 *				pause and resume: each undoes what has called it
 *	triggers trace PMU	a plain trace of this CPU
 *	triggers hits PMU PERIOD  how many of 100 hits are counted in a group that a
 *				counter of this period gets throttled?  A breakpoint begins
 *				a region and a kprobe, lab/end on getppid(), ends it
 *	triggers self PMU PERIOD  likewise, but the counter is itself a trigger
 *	triggers late LEADER again|joins|refresh|modify
 *				a breakpoint that is enabled while its group runs, led by
 *				a PMU or "dummy": how many of 10 hits are counted?
 *	triggers asleep PERIOD	a breakpoint and a kprobe on getppid(), in a group that a
 *				counter of this period gets throttled, while the task goes
 *				to sleep: how many of 100 hits after that are counted?
 *	triggers refresh	both alone, for one hit at a time: how many of 3 are counted?
 *
 * All on this task, on CPU 1.  Build: cc -O2 -o triggers triggers.c
 */
#include "auxevents.h"

static void __attribute__((noinline)) begin_region(void)
{
	asm volatile("nop; nop");
}

static void __attribute__((noinline)) elsewhere(void)
{
	asm volatile("nop; nop; nop");
}

static int answer(const char *pmu)
{
	struct trace t;
	int leader = open_event(aux_event(pmu), -1);

	open_event(with_action(cycles_event(3000000), AUX_PAUSE), leader);
	open_event(with_action(kprobe_event("stop"), AUX_RESUME), leader);
	open_event(with_action(kprobe_event("start"), AUX_PAUSE), leader);
	t = map_trace(leader, 1024);
	for (int i = 0; i < 5; i++) {
		ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
		work(10);
		ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
		records(&t, PERF_RECORD_AUX);
	}
	saw("bytes", take_trace(&t));
	saw("came_back", 1);
	return 0;
}

static int trace(const char *pmu)
{
	struct trace t = map_trace(open_on(aux_event(pmu), -1, 1, -1), 256);

	saw("traced", traced_again(&t, 20));
	return 0;
}

/* What the emulated hardware has written; 0 on real one */
static long taken(void)
{
	FILE *f = fopen("/sys/kernel/debug/tracehw/state", "r");
	char key[64];
	long val, sum = 0;

	while (f && fscanf(f, "%63s %ld", key, &val) == 2)
		if (!strcmp(key, "trbe.cpu1.bytes") || !strcmp(key, "spe.cpu1.bytes"))
			sum += val;
	if (f)
		fclose(f);
	return sum;
}

static int hits(const char *pmu, uint64_t period, int self)
{
	struct perf_event_attr cycles = cycles_event(period);
	struct trace t;
	int leader = open_event(aux_event(pmu), -1), begin, end, counter;
	long outside = 0, inside = 0, at, then;

	counter = open_event(self ? with_action(cycles, AUX_RESUME) : cycles, leader);
	begin = open_event(with_action(breakpoint_event(begin_region), AUX_RESUME), leader);
	end = open_event(with_action(kprobe_event("end"), AUX_PAUSE), leader);
	t = map_trace(leader, 2048);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	/* before the first region */
	syscall(SYS_getppid);
	at = taken();
	for (int i = 0; i < 100; i++) {
		begin_region();
		/* not in step with the ticks, which end each throttle */
		work_us(500 + 97 * (i % 13));
		syscall(SYS_getppid);
		then = taken();
		inside += then - at;
		work_us(700 + 61 * (i % 17));
		at = taken();
		outside += at - then;
		take_trace(&t);
	}
	saw("begin", count_of(begin));
	saw("end", count_of(end) - 1);
	ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
	records(&t, PERF_RECORD_THROTTLE);
	saw("throttles", t.records[PERF_RECORD_THROTTLE]);
	saw("unthrottles", t.records[PERF_RECORD_UNTHROTTLE]);
	saw("cycles", count_of(counter));
	saw("bytes_inside", inside);
	saw("bytes_outside", outside);
	return 0;
}

static int late(const char *pmu, const char *how)
{
	int dummy = !strcmp(pmu, "dummy");
	struct perf_event_attr hit = breakpoint_event(begin_region);
	int leader = open_event(dummy ? dummy_event() : aux_event(pmu), -1), sibling;
	uint64_t before = 0;

	if (!dummy)
		map_trace(leader, 64);
	if (!strcmp(how, "again")) {
		sibling = open_event(hit, leader);
		ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
		begin_region();
		ioctl(leader, PERF_EVENT_IOC_DISABLE, GROUP);
		before = count_of(sibling);
		saw("first", before);
		ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	} else if (!strcmp(how, "joins")) {
		ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
		work(1);
		sibling = open_event(hit, leader);
	} else if (!strcmp(how, "refresh")) {
		hit.disabled = 1;
		sibling = open_event(hit, leader);
		ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
		work(1);
		/* more than there are hits */
		if (ioctl(sibling, PERF_EVENT_IOC_REFRESH, 100))
			cannot("PERF_EVENT_IOC_REFRESH");
	} else {
		hit.bp_addr = (uintptr_t)elsewhere;
		sibling = open_event(hit, leader);
		ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
		work(1);
		hit.bp_addr = (uintptr_t)begin_region;
		hit.size = sizeof(hit);
		if (ioctl(sibling, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &hit))
			cannot("PERF_EVENT_IOC_MODIFY_ATTRIBUTES");
	}
	for (int i = 0; i < 10; i++)
		begin_region();
	saw("counted", count_of(sibling) - before);
	return 0;
}

/* Both, in this group: how often each was hit since the last time */
static void saw_hits(const int *fds, uint64_t *before)
{
	static const char * const names[] = { "breakpoint", "kprobe" };

	for (int i = 0; i < 2; i++) {
		uint64_t count = count_of(fds[i]);

		saw(names[i], count - before[i]);
		before[i] = count;
	}
}

static int asleep(uint64_t period)
{
	struct perf_event_attr cycles = cycles_event(period), hit = breakpoint_event(begin_region),
			       probe = kprobe_event("end");
	uint64_t before[2] = { }, seldom = 1ull << 40, throttles = 0;
	int leader, fds[2];
	struct trace t;

	cycles.disabled = 1;
	leader = open_event(cycles, -1);
	hit.sample_period = 0;
	probe.sample_period = 0;
	fds[0] = open_event(hit, leader);
	fds[1] = open_event(probe, leader);
	t = map_data(leader);
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	for (int i = 0; i < 100; i++) {
		/* throttled soon, and asleep before the tick, which ends it, more often than not */
		work_us(1500 + 97 * (i % 13));
		usleep(5000);
		records(&t, PERF_RECORD_SAMPLE);
	}
	throttles = t.records[PERF_RECORD_THROTTLE];
	if (ioctl(leader, PERF_EVENT_IOC_PERIOD, &seldom))
		cannot("PERF_EVENT_IOC_PERIOD");
	/* some ticks */
	work(50);
	saw("throttles", throttles);
	saw_hits(fds, before);
	for (int i = 0; i < 100; i++) {
		begin_region();
		syscall(SYS_getppid);
	}
	saw_hits(fds, before);
	return 0;
}

static int refresh(void)
{
	struct perf_event_attr hit = breakpoint_event(begin_region), probe = kprobe_event("end");
	uint64_t before[2] = { };
	int fds[2];

	hit.disabled = 1;
	probe.disabled = 1;
	fds[0] = open_event(hit, -1);
	fds[1] = open_event(probe, -1);
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 2; k++)
			if (ioctl(fds[k], PERF_EVENT_IOC_REFRESH, 1))
				cannot("PERF_EVENT_IOC_REFRESH");
		begin_region();
		syscall(SYS_getppid);
		/* the order to disable them is carried out */
		work(1);
	}
	saw_hits(fds, before);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";

	run_on(1);
	if (argc == 3 && !strcmp(mode, "answer"))
		return answer(argv[2]);
	if (argc == 3 && !strcmp(mode, "trace"))
		return trace(argv[2]);
	if (argc == 4 && (!strcmp(mode, "hits") || !strcmp(mode, "self")))
		return hits(argv[2], atoll(argv[3]), !strcmp(mode, "self"));
	if (argc == 4 && !strcmp(mode, "late"))
		return late(argv[2], argv[3]);
	if (argc == 3 && !strcmp(mode, "asleep"))
		return asleep(atoll(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "refresh"))
		return refresh();
	fprintf(stderr, "usage: triggers answer|trace PMU | hits|self PMU PERIOD |\n"
			"       late LEADER again|joins|refresh|modify | asleep PERIOD | refresh\n");
	return 2;
}
