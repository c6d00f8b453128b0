# SPDX-License-Identifier: GPL-2.0
# plant: giving up, and telling nobody
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: aux_request\(\) gave up, and user space is not told
/^static .*void aux_give_up\(/,/^}/{s/perf_aux_output_lost\(event\);/;/}
