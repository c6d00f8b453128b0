/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stand-ins for what kernel/events/aux_pause.c and the functions taken from
 * kernel/events/core.c use of the kernel.  Nothing here decides anything: the
 * constants come from the kernel's own headers (perf-constants.h is made of
 * them), and the structures have the fields that are used.
 */
#ifndef _LINUX_PERF_EVENT_H
#define _LINUX_PERF_EVENT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t s64;

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define noinline		__attribute__((noinline))
#define __maybe_unused		__attribute__((unused))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* Contexts of one CPU, which nest: atomic is what no other context can split. */
bool try_cmpxchg_local(unsigned int *p, unsigned int *old, unsigned int new);

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
	unsigned int	aux_paused;
	int		state;
	unsigned int	aux_state;
	u64		interrupts;
	char		unwatched[0];
	u64		sample_period;
	s64		freq_count_stamp;
	local64_t	period_left;
};

struct perf_event {
	enum perf_event_state	state;
	int			oncpu;
	struct hw_perf_event	hw;

	struct pmu			*pmu;
	struct perf_event		*group_leader;
	struct perf_event_context	*ctx;
	struct perf_event_pmu_context	*pmu_ctx;
	struct perf_buffer		*rb;
	struct {
		u64		sample_period, sample_freq;
		unsigned int	freq, exclusive;
	} attr;
	int				active_list;
	int				pending_disable;
	local64_t			count;
};

#endif
