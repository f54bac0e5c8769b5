/* From a packet's addresses to its connection: open addressing with linear probing, at most half
 * full. Removal moves later entries back, so that no tombstones pile up where every message has a
 * connection of its own. */
#ifndef MODELS_TRANSPORT_DEMUX_H
#define MODELS_TRANSPORT_DEMUX_H

#include <mtpsim/rng.h>
#include <stddef.h>
#include <stdint.h>

struct demux_entry {
    uint64_t key;
    void *connection; /* NULL: empty */
};

struct demux {
    struct demux_entry *entries;
    uint32_t mask; /* entries - 1 */
    uint32_t count;
};

void demux_init(struct demux *demux);
void demux_clear(struct demux *demux);
/* The key must not be there yet. */
void demux_add(struct demux *demux, uint64_t key, void *connection);
/* The key must be there. */
void demux_remove(struct demux *demux, uint64_t key);

static inline size_t demux_bytes(const struct demux *demux)
{
    return ((size_t)demux->mask + 1) * sizeof *demux->entries;
}

static inline uint64_t demux_key(uint32_t peer, uint16_t peer_port, uint16_t own_port)
{
    return (uint64_t)peer << 32 | (uint32_t)peer_port << 16 | own_port;
}

/* NULL when the key is not there. */
static inline void *demux_find(const struct demux *demux, uint64_t key)
{
    uint32_t place = (uint32_t)sim_mix64(key) & demux->mask;
    while (demux->entries[place].connection && demux->entries[place].key != key)
        place = (place + 1) & demux->mask;
    return demux->entries[place].connection;
}

#endif
