# SPDX-License-Identifier: GPL-2.0
# plant: aux_request() goes on for as long as callbacks request, AUX_MAX_LOOKS of the tree
# in: core-functions.c
# args: -c answer -n 1
# found: C11: .* makes 130 calls to pause and resume in one go
/^static .*void aux_request_\(/,/^}/{s/while \(--looks\)/while (1)/}
