# SPDX-License-Identifier: GPL-2.0
# plant: the gate opens, and nobody looks again
# in: core-functions.c
# args: -c any -n 2
# found: C4: the gate is open, .* nobody looks again
/^static .*void aux_request_\(/,/^}/{s/if \(likely\(!READ.*$/if (1)/}
