# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What all of the lab's commands share: where things are, how to fail, how to wait.
# What they share by theme is beside it.

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
LAB=$TOP/lab
ME=$(realpath -- "$0")
ME=${ME#"$TOP"/}

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

# All state is under BUILD.  Downloads serve every kernel; with KERNEL_SRC, or with a
# BASE other than the series' own, the rest goes to a directory of its own, so that two
# bases never mix.
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
DL=$BUILD/dl
WORK=$BUILD
[ -z "${BASE:-}" ] || [ -z "${KERNEL_SRC:-}" ] ||
	misused "BASE=$BASE and KERNEL_SRC=$KERNEL_SRC both name a kernel: leave one out"
[[ ${BASE:-7.3} =~ ^[0-9]+\.[0-9]+$ ]] || misused "BASE=$BASE is not a version such as 7.2"
[ "${BASE:-7.3}" = 7.3 ] || WORK=$BUILD/base-$BASE
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

# Debian's Python goes before one of the user's own, which has no modules of Debian's and
# may be a shim that takes a second to start.  What is before that in PATH stays there.
rest=$PATH: path=
while [ -n "$rest" ] && [ -x /usr/bin/python3 ]; do
	entry=${rest%%:*} rest=${rest#*:}
	if [ -x "$entry/python3" ]; then
		[ "$entry/python3" -ef /usr/bin/python3 ] ||
			PATH=$path${path:+:}/usr/bin:$entry${rest:+:${rest%:}}
		break
	fi
	path+=${path:+:}$entry
done
unset rest path entry

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
	wait_showing $! "$what" || rc=$?
	if [ "$rc" -eq 0 ]; then
		echo "  $what: $((SECONDS - start)) s"
	elif [ "$tail_lines" -gt 0 ]; then
		echo "  $what: FAILED after $((SECONDS - start)) s, log: ${log#"$TOP"/}" >&2
		tail -n "$tail_lines" "$log" | sed 's/^/    | /' >&2
	fi
	return "$rc"
}

# wait_showing PID WHAT: wait for a child, with a sign of life: a line that moves on a
# terminal, a line per minute in a log
silence=
wait_showing() {
	local start=$SECONDS every=60 end='\n' next

	[ ! -t 1 ] || every=1 end='\r'
	next=$((start + every))
	# nothing ever comes from there: a sleep that is no process
	[ -n "$silence" ] || exec {silence}<> <(:)
	while kill -0 "$1" 2>/dev/null; do
		read -rt 0.2 -u "$silence" || :
		if [ "$SECONDS" -ge "$next" ]; then
			printf "  ... %s, %s s$end" "$2" $((SECONDS - start))
			next=$((next + every))
		fi
	done
	# nothing is left of the line
	[ ! -t 1 ] || printf '\033[K'
	wait "$1"
}

for theme in commits kernel guest results; do
	# shellcheck source=/dev/null
	. "$LAB/lib/$theme.sh"
done
