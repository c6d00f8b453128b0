# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What it takes to compile a kernel: architectures, work trees, configs.

# arch_setup ARCH: what differs between the architectures
arch_setup() {
	ARCH=$1
	case $ARCH in
	arm64)	CROSS=aarch64-linux-gnu- KIMAGE=arch/arm64/boot/Image QEMU=qemu-system-aarch64 ;;
	x86_64)	CROSS='' KIMAGE=arch/x86/boot/bzImage QEMU=qemu-system-x86_64 ;;
	powerpc) CROSS=powerpc64le-linux-gnu- KIMAGE=vmlinux QEMU=qemu-system-ppc64 ;;
	# these are compiled, and not booted
	s390)	CROSS=s390x-linux-gnu- KIMAGE=vmlinux QEMU='' ;;
	arm)	CROSS=arm-linux-gnueabihf- KIMAGE=vmlinux QEMU='' ;;
	riscv)	CROSS=riscv64-linux-gnu- KIMAGE=vmlinux QEMU='' ;;
	*)	misused "unknown architecture '$ARCH': arm64 or x86_64" ;;
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
		labgit -C "$LINUX" worktree add -q --detach --no-checkout "$SOURCE" base
		elsewhere | labgit -C "$SOURCE" sparse-checkout set --no-cone --stdin
		labgit -C "$SOURCE" checkout -q
	fi
}

# Patterns for a work tree without what no kernel of the lab is made from: half of the
# files.  Kconfig and Makefiles are read all the same.
elsewhere() {
	echo '/*'
	printf '!/%s/\n' Documentation sound tools/{perf,testing} arch/{arm,arm64}/boot/dts \
		arch/{alpha,arc,csky,hexagon,loongarch,m68k,microblaze,mips,nios2,openrisc,parisc,sh,sparc,xtensa} \
		drivers/{accel,gpu,iio,infiniband,media,net,scsi,staging,usb}
	printf '%s\n' '/drivers/net/*.c' 'Kconfig*' Makefile Kbuild
}

# kmake OBJECT-DIRECTORY TARGET...; COMPILER is another one than gcc
#
# To go to another prefix of the series and back touches headers that half of the
# kernel includes: what was compiled before is in the compiler's cache.
kmake() {
	CCACHE_DIR=$BUILD/ccache CCACHE_MAXSIZE=4G CCACHE_DEPEND=1 \
	make -s -C "$SOURCE" O="$1" ARCH="$ARCH" CROSS_COMPILE="$CROSS" LOCALVERSION= \
		CC="$LAB/kernel/cc ${COMPILER:-${CROSS}gcc}" HOSTCC="ccache gcc" \
		KBUILD_BUILD_TIMESTAMP='2026-01-01' KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab \
		-j"$JOBS" "${@:2}"
}

# kunit_config: what the checked out kernel asks for its KUnit suites.  That of CoreSight
# wants ACPI for a driver that is content with COMPILE_TEST.
kunit_config() {
	local dir

	for dir in kernel/events drivers/perf drivers/hwtracing/coresight; do
		[[ $ARCH = arm64 || $dir = kernel/* ]] || continue
		cat "$SOURCE/$dir/.kunitconfig" 2>/dev/null || :
	done | sed 's/^CONFIG_ACPI=y/CONFIG_COMPILE_TEST=y/'
}

# config_files [FRAGMENT...]: what a config is made of, the last word last: files,
# and "kunit" for what the kernel itself has
config_files() {
	local fragment base=$LAB/kernel/config/$ARCH.config files=()

	for fragment; do
		case $fragment in
		bench)	base=$LAB/kernel/config/bench-$ARCH.config ;;
		kunit)	files+=(kunit) ;;
		*)	files+=("$LAB/kernel/config/$fragment.config") ;;
		esac
	done
	printf '%s\n' "$base" "${files[@]}"
}

# lab_config OBJECT-DIRECTORY [FRAGMENT...]: the lab's config, with these parts
# of lab/kernel/config/ on top; all else is off.  The last word on an option counts.
lab_config() {
	local obj=$1 wanted=$1/wanted.config file miss

	shift
	mkdir -p "$obj"
	config_files "$@" | while read -r file; do
		case $file in
		kunit)	kunit_config ;;
		*)	cat "$file" || return ;;
		esac
	done | if grep -q '^config PROC_SYSCTL' "$SOURCE/fs/proc/Kconfig"; then
		# what 6.12 calls it
		sed 's/^CONFIG_SYSCTL=/CONFIG_PROC_SYSCTL=/'
	else
		cat
	fi | awk -F= '/^CONFIG_/ { last[$1] = $0 } END { for (o in last) print last[o] }' | sort >"$wanted"
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
