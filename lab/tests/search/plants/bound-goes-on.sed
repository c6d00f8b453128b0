# SPDX-License-Identifier: GPL-2.0
# plant: the last look resumes what is given up
# in: core-functions.c
# args: -c answer -n 1 -r 2
# found: C11: .* makes 3 calls to pause and resume in one go
/^static .*void aux_request_\(/,/^}/{s/reasons \|\| give_up/reasons/}
