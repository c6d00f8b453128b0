# SPDX-License-Identifier: GPL-2.0
# plant: giving up, and resuming once more
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: |perf_aux_resume
/^static .*void aux_request_\(/,/^}/{/perf_event_disable_inatomic\(event\);/{n;d}}
