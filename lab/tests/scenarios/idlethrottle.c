// SPDX-License-Identifier: GPL-2.0
/*
 * A counter of CPU 1 overflows much too often, and between two ticks the CPU goes idle
 * and comes back.  How often did the counter overflow while it was throttled, and what
 * does one of its group read that only counts?
 *
 *	idlethrottle ROUNDS [PMU]
 *
 * With PMU, the counter is in a group with an AUX area event of it.  Build: cc -O2 -o
 * idlethrottle idlethrottle.c
 */
#include "auxevents.h"

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0, counter, leader = -1;
	unsigned int throttles = 0, slept_throttled = 0, late = 0, trips = 0, jumps = 0;
	uint64_t count = 0, now;
	int counting;
	struct trace t;

	if (rounds <= 0 || argc > 3) {
		fprintf(stderr, "usage: idlethrottle ROUNDS [PMU]\n");
		return 2;
	}
	run_on(1);
	if (argc == 3)
		leader = open_on(aux_event(argv[2]), -1, 1, -1);
	counter = open_on(cycles_event(2000), -1, 1, leader);
	counting = open_on(cycles_event(0), -1, 1, argc == 3 ? leader : counter);
	t = argc == 3 ? map_trace(leader, 1024) : map_data(counter);
	if (argc == 3) {
		ioctl(counter, PERF_EVENT_IOC_SET_OUTPUT, leader);
		ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);
	}
	for (int i = 0, throttled = 0; i < rounds; i++) {
		uint64_t *record;

		/* not in step with the tick */
		work_us(300 + i % 7 * 100);
		while ((record = next_record(&t))) {
			switch (type_of(record)) {
			case PERF_RECORD_THROTTLE:
				throttles++;
				late += throttled;
				throttled = 1;
				trips = 1;
				break;
			case PERF_RECORD_UNTHROTTLE:
				throttled = 0;
				break;
			case PERF_RECORD_SAMPLE:
				/* that of the overflow which has tripped it is behind it */
				late += throttled && !trips;
				trips = 0;
			}
		}
		slept_throttled += throttled;
		usleep(300);
		/* of billions, as is what it holds at first */
		if (read(counting, &now, sizeof(now)) != sizeof(now) || now < count || now - count > 1u << 30)
			jumps++;
		count = now;
	}
	saw("throttles", throttles);
	saw("slept_throttled", slept_throttled);
	saw("late", late);
	saw("jumps", jumps);
	return 0;
}
