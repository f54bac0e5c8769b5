#include "models/offload/table.h"

#include <mtpsim/check.h>
#include <mtpsim/rng.h>

#include <stdlib.h>

static uint32_t *bucket_of(const struct offload_table *table, uint64_t first, uint64_t second)
{
    return &table->buckets[sim_mix64(first * 31 + sim_mix64(second)) & table->bucket_mask];
}

void offload_table_init(struct offload_table *table, uint32_t capacity)
{
    uint32_t buckets = 16;
    while (buckets < capacity)
        buckets *= 2;
    *table = (struct offload_table){.capacity = capacity, .bucket_mask = buckets - 1};
    table->places = calloc(capacity, sizeof *table->places);
    table->buckets = calloc(buckets, sizeof *table->buckets);
    SIM_CHECK(table->places && table->buckets, "out of memory for %u places", capacity);
    offload_table_empty(table);
}

void offload_table_clear(struct offload_table *table)
{
    free(table->places);
    free(table->buckets);
}

void offload_table_empty(struct offload_table *table)
{
    for (uint32_t i = 0; i <= table->bucket_mask; i++)
        table->buckets[i] = OFFLOAD_NONE;
    for (uint32_t i = 0; i < table->capacity; i++)
        table->places[i].next = i + 1 < table->capacity ? i + 1 : OFFLOAD_NONE;
    table->free = table->capacity ? 0 : OFFLOAD_NONE;
    table->oldest = table->newest = OFFLOAD_NONE;
    table->count = 0;
}

uint32_t offload_table_find(const struct offload_table *table, uint64_t first, uint64_t second)
{
    uint32_t place = *bucket_of(table, first, second);
    while (place != OFFLOAD_NONE &&
           (table->places[place].first != first || table->places[place].second != second))
        place = table->places[place].next;
    return place;
}

/* ---- the order of use ---- */

static void order_append(struct offload_table *table, uint32_t place)
{
    table->places[place].older = table->newest;
    table->places[place].newer = OFFLOAD_NONE;
    if (table->newest != OFFLOAD_NONE)
        table->places[table->newest].newer = place;
    else
        table->oldest = place;
    table->newest = place;
}

static void order_remove(struct offload_table *table, uint32_t place)
{
    uint32_t older = table->places[place].older, newer = table->places[place].newer;
    if (older != OFFLOAD_NONE)
        table->places[older].newer = newer;
    else
        table->oldest = newer;
    if (newer != OFFLOAD_NONE)
        table->places[newer].older = older;
    else
        table->newest = older;
}

void offload_table_use(struct offload_table *table, uint32_t place)
{
    if (table->newest == place)
        return;
    order_remove(table, place);
    order_append(table, place);
}

/* ---- places ---- */

uint32_t offload_table_add(struct offload_table *table, uint64_t first, uint64_t second)
{
    uint32_t place = table->free;
    if (place == OFFLOAD_NONE)
        return OFFLOAD_NONE;
    uint32_t *bucket = bucket_of(table, first, second);
    table->free = table->places[place].next;
    table->places[place] =
        (struct offload_place){.first = first, .second = second, .next = *bucket};
    *bucket = place;
    order_append(table, place);
    table->count++;
    return place;
}

void offload_table_remove(struct offload_table *table, uint32_t place)
{
    uint32_t *link = bucket_of(table, table->places[place].first, table->places[place].second);
    while (*link != place)
        link = &table->places[*link].next;
    *link = table->places[place].next;
    order_remove(table, place);
    table->places[place].next = table->free;
    table->free = place;
    table->count--;
}
