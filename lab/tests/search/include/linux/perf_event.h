/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stand-ins for what the functions taken from kernel/events/core.c use of the
 * kernel.  Nothing here decides anything: the constants, the fields of AUX area
 * events and is_exclusive_pmu() come from the kernel's own header, and the
 * structures have the fields that are used.
 */
#ifndef _LINUX_PERF_EVENT_H
#define _LINUX_PERF_EVENT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define noinline		__attribute__((noinline))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define __maybe_unused		__attribute__((unused))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

#define smp_wmb()		barrier()
#define smp_rmb()		barrier()
#define barrier()		__asm__ volatile("" ::: "memory")
#define smp_processor_id()	0

void warn(const char *what, const char *file, int line);
#define WARN_ON_ONCE(x)		({ bool _w = (x); if (_w) warn(#x, __FILE__, __LINE__); _w; })

#define lockdep_assert_irqs_disabled()	do { } while (0)
#define lockdep_assert_held(lock)	do { } while (0)

#include "perf-constants.h"

typedef struct { long v; } local64_t;

#define local64_read(l)		((l)->v)
#define local64_set(l, x)	((l)->v = (x))

struct perf_event;

struct pmu {
	const char	*name;
	int		capabilities;
	int		(*add)(struct perf_event *event, int flags);
	void		(*del)(struct perf_event *event, int flags);
	void		(*start)(struct perf_event *event, int flags);
	void		(*stop)(struct perf_event *event, int flags);
	void		*(*setup_aux)(void);
	void		(*start_txn)(struct pmu *pmu, unsigned int flags);
	int		(*commit_txn)(struct pmu *pmu);
	void		(*cancel_txn)(struct pmu *pmu);
};

/* Contexts see each other's accesses to what is before unwatched. */
struct hw_perf_event {
#include "aux-fields.h"		/* those of AUX area events, from the tree */
	int		state;
	u64		interrupts;
	char		unwatched[0];
	u64		sample_period;
	u64		last_period;
	u64		interrupts_seq;
	s64		freq_count_stamp;
	u64		freq_time_stamp;
	local64_t	period_left;
};

struct perf_event {
	/* Written by base operations alone, up to hw */
	enum perf_event_state	state;
	int			oncpu;
	struct hw_perf_event	hw;

	struct pmu			*pmu;
	struct perf_event		*group_leader;
	struct perf_event		*aux_event;
	struct perf_event_context	*ctx;
	struct perf_event_pmu_context	*pmu_ctx;
	struct perf_buffer		*rb;
	struct {
		u64		sample_period, sample_freq;
		unsigned int	freq, exclusive, aux_pause, aux_resume;
	} attr;
	int				active_list;
	unsigned int			pending_wakeup;
	unsigned int			pending_disable;	/* watched, too */
	unsigned int			add_failed_at;
	int				pending_irq;
	int				pending_disable_irq;
	local64_t			count;
};

void perf_aux_release(struct perf_event *event);
#include "aux-inline.h"

#endif
