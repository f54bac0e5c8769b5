/* A set of numbers as ranges: bytes or packets that arrived, or that are acknowledged. */
#ifndef MODELS_TRANSPORT_RANGES_H
#define MODELS_TRANSPORT_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t start, end; /* [start, end) */
};

/* All zeros is the empty set. */
struct ranges {
    struct range *items; /* ascending, disjoint, not touching */
    uint32_t count, capacity;
    uint64_t floor; /* numbers below it count as there (ranges_forget) */
};

void ranges_clear(struct ranges *ranges);
/* The first range that ends at or after `number`. */
uint32_t ranges_find(const struct ranges *ranges, uint64_t number);
/* Adds a range that is not empty. Gives how many of its numbers are new, and in `merged`, unless it
 * is NULL, the range that now holds them. */
uint64_t ranges_add(struct ranges *ranges, struct range range, struct range *merged);
/* Takes out the numbers of a range. */
void ranges_remove(struct ranges *ranges, struct range range);
bool ranges_cover(const struct ranges *ranges, struct range range);
/* Takes out what lies below `next`, and what touches it; gives where that ends. */
uint64_t ranges_advance(struct ranges *ranges, uint64_t next);
/* Keeps the `max` highest ranges: what lies below them counts as there from now on. Where gaps stay
 * open for ever this bounds the memory. */
void ranges_forget(struct ranges *ranges, uint32_t max);

static inline size_t ranges_bytes(const struct ranges *ranges)
{
    return ranges->capacity * sizeof *ranges->items;
}

/* One above the highest number, or 0 of an empty set. */
static inline uint64_t ranges_end(const struct ranges *ranges)
{
    return ranges->count ? ranges->items[ranges->count - 1].end : 0;
}

#endif
