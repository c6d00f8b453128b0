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
#include "torture.h"

const char *mode = "torture", *plant = "", *bug = "", *pmus = "";
u64 seed = 1;
int seconds = 60, workers, first, count = 1 << 30, prefix = -1, faults = 1;
int reregister, remap, switches, alias, revive;
int ncpus;
bool have_cycles;
u64 clock_floor;		/* ns, of cpu-clock's period */

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
		add_up_mock();
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
	print_mock();
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
	add_up_mock();
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
		forget();
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
	if (argc % 2 == 0) {
		fprintf(stderr, "torture: '%s' needs a value\n", argv[argc - 1]);
		return 2;
	}
	for (int i = 1; i < argc; i += 2) {
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
			char *end;

			while (k < sizeof(numbers) / sizeof(*numbers) && strcmp(key, numbers[k].key))
				k++;
			if (k == sizeof(numbers) / sizeof(*numbers)) {
				fprintf(stderr, "torture: unknown argument '%s'\n", key);
				return 2;
			}
			*numbers[k].val = strtol(val, &end, 0);
			if (!*val || *end) {
				fprintf(stderr, "torture: %s needs a number, but got '%s'\n", key, val);
				return 2;
			}
		}
	}
	/* It takes CPUs down, and there is nothing to see without the mock PMUs */
	if (getpid() != 1 && access("/modules/mockaux.ko", R_OK)) {
		fprintf(stderr, "torture: no /modules/mockaux.ko: run lab/tests/torture/run, which boots a guest\n");
		return 2;
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
