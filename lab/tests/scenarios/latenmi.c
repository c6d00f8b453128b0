// SPDX-License-Identifier: GPL-2.0
/*
 * The counter of a group overflows at the moment at which perf turns the PMU off, to
 * schedule in a second counter that is opened into the group.  nmi-at of
 * lab/hardware/tracehw-sink has it do so, and overflow once more before the second
 * counter is on the PMU, if the PMU counts then.
 *
 *	latenmi TIMES
 *
 * Build: cc -O2 -o latenmi latenmi.c
 */
#include "auxevents.h"

#define NMI_AT "/sys/module/nmi_at/parameters/"

int main(int argc, char **argv)
{
	struct perf_event_attr attr = cycles_event(1 << 30);
	int times = argc == 2 ? atoi(argv[1]) : 0, deaf = 0;

	if (times <= 0) {
		fprintf(stderr, "usage: latenmi TIMES\n");
		return 2;
	}
	run_on(1);
	for (int i = 0; i < times; i++) {
		int leader = open_on(attr, -1, 1, -1), sibling;
		uint64_t leader_was, sibling_was;

		number_to(NMI_AT "arm", 2);
		sibling = open_on(attr, -1, 1, leader);
		number_to(NMI_AT "arm", 0);
		/* over the tick that ends a throttle */
		work(20);
		leader_was = count_of(leader);
		sibling_was = count_of(sibling);
		work(1);
		deaf += count_of(leader) == leader_was || count_of(sibling) == sibling_was;
		close(sibling);
		close(leader);
	}
	saw("fired", number_in(NMI_AT "fired"));
	saw("deaf", deaf);
	return 0;
}
