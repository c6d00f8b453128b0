/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the modules use and 6.12 does not have, for lab/kernel/build to include in front of
 * them there.  Macros only: pr_fmt() is not defined yet.
 */
#define us_to_ktime(us)		ns_to_ktime((u64)(us) * NSEC_PER_USEC)

#define hrtimer_setup(timer, fn, clock, mode)		\
do {							\
	struct hrtimer *__timer = (timer);		\
							\
	hrtimer_init(__timer, clock, mode);		\
	__timer->function = (fn);			\
} while (0)

#define TRFCR_EL1_E0TRE		TRFCR_ELx_E0TRE
#define TRFCR_EL1_ExTRE		TRFCR_ELx_ExTRE
#define TRFCR_EL1_TS_MASK	TRFCR_ELx_TS_MASK
