# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What it takes to boot a kernel in QEMU.

need_qemu() {
	local v
	command -v "$QEMU" >/dev/null || die "there is no $QEMU: run lab/source/install"
	v=$("$QEMU" --version | sed -n '1s/.* version \([0-9]*\.[0-9]*\).*/\1/p')
	[ "$(printf '7.2\n%s\n' "$v" | sort -V | head -n 1)" = 7.2 ] ||
		die "$QEMU is version $v: 7.2 or newer is needed"
}

# QEMU's -icount shift unless ICOUNT says otherwise: 4 ns for an instruction.  What is
# slower or faster than this says why.
PACE=2

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

# complaints_h DIRECTORY: what the kernel may not say, for C, to complaints.h
complaints_h() {
	sed 's/.*/"&",/' "$LAB/tests/scenarios/complaints" >"$1/complaints.h"
}

# KCSAN knows of races all over perf.  Those count that are in the functions of core.c
# which pause and resume, and in those that aux_enter() and the like are inlined into:
# a report names what is left after that.
RACING=(aux_request perf_aux_release perf_event_throttle_group perf_event_unthrottle_group
	start_unthrottled event_sched_in event_sched_out __perf_event_stop
	__perf_event_period __perf_event_overflow)

# are_there IMAGE NAME...: functions of this kernel, which the compiler has not inlined
are_there() {
	local image=$1 name
	shift
	for name; do
		grep -qE " [tT] $name(\.[a-z0-9.]+)?\$" "$image/System.map" || die "there is no function $name in ${image##*/}: mend RACING in lab/lib/guest.sh"
	done
}
