#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A trace unit that is to trace with a configuration of cs-syscfg does not start.  The
# module that the configuration came with can be unloaded after that.
#
# machine: juno

. "${0%/*}/common"

devices=/sys/bus/coresight/devices
configs=/sys/kernel/config/cs-syscfg/configurations
module=coresight_cfg_sample
needs_knobs
if [ ! -d $devices/etm1 ] || [ ! -d $devices/tmc_etr0 ]; then
	skip "needs an ETMv4 and a TMC-ETR: TRACE=juno"
fi
grep -q " /sys/kernel/config " /proc/mounts || mount -t configfs none /sys/kernel/config ||
	skip "there is no configfs"
insmod /lib/tracehw/coresight-cfg-sample.ko || skip "needs samples/coresight as a module"
plan 9

put() {
	echo "$1" 2>"$dir/err" >"$2" || { sed 's/^/# /' "$dir/err"; return 1; }
}

fails() {
	! "$@"
}

users() {
	awk -v module=$module '$1 == module { print $3 }' /proc/modules
}

watch_dmesg
echo 1 >$knobs/reset
put 1 $devices/tmc_etr0/enable_sink

check "the configuration is activated" put 1 $configs/autofdo2/enable
check "the trace unit starts with it" put 1 $devices/etm1/enable_source
put 0 $devices/etm1/enable_source
check "disabled: it has its activation only" [ "$(users)" -eq 1 ]

echo 1 >$knobs/ete/stuck_at_start
check "the trace unit does not start" fails put 1 $devices/etm1/enable_source
put 0 $configs/autofdo2/enable
check "deactivated: nobody has the module" [ "$(users)" -eq 0 ]
check "the module can be unloaded" rmmod $module
check "the trace unit starts without it" put 1 $devices/etm1/enable_source
put 0 $devices/etm1/enable_source
put 0 $devices/tmc_etr0/enable_sink
judge_dmesg
finish
