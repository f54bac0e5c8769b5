/* From 64-bit keys to pointers: connections by a packet's addresses, messages, pathlets. Open
 * addressing with linear probing, at most half full. Removal moves later entries back, so that no
 * tombstones pile up where every message has a connection of its own. An empty one has no memory.
 *
 * Never iterated where the order matters: results must not depend on that of a hash.
 */
#ifndef MODELS_TRANSPORT_DEMUX_H
#define MODELS_TRANSPORT_DEMUX_H

#include <mtpsim/rng.h>
#include <stddef.h>
#include <stdint.h>

struct demux_entry {
    uint64_t key;
    void *connection; /* NULL: empty */
};

/* All zeros is an empty one. */
struct demux {
    struct demux_entry *entries; /* NULL: none yet */
    uint32_t mask;               /* entries - 1 */
    uint32_t count;
};

void demux_init(struct demux *demux);
void demux_clear(struct demux *demux);
/* NULL when the key is not there. */
void *demux_find(const struct demux *demux, uint64_t key);
/* The key must not be there yet. */
void demux_add(struct demux *demux, uint64_t key, void *connection);
/* The key must be there. */
void demux_remove(struct demux *demux, uint64_t key);

static inline size_t demux_bytes(const struct demux *demux)
{
    return demux->entries ? ((size_t)demux->mask + 1) * sizeof *demux->entries : 0;
}

static inline uint64_t demux_key(uint32_t peer, uint16_t peer_port, uint16_t own_port)
{
    return (uint64_t)peer << 32 | (uint32_t)peer_port << 16 | own_port;
}

#endif
