#include "demux.h"

#include <stdlib.h>

#define FIRST_CAPACITY 4u

void demux_init(struct demux *demux)
{
    *demux = (struct demux){0};
}

void demux_clear(struct demux *demux)
{
    free(demux->entries);
    *demux = (struct demux){0};
}

static uint32_t home(const struct demux *demux, uint64_t key)
{
    return (uint32_t)sim_mix64(key) & demux->mask;
}

void *demux_find(const struct demux *demux, uint64_t key)
{
    if (!demux->count)
        return NULL;
    uint32_t place = home(demux, key);
    while (demux->entries[place].connection && demux->entries[place].key != key)
        place = (place + 1) & demux->mask;
    return demux->entries[place].connection;
}

static void grow(struct demux *demux)
{
    struct demux old = *demux;
    uint32_t capacity = old.entries ? (old.mask + 1) * 2 : FIRST_CAPACITY;
    *demux = (struct demux){.mask = capacity - 1};
    demux->entries = calloc(capacity, sizeof *demux->entries);
    SIM_CHECK(demux->entries, "out of memory for %u entries", capacity);
    for (uint32_t i = 0; i <= old.mask && old.entries; i++)
        if (old.entries[i].connection)
            demux_add(demux, old.entries[i].key, old.entries[i].connection);
    demux_clear(&old);
}

void demux_add(struct demux *demux, uint64_t key, void *connection)
{
    if (!demux->entries || 2 * (demux->count + 1) > demux->mask + 1)
        grow(demux);
    uint32_t place = home(demux, key);
    while (demux->entries[place].connection) {
        SIM_CHECK(demux->entries[place].key != key, "key %llu is there already",
                  (unsigned long long)key);
        place = (place + 1) & demux->mask;
    }
    demux->entries[place] = (struct demux_entry){key, connection};
    demux->count++;
}

void demux_remove(struct demux *demux, uint64_t key)
{
    SIM_CHECK(demux->count, "key %llu is not there", (unsigned long long)key);
    uint32_t hole = home(demux, key);
    while (demux->entries[hole].connection && demux->entries[hole].key != key)
        hole = (hole + 1) & demux->mask;
    SIM_CHECK(demux->entries[hole].connection, "key %llu is not there", (unsigned long long)key);
    for (uint32_t place = hole;;) {
        place = (place + 1) & demux->mask;
        if (!demux->entries[place].connection)
            break;
        /* An entry may move back to the hole unless its home lies behind the hole. */
        uint32_t distance = (place - home(demux, demux->entries[place].key)) & demux->mask;
        if (distance >= ((place - hole) & demux->mask)) {
            demux->entries[hole] = demux->entries[place];
            hole = place;
        }
    }
    demux->entries[hole].connection = NULL;
    demux->count--;
}
