/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bench.ko and its program agree on. The program opens the events and says
 * which step to run with them, the module runs it and hands back the raw counts.
 */
#ifndef LAB_BENCH_H
#define LAB_BENCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define BENCH_MAJOR	240		/* for local use */
#define BENCH_SAMPLES	2000

/* What is between the two readings of the counter */
enum bench_step {
	BENCH_OVERFLOW,			/* of fd[0] */
	BENCH_OVERFLOWS,		/* of fd[0], then of fd[1] */
	BENCH_THROTTLE,			/* of fd[0], which throttles, then a tick */
	BENCH_SWITCH,			/* the task out and in again */
	BENCH_STEPS,
};

struct bench_run {
	__u32 step;
	__u32 null;			/* call functions that return at once */
	__s32 fd[2];
	__u64 samples;			/* __u32 [BENCH_SAMPLES] */
	/* callbacks of one repetition, counted before the others are measured */
	__u32 add, del, start, stop, pause, resume;
};

struct bench_types {
	__u32 aux, counter;		/* perf_event_attr::type */
};

#define BENCH_TYPES	_IOR('b', 0, struct bench_types)
#define BENCH_RUN	_IOWR('b', 1, struct bench_run)

#ifdef __KERNEL__
/* A callback: two instructions, returns 0. And one that is nothing but a return. */
void bench_callback(void);
void bench_null(void);
#endif

#endif
