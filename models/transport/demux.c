#include "demux.h"

#include <stdlib.h>

#define FIRST_CAPACITY 8u

static void reserve(struct demux *demux, uint32_t capacity)
{
    *demux = (struct demux){.mask = capacity - 1};
    demux->entries = calloc(capacity, sizeof *demux->entries);
    SIM_CHECK(demux->entries, "out of memory for %u connections", capacity);
}

void demux_init(struct demux *demux)
{
    reserve(demux, FIRST_CAPACITY);
}

void demux_clear(struct demux *demux)
{
    free(demux->entries);
    demux->entries = NULL;
}

static uint32_t home(const struct demux *demux, uint64_t key)
{
    return (uint32_t)sim_mix64(key) & demux->mask;
}

static void grow(struct demux *demux)
{
    struct demux old = *demux;
    reserve(demux, (old.mask + 1) * 2);
    for (uint32_t i = 0; i <= old.mask; i++)
        if (old.entries[i].connection)
            demux_add(demux, old.entries[i].key, old.entries[i].connection);
    demux_clear(&old);
}

void demux_add(struct demux *demux, uint64_t key, void *connection)
{
    if (2 * (demux->count + 1) > demux->mask + 1)
        grow(demux);
    uint32_t place = home(demux, key);
    while (demux->entries[place].connection) {
        SIM_CHECK(demux->entries[place].key != key, "connection is there already");
        place = (place + 1) & demux->mask;
    }
    demux->entries[place] = (struct demux_entry){key, connection};
    demux->count++;
}

void demux_remove(struct demux *demux, uint64_t key)
{
    uint32_t hole = home(demux, key);
    while (demux->entries[hole].connection && demux->entries[hole].key != key)
        hole = (hole + 1) & demux->mask;
    SIM_CHECK(demux->entries[hole].connection, "no such connection");
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
