# SPDX-License-Identifier: GPL-2.0
# plant: aux_request() counts the looks that resume, and no others
# in: core-functions.c
# args: -c kprobes -n 1 -r 4
# found: C11: no end to '.*'
/^static .*void aux_request_\(/,/^}/s/while \(--looks\)/while (reasons || !was || --looks)/
