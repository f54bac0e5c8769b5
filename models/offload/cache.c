/* cache: answers requests for hot objects in the network, in place of the servers.
 *
 * Paper: 2.1 (Figure 1, part 1), 4 ("KVS offloads"). After NetCache (Jin and others, SOSP 2017): a
 * switch between clients and servers, a bounded number of small objects, coherence by invalidation.
 *
 * A request of one packet that reads an object which is here ends here (mtpsim/device.h, points 3
 * and 4): its packet is acknowledged, the answer is a message of the cache's own, and the request's
 * message is acknowledged when the answer was delivered. The cache remembers nothing of either; if
 * anything is lost the request comes again and is answered again, here or by the server.
 *
 * Everything else goes on to its server. A read that found nothing takes a place for its object and
 * gets a ticket, the time, which the server's response brings back: it fills the place if the place
 * was not emptied since. A write empties the place when it passes, and its response does so again
 * when it comes back. So what is here is never older than a write whose response a client has seen:
 * a write that the response does not know of either passes after the read did, or its own response
 * does. It is a write-through cache: servers always have everything, and a restart loses nothing.
 *
 * Which objects: those used last, of the keys below `admit`. Keys are numbered by popularity, so a
 * bound says what NetCache's controller finds out by counting: the hottest keys stay.
 *
 * Requests queue for the cache's service whether they hit or not; responses pass beside it. The
 * cache's pathlet is then on the path of both, the servers' pathlets on that of misses alone.
 *
 * Not cached: objects whose response takes more than one packet, encrypted messages without the
 * key, anything that is not MTP (TCP: a request may begin anywhere in a segment, and its answer
 * would have to be a part of the server's stream, 2.3).
 */
#include <mtpsim/offload.h>

#include <stdlib.h>

#include "models/offload/answers.h"
#include "models/offload/table.h"

#define CACHE_ENTRY_BYTES 16u /* of the table of a real cache, beside the object */

struct cache_params {
    struct sim_device_params device; /* first */
    uint64_t entries, admit;
};

struct cache_entry {
    uint64_t value;
    uint32_t bytes;
    sim_time since; /* reads that passed later may fill it */
    bool valid;
};

struct cache {
    const struct cache_params *params;
    const struct sim_device_env *env;
    struct offload_table table; /* by (application, key) */
    struct cache_entry *entries;
    uint64_t held_bytes;
    uint64_t hits, misses, fills, invalidations, evictions;
};

/* ---- places ---- */

static const struct sim_content *cache_content(const struct cache *self,
                                               const struct sim_packet *packet)
{
    static const struct sim_content none = {.kind = SIM_CONTENT_NONE};
    if (!(packet->flags & SIM_PACKET_FRAMED))
        return &none;
    return &sim_packet_rare(self->env->pool, packet)->frame.content;
}

static uint32_t cache_find(const struct cache *self, const struct sim_content *content)
{
    return offload_table_find(&self->table, content->entry, content->key);
}

static void cache_report(struct cache *self)
{
    self->env->holds(self->env->device, self->table.count,
                     self->held_bytes + (uint64_t)self->table.count * CACHE_ENTRY_BYTES);
}

static void cache_empty(struct cache *self, uint32_t place, sim_time now)
{
    struct cache_entry *entry = &self->entries[place];
    self->held_bytes -= entry->valid ? entry->bytes : 0;
    *entry = (struct cache_entry){.since = now};
}

/* A clock outlives a restart. In 32 bits of nanoseconds it wraps after four seconds, which no read
 * and its response take. */
static uint32_t cache_ticket(sim_time now)
{
    uint32_t ticket = (uint32_t)(now / SIM_NS);
    return ticket ? ticket : 1;
}

static bool cache_passed_after(uint32_t ticket, sim_time since)
{
    return ticket && (int32_t)(ticket - cache_ticket(since)) > 0;
}

static uint32_t cache_take_place(struct cache *self, const struct sim_content *content,
                                 sim_time now)
{
    if (self->table.count == self->table.capacity) {
        cache_empty(self, self->table.oldest, now);
        offload_table_remove(&self->table, self->table.oldest);
        self->evictions++;
    }
    uint32_t place = offload_table_add(&self->table, content->entry, content->key);
    cache_empty(self, place, now - SIM_NS); /* the read that takes it may fill it */
    return place;
}

/* ---- what passes ---- */

static void cache_hit(struct cache *self, const struct cache_entry *entry,
                      struct sim_packet *packet, sim_time now)
{
    const struct sim_frame *frame = &sim_packet_rare(self->env->pool, packet)->frame;
    struct sim_answer answer = {
        .dst = packet->src,
        .message = packet->mtp.message,
        .src_port = packet->mtp.dst_port,
        .dst_port = packet->mtp.src_port,
        .priority = packet->priority,
        .encrypted = packet->mtp.flags & SIM_MTP_ENCRYPTED,
        .bytes = entry->bytes,
        .content = {.kind = SIM_CONTENT_RESPONSE,
                    .entry = frame->content.entry,
                    .key = frame->content.key,
                    .value = entry->value,
                    .client = frame->origin,
                    .request = frame->number},
    };
    uint32_t number = sim_packet_lists(self->env->pool, packet)->mtp.number;
    self->hits++;
    self->env->consumed(self->env->device, packet->src, number, now);
    self->env->emit(self->env->device, offload_answer(self->env, &answer), now);
    offload_sack(self->env, packet);
    self->env->answer(self->env->device, packet, now);
}

static void cache_miss(struct cache *self, uint32_t place, struct sim_packet *packet, sim_time now)
{
    struct sim_content *content = &sim_packet_rare(self->env->pool, packet)->frame.content;
    self->misses++;
    if (place == OFFLOAD_NONE && content->key < self->params->admit)
        place = cache_take_place(self, content, now);
    if (place != OFFLOAD_NONE) {
        content->ticket = cache_ticket(now);
        cache_report(self);
    }
    self->env->forward(self->env->device, packet, now);
}

static void cache_read(struct cache *self, struct sim_packet *packet, sim_time now)
{
    uint32_t place = cache_find(self, cache_content(self, packet));
    if (place != OFFLOAD_NONE)
        offload_table_use(&self->table, place);
    if (place != OFFLOAD_NONE && self->entries[place].valid)
        cache_hit(self, &self->entries[place], packet, now);
    else
        cache_miss(self, place, packet, now);
}

static void cache_fill(struct cache *self, uint32_t place, const struct sim_packet *packet)
{
    struct cache_entry *entry = &self->entries[place];
    const struct sim_content *content = cache_content(self, packet);
    if (entry->valid || packet->mtp.message_packets != 1 ||
        !cache_passed_after(content->ticket, entry->since))
        return;
    entry->value = content->value;
    entry->bytes = packet->mtp.message_bytes;
    entry->valid = true;
    self->held_bytes += entry->bytes;
    self->fills++;
    cache_report(self);
}

/* A write, or its response. */
static void cache_invalidate(struct cache *self, uint32_t place, sim_time now)
{
    self->invalidations += self->entries[place].valid;
    cache_empty(self, place, now);
}

static void cache_watch(struct cache *self, const struct sim_packet *packet, sim_time now)
{
    const struct sim_content *content = cache_content(self, packet);
    uint32_t place = content->kind ? cache_find(self, content) : OFFLOAD_NONE;
    if (place == OFFLOAD_NONE)
        return;
    if (content->kind == SIM_CONTENT_WRITE || content->kind == SIM_CONTENT_WRITTEN)
        cache_invalidate(self, place, now);
    if (content->kind == SIM_CONTENT_RESPONSE)
        cache_fill(self, place, packet);
}

/* ---- the device ---- */

static enum sim_device_use cache_look(void *state, const struct sim_packet *packet,
                                      enum sim_device_way way)
{
    const struct cache *self = state;
    bool data = packet->protocol == SIM_PROTOCOL_MTP && (packet->mtp.flags & SIM_MTP_DATA);
    if (way == SIM_DEVICE_OWN)
        return SIM_DEVICE_PEEK;
    if (!data || !sim_device_reads(&self->params->device, packet) ||
        (packet->flags & SIM_PACKET_TRIMMED))
        return SIM_DEVICE_PASS;
    if (way == SIM_DEVICE_BACK)
        return packet->flags & SIM_PACKET_FRAMED ? SIM_DEVICE_PEEK : SIM_DEVICE_PASS;
    return SIM_DEVICE_SERVE;
}

static void cache_own(struct cache *self, struct sim_packet *packet, sim_time now)
{
    bool ack = packet->protocol == SIM_PROTOCOL_MTP && (packet->mtp.flags & SIM_MTP_ACK);
    if (ack && offload_relay(self->env, packet))
        self->env->answer(self->env->device, packet, now);
    else
        self->env->absorb(self->env->device, packet);
}

static void cache_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                       sim_time now)
{
    struct cache *self = state;
    bool reads = cache_content(self, packet)->kind == SIM_CONTENT_READ;
    if (way == SIM_DEVICE_OWN) {
        cache_own(self, packet, now);
    } else if (way == SIM_DEVICE_TOWARDS && reads && packet->mtp.message_packets == 1) {
        cache_read(self, packet, now);
    } else {
        cache_watch(self, packet, now);
        self->env->forward(self->env->device, packet, now);
    }
}

static void cache_restart(void *state, sim_time now)
{
    struct cache *self = state;
    offload_table_empty(&self->table);
    for (uint64_t i = 0; i < self->params->entries; i++)
        cache_empty(self, (uint32_t)i, now);
}

static bool cache_counter(const void *state, uint32_t index, struct sim_device_counter *counter)
{
    const struct cache *self = state;
    const struct sim_device_counter counters[] = {
        {"hits", self->hits},           {"misses", self->misses},
        {"fills", self->fills},         {"invalidations", self->invalidations},
        {"evictions", self->evictions},
    };
    if (index >= sizeof counters / sizeof *counters)
        return false;
    *counter = counters[index];
    return true;
}

static void cache_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct cache *self = state;
    self->params = params;
    self->env = env;
    offload_table_init(&self->table, (uint32_t)self->params->entries);
    self->entries = calloc(self->params->entries, sizeof *self->entries);
    SIM_CHECK(self->entries, "out of memory for a cache");
}

static void cache_clear(void *state)
{
    struct cache *self = state;
    offload_table_clear(&self->table);
    free(self->entries);
}

static const struct sim_device_ops cache_device = {
    .init = cache_init,
    .clear = cache_clear,
    .look = cache_look,
    .take = cache_take,
    .restart = cache_restart,
    .counter = cache_counter,
};

/* ---- the table ---- */

#define MEMBER(member) .offset = offsetof(struct cache_params, member)

static const struct sim_param cache_table[] = {
    SIM_DEVICE_PARAMS(struct cache_params),
    {.name = "entries",
     .help = "objects that it can hold",
     .fallback = "1000",
     MEMBER(entries),
     .min = 1,
     .max = 1e8,
     .type = SIM_PARAM_COUNT},
    {.name = "admit",
     .help = "only objects with keys below; keys are numbered by popularity",
     .fallback = "4294967295",
     MEMBER(admit),
     .min = 1,
     .max = UINT32_MAX,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

const struct sim_offload_ops cache_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "cache",
               .summary = "answers requests for hot objects in place of the servers",
               .source = "paper, 2.1, 4",
               .state_size = sizeof(struct cache),
               .params_size = sizeof(struct cache_params),
               .params = cache_table},
    .device = &cache_device,
};
