// SPDX-License-Identifier: GPL-2.0
/*
 * Torture: what is done, at random, by workers and by the one that changes the environment
 */
#include "torture.h"

const char * const op_names[NR_ALL] = { OPS(NAME) CHAOS(NAME) };
static const int op_weights[] = { OPS(WEIGHT) CHAOS(WEIGHT) };

struct shared *shared;

struct op make_op(u64 *state, int from, int to)
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

void did(const struct op *op, bool good)
{
	shared->done[me][op->kind]++;
	shared->good[me][op->kind] += good;
}

int pmu_type(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "%s/type", name);
	return get(path);
}

int perf_open(struct perf_event_attr *attr, int pid, int cpu, int group)
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
	u32 a = op->a;
	bool leader_first;

	/* the order of all of it: what is mapped first or last, leader first or last */
	if (pick(&a, 2))
		do_unmap_aux(s);
	if (pick(&a, 2))
		do_unmap(s);
	leader_first = pick(&a, 2);
	for (int i = 0; i < s->n; i++)
		close(s->fd[leader_first ? i : s->n - 1 - i]);
	do_unmap(s);
	do_unmap_aux(s);
	if (!s->n)
		return false;
	memset(s, 0, sizeof(*s));
	return true;
}

static bool do_map(struct slot *s, const struct op *op)
{
	u32 a = op->a, b = op->b;
	size_t size = 4096 + (4096UL << pick(&a, 4));
	int fd;
	void *p;

	/* 7.3 charges a buffer again that is mapped again: see README.md */
	if (!s->n || s->base || (s->aux && !remap))
		return false;
	fd = s->fd[pick(&b, 8) ? 0 : pick(&a, s->n)];
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return false;
	s->base = p;
	s->base_size = size;
	s->sibling = fd != s->fd[0];
	/* the others' samples go there, too */
	if (pick(&b, 2))
		for (int i = 1; i < s->n; i++)
			ioctl(s->fd[i], PERF_EVENT_IOC_SET_OUTPUT, fd);
	return true;
}

static bool do_map_aux(struct slot *s, const struct op *op)
{
	struct perf_event_mmap_page *page = (void *)s->base;
	u32 a = op->a, b = op->b;
	size_t size = 4096UL << (pick(&a, 16) ? pick(&a, 4) : 5);
	void *p;

	/* 7.3 counts the mappings of the first event from 0 then: see README.md */
	if (!s->base || s->aux || (s->sibling && !alias))
		return false;
	page->aux_offset = s->base_size;
	page->aux_size = size;
	/* read-only is overwrite mode */
	p = mmap(NULL, size, PROT_READ | (pick(&b, 4) ? PROT_WRITE : 0), MAP_SHARED,
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

	sib.disabled = pick(&t, 8) == 0;
	sib.enable_on_exec = 0;
	sib.aux_watermark = 0;
	sib.context_switch = 0;
	sib.config = 0;
	set_aux_action(&sib, (u32 []){ AUX_PAUSE, AUX_RESUME, 0 }[pick(&t, 3)]);
	sib.sample_period = periods[pick(&t, 5)];
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
		sib.config = pick(&t, 4) ? 0 : 2;
	}
	if (pick(&t, 16) == 0) {
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
	u32 r = op->a, q = op->b, first_pmu = pick(&r, NR_AUX_PMUS);
	u64 more = op->c;
	const char *pmu;
	int pid, cpu, type = -1, siblings = pick(&q, MAX_FDS), counter = pick(&q, 3);

	if (s->n)
		return false;
	for (int i = 0; i < NR_AUX_PMUS && type < 0; i++) {
		pmu = aux_pmus[(first_pmu + i) % NR_AUX_PMUS];
		type = *pmus && !strstr(pmus, pmu) ? -1 : pmu_type(pmu);
	}
	if (type < 0)
		return false;

	memset(&attr, 0, sizeof(attr));
	attr.size = 136;
	attr.type = type;
	attr.config = !strncmp(pmu, "mock", 4) ? pick(&r, 4) == 0 : 0;
	attr.sample_period = strcmp(pmu, "arm_spe_0") ? 1 + pick(&r, 4096) : 4096;
	if (!strcmp(pmu, "cs_etm"))
		attr.sample_period = 1;
	attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU;
	attr.read_format = pick(&r, 2) ? PERF_FORMAT_GROUP | PERF_FORMAT_ID : 0;
	attr.disabled = pick(&r, 4) == 0;
	attr.inherit = pick(&r, 4) != 0;
	attr.inherit_stat = pick(&r, 4) == 0;
	attr.enable_on_exec = pick(&r, 4) == 0;
	attr.exclude_kernel = geteuid() ? pick(&r, 8) != 0 : pick(&r, 4) == 0;
	attr.watermark = 1;
	attr.wakeup_watermark = 64;
	attr.aux_watermark = pick(&q, 2) ? 4096 : 0;
	attr.context_switch = pick(&q, 2);
	if (attr.inherit && attr.read_format & PERF_FORMAT_GROUP)
		attr.read_format = 0;
	if (pick(&q, 3) == 0)
		set_aux_action(&attr, AUX_START_PAUSED);

	/* this task anywhere; this task on a CPU; all tasks on a CPU */
	pid = pick(&q, 4) ? 0 : -1;
	if (shared->whose)
		pid = shared->whose == CPUS ? -1 : 0;
	cpu = pid < 0 || pick(&q, 3) == 0 ? (int)pick(&q, ncpus) : -1;
	/* The last context switch of a CPU that goes down wakes up nobody, see README.md */
	if (pid < 0 && !switches)
		attr.context_switch = 0;
	if (pid == 0 && cpu == -1 && pick(&q, 2))
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
		open_sibling(s, next(&more));
	/* of no use without its buffers, most of the time */
	if (next(&more) % 4) {
		struct op map = { .a = next(&more), .b = next(&more) | 1 };

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

void spin(u32 a)
{
	u32 loops = 500 << pick(&a, 6);

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
	u64 more = op->a;
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
		spin(next(&more));
		usleep(op->c % 300);
	}
	_exit(0);
}

bool do_op(const struct op *op)
{
	struct slot *s = &slots[op->slot % SLOTS];
	u32 a = op->a, b = op->b, c = op->c;
	int fd = s->n ? s->fd[pick(&b, s->n)] : -1;
	int group = pick(&c, 2) ? PERF_IOC_FLAG_GROUP : 0;
	struct slot *other;
	u64 period;
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
		return open_sibling(s, a);
	case OP_map:		return do_map(s, op);
	case OP_map_aux:	return do_map_aux(s, op);
	case OP_unmap:		return do_unmap(s);
	case OP_unmap_aux:	return do_unmap_aux(s);
	case OP_close:		return do_close(s, op);
	case OP_period:
		period = pick(&a, 8) ? 500 : 50000;
		period += pick(&a, 20000);
		return !ioctl(fd, PERF_EVENT_IOC_PERIOD, &period);
	case OP_enable:		return !ioctl(fd, PERF_EVENT_IOC_ENABLE, group);
	case OP_disable:	return !ioctl(fd, PERF_EVENT_IOC_DISABLE, group);
	case OP_refresh:	return !ioctl(fd, PERF_EVENT_IOC_REFRESH, 1 + pick(&a, 20));
	case OP_reset:		return !ioctl(fd, PERF_EVENT_IOC_RESET, group);
	case OP_set_output:
		other = &slots[pick(&a, SLOTS)];
		return !ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT,
			      pick(&c, 3) && other->n ? other->fd[0] : pick(&c, 5) ? s->fd[0] : -1);
	case OP_set_filter:
		snprintf(buf, sizeof(buf), pick(&a, 2) ? "filter 0x%x/0x1000" : "start 0x%x",
			 op->b & 0xfffff0);
		return s->n && !ioctl(s->fd[0], PERF_EVENT_IOC_SET_FILTER, buf);
	case OP_pause_output:	return !ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, pick(&a, 2));
	case OP_read:		return read(fd, buf, sizeof(buf)) > 0;
	case OP_drain:		return do_drain(s);
	case OP_migrate:
		CPU_ZERO(&set);
		CPU_SET(pick(&a, ncpus), &set);
		if (pick(&b, 4) == 0)
			memset(&set, 0xff, sizeof(set));
		return !sched_setaffinity(0, sizeof(set), &set);
	case OP_fork:
	case OP_exec:
	case OP_exec_suid:	return do_child(op);
	case OP_thread:
		if (pthread_create(&id, NULL, thread, (void *)(uintptr_t)a))
			return false;
		spin(b);
		return !pthread_join(id, NULL);
	case OP_prctl:
		prctl(PR_TASK_PERF_EVENTS_DISABLE);
		spin(pick(&a, 4));
		return !prctl(PR_TASK_PERF_EVENTS_ENABLE);
	case OP_spin:		spin(a); return true;
	case OP_sleep:		usleep(pick(&a, 2000)); return true;
	}
	return false;
}

void print_op(const struct op *op)
{
	printf("#   { %s, slot %u, 0x%08x, 0x%08x, 0x%08x }\n", op_names[op->kind],
	       op->slot % SLOTS, op->a, op->b, op->c);
}

void close_all(void)
{
	for (int i = 0; i < SLOTS; i++)
		do_close(&slots[i], &(struct op){ .a = i });
}

void worker(int id)
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

/* ===== The ground moves ===== */

bool set_rate(int rate)
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

void chaos(int id)
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
