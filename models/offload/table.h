/* The state of a device: a table of bounded size, found by two numbers, in the order of use.
 *
 * A device in a switch has so much memory and no more, so every model's state is places of such a
 * table; what is at a place is the model's, in an array of its own. When it is full, the place that
 * was used longest ago can be taken for something else: whatever is there must be such that it may
 * be forgotten (mtpsim/device.h says why it may).
 */
#ifndef MODELS_OFFLOAD_TABLE_H
#define MODELS_OFFLOAD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define OFFLOAD_NONE UINT32_MAX

struct offload_place {
    uint64_t first, second; /* what it is found by */
    uint32_t next;          /* of the same bucket, or free */
    uint32_t older, newer;  /* in the order of use */
};

struct offload_table {
    struct offload_place *places;
    uint32_t *buckets;
    uint32_t capacity, count;
    uint32_t bucket_mask;
    uint32_t free;
    uint32_t oldest, newest;
};

void offload_table_init(struct offload_table *table, uint32_t capacity);
void offload_table_clear(struct offload_table *table);
/* Forgets all places. */
void offload_table_empty(struct offload_table *table);

/* Gives the place, or OFFLOAD_NONE. */
uint32_t offload_table_find(const struct offload_table *table, uint64_t first, uint64_t second);
/* Gives a new place, which must not be there yet; OFFLOAD_NONE when the table is full. */
uint32_t offload_table_add(struct offload_table *table, uint64_t first, uint64_t second);
void offload_table_remove(struct offload_table *table, uint32_t place);
/* It is the newest from now on. */
void offload_table_use(struct offload_table *table, uint32_t place);

#endif
