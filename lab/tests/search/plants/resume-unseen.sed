# SPDX-License-Identifier: GPL-2.0
# plant: nobody looks whether the PMU has resumed
# in: core-functions.c
# args: -c core -n 2
# found: C1: an event that did not resume is not turned off|perf_aux_resume, and it does not run
/^static .*void aux_request_\(/,/^}/{s/unlikely\(hwc->state & PERF_HES_STOPPED\)/0/}
