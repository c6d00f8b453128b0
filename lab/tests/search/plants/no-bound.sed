# SPDX-License-Identifier: GPL-2.0
# plant: aux_request() goes on for as long as callbacks request
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: .* calls to pause and resume in one go
/^static .*void aux_request_\(/,/^}/{s/while \(--looks\)/while (1)/}
