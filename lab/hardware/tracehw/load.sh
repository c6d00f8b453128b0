#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: load.sh DIRECTORY [TRACEHW-PARAMETER...]
#
# Loads the emulated trace hardware from DIRECTORY (all .ko files flat), then
# the drivers for it, each after what it depends on.

set -e

dir=${1:?directory of the modules}
shift

insmod "$dir/tracehw.ko" "$@"
for mod in arm_spe_pmu configfs coresight coresight-funnel coresight-tmc coresight-etm4x \
	coresight-trbe; do
	if [ -f "$dir/$mod.ko" ]; then
		insmod "$dir/$mod.ko"
	fi
done
