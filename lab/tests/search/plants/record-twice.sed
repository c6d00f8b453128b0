# SPDX-License-Identifier: GPL-2.0
# plant: a sibling that is paused records each throttle of its group, not each pause
# in: core-functions.c
# args: -c follow -n 2 -d 3
# found: [0-9]+ throttles are recorded
/^static .*void aux_throttle\(/,/^}/{/== throttle\)/,/return;/d}
