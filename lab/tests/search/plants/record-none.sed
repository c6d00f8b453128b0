# SPDX-License-Identifier: GPL-2.0
# plant: only leaders record a throttle
# in: core-functions.c
# args: -c follow -n 2 -d 2
# found: a throttle with 0 records of a sibling that is paused|a throttle is not recorded
/^static .*bool records_throttle\(/,/^}/s/return aux_can_pause\(event\)/return event == leader \&\& aux_can_pause(event)/
