// SPDX-License-Identifier: GPL-2.0
/*
 * Torture: what is watched, in the log, in the mock, and once all events are closed
 */
#include "torture.h"

struct bad bad;
int kmsg = -1;

/* What the kernel says that it should not, or just what is wanted; shows the first lines */
int read_kmsg(const char *wanted)
{
	static const char * const words[] = {
#include "complaints.h"
	};
	/* the functions whose races count, see lab/lib/guest.sh */
	static const char * const ours[] = {
#include "races.h"
	};
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

long long violation(const char *key, long long val)
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
int check_left(void)
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

void show_stack(int pid)
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

int violations(void)
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

void add_up_mock(void)
{
	each_value(MOCK "state", add_up);
}

void forget(void)
{
	memset(&bad, 0, sizeof(bad));
	memset(sums, 0, sizeof(sums));
}

void print_mock(void)
{
	printf("\n# mock:");
	for (int i = 0; i < 64 && sums[i].key[0]; i++)
		if (strncmp(sums[i].key, "violation", 9) || sums[i].sum)
			printf(" %s %lld", sums[i].key, sums[i].sum);
	printf("\n");
}

long long summed(const char *key)
{
	for (int i = 0; i < 64; i++)
		if (!strcmp(sums[i].key, key))
			return sums[i].sum;
	return 0;
}

void reload(void)
{
	bad.violations += violations();
	add_up_mock();
	if (unload("mockaux")) {
		printf("# mockaux does not unload: %s\n", strerror(errno));
		bad.left++;
	} else {
		load_mock();
	}
}
