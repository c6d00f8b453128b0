# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the lab's scripts share: where things are, how to fail, how to wait.

set -euo pipefail

ME=lab/${0##*/}
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
LAB=$TOP/lab

# misused WHAT: one line, and the exit status of a command that was not understood
misused() {
	echo "$ME: $*, see $ME --help" >&2
	exit 2
}

# The help of each script is its first comment; and no first argument is an option
case ${1:-} in
-h | --help)
	sed -n '4,/^[^#]/{/^#/s/^# \{0,1\}//p}; 4{/^$/d}' "$0"
	exit
	;;
-*)	misused "unknown option '$1'" ;;
esac

# no_arguments "$@": for those that take none
no_arguments() {
	[ $# -eq 0 ] || misused "takes no argument, but got '$1'"
}

# All state is under BUILD.  Downloads serve every kernel; with KERNEL_SRC the
# rest goes to a directory of its own, so that two bases never mix.
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
DL=$BUILD/dl
WORK=$BUILD
if [ -n "${KERNEL_SRC:-}" ]; then
	KERNEL_SRC=$(realpath -m -- "$KERNEL_SRC")
	WORK=$BUILD/local-$(printf %s "$KERNEL_SRC" | sha1sum | cut -c1-8)
fi
export BUILD KERNEL_SRC

# LINUX is the git repository of the kernel (tag "base", one commit) and the work
# tree that is compiled for arm64; the other architectures have a second one, so
# that two kernels can be built at a time.  Refs are switched in place, and make
# rebuilds only what differs.  TREE is the developer's work tree.
LINUX=$WORK/linux
TREE=$WORK/tree

JOBS=${JOBS:-$(nproc)}
export JOBS

# Nothing of the user's git configuration may change an id or a patch; only the
# developer's own commits in TREE use it.
labgit() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
	GIT_COMMITTER_NAME=lab GIT_COMMITTER_EMAIL=lab@localhost \
		git -c safe.directory='*' -c core.autocrlf=false "$@"
}

say() {
	echo "$ME: $*"
}

die() {
	echo "$ME: $*" >&2
	exit 1
}

# lock NAME: one at a time; held until the script ends
lock() {
	mkdir -p "$WORK"
	exec 9>"$WORK/.lock-$1"
	flock -n 9 && return
	say "waiting for another run that holds the lock '$1'"
	flock 9
}

# need_space DIRECTORY GIB PURPOSE
need_space() {
	local free
	free=$(df -Pk "$1" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$free" -ge "$2" ] ||
		die "$3 needs $2 GiB in $1, $free GiB are free: make room or set BUILD= to another disk"
}

# step LOG WHAT COMMAND...: run quietly, show that time passes, keep the log.
# Every line tells how long it took; a failure shows the log's last lines, or
# nothing if tail_lines is 0 and the caller has its own words.
tail_lines=8
step() {
	local log=$1 what=$2 start=$SECONDS rc=0
	shift 2
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 &
	wait_showing $! 15 "$what" || rc=$?
	if [ "$rc" -eq 0 ]; then
		echo "  $what: $((SECONDS - start)) s"
	elif [ "$tail_lines" -gt 0 ]; then
		echo "  $what: FAILED after $((SECONDS - start)) s, log: ${log#"$TOP"/}" >&2
		tail -n "$tail_lines" "$log" | sed 's/^/    | /' >&2
	fi
	return "$rc"
}

# wait_showing PID SECONDS WHAT: wait for a child, with a sign of life every so
# many seconds
wait_showing() {
	local start=$SECONDS next=$((SECONDS + $2))
	while kill -0 "$1" 2>/dev/null; do
		sleep 0.2
		if [ "$SECONDS" -ge "$next" ]; then
			echo "  ... $3, $((SECONDS - start)) s"
			next=$((next + $2))
		fi
	done
	wait "$1"
}

# ref_id REF: the commit, or an error that says so
ref_id() {
	[ -d "$LINUX" ] || die "there is no kernel source yet: run lab/fetch"
	# what series/ holds now, not the branch of make tree
	if [ "$1" = series ]; then
		series_commit
		return
	fi
	labgit -C "$LINUX" rev-parse -q --verify "$1^{commit}" ||
		die "no such commit in ${LINUX#"$TOP"/}: $1"
}

# The patches that belong to this base: series/VERSION.PATCHLEVEL if there is
# one, else the one written first, which then has to apply or say why not.
# SERIES=directory chooses another one.
series_dir() {
	local v
	if [ -n "${SERIES:-}" ]; then
		realpath -- "$SERIES"
		return
	fi
	v=$(labgit -C "$LINUX" show base:Makefile |
	    awk -F' *= *' '$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { print v "." $2; exit }')
	if [ -d "$TOP/series/$v" ]; then
		echo "$TOP/series/$v"
	else
		echo "$TOP/series/7.3"
	fi
}

series_patches() {
	find "$(series_dir)" -maxdepth 1 -name '[0-9][0-9][0-9][0-9]-*.patch' 2>/dev/null | sort
}

# The commit of base and series, made anew from the files
series_commit() {
	local patches
	mapfile -t patches < <(series_patches)
	[ ${#patches[@]} -gt 0 ] || die "there are no patches in $(series_dir)"
	"$LAB/apply" base "${patches[@]}"
}

# with_headers COMMIT: the commit with those headers of the whole series that nearly
# every file of the kernel includes.  What is in them and not in COMMIT's own are
# declarations that its code does not know and does not use, so it is the same kernel
# but need not be built anew from the first file to the last.
wide_headers=(include/linux/perf_event.h include/linux/cpuhotplug.h)
with_headers() {
	local tip tree header
	local -x GIT_INDEX_FILE

	tip=$(series_commit) || return
	GIT_INDEX_FILE=$(mktemp -u "$WORK/index.XXXXXX")
	labgit -C "$LINUX" read-tree "$1" || return
	for header in "${wide_headers[@]}"; do
		labgit -C "$LINUX" update-index --cacheinfo \
			"100644,$(labgit -C "$LINUX" rev-parse "$tip:$header"),$header" || return
	done
	tree=$(labgit -C "$LINUX" write-tree) || return
	rm -f "$GIT_INDEX_FILE"
	if [ "$tree" = "$(labgit -C "$LINUX" rev-parse "$1^{tree}")" ]; then
		labgit -C "$LINUX" rev-parse "$1"
		return
	fi
	labgit -C "$LINUX" log -1 --format=%B "$1" |
		GIT_AUTHOR_NAME=lab GIT_AUTHOR_EMAIL=lab@localhost \
		GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' \
		labgit -C "$LINUX" commit-tree -p "$1" "$tree"
}

# arch_setup ARCH: what differs between the architectures
arch_setup() {
	ARCH=$1
	case $ARCH in
	arm64)	CROSS=aarch64-linux-gnu- KIMAGE=arch/arm64/boot/Image QEMU=qemu-system-aarch64 ;;
	x86_64)	CROSS='' KIMAGE=arch/x86/boot/bzImage QEMU=qemu-system-x86_64 ;;
	powerpc) CROSS=powerpc64le-linux-gnu- KIMAGE=vmlinux QEMU=qemu-system-ppc64 ;;
	# this one is compiled, and not booted
	s390)	CROSS=s390x-linux-gnu- KIMAGE=vmlinux QEMU='' ;;
	*)	die "unknown architecture '$ARCH': arm64 or x86_64" ;;
	esac
	case $(uname -m) in
	aarch64) [ "$ARCH" = arm64 ] && CROSS='' ;;
	esac
	SOURCE=$LINUX
	[ "$ARCH" = arm64 ] || SOURCE=$WORK/linux-second
	export ARCH CROSS KIMAGE QEMU
}

# source_tree: there is the work tree SOURCE, and nobody else switches its ref
source_tree() {
	lock "${SOURCE##*/}"
	if ! [ -e "$SOURCE/.git" ] || ! labgit -C "$SOURCE" rev-parse -q --verify HEAD >/dev/null 2>&1; then
		need_space "$WORK" 3 "a second work tree"
		rm -rf "$SOURCE"
		labgit -C "$LINUX" worktree prune
		labgit -C "$LINUX" worktree add -q --detach "$SOURCE" base
	fi
}

# kmake OBJECT-DIRECTORY TARGET...
#
# To go to another prefix of the series and back touches headers that half of the
# kernel includes: what was compiled before is in the compiler's cache.
kmake() {
	# That of headers alone is the faster way, but arm64 has two kernels that differ in
	# options that few files look at
	[ "$ARCH" = arm64 ] || local -x CCACHE_DEPEND=1

	CCACHE_DIR=$BUILD/ccache CCACHE_MAXSIZE=4G \
	make -s -C "$SOURCE" O="$1" ARCH="$ARCH" CROSS_COMPILE="$CROSS" LOCALVERSION= \
		CC="$LAB/cc ${CROSS}gcc" HOSTCC="ccache gcc" \
		KBUILD_BUILD_TIMESTAMP='2026-01-01' KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab \
		-j"$JOBS" "${@:2}"
}

# kunit_config: what the checked out kernel asks for its KUnit suites
kunit_config() {
	local dir

	for dir in kernel/events drivers/perf drivers/hwtracing/coresight; do
		[[ $ARCH = arm64 || $dir = kernel/* ]] || continue
		cat "$SOURCE/$dir/.kunitconfig" 2>/dev/null || :
	done
	# what ACPI, which the suite of CoreSight wants, stands on
	[ "$ARCH" != arm64 ] || echo CONFIG_EFI=y
}

# config_files [FRAGMENT...]: what a config is made of, the last word last: files,
# and "kunit" for what the kernel itself has
config_files() {
	local fragment base=$LAB/config/$ARCH.config files=()

	for fragment; do
		case $fragment in
		bench)	base=$LAB/config/bench-$ARCH.config ;;
		kunit)	files+=(kunit) ;;
		*)	files+=("$LAB/config/$fragment.config") ;;
		esac
	done
	printf '%s\n' "$base" "${files[@]}"
}

# lab_config OBJECT-DIRECTORY [FRAGMENT...]: the lab's config, with these parts
# of lab/config/ on top; all else is off.  The last word on an option counts.
lab_config() {
	local obj=$1 wanted=$1/wanted.config file miss

	shift
	mkdir -p "$obj"
	config_files "$@" | while read -r file; do
		case $file in
		kunit)	kunit_config ;;
		*)	cat "$file" || return ;;
		esac
	done | awk -F= '/^CONFIG_/ { last[$1] = $0 } END { for (o in last) print last[o] }' | sort >"$wanted"
	cp -p "$obj/.config" "$obj/.config.before" 2>/dev/null || :
	kmake "$obj" KCONFIG_ALLCONFIG="$wanted" allnoconfig || return
	# an equal config keeps its time, and make does not look at it again
	if cmp -s "$obj/.config" "$obj/.config.before"; then
		cp -p "$obj/.config.before" "$obj/.config"
	fi
	miss=$(grep -v '=n$' "$wanted" | grep -vxFf "$obj/.config" || :)
	if [ -n "$miss" ]; then
		echo "options that this kernel does not take:" "$miss"
		return 1
	fi
}

# warnings LOG: those of the compiler, without line numbers, which move
warnings() {
	sed -n 's/^\([^ :]*\):[0-9:]* *\(warning: .*\|error: .*\)/\1: \2/p' "$1" | sort -u
}

need_qemu() {
	local v
	command -v "$QEMU" >/dev/null || die "there is no $QEMU: run lab/install"
	v=$("$QEMU" --version | sed -n '1s/.* version \([0-9]*\.[0-9]*\).*/\1/p')
	[ "$(printf '7.2\n%s\n' "$v" | sort -V | head -n 1)" = 7.2 ] ||
		die "$QEMU is version $v: 7.2 or newer is needed"
}

# own_time SHIFT: to OWN_TIME the arguments of a QEMU whose guest has a time of its
# own: an instruction is 2^SHIFT ns, the CPUs take turns, and neither the clock nor
# the randomness of the host gets in.  A run is then the same on a busy host and on
# an idle one.  "off" leaves the guest in the host's time, with a thread for each CPU.
own_time() {
	OWN_TIME=()
	[ "$1" != off ] || return 0
	OWN_TIME=(-icount "shift=$1,sleep=off" -rtc "base=2026-01-01,clock=vm")
	case $ARCH in
	arm64)	OWN_TIME+=(-machine dtb-randomness=off) ;;
	x86_64)	OWN_TIME+=(-cpu "max,rdrand=off,rdseed=off") ;;
	esac
}

# make_cpio LIST OUTPUT: a guest's root, with the kernel's own tool, as device nodes
# need no root then
make_cpio() {
	local tool=$WORK/guest/gen_init_cpio

	mkdir -p "$WORK/guest"
	if [ ! -x "$tool" ]; then
		gcc -O -o "$tool.$$" "$LINUX/usr/gen_init_cpio.c"
		mv "$tool.$$" "$tool"
	fi
	"$tool" "$1" >"$2"
}

# report pass|fail|skip NAME: one line of results, to the file RESULTS if the
# caller named one
report() {
	echo "  $1: $2"
	[ -z "${RESULTS:-}" ] || printf '%s\t%s\n' "$1" "$2" >>"$RESULTS"
}

# conclude FILE LOG: say what failed, what the KTAP in LOG says before it, and the
# totals; hand on to RESULTS
conclude() {
	[ -z "${RESULTS:-}" ] || cat "$1" >>"$RESULTS"
	echo "${1#"$TOP"/}"
	sed -n 's/^fail\t/failed: /p' "$1"
	# KUnit's KTAP has the kernel's time stamps
	sed 's/\r$//; s/^\[ *[0-9.]*\] //' "$2" | awk '/^ *ok / { n = 0; next }
		/^ *not ok / { for (i = n > 6 ? n - 6 : 0; i < n; i++) print "    | " line[i]
			       print "    | " $0; n = 0; next }
		{ line[n++] = $0 }'
	totals "$1"
}

# complete LOG: without the lines that printk broke off to begin them anew
complete() {
	awk '/^\*\* replaying previous printk message \*\*/ { n = 0; next }
		n { print line }
		{ line = $0; n = 1 }
		END { if (n) print line }' "$1"
}

# results LOG FILE: let the kernel's own parser read the KTAP in LOG; FILE gets
# a case a line: pass, fail or skip, a tab, suite.case
results() {
	PYTHONDONTWRITEBYTECODE=1 python3 "$LINUX/tools/testing/kunit/kunit.py" \
		parse --json="$2.json" <(complete "$1") >"$2.txt" </dev/null || :
	[ -s "$2.json" ] || { tail -n 3 "$2.txt" >&2; return 1; }
	python3 - "$2.json" >"$2" <<-'END'
	import json, sys
	def walk(group, path):
	    for case in group["test_cases"]:
	        status = {"PASS": "pass", "SKIP": "skip"}.get(case["status"], "fail")
	        print(status, ".".join(path + [case["name"] or "planned, and never ran"]), sep="\t")
	    for sub in group["sub_groups"]:
	        walk(sub, path + [sub["name"]])
	walk(json.load(open(sys.argv[1])), [])
	END
	rm "$2.json"
}

# totals FILE...: "N passed, N failed, N skipped"; fails unless some passed and
# none failed
totals() {
	cat "$@" | awk '{ n[$1]++ }
		END { printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skip"]
		      exit !(n["pass"] && !n["fail"]) }'
}
