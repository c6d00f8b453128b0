# SPDX-License-Identifier: GPL-2.0
# plant: a reason is left behind once the gate is seen to be open
# in: core-functions.c
# args: -c any -n 2
# found: C[14]|the gate
/^static .*void aux_request_\(/,/^}/{
/^\t\*request = value;/d
s/^\tdo \{/\t*request = value;\n&/
}
