# SPDX-License-Identifier: GPL-2.0
# plant: what is about to be turned off is resumed
# in: core-functions.c
# args: -c answer -n 2 -r 2
# found: C11: 
/^static .*void aux_request_\(/,/^}/{/if \(READ_ONCE\(event->pending_disable\)\)/{N;d}}
