// SPDX-License-Identifier: GPL-2.0
/*
 * Two counters of CPU 1 that overflow in the same interrupt, where the second is
 * handled first and gets the group throttled: does the group count on?
 *
 *	lateoverflow PERIOD
 *
 * The first has the cycle counter, which the handler of an ARMv8 PMU comes to last.
 * "late" is how often it overflowed while throttled, which it must, or this has
 * shown nothing.  Build: cc -O2 -o lateoverflow lateoverflow.c
 */
#include "auxevents.h"

int main(int argc, char **argv)
{
	struct perf_event_attr attr = cycles_event(argc == 2 ? atoll(argv[1]) : 0);
	unsigned int late = 0, throttled = 0, last = 0;
	int leader, sibling;
	struct trace t;
	uint64_t *record, count, leader_id;

	if (!attr.sample_period) {
		fprintf(stderr, "usage: lateoverflow PERIOD\n");
		return 2;
	}
	run_on(1);
	attr.sample_type = PERF_SAMPLE_IDENTIFIER;
	attr.disabled = 1;
	leader = open_on(attr, -1, 1, -1);
	attr.disabled = 0;
	sibling = open_on(attr, -1, 1, leader);
	t = map_data(leader);
	ioctl(sibling, PERF_EVENT_IOC_SET_OUTPUT, leader);
	if (ioctl(leader, PERF_EVENT_IOC_ID, &leader_id))
		cannot("PERF_EVENT_IOC_ID");
	ioctl(leader, PERF_EVENT_IOC_ENABLE, GROUP);

	for (uint64_t end = now_us() + 500000; now_us() < end; work(1)) {
		while ((record = next_record(&t))) {
			switch (type_of(record)) {
			case PERF_RECORD_THROTTLE:
				throttled = 1;
				break;
			case PERF_RECORD_UNTHROTTLE:
				throttled = 0;
				break;
			case PERF_RECORD_SAMPLE:
				late += throttled && record[1] == leader_id;
				break;
			}
		}
	}
	saw("late", late);
	saw("throttles", t.records[PERF_RECORD_THROTTLE]);
	saw("unthrottles", t.records[PERF_RECORD_UNTHROTTLE]);
	saw("lost", t.records[PERF_RECORD_LOST]);
	last = t.records[PERF_RECORD_SAMPLE];
	count = count_of(sibling);
	for (int i = 0; i < 200; i++) {
		work(1);
		records(&t, PERF_RECORD_SAMPLE);
	}
	saw("samples_on", t.records[PERF_RECORD_SAMPLE] - last);
	saw("counted_on", count_of(sibling) - count);
	return 0;
}
