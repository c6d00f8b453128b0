# SPDX-License-Identifier: GPL-2.0
# plant: a full callback opens the gate, and nobody looks
# in: core-functions.c
# args: -c core -n 2
# found: C4: the gate is open, .* nobody looks again
/^static .*void aux_leave\(/,/^}/{s/aux_request\(event, &event->hw.aux_open, true\)/event->hw.aux_open = true/}
