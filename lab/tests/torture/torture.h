/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of torture share: torture.c drives, ops.c does, watch.c watches.
 */
#ifndef TORTURE_H
#define TORTURE_H

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* newer than the C library's header; in struct perf_event_attr since 6.13 */
#define AUX_START_PAUSED	1
#define AUX_PAUSE		2
#define AUX_RESUME		4

#define DEBUGFS		"/sys/kernel/debug/"
#define MOCK		DEBUGFS "mockaux/"
#define DEVICES		"/sys/bus/event_source/devices/"
#define NOBODY		65534
#define MAX_WORKERS	32

typedef uint64_t u64;
typedef uint32_t u32;

extern const char *mode, *plant, *bug, *pmus;
extern u64 seed;
extern int seconds, workers, first, count, prefix, faults;
extern int reregister, remap, switches, alias, revive;
extern int ncpus;
extern bool have_cycles;
extern u64 clock_floor;		/* ns, of cpu-clock's period */

static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* splitmix64 */
static inline u64 next(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* One of n, from a random word, of which nobody else gets to see that part */
static inline u32 pick(u32 *bits, u32 n)
{
	u32 one = *bits % n;

	*bits /= n;
	return one;
}

static inline int put(const char *path, const char *format, ...)
{
	char text[128];
	va_list args;
	int fd, n;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

static inline long long get(const char *path)
{
	long long val = -1;
	FILE *f = fopen(path, "r");

	if (f) {
		if (fscanf(f, "%lld", &val) != 1)
			val = -1;
		fclose(f);
	}
	return val;
}

/* each_value(FILE, F): F(key, value) of each "key value" line; the sum of what F returns */
static inline long long each_value(const char *path, long long (*f)(const char *key, long long val))
{
	char key[128];
	long long val, sum = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	while (fscanf(file, "%127s %lld", key, &val) == 2)
		sum += f(key, val);
	fclose(file);
	return sum;
}

static inline void load(const char *name, const char *params)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s.ko", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || syscall(SYS_finit_module, fd, params, 0))
		if (errno != ECANCELED && errno != EEXIST)
			printf("# %s does not load: %s\n", name, strerror(errno));
	close(fd);
}

static inline int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK);
}

static inline void load_mock(void)
{
	char params[64];

	snprintf(params, sizeof(params), "plant=%s", plant);
	load("mockaux", params);
}

#define OPS(O)									\
	O(open, 14) O(map, 12) O(map_aux, 14) O(unmap, 3) O(unmap_aux, 4) O(close, 7) O(join, 6) \
	O(period, 8) O(enable, 6) O(disable, 6) O(refresh, 3) O(reset, 1)	\
	O(set_output, 3) O(set_filter, 4) O(pause_output, 2) O(read, 3)		\
	O(drain, 20) O(migrate, 6) O(fork, 2) O(exec, 1) O(exec_suid, 1) O(thread, 2) \
	O(prctl, 2) O(spin, 14) O(sleep, 2)
/* Done by one process for all */
#define CHAOS(O)								\
	O(rate, 8) O(hotplug, 3) O(fault, 6) O(unload, 2) O(reregister, 1) O(failures, 2)

#define ENUM(name, weight) OP_##name,
#define NAME(name, weight) #name,
#define WEIGHT(name, weight) weight,
enum { OPS(ENUM) NR_OPS };
enum { OPS_END = NR_OPS - 1, CHAOS(ENUM) NR_ALL };
struct op {
	int kind;
	u32 slot, a, b, c;
};

/* What workers tell the watcher */
struct shared {
	int stop, quit, idle[MAX_WORKERS];
	int doing[MAX_WORKERS];
	/* An event of a CPU keeps all tasks from opening one of its PMU, and the reverse */
	enum { WHOEVER, TASKS, CPUS } whose;
	u64 done[MAX_WORKERS][NR_ALL], good[MAX_WORKERS][NR_ALL];
};
extern struct shared *shared;

#define SLOTS	5

/* ops.c: what is done */
extern const char * const op_names[NR_ALL];
struct op make_op(u64 *state, int from, int to);
void did(const struct op *op, bool good);
int perf_open(struct perf_event_attr *attr, int pid, int cpu, int group);
int pmu_type(const char *name);
void spin(u32 a);
bool do_op(const struct op *op);
void print_op(const struct op *op);
void close_all(void);
void worker(int id);
bool set_rate(int rate);
void chaos(int id);

/* watch.c: what is watched */
struct bad {
	int violations, said, left, hangs;
};
extern struct bad bad;
extern int kmsg;
int read_kmsg(const char *wanted);
long long violation(const char *key, long long val);
int check_left(void);
void show_stack(int pid);
int violations(void);
void add_up_mock(void);
long long summed(const char *key);
void print_mock(void);
void forget(void);
void reload(void);

#endif
