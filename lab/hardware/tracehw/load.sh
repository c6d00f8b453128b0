#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: load.sh DIRECTORY [TRACEHW-PARAMETER...]
#
# Loads the emulated trace hardware from DIRECTORY (all .ko files flat), then
# the drivers for it, each after what it depends on.

set -e

case ${1:-} in
-h | --help) echo "usage: load.sh DIRECTORY [TRACEHW-PARAMETER...], in the guest"; exit ;;
"" | -*) echo "load.sh: needs the directory of the modules" >&2; exit 2 ;;
esac
dir=$1
shift

insmod "$dir/tracehw.ko" "$@"
for mod in arm_spe_pmu configfs coresight coresight-funnel coresight-tmc coresight-etm4x \
	coresight-trbe; do
	if [ -f "$dir/$mod.ko" ]; then
		insmod "$dir/$mod.ko"
	fi
done
