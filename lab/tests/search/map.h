/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrays that grow, and numbers for things
 */
#ifndef MAP_H
#define MAP_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline void *grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = *cap ? 2 * *cap : 16;
	p = realloc(p, *cap * size);
	if (!p) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	return p;
}

/*
 * Numbers for things: (a, b) -> index, exact
 */
struct map {
	struct slot { uint64_t a, b; uint32_t v; } *slot;
	size_t n, size;
};

static inline uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	return x ^ x >> 32;
}

static inline struct slot *map_slot(const struct map *m, uint64_t a, uint64_t b)
{
	size_t i = mix(a ^ mix(b + 0x9e3779b97f4a7c15ull)) & (m->size - 1);

	while (m->slot[i].v && (m->slot[i].a != a || m->slot[i].b != b))
		i = (i + 1) & (m->size - 1);
	return &m->slot[i];
}

static inline uint32_t map_get(const struct map *m, uint64_t a, uint64_t b)
{
	return m->size ? map_slot(m, a, b)->v : 0;
}

/* Where the index + 1 of (a, b) is kept, 0 if it is new */
static inline uint32_t *map_find(struct map *m, uint64_t a, uint64_t b)
{
	struct slot *s;

	if (2 * m->n >= m->size) {
		struct map new = { .n = m->n, .size = m->size ? 2 * m->size : 64 };
		size_t i;

		new.slot = calloc(new.size, sizeof(*new.slot));
		for (i = 0; i < m->size; i++)
			if (m->slot[i].v)
				*map_slot(&new, m->slot[i].a, m->slot[i].b) = m->slot[i];
		free(m->slot);
		*m = new;
	}
	s = map_slot(m, a, b);
	if (!s->v) {
		s->a = a;
		s->b = b;
		m->n++;		/* the caller is about to store to v */
	}
	return &s->v;
}

#endif
