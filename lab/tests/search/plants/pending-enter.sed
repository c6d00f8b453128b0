# SPDX-License-Identifier: GPL-2.0
# plant: what is about to be turned off comes up running
# in: core-functions.c
# args: -c answer -n 2 -r 2
# found: C11: 
/^static .*void aux_enter\(/,/^}/{s/ \| READ_ONCE\(event->pending_disable\)//}
