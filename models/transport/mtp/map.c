/* Open addressing with linear probing; a removal shifts back what follows it, so there are no
 * tombstones. Never iterated: results must not depend on the order of a hash. */
#include "containers.h"

#include <stdlib.h>

#include <mtpsim/rng.h>

static uint32_t home(const struct mtp_map *map, uint64_t key)
{
    return (uint32_t)sim_mix64(key) & (map->capacity - 1);
}

static uint32_t place_of(const struct mtp_map *map, uint64_t key)
{
    uint32_t place = home(map, key);
    while (map->entries[place].value && map->entries[place].key != key)
        place = (place + 1) & (map->capacity - 1);
    return place;
}

void *mtp_map_find(const struct mtp_map *map, uint64_t key)
{
    return map->capacity ? map->entries[place_of(map, key)].value : NULL;
}

static void map_grow(struct mtp_map *map)
{
    struct mtp_map old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : 4;
    map->entries = calloc(map->capacity, sizeof *map->entries);
    SIM_CHECK(map->entries, "out of memory for %u entries", map->capacity);
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.entries[i].value)
            map->entries[place_of(map, old.entries[i].key)] = old.entries[i];
    free(old.entries);
}

void mtp_map_add(struct mtp_map *map, uint64_t key, void *value)
{
    if (map->count * 2 >= map->capacity)
        map_grow(map);
    uint32_t place = place_of(map, key);
    SIM_CHECK(!map->entries[place].value, "key %llu is there already", (unsigned long long)key);
    map->entries[place] = (struct mtp_map_entry){key, value};
    map->count++;
}

void mtp_map_remove(struct mtp_map *map, uint64_t key)
{
    uint32_t mask = map->capacity - 1, hole = place_of(map, key);
    SIM_CHECK(map->entries[hole].value, "key %llu is not there", (unsigned long long)key);
    for (uint32_t next = (hole + 1) & mask; map->entries[next].value; next = (next + 1) & mask) {
        uint32_t wanted = home(map, map->entries[next].key);
        if (((next - wanted) & mask) < ((next - hole) & mask))
            continue;
        map->entries[hole] = map->entries[next];
        hole = next;
    }
    map->entries[hole].value = NULL;
    map->count--;
}

void mtp_map_clear(struct mtp_map *map)
{
    free(map->entries);
    *map = (struct mtp_map){0};
}

void *mtp_grow(void *array, uint32_t count, uint32_t *capacity)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 4;
    array = realloc(array, *capacity * sizeof(void *));
    SIM_CHECK(array, "out of memory for %u pointers", *capacity);
    return array;
}
