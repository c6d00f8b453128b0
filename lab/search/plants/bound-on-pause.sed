# SPDX-License-Identifier: GPL-2.0
# plant: giving up ahead of a pause, so that the trace runs
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: 
/^static .*void aux_settle_\(/,/^}/{s/if \(!pause && resumes/if (pause \&\& resumes/}
