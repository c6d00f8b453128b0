#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The AUX area is full when the event is scheduled in, as leader of a group or as a
# sibling.  The group does not count without its trace.  It runs again once there is
# room, without being enabled; if it is pinned it has an error that the user can see,
# and wants to be enabled.  The failure of one start does not end the next one.

. "${0%/*}/common"

needs_tool auxunmap
needs_one_pmu arm_spe_0 cs_etm
plan $(($(echo "$pmus" | wc -w) * 22 + 2))
throttle_at 10000
watch_dmesg

# room PMU leader|sibling [pinned]
# shellcheck disable=SC2154
room() {
	what="$1, $2${3:+, $3}"
	filled=0 counted_without_trace=-1 error_read=-1 error_poll=-1
	traced_by_itself=-1 traced_after_that=-1 traced_enabled=-1 traced_enabled_after_that=-1
	see auxunmap "$1" full "$2" ${3:+"$3"}
	check "$what: the AUX area was full" [ "$filled" -gt 0 ]
	check "$what: the group does not count without trace" [ "$counted_without_trace" -eq 0 ]
	if [ -n "${3:-}" ]; then
		check "$what: the user sees an error" [ "$error_read$error_poll" = 11 ]
		check "$what: it stays off until it is enabled" \
			[ "$traced_by_itself$traced_after_that" = 00 ]
	else
		check "$what: there is no error" [ "$error_read$error_poll" = 00 ]
		check "$what: it traces again when there is room" [ "$traced_by_itself" -ge 512 ]
		check "$what: and goes on" [ "$traced_after_that" -ge 512 ]
	fi
	check "$what: it traces when it is enabled, and goes on" \
		[ "$traced_enabled" -ge 512 -a "$traced_enabled_after_that" -ge 512 ]
}

for pmu in $pmus; do
	room "$pmu" leader
	room "$pmu" sibling
	room "$pmu" leader pinned
	room "$pmu" sibling pinned
done
judge_dmesg
finish
