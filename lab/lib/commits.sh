# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# From a ref, or from the files of series/, to a commit.

# ref_id REF: the commit, or an error that says so
ref_id() {
	[ -d "$LINUX" ] || die "there is no kernel source yet: run lab/source/fetch"
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
	"$LAB/source/apply" base "${patches[@]}"
}

# code_of COMMIT: all that a kernel is made from, without the comments of what the series changes
code_of() {
	local path

	labgit -C "$LINUX" ls-tree base | grep -v '[[:blank:]]\(tools\|Documentation\)$'
	labgit -C "$LINUX" diff --name-only --no-renames base "$1" -- . ':!tools' ':!Documentation' |
		while read -r path; do
			echo "$path"
			# it is gone if it is in the base only
			labgit -C "$LINUX" cat-file -e "$1:$path" 2>/dev/null || continue
			case $path in
			*.[ch])	labgit -C "$LINUX" show "$1:$path" | gcc -fpreprocessed -dD -E -P -w -x c - ;;
			*)	labgit -C "$LINUX" show "$1:$path" ;;
			esac || return
		done
}

# state_of COMMIT: which series, kernel and tools something was seen with, as hashes of all
# patches, of what a kernel is made from, and of tools/: a changelog or a comment that is
# reworded does not make another kernel
state_of() {
	local patches code

	mapfile -t patches < <(series_patches)
	code=$(code_of "$1" | sha1sum) || return
	printf 'series %.12s kernel %.12s tools %.12s\n' "$(cat "${patches[@]}" | sha1sum)" \
		"$code" "$(labgit -C "$LINUX" rev-parse "$1:tools")"
}

# What somebody may want of the series: all of it, the least, or a subsystem
takes='all least core spe coresight powerpc'
known_take() {
	[[ " $takes " = *" $1 "* ]] || misused "unknown TAKE '$1': one of $takes"
}

# subject PATCH: without [PATCH 1/2], in one line
subject() {
	sed -n '/^Subject: /{:a;N;/\n[ \t]/{s/\n[ \t]*/ /;ba};s/\n.*//;s/^Subject: \(\[[^]]*\] *\)\{0,1\}//;p;q}' "$1"
}

# wanted TAKE SUBJECT: is it one of these?  That goes by titles: numbers change.
wanted() {
	local part=other

	case $2 in
	'perf: arm_spe: '* | 'perf docs: arm_spe: '*) part=spe ;;
	'coresight: '*) part=coresight ;;
	powerpc*) part=powerpc ;;
	'perf: '*) part=core ;;
	esac
	case $1 in
	all)	true ;;
	least)	[ "$2" = 'perf: Do not warn when an aux-action outlives its AUX area event' ] ||
		[ "$2" = 'perf: Leave AUX area events out of the throttle of their group' ] ;;
	spe | coresight) [ "$part" = "$1" ] || [ "$part" = core ] ;;
	*)	[ "$part" = "$1" ] ;;
	esac
}

# at_lab COMMAND...: git, whose new commits have an id that depends on their contents alone
at_lab() {
	GIT_AUTHOR_NAME=lab GIT_AUTHOR_EMAIL=lab@localhost \
	GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' \
		labgit -C "$LINUX" "$@"
}

# picked START COMMIT...: the commit START with what these change on top, as git
# cherry-pick makes it, but without a work tree, whose index takes longer than all else
picked() {
	local head=$1 commit ancestor ours theirs tree

	for commit in "${@:2}"; do
		if [ "$(labgit -C "$LINUX" rev-parse "$commit^")" = "$head" ]; then
			head=$commit
			continue
		fi
		# git merge-tree finds the common ancestor by itself, so let there be one
		ancestor=$(at_lab commit-tree -m ancestor "$commit^^{tree}") &&
		ours=$(at_lab commit-tree -m ours -p "$ancestor" "$head^{tree}") &&
		theirs=$(at_lab commit-tree -m theirs -p "$ancestor" "$commit^{tree}") || return
		tree=$(labgit -C "$LINUX" merge-tree --write-tree "$ours" "$theirs") || {
			echo "'$(labgit -C "$LINUX" log -1 --format=%s "$commit")' does not fit there" >&2
			return 1
		}
		head=$(labgit -C "$LINUX" log -1 --format=%B "$commit" | at_lab commit-tree -p "$head" "$tree") || return
	done
	echo "$head"
}

# with_headers COMMIT: the commit with those headers of the whole series that nearly
# every file of the kernel includes.  What is in them and not in COMMIT's own are
# declarations that its code does not know and does not use, so it is the same kernel
# but need not be built anew from the first file to the last.
wide_headers=(include/linux/perf_event.h include/linux/cpuhotplug.h)
with_headers() {
	local tip header blob tree="$1^{tree}"

	tip=$(series_commit) || return
	for header in "${wide_headers[@]}"; do
		blob=$(labgit -C "$LINUX" rev-parse "$tip:$header") &&
		tree=$(with_blob "$(labgit -C "$LINUX" rev-parse "$tree")" "$header" "$blob") || return
	done
	if [ "$tree" = "$(labgit -C "$LINUX" rev-parse "$1^{tree}")" ]; then
		labgit -C "$LINUX" rev-parse "$1"
		return
	fi
	labgit -C "$LINUX" log -1 --format=%B "$1" | at_lab commit-tree -p "$1" "$tree"
}

# with_blob TREE FILE BLOB: the tree with this for the file that it has.  An index of the
# whole kernel takes seconds.
with_blob() {
	local blob=$3

	[[ $2 != */* ]] ||
		blob=$(with_blob "$(labgit -C "$LINUX" rev-parse "$1:${2%%/*}")" "${2#*/}" "$3") || return
	labgit -C "$LINUX" ls-tree "$1" |
		awk -F '\t' -v name="${2%%/*}" -v id="$blob" '$2 == name { sub(/[0-9a-f]+\t/, id "\t") } 1' |
		labgit -C "$LINUX" mktree
}

# checkpatch FILE [TYPE...]: what checkpatch.pl --strict says of a patch, but for messages
# of these types, and what it cannot know here:
#   UNKNOWN_COMMIT_ID	the lab's repository has no history to look commits up in
#   FILE_PATH_CHANGES	the directories are in MAINTAINERS with all their files
#	asm/nmi.h		linux/nmi.h includes it with some configs only, with ACPI
#				for one, as checkpatch takes for granted
#	ExTRE			the architecture's spelling
#	volatile		what a tracepoint's probe has to look like
# Its helper in Python needs Debian's modules, thus Debian's Python.
checkpatch() {
	for_checkpatch "$1" | checkpatch_pl "${*:2}" --quiet -
}

for_checkpatch() {
	sed 's,^+#include <asm/nmi\.h>,+#include <linux/nmi.h>,; s/TRFCR_EL1_ExTRE/TRFCR_EL1_EXTRE/
	     s/u8 width, volatile void __iomem/u8 width, void __iomem/' "$1"
}

# checkpatch_pl "TYPE..." OPTION... FILE...
checkpatch_pl() {
	local ignored="UNKNOWN_COMMIT_ID,FILE_PATH_CHANGES${1:+,${1// /,}}"

	shift
	(cd "$LINUX" && PATH=/usr/bin:$PATH perl scripts/checkpatch.pl --strict --show-types \
		--ignore "$ignored" "$@")
}
