# SPDX-License-Identifier: GPL-2.0
# plant: a request looks, and stores later what both reasons were
# in: core-functions.c
# args: -c any -n 2
# found: C2, C4|C4: .* (is lost|takes effect a second time)|C4: the gate is open, .* nobody looks again
/^static .*void aux_request_\(/,/^}/{s/^\t\*request = value;/\tu16 all = READ_ONCE(hwc->aux_stop_reasons), bits = request == \&hwc->group_throttled ? 0xff : 0xff00;\n\n\tif (request == \&hwc->aux_open)\n\t\t*request = value;\n\telse\n\t\tWRITE_ONCE(hwc->aux_stop_reasons, (all \& ~bits) | (value ? bits \& 0x101 : 0));/}
