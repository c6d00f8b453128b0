// SPDX-License-Identifier: GPL-2.0
/*
 * A group of two counters of CPU 1 is throttled while the CPU goes idle: the last of them
 * overflows as the PMU is turned off for that, and its interrupt arrives, as an NMI, when the
 * driver stops the Nth.  How often does one of them count before the tick that ends the
 * throttle?  nmi-at of lab/hardware/tracehw-sink makes the interrupts.
 *
 *	idlenmi TIMES N
 *
 * Build: cc -O2 -o idlenmi idlenmi.c
 */
#include "auxevents.h"

#define NMI_AT	"/sys/module/nmi_at/parameters/"
#define CYCLES	(1u << 31)		/* the last counter, as the driver goes through them */

int main(int argc, char **argv)
{
	struct perf_event_attr attr = cycles_event(1 << 30), leads = attr;
	int times = argc == 3 ? atoi(argv[1]) : 0, late = argc == 3 ? atoi(argv[2]) : 0;
	unsigned int tries = 0, throttled = 0, counted = 0, deaf = 0;
	int leader, sibling;
	struct trace t;

	if (times <= 0 || late <= 0) {
		fprintf(stderr, "usage: idlenmi TIMES N\n");
		return 2;
	}
	run_on(1);
	leads.config = PERF_COUNT_HW_INSTRUCTIONS;
	leader = open_on(leads, -1, 1, -1);
	sibling = open_on(attr, -1, 1, leader);
	t = map_data(leader);
	number_to(NMI_AT "mask", CYCLES);
	number_to(NMI_AT "late", late);
	while ((int)throttled < times && tries++ < 20u * times) {
		uint64_t was, now, sibling_was, sibling_now, *record;
		uint32_t last = 0;

		/* over the tick that ends the throttle of the last time */
		work(20);
		records(&t, PERF_RECORD_THROTTLE);
		/* one in a tick is too many */
		number_to(NMI_AT "arm", 1);
		usleep(300);
		was = count_of(leader);
		sibling_was = count_of(sibling);
		work_us(50);
		now = count_of(leader);
		sibling_now = count_of(sibling);
		number_to(NMI_AT "arm", 0);
		while ((record = next_record(&t)))
			if (type_of(record) == PERF_RECORD_THROTTLE ||
			    type_of(record) == PERF_RECORD_UNTHROTTLE)
				last = type_of(record);
		/* no tick was in between */
		if (last == PERF_RECORD_THROTTLE) {
			throttled++;
			counted += now != was || sibling_now != sibling_was;
		}
		work(20);
		was = count_of(leader);
		sibling_was = count_of(sibling);
		work(1);
		deaf += count_of(leader) == was || count_of(sibling) == sibling_was;
	}
	saw("tries", tries);
	saw("throttled", throttled);
	saw("counted", counted);
	saw("deaf", deaf);
	return 0;
}
