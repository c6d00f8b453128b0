/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations: what may happen, when, at which rank, in which configuration,
 * and what has to come of it.  search.c says in which order.
 */
#ifndef OPS_H
#define OPS_H

#include "world.h"

/*
 * Ranks: who may interrupt whom
 */
enum {
	TASK, TASK_TP, IRQ, IRQ_TP, NMI, NMI_TP, NMI2, NMI2_TP, NR_RANKS,
	BASE = -1,
};

enum {
	CORE = 1, ANY = 2, GROUP = 4, FOLLOW = 8, TRIGGERS = 16, SOFT = 32, FIXED = 64, OWN = 128,
	ANSWER = 256,
	COUNTERS = GROUP | FOLLOW | TRIGGERS | FIXED,	/* has counters, in their PMU's context */
	PAUSES = CORE | GROUP | FOLLOW | TRIGGERS | SOFT | ANSWER,
	FULL = PAUSES | FIXED | OWN,			/* all of core.c */
};

/* The reasons against tracing */
#define ACTION		1
#define THROTTLE	2
#define ANY_REASON	(ACTION | THROTTLE)

enum effect { MAY, MUST, MUST_IF_ACTIVE, MUST_IF_INACTIVE };

struct op {
	const char	*name;
	void		(*fn)(void);
	unsigned int	configs;
	int		base_rank;	/* at the base: interrupts on or off */
	bool		nests;		/* comes as an interruption, too */
	unsigned int	clear, set;	/* of the reasons, each at most once */
	enum effect	effect;
	enum failure	fail;
	bool		(*enabled)(void);
	int		trips;		/* the event that trips the throttle, + 1 */
};

extern const struct op ops[];
extern const int nr_in_table;

extern unsigned int config;		/* the one that is searched */

bool op_used(const struct op *op);
bool op_enabled(const struct op *op);
const struct op *find_op(const char *name);
bool exclude(const char *name);		/* false if there is none of that name */
bool active(void);			/* the group, that is its leader */

#endif
