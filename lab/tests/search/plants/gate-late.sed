# SPDX-License-Identifier: GPL-2.0
# plant: the gate is shut after the reasons are read
# in: core-functions.c
# args: -c any -n 2
# found: C[1345]|hw.aux_paused changes
/^static .*void aux_request_\(/,/^}/{
/WRITE_ONCE\(hwc->aux_open, false\)/d
s/WRITE_ONCE\(hwc->aux_paused, /WRITE_ONCE(hwc->aux_open, false); &/
}
