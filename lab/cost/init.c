// SPDX-License-Identifier: GPL-2.0
/*
 * The one process of lab/cost/bench's guest: load bench.ko with the parameters that the
 * command line has for init, open the events of each row, run the row and print
 *
 *	row NAME CALLBACKS
 *	null COUNT*REPEATED ...		the step with functions that return at once
 *	real COUNT*REPEATED ...		the step
 *
 * where counts are those of the guest's own counter, in the order they were taken.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module/bench.h"

#define PAGE	4096
#define PAGES	128			/* more than a row writes */
#define ATTR	136			/* sizeof(struct perf_event_attr) with aux_action */

enum { NONE, COUNTER, AUX };		/* kind of event */
enum { PAUSE = 2, RESUME = 4 };		/* aux_action */
/* flags: has a buffer; is one that overflows; samples nothing */
enum { MAPPED = 1, TARGET = 2, BARE = 4 };

struct opened {
	int kind, action, flags;
};

/* Each row is a group; the first event leads it. */
static const struct row {
	const char *name;
	enum bench_step step;
	struct opened event[4];
} rows[] = {
	{ "A.bare", BENCH_OVERFLOW, { { COUNTER, 0, TARGET | BARE } } },
	{ "A.alone", BENCH_OVERFLOW, { { COUNTER, 0, TARGET } } },
	{ "A.mapped", BENCH_OVERFLOW, { { COUNTER, 0, TARGET | MAPPED } } },
	{ "A.sibling", BENCH_OVERFLOW, { { AUX, 0, MAPPED }, { COUNTER, 0, TARGET } } },
	{ "B.plain", BENCH_OVERFLOWS,
	  { { AUX, 0, MAPPED }, { COUNTER, 0, TARGET }, { COUNTER, 0, TARGET } } },
	{ "B.actions", BENCH_OVERFLOWS,
	  { { AUX, 0, MAPPED }, { COUNTER, PAUSE, TARGET }, { COUNTER, RESUME, TARGET } } },
	{ "B0.pause", BENCH_OVERFLOW, { { AUX, 0, MAPPED }, { COUNTER, PAUSE, TARGET } } },
	{ "B0.resume", BENCH_OVERFLOW, { { AUX, 0, MAPPED }, { COUNTER, RESUME, TARGET } } },
	{ "C.aux", BENCH_THROTTLE, { { AUX, 0, MAPPED }, { COUNTER, 0, TARGET } } },
	{ "C.counters", BENCH_THROTTLE, { { COUNTER, 0, MAPPED }, { COUNTER, 0, TARGET } } },
	{ "D.aux", BENCH_SWITCH, { { AUX, 0, 0 }, { COUNTER, 0, 0 } } },
	{ "D.counters", BENCH_SWITCH, { { COUNTER, 0, 0 }, { COUNTER, 0, 0 } } },
};

static __u32 samples[BENCH_SAMPLES];
static struct bench_types types;
static int device;

static void end(const char *what)
{
	if (what)
		printf("failed: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static int perf_open(const struct opened *o, int group)
{
	union {
		struct perf_event_attr attr;
		__u32 words[ATTR / 4];
	} u;

	memset(&u, 0, sizeof(u));
	u.attr.size = ATTR;
	u.attr.type = o->kind == AUX ? types.aux : types.counter;
	u.attr.sample_period = 1000;
	if (!(o->flags & BARE))
		u.attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
	/* nobody is woken up */
	u.attr.watermark = 1;
	u.attr.wakeup_watermark = PAGES * PAGE;
	/* aux_action is newer than the headers of Debian 12: between these two */
	u.words[offsetof(struct perf_event_attr, sig_data) / 4 - 1] = o->action;
	return syscall(SYS_perf_event_open, &u.attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC);
}

static void print_samples(const char *name)
{
	printf("%s", name);
	for (int i = 0, n; i < BENCH_SAMPLES; i += n) {
		for (n = 1; i + n < BENCH_SAMPLES && samples[i + n] == samples[i]; n++)
			;
		printf(" %u*%d", samples[i], n);
	}
	printf("\n");
}

static void run_row(const struct row *row)
{
	struct bench_run run = {
		.step = row->step, .fd = { -1, -1 }, .samples = (uintptr_t)samples
	};
	int fds[4], n = 0, targets = 0;
	void *map[4] = { NULL };

	for (; n < 4 && row->event[n].kind; n++) {
		const struct opened *o = &row->event[n];

		fds[n] = perf_open(o, n ? fds[0] : -1);
		if (fds[n] < 0)
			end(row->name);
		if (o->flags & MAPPED) {
			map[n] = mmap(NULL, (1 + PAGES) * PAGE, PROT_READ | PROT_WRITE,
				      MAP_SHARED, fds[n], 0);
			if (map[n] == MAP_FAILED)
				end(row->name);
		}
		if (o->flags & TARGET)
			run.fd[targets++] = fds[n];
	}
	run.null = 1;
	if (ioctl(device, BENCH_RUN, &run))
		end(row->name);
	printf("row %s add=%u del=%u start=%u stop=%u pause=%u resume=%u\n", row->name,
	       run.add, run.del, run.start, run.stop, run.pause, run.resume);
	print_samples("null");
	run.null = 0;
	if (ioctl(device, BENCH_RUN, &run))
		end(row->name);
	print_samples("real");
	while (n--) {
		if (map[n])
			munmap(map[n], (1 + PAGES) * PAGE);
		close(fds[n]);
	}
}

int main(int argc, char **argv)
{
	char parameters[512] = "";
	int fd = open("/bench.ko", O_RDONLY);

	printf("\n");			/* the firmware has not ended its line */
	for (int i = 1; i < argc; i++) {
		strncat(parameters, argv[i], sizeof(parameters) - strlen(parameters) - 2);
		strcat(parameters, " ");
	}
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0))
		end("bench.ko");
	device = open("/dev/bench", O_RDWR);
	if (device < 0 || ioctl(device, BENCH_TYPES, &types))
		end("/dev/bench");
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		run_row(&rows[i]);
	printf("done\n");
	end(NULL);
}
