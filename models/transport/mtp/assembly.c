/* Exactly-once delivery and reassembly at the receiver.
 *
 * Per (source, destination index) a set of the message counters that were delivered: counters 65536
 * below the newest and older count as delivered. A message of several packets has a record while
 * some are missing; a message of one packet needs none.
 *
 * A blob's packets are messages, so each comes through once; the layer above the messages only adds
 * up their bytes. An empty blob is one message, and delivered with it: of the packets that a device
 * may have made of it each has all its bytes. Payload is not modelled, and neither is the order in
 * which a real one would hand it over.
 *
 * Records of messages that never complete expire once their IDs count as delivered: the sender has
 * forgotten them, it has at most 65536 outstanding. Those of blobs that their sender gave up stay:
 * nothing tells such a blob from one that is held up.
 */
#include "mtp.h"

#include <stdlib.h>

static uint64_t counter_of(const struct sim_packet *packet)
{
    return packet->mtp.message & UINT64_C(0xffffffffffff);
}

static struct mtp_assembly *assembly_new(struct mtp_source *source, struct demux *map, uint64_t key,
                                         uint64_t wanted)
{
    struct mtp_assembly *assembly = calloc(1, sizeof *assembly);
    SIM_CHECK(assembly, "out of memory for message %llu", (unsigned long long)key);
    assembly->key = key;
    assembly->wanted = wanted;
    assembly->next = source->assemblies;
    assembly->link = &source->assemblies;
    if (assembly->next)
        assembly->next->link = &assembly->next;
    source->assemblies = assembly;
    demux_add(map, key, assembly);
    return assembly;
}

static void assembly_free(struct mtp_source *source, struct demux *map,
                          struct mtp_assembly *assembly)
{
    demux_remove(map, assembly->key);
    *assembly->link = assembly->next;
    if (assembly->next)
        assembly->next->link = assembly->link;
    if (source->last_message == assembly)
        source->last_message = NULL;
    if (source->last_blob == assembly)
        source->last_blob = NULL;
    mtp_seen_clear(&assembly->packets);
    free(assembly->frame);
    free(assembly);
}

static struct mtp_assembly *assembly_get(struct mtp_source *source, struct demux *map,
                                         struct mtp_assembly **last, uint64_t key, uint64_t wanted)
{
    if (SIM_LIKELY(*last && (*last)->key == key))
        return *last;
    struct mtp_assembly *assembly = demux_find(map, key);
    return *last = assembly ? assembly : assembly_new(source, map, key, wanted);
}

static void count_order(struct mtp *mtp, struct mtp_assembly *assembly,
                        const struct sim_packet *packet, uint64_t position)
{
    if (SIM_LIKELY(position >= assembly->ahead))
        assembly->ahead = position + 1;
    else if (!(packet->flags & SIM_PACKET_RESENT))
        mtp->counts.reordered++;
}

/* A blob's bytes are all here. */
static void blob_deliver(struct mtp *mtp, const struct sim_packet *packet,
                         const union sim_packet_lists *lists, sim_time now)
{
    mtp->env->app_ops->delivered(mtp->env->app, packet->src, lists->mtp.number, now);
}

/* A new packet of a blob, with payload. */
static void blob_arrived(struct mtp *mtp, struct mtp_source *source,
                         const struct sim_packet *packet, const union sim_packet_lists *lists,
                         sim_time now)
{
    struct mtp_assembly *blob = assembly_get(source, &source->blobs, &source->last_blob,
                                             lists->mtp.blob_id, lists->mtp.blob_bytes);
    count_order(mtp, blob, packet, lists->mtp.blob_offset);
    blob->heard_at = now;
    blob->arrived += packet->mtp.payload_bytes;
    if (blob->arrived < blob->wanted)
        return;
    assembly_free(source, &source->blobs, blob);
    blob_deliver(mtp, packet, lists, now);
}

static struct sim_frame *frame_copy(const struct sim_frame *frame)
{
    struct sim_frame *copy = malloc(sizeof *copy);
    SIM_CHECK(copy, "out of memory for message %u", frame->number);
    *copy = *frame;
    return copy;
}

/* A packet of a message of several that is not delivered. Gives whether it was new, and whether all
 * are here; then its frame, which came with packet 0. */
static struct mtp_arrival message_arrived(struct mtp *mtp, struct mtp_source *source,
                                          const struct sim_packet *packet, sim_time now)
{
    struct mtp_assembly *message = assembly_get(source, &source->messages, &source->last_message,
                                                counter_of(packet), packet->mtp.message_packets);
    message->heard_at = now;
    if (!mtp_seen_add(&message->packets, packet->mtp.packet, 0))
        return (struct mtp_arrival){.fresh = false, .complete = false};
    count_order(mtp, message, packet, packet->mtp.packet);
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_FRAMED))
        message->frame = frame_copy(&sim_packet_rare(mtp->env->pool, packet)->frame);
    if (++message->arrived < message->wanted)
        return (struct mtp_arrival){.fresh = true, .complete = false};
    struct mtp_arrival arrival = {.fresh = true, .complete = true, .frame = message->frame};
    message->frame = NULL;
    assembly_free(source, &source->messages, message);
    mtp_seen_add(&source->ids, counter_of(packet), MTP_ID_WINDOW);
    return arrival;
}

static void deliver(struct mtp *mtp, const struct sim_packet *packet, uint32_t number,
                    const struct sim_frame *frame, sim_time now)
{
    const struct sim_transport_env *env = mtp->env;
    env->app_ops->delivered(env->app, packet->src, number, now);
    if (SIM_LIKELY(!frame || !frame->content.kind || !env->app_ops->framed))
        return;
    const struct sim_delivery delivery = {frame, packet->mtp.message_bytes, packet->src, false};
    env->app_ops->framed(env->app, &delivery, now);
}

struct mtp_arrival mtp_assemble(struct mtp *mtp, struct mtp_source *source,
                                const struct sim_packet *packet,
                                const union sim_packet_lists *lists, sim_time now)
{
    struct mtp_arrival arrival = {.fresh = false, .complete = true};
    if (packet->mtp.message_packets == 1)
        arrival.fresh = mtp_seen_add(&source->ids, counter_of(packet), MTP_ID_WINDOW);
    else if (!mtp_seen_has(&source->ids, counter_of(packet)))
        arrival = message_arrived(mtp, source, packet, now);
    if (!arrival.fresh) {
        mtp->counts.spurious_retransmissions++;
        return arrival;
    }
    const struct sim_transport_env *env = mtp->env;
    bool own_frame = packet->mtp.message_packets == 1 && (packet->flags & SIM_PACKET_FRAMED);
    env->app_ops->received(env->app, packet, packet->mtp.payload_bytes, now);
    if (lists->mtp.has_blob) {
        if (SIM_LIKELY(packet->mtp.payload_bytes))
            blob_arrived(mtp, source, packet, lists, now);
        else if (arrival.complete && !lists->mtp.blob_bytes)
            blob_deliver(mtp, packet, lists, now);
    } else if (arrival.complete) {
        deliver(mtp, packet, lists->mtp.number,
                own_frame ? &sim_packet_rare(env->pool, packet)->frame : arrival.frame, now);
        free(arrival.frame);
    }
    return arrival;
}

bool mtp_assembly_has(const struct mtp_source *source, const struct sim_packet *packet)
{
    if (mtp_seen_has(&source->ids, counter_of(packet)))
        return true;
    const struct mtp_assembly *message = demux_find(&source->messages, counter_of(packet));
    return message && mtp_seen_has(&message->packets, packet->mtp.packet);
}

void mtp_assembly_expire(struct mtp_source *source, sim_time before)
{
    for (struct mtp_assembly *assembly = source->assemblies, *next; assembly; assembly = next) {
        next = assembly->next;
        bool is_message = demux_find(&source->messages, assembly->key) == assembly;
        if (is_message && assembly->heard_at < before && mtp_seen_has(&source->ids, assembly->key))
            assembly_free(source, &source->messages, assembly);
    }
}

void mtp_assembly_clear(struct mtp_source *source)
{
    while (source->assemblies) {
        struct mtp_assembly *assembly = source->assemblies;
        bool is_message = demux_find(&source->messages, assembly->key) == assembly;
        assembly_free(source, is_message ? &source->messages : &source->blobs, assembly);
    }
}

size_t mtp_assembly_bytes(const struct mtp_source *source)
{
    size_t bytes = demux_bytes(&source->messages) + demux_bytes(&source->blobs);
    for (const struct mtp_assembly *assembly = source->assemblies; assembly;
         assembly = assembly->next)
        bytes += sizeof *assembly + assembly->packets.capacity * sizeof(uint64_t);
    return bytes;
}
