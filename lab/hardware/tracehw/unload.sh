#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: the reverse of load.sh.  Fails, with a message from rmmod, if a
# module is in use; what came before it stays unloaded.

set -e

case ${1:-} in
"") ;;
-h | --help) echo "usage: unload.sh, in the guest"; exit ;;
*) echo "unload.sh: takes no argument, but got '$1'" >&2; exit 2 ;;
esac

for mod in coresight_trbe coresight_etm4x coresight_tmc coresight_funnel coresight configfs arm_spe_pmu tracehw; do
	if [ -d "/sys/module/$mod" ] && [ -f "/sys/module/$mod/initstate" ]; then
		rmmod "$mod"
	fi
done
