// SPDX-License-Identifier: GPL-2.0
/*
 * Torture and fuzz AUX area events: first process of a guest, or a program that
 * root runs.  README.md says what it does; the verdict is KTAP.
 *
 *	torture [--mode torture|fuzz|plants|sanitizer] [--seed N] [--seconds S]
 *		[--workers N] [--first I] [--count N] [--prefix K]
 *		[--plant NAME] [--bug NAME] [--faults 0|1] [--pmus NAME,NAME...]
 *		[--reregister 0|1] [--remap 0|1] [--switches 0|1] [--alias 0|1]
 *		[--revive 0|1]
 */
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

static const char *mode = "torture", *plant = "", *bug = "", *pmus = "";
static u64 seed = 1;
static int seconds = 60, workers, first, count = 1 << 30, prefix = -1, faults = 1;
static int reregister, remap, switches, alias, revive;
static int ncpus;
static bool have_cycles;
static u64 clock_floor;		/* ns, of cpu-clock's period */

/* ===== Small things ===== */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* splitmix64 */
static u64 next(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static int put(const char *path, const char *format, ...)
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

static long long get(const char *path)
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
static long long each_value(const char *path, long long (*f)(const char *key, long long val))
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

static void load(const char *name, const char *params)
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

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK);
}

static void load_mock(void)
{
	char params[64];

	snprintf(params, sizeof(params), "plant=%s", plant);
	load("mockaux", params);
}

/* ===== Operations ===== */

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
static const char * const op_names[] = { OPS(NAME) CHAOS(NAME) };
static const int op_weights[] = { OPS(WEIGHT) CHAOS(WEIGHT) };

struct op {
	int kind;
	u32 slot, a, b, c;
};

/* What workers tell the watcher */
static struct shared {
	int stop, quit, idle[MAX_WORKERS];
	int doing[MAX_WORKERS];
	/* An event of a CPU keeps all tasks from opening one of its PMU, and the reverse */
	enum { WHOEVER, TASKS, CPUS } whose;
	u64 done[MAX_WORKERS][NR_ALL], good[MAX_WORKERS][NR_ALL];
} *shared;

static struct op make_op(u64 *state, int from, int to)
{
	struct op op = { .kind = from };
	u64 x = next(state), y = next(state);
	int sum = 0, at;

	for (int i = from; i < to; i++)
		sum += op_weights[i];
	for (at = x % sum; at >= op_weights[op.kind]; op.kind++)
		at -= op_weights[op.kind];
	op.slot = x >> 32;
	op.a = y;
	op.b = y >> 32;
	op.c = next(state);
	return op;
}

static const char * const aux_pmus[] = { "mock_aux", "cs_etm", "arm_spe_0", "mock_unp", "mock_sf" };
#define NR_AUX_PMUS 5

static int me;

static void did(const struct op *op, bool good)
{
	shared->done[me][op->kind]++;
	shared->good[me][op->kind] += good;
}

#define SLOTS	5
#define MAX_FDS	4
static struct slot {
	int n, fd[MAX_FDS];
	char *base, *aux;
	size_t base_size, aux_size;
	bool sibling;			/* has the buffer */
	/* of the leader, for those that join later */
	struct perf_event_attr attr;
	int pid, cpu, counter;
} slots[SLOTS];

static int pmu_type(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "%s/type", name);
	return get(path);
}

static int perf_open(struct perf_event_attr *attr, int pid, int cpu, int group)
{
	return syscall(SYS_perf_event_open, attr, pid, cpu, group, PERF_FLAG_FD_CLOEXEC);
}

static void set_aux_action(struct perf_event_attr *attr, u32 action)
{
	/* between aux_sample_size and sig_data */
	*(u32 *)((char *)&attr->sig_data - 4) = action;
}

static bool do_unmap_aux(struct slot *s)
{
	if (!s->aux)
		return false;
	munmap(s->aux, s->aux_size);
	s->aux = NULL;
	return true;
}

static bool do_unmap(struct slot *s)
{
	if (!s->base)
		return false;
	munmap(s->base, s->base_size);
	s->base = NULL;
	return true;
}

static bool do_close(struct slot *s, const struct op *op)
{
	/* the order of all of it: what is mapped first or last, leader first or last */
	if (op->a & 1)
		do_unmap_aux(s);
	if (op->a & 2)
		do_unmap(s);
	for (int i = 0; i < s->n; i++)
		close(s->fd[op->a & 4 ? i : s->n - 1 - i]);
	do_unmap(s);
	do_unmap_aux(s);
	if (!s->n)
		return false;
	memset(s, 0, sizeof(*s));
	return true;
}

static bool do_map(struct slot *s, const struct op *op)
{
	size_t size = 4096 + (4096UL << op->a % 4);
	int fd;
	void *p;

	/* 7.3 charges a buffer again that is mapped again: see README.md */
	if (!s->n || s->base || (s->aux && !remap))
		return false;
	fd = s->fd[op->b % 8 ? 0 : op->c % s->n];
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return false;
	s->base = p;
	s->base_size = size;
	s->sibling = fd != s->fd[0];
	/* the others' samples go there, too */
	if (op->b & 0x100)
		for (int i = 1; i < s->n; i++)
			ioctl(s->fd[i], PERF_EVENT_IOC_SET_OUTPUT, fd);
	return true;
}

static bool do_map_aux(struct slot *s, const struct op *op)
{
	struct perf_event_mmap_page *page = (void *)s->base;
	size_t size = 4096UL << (op->a % 16 ? op->a % 4 : 5);
	void *p;

	/* 7.3 counts the mappings of the first event from 0 then: see README.md */
	if (!s->base || s->aux || (s->sibling && !alias))
		return false;
	page->aux_offset = s->base_size;
	page->aux_size = size;
	/* read-only is overwrite mode */
	p = mmap(NULL, size, PROT_READ | (op->b % 4 ? PROT_WRITE : 0), MAP_SHARED,
		 s->fd[0], s->base_size);
	if (p == MAP_FAILED)
		return false;
	s->aux = p;
	s->aux_size = size;
	return true;
}

static bool open_sibling(struct slot *s, u32 t)
{
	static const u32 periods[] = { 1500, 5000, 20000, 100000, 1000000 };
	struct perf_event_attr sib = s->attr;
	int fd;

	sib.disabled = t % 8 == 0;
	sib.enable_on_exec = 0;
	sib.aux_watermark = 0;
	sib.context_switch = 0;
	sib.config = 0;
	set_aux_action(&sib, (u32 []){ AUX_PAUSE, AUX_RESUME, 0 }[(t >> 3) % 3]);
	sib.sample_period = periods[(t >> 5) % 5];
	if (s->counter == 1 && have_cycles) {
		sib.type = PERF_TYPE_HARDWARE;
		sib.config = PERF_COUNT_HW_CPU_CYCLES;
		sib.sample_period *= 10;
		/* in cycles of 1 ns or less: not one NMI after the other */
		if (sib.sample_period < clock_floor / 4)
			sib.sample_period = clock_floor / 4;
	} else if (s->counter == 2) {
		sib.type = PERF_TYPE_SOFTWARE;
		sib.config = PERF_COUNT_SW_CPU_CLOCK;
		sib.sample_period *= 10;
		if (sib.sample_period < clock_floor)
			sib.sample_period = clock_floor;
	} else {
		sib.type = pmu_type("mock_cnt");
		/* overflows while its PMU is disabled, as a tracepoint does */
		sib.config = t % 4 == 2 ? 2 : 0;
	}
	if (t % 16 == 1) {
		sib.freq = 1;
		sib.sample_freq = 1000;
	}
	fd = perf_open(&sib, s->pid, s->cpu, s->fd[0]);
	if (fd < 0)
		return false;
	s->fd[s->n++] = fd;
	return true;
}

static bool do_open(struct slot *s, const struct op *op)
{
	struct perf_event_attr attr;
	u32 r = op->a, q = op->b;
	const char *pmu;
	int pid, cpu, type = -1, siblings = q % MAX_FDS, counter = (q >> 2) % 3;

	if (s->n)
		return false;
	for (int i = 0; i < NR_AUX_PMUS && type < 0; i++) {
		pmu = aux_pmus[(r + i) % NR_AUX_PMUS];
		type = *pmus && !strstr(pmus, pmu) ? -1 : pmu_type(pmu);
	}
	if (type < 0)
		return false;

	memset(&attr, 0, sizeof(attr));
	attr.size = 136;
	attr.type = type;
	attr.config = !strncmp(pmu, "mock", 4) ? (r >> 4) % 4 == 0 : 0;
	attr.sample_period = strcmp(pmu, "arm_spe_0") ? 1 + (r >> 8) % 4096 : 4096;
	if (!strcmp(pmu, "cs_etm"))
		attr.sample_period = 1;
	attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU;
	attr.read_format = (r >> 20) % 2 ? PERF_FORMAT_GROUP | PERF_FORMAT_ID : 0;
	attr.disabled = (r >> 21) % 4 == 0;
	attr.inherit = (r >> 23) % 4 != 0;
	attr.inherit_stat = (r >> 25) % 4 == 0;
	attr.enable_on_exec = (r >> 27) % 4 == 0;
	attr.exclude_kernel = geteuid() ? (r >> 29) % 8 != 0 : (r >> 29) % 4 == 0;
	attr.watermark = 1;
	attr.wakeup_watermark = 64;
	attr.aux_watermark = (q >> 4) % 2 ? 4096 : 0;
	attr.context_switch = (q >> 5) % 2;
	if (attr.inherit && attr.read_format & PERF_FORMAT_GROUP)
		attr.read_format = 0;
	if ((q >> 6) % 3 == 0)
		set_aux_action(&attr, AUX_START_PAUSED);

	/* this task anywhere; this task on a CPU; all tasks on a CPU */
	pid = (q >> 8) % 4 == 3 ? -1 : 0;
	if (shared->whose)
		pid = shared->whose == CPUS ? -1 : 0;
	cpu = pid < 0 || (q >> 10) % 3 == 0 ? (int)((q >> 12) % ncpus) : -1;
	/* The last context switch of a CPU that goes down wakes up nobody, see README.md */
	if (pid < 0 && !switches)
		attr.context_switch = 0;
	if (pid == 0 && cpu == -1 && (q >> 14) % 2)
		attr.inherit = 0;		/* may be mapped */
	/* counters of two PMUs do not make a group */
	if (!strcmp(pmu, "mock_sf"))
		counter = 2;
	s->fd[0] = perf_open(&attr, pid, cpu, -1);
	if (s->fd[0] < 0)
		return false;
	s->n = 1;

	s->attr = attr;
	s->pid = pid;
	s->cpu = cpu;
	s->counter = counter;
	for (int i = 0; i < siblings; i++)
		open_sibling(s, op->c >> (i * 8));
	/* of no use without its buffers, most of the time */
	if (op->c >> 30) {
		struct op map = { .a = q >> 16, .b = q >> 20 | 1, .c = 0 };

		map.kind = OP_map;
		did(&map, do_map(s, &map));
		map.kind = OP_map_aux;
		did(&map, do_map_aux(s, &map));
	}
	return true;
}

static bool do_drain(struct slot *s)
{
	struct perf_event_mmap_page *page = (void *)s->base;

	if (!page)
		return false;
	page->data_tail = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	if (s->aux)
		__atomic_store_n(&page->aux_tail, __atomic_load_n(&page->aux_head, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);
	return true;
}

static void spin(u32 a)
{
	u32 loops = 500 << a % 6;

	for (volatile u32 i = 0; i < loops; i++)
		if (i % 256 == 0)
			syscall(SYS_getppid);
}

static bool end_child(int pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status);
}

static void *thread(void *arg)
{
	spin((uintptr_t)arg);
	return NULL;
}

static bool do_child(const struct op *op)
{
	const char *program = op->kind == OP_exec ? "/proc/self/exe" : "/tmp/suid";
	int pid = fork();

	if (pid)
		return end_child(pid);
	if (op->kind != OP_fork) {
		if (op->kind == OP_exec_suid && setuid(NOBODY))
			_exit(1);
		execl(program, program, "--spin", NULL);
		_exit(1);
	}
	for (u32 i = 0; i < 1 + op->b % 3; i++) {
		spin(op->a >> (8 * i));
		usleep(op->c % 300);
	}
	_exit(0);
}

static bool do_op(const struct op *op)
{
	struct slot *s = &slots[op->slot % SLOTS];
	int fd = s->n ? s->fd[op->b % s->n] : -1;
	int group = op->c % 2 ? PERF_IOC_FLAG_GROUP : 0;
	u64 period = (op->a % 8 ? 500 : 50000) + op->a % 20000;
	struct slot *other = &slots[op->a % SLOTS];
	pthread_t id;
	cpu_set_t set;
	char buf[512];

	switch (op->kind) {
	case OP_open:		return do_open(s, op);
	case OP_join:
		/* The CPU may have been offline, and the leader is dead: see README.md */
		if (!s->n || s->n == MAX_FDS || (s->pid < 0 && !revive))
			return false;
		/* the group may run, and it may be throttled */
		return open_sibling(s, op->a);
	case OP_map:		return do_map(s, op);
	case OP_map_aux:	return do_map_aux(s, op);
	case OP_unmap:		return do_unmap(s);
	case OP_unmap_aux:	return do_unmap_aux(s);
	case OP_close:		return do_close(s, op);
	case OP_period:		return !ioctl(fd, PERF_EVENT_IOC_PERIOD, &period);
	case OP_enable:		return !ioctl(fd, PERF_EVENT_IOC_ENABLE, group);
	case OP_disable:	return !ioctl(fd, PERF_EVENT_IOC_DISABLE, group);
	case OP_refresh:	return !ioctl(fd, PERF_EVENT_IOC_REFRESH, 1 + op->a % 20);
	case OP_reset:		return !ioctl(fd, PERF_EVENT_IOC_RESET, group);
	case OP_set_output:
		return !ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT,
			      op->c % 3 && other->n ? other->fd[0] : op->c % 5 ? s->fd[0] : -1);
	case OP_set_filter:
		snprintf(buf, sizeof(buf), op->a % 2 ? "filter 0x%x/0x1000" : "start 0x%x",
			 op->b & 0xfffff0);
		return s->n && !ioctl(s->fd[0], PERF_EVENT_IOC_SET_FILTER, buf);
	case OP_pause_output:	return !ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, op->a % 2);
	case OP_read:		return read(fd, buf, sizeof(buf)) > 0;
	case OP_drain:		return do_drain(s);
	case OP_migrate:
		CPU_ZERO(&set);
		CPU_SET(op->a % ncpus, &set);
		if (op->b % 4 == 0)
			memset(&set, 0xff, sizeof(set));
		return !sched_setaffinity(0, sizeof(set), &set);
	case OP_fork:
	case OP_exec:
	case OP_exec_suid:	return do_child(op);
	case OP_thread:
		if (pthread_create(&id, NULL, thread, (void *)(uintptr_t)op->a))
			return false;
		spin(op->b);
		return !pthread_join(id, NULL);
	case OP_prctl:
		prctl(PR_TASK_PERF_EVENTS_DISABLE);
		spin(op->a % 4);
		return !prctl(PR_TASK_PERF_EVENTS_ENABLE);
	case OP_spin:		spin(op->a); return true;
	case OP_sleep:		usleep(op->a % 2000); return true;
	}
	return false;
}

static void print_op(const struct op *op)
{
	printf("#   { %s, slot %u, 0x%08x, 0x%08x, 0x%08x }\n", op_names[op->kind],
	       op->slot % SLOTS, op->a, op->b, op->c);
}

static void close_all(void)
{
	for (int i = 0; i < SLOTS; i++)
		do_close(&slots[i], &(struct op){ .a = i });
}

static void worker(int id)
{
	u64 state = seed * 1000003 + id;

	me = id;
	while (!shared->quit) {
		if (shared->stop) {
			close_all();
			shared->idle[id] = 1;
			while (shared->stop && !shared->quit)
				usleep(1000);
			shared->idle[id] = 0;
			continue;
		}
		struct op op = make_op(&state, 0, NR_OPS);

		shared->doing[id] = op.kind;
		did(&op, do_op(&op));
	}
	close_all();
	_exit(0);
}

/* ===== Everybody's ground moves ===== */

static bool set_rate(int rate)
{
	put("/proc/sys/kernel/perf_cpu_time_max_percent", "25");
	return !put("/proc/sys/kernel/perf_event_max_sample_rate", "%d", rate) &
	       !put("/proc/sys/kernel/perf_cpu_time_max_percent", "0");
}

static bool do_chaos(const struct op *op)
{
	static const char * const knobs[] = {
		"spe/fault_at_enable", "spe/abort_at_enable", "spe/full_at_enable",
		"spe/fault_after_bytes", "trbe/fault_at_enable", "trbe/abort_at_enable",
		"trbe/full_at_enable", "trbe/fault_after_bytes", "ete/stuck_at_start",
		"ete/stuck_at_stop" };
	static const int rates[] = { 1000, 2000, 8000, 16000, 32000 };
	char path[128];

	switch (op->kind) {
	case OP_rate:
		return set_rate(rates[op->a % 5]);
	case OP_hotplug:
		if (ncpus < 2)
			return false;
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online",
			 1 + op->a % (ncpus - 1));
		if (put(path, "0"))
			return false;
		usleep(op->b % 50000);
		return !put(path, "1");
	case OP_fault:
		snprintf(path, sizeof(path), DEBUGFS "tracehw/%s", knobs[op->a % 10]);
		return faults && !put(path, "%d", 1 + op->b % 50);
	case OP_unload:
		/* refused while there are events, or so it should be */
		if (unload("mockaux"))
			return errno == EAGAIN || errno == EBUSY;
		load_mock();
		return true;
	case OP_reregister:
		return reregister && !put(MOCK "reregister", "1");
	case OP_failures:
		return !put("/sys/module/mockaux/parameters/fail_permille", "%d",
			    (int []){ 0, 0, 20, 300 }[op->a % 4]);
	}
	return false;
}

static void chaos(int id)
{
	u64 state = seed * 1000003 + id;

	me = id;
	while (!shared->quit) {
		shared->idle[id] = shared->stop;
		if (!shared->stop) {
			struct op op = make_op(&state, NR_OPS, NR_ALL);

			shared->doing[id] = op.kind;
			did(&op, do_chaos(&op));
		}
		usleep(20000);
	}
	_exit(0);
}

/* ===== The watcher ===== */

static struct {
	int violations, said, left, hangs;
} bad;
static int kmsg = -1;

/* What the kernel says that it should not, or just what is wanted; shows the first lines */
static int read_kmsg(const char *wanted)
{
	static const char * const words[] = {
#include "complaints.h"
	};
	/* KCSAN knows of races all over perf; these functions of core.c pause and resume */
	static const char * const ours[] = {
		"aux_request", "aux_enter", "aux_leave", "perf_event_aux_pause" };
	static int show;
	char buf[2048], *text;
	int n, found = 0;

	while ((n = read(kmsg, buf, sizeof(buf) - 1)) > 0 || errno == EPIPE) {
		if (n <= 0) {
			errno = 0;
			continue;
		}
		buf[n] = 0;
		text = strchr(buf, ';');
		text = text ? text + 1 : buf;
		*strchrnul(text, '\n') = 0;
		if (strstr(text, "BUG: KCSAN: ") && !*wanted) {
			bool theirs = true;

			for (unsigned int i = 0; i < sizeof(ours) / sizeof(*ours); i++)
				theirs &= !strstr(text, ours[i]);
			if (theirs) {
				printf("# elsewhere: %s\n", text);
				continue;
			}
		}
		for (unsigned int i = 0; i < sizeof(words) / sizeof(*words); i++) {
			if (strstr(text, words[i]) && strstr(text, wanted)) {
				if (!found++ && bad.said < 5)
					show = 40;
				break;
			}
		}
		if (show > 0 && show--)
			printf("# kmsg: %s\n", text);
	}
	return found;
}

static long long violation(const char *key, long long val)
{
	return strncmp(key, "violation.", 10) ? 0 : val;
}

static long long alive(const char *key, long long val)
{
	if (!strncmp(key, "live.", 5))
		return !!val;
	/* of tracehw */
	return strstr(key, "cpu") && strstr(key, ".enabled") ? val : 0;
}

static long long left_over(const char *key, long long val)
{
	if (alive(key, val))
		printf("# left: %s %lld\n", key, val);
	return 0;
}

static int vmaps(void)
{
	char line[256];
	int n = 0;
	FILE *f = fopen("/proc/vmallocinfo", "r");

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, "spe") || strstr(line, "trbe") || strstr(line, "aux") ||
		     strstr(line, "rb_alloc");
	if (f)
		fclose(f);
	return n;
}

static long long available(const char *key, long long val)
{
	return strcmp(key, "MemAvailable:") ? 0 : val;
}

static long long memory(void)
{
	char key[64], line[128];
	long long val, sum = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lld", key, &val) == 2)
			sum += available(key, val);
	fclose(f);
	return sum;
}

/* How many pages nobody may lock: less than at first, and some are lost */
static int lockable(void)
{
	const char *paranoid = "/proc/sys/kernel/perf_event_paranoid";
	int pipes[2], best = 0, pid, was = get(paranoid);

	if (pipe(pipes))
		return -1;
	put(paranoid, "2");		/* with -1 there is no limit */
	pid = fork();
	if (!pid) {
		struct rlimit none = { 0, 0 };
		struct perf_event_attr attr = {
			.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY,
			.size = sizeof(attr), .exclude_kernel = 1 };
		int fds[256], n = 0;

		setrlimit(RLIMIT_MEMLOCK, &none);
		if (setuid(NOBODY))
			_exit(1);
		/* 1 + 1 pages each, until it is refused */
		for (; n < 256; n++) {
			fds[n] = perf_open(&attr, 0, -1, -1);
			if (fds[n] < 0 || mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE,
					       MAP_SHARED, fds[n], 0) == MAP_FAILED)
				break;
		}
		if (write(pipes[1], &n, sizeof(n)) != sizeof(n))
			_exit(1);
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], &best, sizeof(best)) != sizeof(best))
		best = -1;
	close(pipes[0]);
	waitpid(pid, NULL, 0);
	put(paranoid, "%d", was);
	return best;
}

/* KASAN holds back what was freed, up to 1/32 of the memory (1 GiB here) */
static long long slack(void)
{
	static long long kb;
	char line[256];
	FILE *f;

	if (kb)
		return kb;
	kb = 16384;
	f = fopen("/proc/kallsyms", "r");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, " kasan_quarantine_put\n"))
			kb += 32768;
	if (f)
		fclose(f);
	return kb;
}

static struct {
	int vmaps, lockable;
	long long memory;
} before;

/* With all events closed: is everything back? */
static int check_left(void)
{
	long long n = 0, memory_now;
	int found = 0, locked;

	for (int i = 0; i < 60; i++) {
		n = each_value(MOCK "state", alive) + each_value(DEBUGFS "tracehw/state", alive);
		if (!n && (!before.lockable || vmaps() <= before.vmaps))
			break;
		usleep(50000);
	}
	if (n) {
		each_value(MOCK "state", left_over);
		each_value(DEBUGFS "tracehw/state", left_over);
		found++;
	}
	memory_now = memory();
	if (!before.lockable) {		/* the first time */
		before.vmaps = vmaps();
		before.lockable = lockable();
		before.memory = memory_now;
		return found;
	}
	if (vmaps() > before.vmaps) {
		printf("# left: %d vmapped buffers, %d at first\n", vmaps(), before.vmaps);
		found++;
	}
	locked = before.lockable - lockable();
	if (locked) {			/* not just late? */
		sleep(1);
		locked = before.lockable - lockable();
	}
	if (locked) {
		printf("# left: locked memory: nobody may map %d buffers less than at first\n", locked);
		before.lockable -= locked;
		found++;
	}
	if (memory_now < before.memory - slack()) {
		printf("# left: memory: %lld kB available, %lld at first\n", memory_now, before.memory);
		found++;
	}
	return found;
}

static void show_stack(int pid)
{
	static const char * const files[] = { "status", "wchan", "syscall", "stack" };
	char path[64], line[256];

	for (int i = 0; i < 4; i++) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
		f = fopen(path, "r");
		while (f && fgets(line, sizeof(line), f))
			if (i || strstr(line, "State") || strstr(line, "Cpus_allowed_list"))
				printf("#     %s: %.*s\n", files[i], (int)strcspn(line, "\n"), line);
		if (f)
			fclose(f);
	}
}

static int violations(void)
{
	return each_value(MOCK "state", violation);
}

/* Statistics of the mock, summed over its lives */
static struct { char key[64]; long long sum; } sums[64];
static long long add_up(const char *key, long long val)
{
	int i = 0;

	while (i < 63 && sums[i].key[0] && strcmp(sums[i].key, key))
		i++;
	snprintf(sums[i].key, sizeof(sums[i].key), "%s", key);
	sums[i].sum += val;
	return 0;
}

static long long summed(const char *key)
{
	for (int i = 0; i < 64; i++)
		if (!strcmp(sums[i].key, key))
			return sums[i].sum;
	return 0;
}

static void reload(void)
{
	bad.violations += violations();
	each_value(MOCK "state", add_up);
	if (unload("mockaux")) {
		printf("# mockaux does not unload: %s\n", strerror(errno));
		bad.left++;
	} else {
		load_mock();
	}
}

static void torture(void)
{
	int pids[MAX_WORKERS], all = workers + 1;
	double end = now() + seconds, epoch = now() + 5, moved = now();
	bool ending = false;
	u64 total = 0;

	memset(shared, 0, sizeof(*shared));
	shared->stop = 1;
	set_rate(8000);
	fflush(stdout);
	for (int i = 0; i < all; i++) {
		pids[i] = fork();
		if (!pids[i])
			i < workers ? worker(i) : chaos(i);
	}
	check_left();
	shared->stop = 0;

	while (now() < end && !bad.hangs) {
		u64 sum = 0;
		int idle = 0;

		usleep(100000);
		bad.said += read_kmsg("");
		if (!ending && (violations() || bad.said)) {	/* a moment for what follows from it */
			ending = true;
			end = now() + 1.5;
		}
		for (int i = 0; i < all; i++) {
			idle += shared->idle[i];
			for (int k = 0; k < NR_ALL; k++)
				sum += shared->done[i][k];
		}
		if (sum != total)
			moved = now();
		total = sum;
		if (!shared->stop && now() > epoch)
			shared->stop = 1;
		if (shared->stop && idle == all) {
			bad.left += check_left();
			reload();
			shared->whose = shared->whose == CPUS ? WHOEVER : shared->whose + 1;
			shared->stop = 0;
			moved = now();
			epoch = moved + 5;
		}
		/* a guest with a sanitizer, on a busy host, is as slow as that */
		bad.hangs = now() - moved > 120 || now() - epoch > 180;
	}
	shared->quit = 1;
	for (double begin = now(); now() < begin + 100; usleep(20000)) {
		static bool killed;
		int gone = 0;

		/* Interrupts that take longer than their period starve it: no hang if it can die */
		if (!killed && now() > begin + 40) {
			killed = true;
			for (int i = 0; i < all; i++) {
				if (pids[i]) {
					printf("# process %d is slow in %s\n", i, op_names[shared->doing[i]]);
					kill(pids[i], SIGKILL);
				}
			}
		}
		for (int i = 0; i < all; i++)
			gone += !pids[i] || (waitpid(pids[i], NULL, WNOHANG) == pids[i] && !(pids[i] = 0));
		bad.said += read_kmsg("");
		if (gone == all)
			break;
	}
	for (int i = 0; i < all; i++) {
		if (pids[i]) {
			printf("# process %d hangs in %s\n", i, op_names[shared->doing[i]]);
			show_stack(pids[i]);
			bad.hangs++;
		}
	}
	if (!bad.hangs) {
		bad.left += check_left();
		reload();
	} else {
		bad.violations += violations();
		each_value(MOCK "state", add_up);
	}
	bad.said += read_kmsg("");
}

static void print_sums(void)
{
	printf("# seed %llu, %d s, %d workers, %d CPUs\n# ops done (and successful):",
	       (unsigned long long)seed, seconds, workers, ncpus);
	for (int k = 0; k < NR_ALL; k++) {
		u64 done = 0, good = 0;

		for (int i = 0; i < MAX_WORKERS; i++) {
			done += shared->done[i][k];
			good += shared->good[i][k];
		}
		printf(" %s %llu (%llu)", op_names[k], (unsigned long long)done, (unsigned long long)good);
	}
	printf("\n# mock:");
	for (int i = 0; i < 64 && sums[i].key[0]; i++)
		if (strncmp(sums[i].key, "violation", 9) || sums[i].sum)
			printf(" %s %lld", sums[i].key, sums[i].sum);
	printf("\n");
}

/* ===== Fuzz: short lists of operations, each in a process of its own ===== */

#define LIST 48

/* Run what is marked in use; true if anything is wrong after it */
static bool run_list(const struct op *ops, const bool *use, int uid)
{
	int pid, status;
	bool wrong;
	double limit = now() + 20;

	put(DEBUGFS "clear_warn_once", "1");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct rlimit lock = { 65536, 65536 };

		setpgid(0, 0);
		if (uid) {
			setrlimit(RLIMIT_MEMLOCK, &lock);
			if (setgid(uid) || setuid(uid))
				_exit(1);
		}
		for (int i = 0; i < LIST; i++) {
			if (use[i])
				did(&ops[i], do_op(&ops[i]));
		}
		/* half of them leave it to the kernel to close */
		if (ops[0].c % 2)
			close_all();
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now() > limit) {
			printf("# the process hangs\n");
			show_stack(pid);
			kill(-pid, SIGKILL);
			bad.hangs++;
			return true;
		}
		usleep(500);
	}
	wrong = read_kmsg("") || violations() || check_left();
	if (wrong) {			/* a clean mock for the next */
		bad.violations += violations();
		unload("mockaux");
		load_mock();
		read_kmsg("");
	}
	return wrong;
}

static bool still_wrong(const struct op *ops, const bool *use, int uid)
{
	for (int i = 0; i < 4; i++)
		if (run_list(ops, use, uid))
			return true;
	return false;
}

static void minimise(const struct op *ops, bool *use, int uid)
{
	double limit = now() + 60;
	int n = 0;

	bad.said = 1000;		/* shown already */
	for (int step = LIST / 2; step; step /= 2) {
		for (int at = 0; at < LIST && now() < limit; at += step) {
			bool less[LIST];

			memcpy(less, use, sizeof(less));
			memset(less + at, 0, step < LIST - at ? step : LIST - at);
			if (memcmp(less, use, sizeof(less)) && still_wrong(ops, less, uid))
				memcpy(use, less, sizeof(less));
		}
	}
	for (int i = 0; i < LIST; i++)
		n += use[i];
	printf("# the shortest list that still fails, %d operations:\n", n);
	for (int i = 0; i < LIST; i++)
		if (use[i])
			print_op(&ops[i]);
}

static int fuzz(void)
{
	double end = now() + seconds;
	int i, wrong = 0;

	set_rate(2000);
	check_left();
	for (i = first; i < first + count && now() < end && !wrong; i++) {
		/* in turn: nobody with the default restrictions, nobody without, root */
		static const struct { int uid, paranoid; } who[] = {
			{ NOBODY, 2 }, { NOBODY, -1 }, { 0, 2 } };
		u64 state = seed * 1000003 + i;
		struct op ops[LIST];
		bool use[LIST];
		int w = i % 3;

		for (int k = 0; k < LIST; k++) {
			ops[k] = make_op(&state, 0, NR_OPS);
			use[k] = prefix < 0 || k < prefix;
			/* something to work on */
			if (k < 3)
				ops[k].kind = k;
			ops[k].slot %= 2;
		}
		put("/proc/sys/kernel/perf_event_paranoid", "%d", who[w].paranoid);
		printf("# list %d\n", i);
		if (run_list(ops, use, who[w].uid)) {
			printf("# list %d of seed %llu fails, uid %d, paranoid %d\n", i,
			       (unsigned long long)seed, who[w].uid, who[w].paranoid);
			minimise(ops, use, who[w].uid);
			wrong++;
		}
	}
	each_value(MOCK "state", add_up);
	printf("# %d lists\n", i - first);
	return wrong;
}

/* ===== Verdicts ===== */

static int number, failed;

static void verdict(bool ok, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%sok %d ", ok ? "" : "not ", ++number);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	failed |= !ok;
}

static bool has_violation(const char *name)
{
	char key[64];

	snprintf(key, sizeof(key), "violation.%s", name);
	return summed(key);
}

/* Everything that is watched must be seen when it is there */
static void plants(void)
{
	static const char * const names[] = { "reentry", "order", "late", "victim", "cpu", "paused",
		"session", "runs", "told", "stuck", "gate", "trigger", "restart", "endless",
		"leak", "warn" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (*bug && strcmp(bug, names[i]))
			continue;
		plant = names[i];
		memset(&bad, 0, sizeof(bad));
		memset(sums, 0, sizeof(sums));
		unload("mockaux");
		load_mock();
		put(DEBUGFS "clear_warn_once", "1");
		if (strcmp(plant, "warn"))
			read_kmsg("");
		torture();
		printf("# %s: violations %d, said %d, left %d, hangs %d\n", plant,
		       bad.violations, bad.said, bad.left, bad.hangs);
		if (!strcmp(plant, "leak"))
			verdict(bad.left, "a leak is seen");
		else if (!strcmp(plant, "warn"))
			verdict(bad.said, "a warning is seen");
		else
			verdict(has_violation(plant), "a violation of '%s' is seen", plant);
	}
}

static void judge(void)
{
	bool fuzzing = !strcmp(mode, "fuzz");

	printf("KTAP version 1\n1..%d\n", !strcmp(mode, "torture") ? 5 : fuzzing ? 1 :
	       !strcmp(mode, "plants") ? 16 : 1);
	if (!strcmp(mode, "plants")) {
		plants();
	} else if (!strcmp(mode, "sanitizer")) {
		static const char * const reports[][2] = {
			{ "kasan", "BUG: KASAN: slab-out-of-bounds" }, { "kcsan", "BUG: KCSAN: data-race" },
			{ "lockdep", "WARNING: possible circular locking" },
			{ "atomic-sleep", "BUG: " }, { "ubsan", "UBSAN: shift-out-of-bounds" },
			{ "rt", "BUG: " } };
		const char *wanted = "\a";	/* never said */
		char params[64];

		for (unsigned int i = 0; i < sizeof(reports) / sizeof(*reports); i++)
			if (!strcmp(bug, reports[i][0]))
				wanted = reports[i][1];
		snprintf(params, sizeof(params), "bug=%s", bug);
		load("plant", params);
		usleep(200000);
		verdict(read_kmsg(wanted), "the planted bug '%s' is reported", bug);
	} else if (fuzzing) {
		int wrong = fuzz();

		print_sums();
		verdict(!wrong && !bad.hangs, "no list of operations does harm");
	} else {
		torture();
		print_sums();
		verdict(!bad.violations, "the contract holds");
		verdict(!bad.said, "the kernel says nothing");
		verdict(!bad.left, "nothing is left behind");
		verdict(!bad.hangs, "nothing hangs");
		verdict(summed("throttles") && summed("pauses") && summed("resumes") &&
			(summed("nmi") == 0 || summed("overflows_nmi")),
			"there were throttles, pauses and resumes");
	}
}

/*
 * A task with a cpu-clock that takes longer to overflow than its period does not
 * get on, nor does it die: so many system calls have to fit in between.
 */
static void measure(void)
{
	double begin = now();

	for (int i = 0; i < 1000; i++)
		syscall(SYS_getppid);
	clock_floor = (now() - begin) * 1e6 * 100;
	printf("# cpu-clock: %llu ns at least\n", (unsigned long long)clock_floor);
}

static void setup(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE, .size = sizeof(attr),
					.sample_period = 1000000 };
	struct perf_event_attr dummy = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(dummy),
					 .config = PERF_COUNT_SW_DUMMY };
	char name[64];
	FILE *list;
	int fd;

	if (getpid() == 1) {
		mkdir("/proc", 0755);
		mkdir("/sys", 0755);
		mkdir("/tmp", 0777);
		mount("proc", "/proc", "proc", 0, NULL);
		mount("sys", "/sys", "sysfs", 0, NULL);
		mount("tmp", "/tmp", "tmpfs", 0, NULL);
		mount("debug", DEBUGFS, "debugfs", 0, NULL);
		mount("dev", "/dev", "devtmpfs", 0, NULL);
		list = fopen("/modules/list", "r");
		while (list && fscanf(list, "%63s", name) == 1)
			load(name, "");
		if (list)
			fclose(list);
	}
	/* this program, as root whoever runs it */
	{
		int in = open("/proc/self/exe", O_RDONLY), out = open("/tmp/suid", O_WRONLY | O_CREAT, 0755);
		char buf[65536];
		ssize_t n;

		while ((n = read(in, buf, sizeof(buf))) > 0)
			if (write(out, buf, n) != n)
				break;
		fchmod(out, 04755);
		close(in);
		close(out);
	}
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	read_kmsg("");
	/* Never closed: perf's hooks in the scheduler are not patched again, see README.md */
	if (perf_open(&dummy, 0, -1, -1) < 0)
		printf("# no event to hold: %s\n", strerror(errno));
	load_mock();
	fd = perf_open(&attr, 0, -1, -1);
	have_cycles = fd >= 0;
	close(fd);
	measure();
	ncpus = sysconf(_SC_NPROCESSORS_CONF);
	if (!workers)
		workers = 2 * ncpus;
	if (workers > MAX_WORKERS - 1)
		workers = MAX_WORKERS - 1;
	/* What nobody has locked is forgotten with the last of his processes */
	if (!fork()) {
		if (!setuid(NOBODY))
			for (int parent = getppid(); getppid() == parent; )
				sleep(1);
		_exit(0);
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "--spin")) {
		spin(4);
		return 0;
	}
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *key = argv[i], *val = argv[i + 1];
		static const struct { const char *key; int *val; } numbers[] = {
			{ "--seconds", &seconds }, { "--workers", &workers }, { "--first", &first },
			{ "--count", &count }, { "--prefix", &prefix }, { "--faults", &faults },
			{ "--reregister", &reregister }, { "--remap", &remap },
			{ "--switches", &switches }, { "--alias", &alias },
			{ "--revive", &revive } };

		if (!strcmp(key, "--mode"))
			mode = val;
		else if (!strcmp(key, "--seed"))
			seed = strtoull(val, NULL, 0);
		else if (!strcmp(key, "--plant"))
			plant = val;
		else if (!strcmp(key, "--bug"))
			bug = val;
		else if (!strcmp(key, "--pmus"))
			pmus = val;
		else {
			unsigned int k = 0;

			while (k < sizeof(numbers) / sizeof(*numbers) && strcmp(key, numbers[k].key))
				k++;
			if (k == sizeof(numbers) / sizeof(*numbers)) {
				fprintf(stderr, "torture: unknown argument '%s'\n", key);
				return 2;
			}
			*numbers[k].val = atoi(val);
		}
	}
	setup();
	judge();
	printf("# end\n");
	if (getpid() == 1) {
		fflush(stdout);
		sync();
		reboot(RB_AUTOBOOT);
	}
	return failed;
}
