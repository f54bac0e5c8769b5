/* The receiving end: packets are remembered by their numbers, to say which arrived; bytes by their
 * places in their streams, each stream by itself: what one lacks holds up no other.
 *
 * An acknowledgement names the newest 7 ranges of packets that arrived and the count of those with
 * CE. It is sent for every `ack_every`-th packet, at once for one that is marked or not the next
 * (RFC 9000, 13.2.1), and `ack_delay` after the first that waits. A packet becomes its
 * acknowledgement in place.
 *
 * Data of a connection that is not known is dropped: it came before its handshake did, or belongs
 * to an older connection. What remains of a connection is small, and is reused with its addresses.
 */
#include <stdlib.h>

#include "models/transport/outbox.h"
#include "models/transport/quic/quic.h"
#include "models/wire/quic.h"

/* ---- connections ---- */

static void ack_timer_fire(struct sim_timer *timer, sim_time now)
{
    struct quic_receiver *receiver =
        (struct quic_receiver *)((char *)timer - offsetof(struct quic_receiver, ack_timer));
    (void)now;
    ring_set(&receiver->quic->owing, &receiver->turn, true);
    quic_update_ready(receiver->quic);
}

static struct quic_receiver *receiver_find(struct quic *quic, const struct sim_packet *packet)
{
    return demux_find(&quic->receivers,
                      demux_key(packet->src, packet->quic.src_port, packet->quic.dst_port));
}

static struct quic_receiver *receiver_new(struct quic *quic, const struct sim_packet *packet)
{
    struct quic_receiver *receiver = calloc(1, sizeof *receiver);
    SIM_CHECK(receiver, "out of memory for a connection to host %u", quic->env->host);
    receiver->quic = quic;
    receiver->peer = packet->src;
    receiver->peer_port = packet->quic.src_port;
    receiver->own_port = packet->quic.dst_port;
    receiver->key = demux_key(packet->src, packet->quic.src_port, packet->quic.dst_port);
    receiver->hash =
        outbox_hash(quic->env->host, packet->src, packet->quic.dst_port, packet->quic.src_port);
    sim_timer_init(&receiver->ack_timer, ack_timer_fire);
    demux_init(&receiver->streams);
    demux_add(&quic->receivers, receiver->key, receiver);
    receiver->all_next = quic->receiver_list;
    quic->receiver_list = receiver;
    return receiver;
}

static void incoming_free(struct quic_receiver *receiver, uint64_t id,
                          struct quic_incoming *incoming)
{
    demux_remove(&receiver->streams, id);
    ranges_clear(&incoming->arrived);
    framing_clear(&incoming->framing);
    free(incoming);
}

/* Forgets what arrived, for another connection with the same addresses or for none. */
static void receiver_reset(struct quic_receiver *receiver)
{
    for (uint32_t i = 0; receiver->streams.count; i = (i + 1) & receiver->streams.mask) {
        struct demux_entry entry = receiver->streams.entries[i];
        if (entry.connection)
            incoming_free(receiver, entry.key, entry.connection);
    }
    ranges_clear(&receiver->packets);
    ranges_clear(&receiver->done);
    receiver->packet_count = receiver->marked = 0;
    receiver->unacked = 0;
    receiver->ack_timer.deadline = SIM_NEVER;
    ring_set(&receiver->quic->owing, &receiver->turn, false);
}

void quic_receivers_clear(struct quic *quic)
{
    while (quic->receiver_list) {
        struct quic_receiver *receiver = quic->receiver_list;
        quic->receiver_list = receiver->all_next;
        receiver_reset(receiver);
        sim_timer_clear(quic->env->timers, &receiver->ack_timer);
        demux_clear(&receiver->streams);
        free(receiver);
    }
    demux_clear(&quic->receivers);
}

/* ---- answers ---- */

static void write_answer(struct quic_receiver *receiver, struct sim_packet *packet, uint8_t flags)
{
    *packet = (struct sim_packet){
        .protocol = SIM_PROTOCOL_QUIC,
        .src = receiver->quic->env->host,
        .dst = receiver->peer,
        .hash = receiver->hash,
        .quic = {.src_port = receiver->own_port,
                 .dst_port = receiver->peer_port,
                 .flags = flags,
                 .packet = receiver->first},
    };
}

struct sim_packet *quic_receiver_initial(struct quic *quic, struct sim_packet *packet)
{
    struct quic_receiver *receiver = receiver_find(quic, packet);
    if (!receiver)
        receiver = receiver_new(quic, packet);
    if (packet->quic.packet < receiver->first) {
        sim_packet_free(quic->env->pool, packet);
        return NULL;
    }
    if (packet->quic.packet > receiver->first) {
        receiver_reset(receiver);
        quic_update_ready(quic);
        receiver->first = packet->quic.packet;
    }
    write_answer(receiver, packet, SIM_QUIC_ACCEPT);
    packet->size_bytes = QUIC_INITIAL_BYTES;
    return packet;
}

struct sim_packet *quic_receiver_acknowledge(struct quic_receiver *receiver,
                                             struct sim_packet *packet, sim_time now)
{
    const struct ranges *packets = &receiver->packets;
    union sim_packet_lists *lists = sim_packet_lists(receiver->quic->env->pool, packet);
    uint32_t count = packets->count < SIM_QUIC_RANGES_MAX ? packets->count : SIM_QUIC_RANGES_MAX;
    write_answer(receiver, packet, SIM_QUIC_ACK);
    packet->quic.range_count = (uint8_t)count;
    lists->quic.marked = receiver->marked;
    lists->quic.delay = now - receiver->newest_at;
    for (uint32_t i = 0; i < count; i++) {
        lists->quic.ranges[i].start = packets->items[packets->count - 1 - i].start;
        lists->quic.ranges[i].end = packets->items[packets->count - 1 - i].end;
    }
    packet->size_bytes =
        (uint16_t)quic_ack_bytes(lists, count, receiver->first, receiver->packet_count);
    receiver->unacked = 0;
    receiver->ack_timer.deadline = SIM_NEVER;
    ring_set(&receiver->quic->owing, &receiver->turn, false);
    quic_update_ready(receiver->quic);
    return packet;
}

/* ---- data ---- */

static struct quic_incoming *incoming_of(struct quic_receiver *receiver, uint32_t id)
{
    struct quic_incoming *incoming = demux_find(&receiver->streams, id);
    if (incoming)
        return incoming;
    incoming = calloc(1, sizeof *incoming);
    SIM_CHECK(incoming, "out of memory for a stream to host %u", receiver->quic->env->host);
    incoming->total = UINT64_MAX;
    demux_add(&receiver->streams, id, incoming);
    return incoming;
}

/* Takes in what is new of a stream. */
static void take(struct quic_receiver *receiver, const struct sim_packet *packet, sim_time now)
{
    struct quic *quic = receiver->quic;
    const struct sim_quic_header *header = &packet->quic;
    const struct range stream = {header->stream, (uint64_t)header->stream + 1};
    bool fin = header->flags & SIM_QUIC_FIN;
    const struct range range = {header->offset, header->offset + header->payload_bytes + fin};
    if (ranges_cover(&receiver->done, stream)) {
        quic->counts.spurious_retransmissions++;
        return;
    }
    struct quic_incoming *incoming = incoming_of(receiver, header->stream);
    if (fin)
        incoming->total = range.end;
    uint64_t fresh = ranges_add(&incoming->arrived, range, NULL);
    if (!fresh)
        quic->counts.spurious_retransmissions++;
    if (fresh > header->payload_bytes)
        fresh = header->payload_bytes;
    framing_take(&incoming->framing, quic->env->pool, packet, fresh);
    if (fresh)
        quic->env->app_ops->received(quic->env->app, packet, (uint32_t)fresh, now);
    if (!ranges_cover(&incoming->arrived, (struct range){0, incoming->total}))
        return;
    struct framing framing = incoming->framing;
    incoming->framing = (struct framing){0};
    incoming_free(receiver, header->stream, incoming);
    ranges_add(&receiver->done, stream, NULL);
    framing_deliver(&framing, quic->env, packet->src, header->message, now);
}

/* Whether the packet's acknowledgement may wait; -1: it is a copy, and gets none. */
static int arrive(struct quic_receiver *receiver, const struct sim_packet *packet, sim_time now)
{
    uint64_t number = packet->quic.packet;
    uint64_t next = ranges_end(&receiver->packets);
    bool marked = packet->ecn == SIM_ECN_CE;
    if (!ranges_add(&receiver->packets, (struct range){number, number + 1}, NULL))
        return -1;
    /* Gaps never fill, as numbers are not used twice. */
    ranges_forget(&receiver->packets, 4 * SIM_QUIC_RANGES_MAX);
    receiver->packet_count++;
    receiver->marked += marked;
    if (number >= next)
        receiver->newest_at = now;
    else
        receiver->quic->counts.reordered++;
    take(receiver, packet, now);
    return !marked && (number == next || receiver->packet_count == 1);
}

struct sim_packet *quic_receiver_data(struct quic *quic, struct sim_packet *packet, sim_time now)
{
    struct quic_receiver *receiver = receiver_find(quic, packet);
    int may_wait = -1;
    if (receiver && packet->quic.packet >= receiver->first)
        may_wait = arrive(receiver, packet, now);
    if (may_wait == 0 || (may_wait > 0 && ++receiver->unacked >= quic->params->ack_every))
        return quic_receiver_acknowledge(receiver, packet, now);
    if (may_wait > 0 && receiver->ack_timer.deadline == SIM_NEVER)
        sim_timer_set(quic->env->timers, &receiver->ack_timer, now + quic->params->ack_delay);
    sim_packet_free(quic->env->pool, packet);
    return NULL;
}
