/* The sending end: connections, their streams, and packets.
 *
 * Streams of a connection are served by priority, and in the order in which they were opened (RFC
 * 9218, 10, of resources that need all of their bytes); what was lost goes before what is new.
 * Packet numbers are never used twice: what is lost is sent again in a new packet, as it fits.
 */
#include <stdlib.h>

#include "models/transport/outbox.h"
#include "models/transport/quic/quic.h"
#include "models/wire/quic.h"

#define FIRST_CAPACITY 16u

/* ---- streams ---- */

/* One behind the number that stands for the end. */
static uint64_t total_of(const struct quic_stream *stream)
{
    return stream->bytes == SIM_ENDLESS ? UINT64_MAX : stream->bytes + 1;
}

static void enter_new(struct quic_connection *connection, struct quic_stream *stream)
{
    struct quic_stream *before = connection->tail;
    while (before && before->priority > stream->priority)
        before = before->previous;
    stream->previous = before;
    stream->next = before ? before->next : connection->head;
    *(stream->next ? &stream->next->previous : &connection->tail) = stream;
    *(before ? &before->next : &connection->head) = stream;
}

static void leave_new(struct quic_connection *connection, struct quic_stream *stream)
{
    *(stream->previous ? &stream->previous->next : &connection->head) = stream->next;
    *(stream->next ? &stream->next->previous : &connection->tail) = stream->previous;
}

static void enter_lost(struct quic_connection *connection, struct quic_stream *stream)
{
    if (stream->in_lost)
        return;
    stream->in_lost = true;
    stream->lost_next = NULL;
    *(connection->lost_head ? &connection->lost_tail->lost_next : &connection->lost_head) = stream;
    connection->lost_tail = stream;
}

static void leave_lost(struct quic_connection *connection, struct quic_stream *stream)
{
    struct quic_stream *before = NULL, *at = connection->lost_head;
    if (!stream->in_lost)
        return;
    for (; at != stream; at = at->lost_next)
        before = at;
    *(before ? &before->lost_next : &connection->lost_head) = stream->lost_next;
    if (connection->lost_tail == stream)
        connection->lost_tail = before;
    stream->in_lost = false;
}

void quic_stream_lost(struct quic_connection *connection, const struct quic_sent *sent)
{
    struct quic_stream *stream = demux_find(&connection->streams, sent->stream);
    if (!stream || ranges_cover(&stream->acked, sent->range))
        return;
    ranges_add(&stream->lost, sent->range, NULL);
    for (uint32_t i = 0; i < stream->acked.count; i++)
        ranges_remove(&stream->lost, stream->acked.items[i]);
    enter_lost(connection, stream);
}

void quic_stream_free(struct quic_connection *connection, struct quic_stream *stream)
{
    leave_lost(connection, stream);
    if (stream->sent < total_of(stream))
        leave_new(connection, stream);
    demux_remove(&connection->streams, stream->id);
    ranges_clear(&stream->lost);
    ranges_clear(&stream->acked);
    free(stream->frame);
    free(stream);
}

/* ---- connections ---- */

static void paced(struct sim_timer *timer, sim_time now)
{
    (void)now;
    quic_connection_settle(
        (struct quic_connection *)((char *)timer -
                                   offsetof(struct quic_connection, governor.pacing)));
}

static struct quic_connection *connection_new(struct quic *quic, const struct sim_message *message,
                                              uint64_t key, sim_time now)
{
    struct quic_connection *connection = calloc(1, sizeof *connection);
    SIM_CHECK(connection, "out of memory for a connection of host %u", quic->env->host);
    connection->quic = quic;
    connection->key = key;
    connection->serial = quic->serials++;
    connection->peer = message->dst;
    connection->own_port = outbox_port(message);
    connection->peer_port = message->dst_port;
    connection->hash =
        outbox_hash(quic->env->host, message->dst, connection->own_port, message->dst_port);
    /* The time, as in TCP: a later connection with the same addresses is newer in numbers too. */
    connection->first = connection->una = connection->next = (uint64_t)now;
    connection->initial_due = true;
    connection->loss_at = connection->min_rtt = SIM_NEVER;
    connection->measured_at = connection->lost_since = SIM_NEVER;
    connection->mask = FIRST_CAPACITY - 1;
    connection->sent = malloc(FIRST_CAPACITY * sizeof *connection->sent);
    SIM_CHECK(connection->sent, "out of memory for a connection of host %u", quic->env->host);
    governor_init(&connection->governor, quic->env, &quic->params->congestion,
                  quic->env->mtu_bytes - QUIC_OUTER_BYTES, quic->params->initial_window_pkts,
                  paced);
    sim_timer_init(&connection->timer, quic_loss_timer);
    demux_init(&connection->streams);
    demux_add(&quic->connections, key, connection);
    connection->all_previous = quic->tail;
    *(quic->tail ? &quic->tail->all_next : &quic->head) = connection;
    quic->tail = connection;
    return connection;
}

void quic_connection_free(struct quic_connection *connection)
{
    struct quic *quic = connection->quic;
    ring_set(&quic->ready, &connection->turn, false);
    quic_update_ready(quic);
    sim_timer_clear(quic->env->timers, &connection->timer);
    governor_clear(&connection->governor);
    for (uint32_t id = 0; id < connection->stream_count && connection->streams.count; id++) {
        struct quic_stream *stream = demux_find(&connection->streams, id);
        if (stream)
            quic_stream_free(connection, stream);
    }
    demux_clear(&connection->streams);
    demux_remove(&quic->connections, connection->key);
    *(connection->all_previous ? &connection->all_previous->all_next : &quic->head) =
        connection->all_next;
    *(connection->all_next ? &connection->all_next->all_previous : &quic->tail) =
        connection->all_previous;
    free(connection->sent);
    free(connection);
}

void quic_submit_message(struct quic *quic, const struct sim_message *message, sim_time now)
{
    uint64_t key = demux_key(message->dst, message->dst_port, outbox_port(message));
    struct quic_connection *connection = demux_find(&quic->connections, key);
    if (!connection)
        connection = connection_new(quic, message, key, now);
    struct quic_stream *stream = calloc(1, sizeof *stream);
    SIM_CHECK(stream, "out of memory for message %u", message->number);
    stream->bytes = message->bytes;
    stream->id = connection->stream_count++;
    stream->number = message->number;
    stream->priority = message->priority;
    stream->frame = framing_of(message);
    demux_add(&connection->streams, stream->id, stream);
    enter_new(connection, stream);
    connection->persistent |= message->persistent;
    quic_connection_settle(connection);
}

/* ---- what goes next ---- */

enum step { STEP_NONE, STEP_INITIAL, STEP_PROBE, STEP_LOST, STEP_NEW };

static enum step next_step(struct quic_connection *connection)
{
    if (connection->initial_due)
        return STEP_INITIAL;
    if (!connection->accepted && !connection->quic->params->zero_rtt)
        return STEP_NONE;
    if (connection->probes_due && connection->una != connection->next)
        return STEP_PROBE;
    if (governor_is_paced(&connection->governor) || (!connection->lost_head && !connection->head))
        return STEP_NONE;
    uint32_t full = connection->quic->env->mtu_bytes - QUIC_OUTER_BYTES;
    if (!governor_has_room(&connection->governor, full))
        return STEP_NONE;
    return connection->lost_head ? STEP_LOST : STEP_NEW;
}

void quic_connection_settle(struct quic_connection *connection)
{
    struct quic *quic = connection->quic;
    ring_set(&quic->ready, &connection->turn, next_step(connection) != STEP_NONE);
    quic_update_ready(quic);
}

/* ---- packets ---- */

static struct sim_packet *new_packet(const struct quic_connection *connection, uint8_t flags)
{
    const struct sim_transport_env *env = connection->quic->env;
    struct sim_packet *packet = sim_packet_new(env->pool);
    packet->protocol = SIM_PROTOCOL_QUIC;
    packet->src = env->host;
    packet->dst = connection->peer;
    packet->hash = connection->hash;
    packet->quic.src_port = connection->own_port;
    packet->quic.dst_port = connection->peer_port;
    packet->quic.flags = flags;
    return packet;
}

static struct sim_packet *send_initial(struct quic_connection *connection, sim_time now)
{
    struct sim_packet *packet = new_packet(connection, SIM_QUIC_INITIAL);
    packet->size_bytes = QUIC_INITIAL_BYTES;
    packet->quic.packet = connection->first;
    connection->initial_due = false;
    connection->initial_at = connection->last_sent_at = now;
    quic_set_loss_timer(connection, now);
    return packet;
}

static void grow(struct quic_connection *connection)
{
    uint32_t capacity = (connection->mask + 1) * 2;
    struct quic_sent *ring = malloc(capacity * sizeof *ring);
    SIM_CHECK(ring && capacity, "out of memory for %u packets", capacity);
    for (uint64_t i = connection->una; i != connection->next; i++)
        ring[i & (capacity - 1)] = *quic_sent_at(connection, i);
    free(connection->sent);
    connection->sent = ring;
    connection->mask = capacity - 1;
}

static void count_packet(struct quic *quic, const struct sim_packet *packet)
{
    quic->counts.data_packets++;
    quic->counts.data_payload_bytes += packet->quic.payload_bytes;
    quic->counts.data_header_bytes += packet->size_bytes - packet->quic.payload_bytes;
    quic->counts.retransmissions += (packet->flags & SIM_PACKET_RESENT) != 0;
}

/* A range's share that fits one packet, with its header. */
static struct range cut(const struct quic_connection *connection, const struct quic_stream *stream,
                        struct range range, uint32_t *header_bytes)
{
    *header_bytes = quic_stream_header_bytes(!connection->accepted, stream->id, range.start);
    uint64_t most = connection->quic->env->mtu_bytes - *header_bytes;
    if (range.end > stream->bytes && range.end - 1 - range.start <= most)
        return range; /* the end takes no room */
    if (range.end - range.start > most)
        range.end = range.start + most;
    return range;
}

static struct sim_packet *send_range(struct quic_connection *connection,
                                     const struct quic_stream *stream, struct range range,
                                     uint32_t header_bytes, sim_time now)
{
    bool fin = range.end > stream->bytes;
    uint32_t payload = (uint32_t)(range.end - range.start - fin);
    struct sim_packet *packet =
        new_packet(connection, SIM_QUIC_STREAM | (fin ? SIM_QUIC_FIN : 0) |
                                   (connection->accepted ? 0 : SIM_QUIC_EARLY));
    packet->size_bytes = (uint16_t)(header_bytes + payload);
    packet->ecn = SIM_ECN_ECT;
    packet->priority = stream->priority;
    packet->flags = range.start < stream->sent ? SIM_PACKET_RESENT : 0;
    framing_write(connection->quic->env->pool, packet, range.start == 0 ? stream->frame : NULL);
    packet->quic.payload_bytes = (uint16_t)payload;
    packet->quic.packet = connection->next;
    packet->quic.offset = range.start;
    packet->quic.stream = stream->id;
    packet->quic.message = stream->number;
    if (connection->next - connection->una > connection->mask)
        grow(connection);
    uint32_t charged = packet->size_bytes - QUIC_OUTER_BYTES;
    *quic_sent_at(connection, connection->next) = (struct quic_sent){
        .position = governor_sent(&connection->governor, charged, packet->size_bytes, now),
        .sent_at = now,
        .range = range,
        .stream = stream->id,
        .bytes = (uint16_t)charged,
    };
    connection->next++;
    connection->last_sent_at = now;
    count_packet(connection->quic, packet);
    quic_set_loss_timer(connection, now);
    return packet;
}

static struct sim_packet *send_new(struct quic_connection *connection, sim_time now)
{
    struct quic_stream *stream = connection->head;
    uint32_t header_bytes;
    struct range range =
        cut(connection, stream, (struct range){stream->sent, total_of(stream)}, &header_bytes);
    struct sim_packet *packet = send_range(connection, stream, range, header_bytes, now);
    stream->sent = range.end;
    if (stream->sent == total_of(stream))
        leave_new(connection, stream);
    return packet;
}

static struct sim_packet *send_lost(struct quic_connection *connection, sim_time now)
{
    struct quic_stream *stream = connection->lost_head;
    uint32_t header_bytes;
    struct range range = cut(connection, stream, stream->lost.items[0], &header_bytes);
    ranges_remove(&stream->lost, range);
    if (!stream->lost.count)
        leave_lost(connection, stream);
    return send_range(connection, stream, range, header_bytes, now);
}

/* What the oldest packet in flight carried; RFC 9002, 6.2.4 leaves the choice. */
static struct sim_packet *send_probe(struct quic_connection *connection, sim_time now)
{
    const struct quic_sent *oldest = quic_sent_at(connection, connection->una);
    const struct quic_stream *stream = demux_find(&connection->streams, oldest->stream);
    uint32_t header_bytes;
    connection->probes_due--;
    SIM_CHECK(stream, "a packet is in flight of a stream that is done");
    struct range range = cut(connection, stream, oldest->range, &header_bytes);
    connection->quic->counts.probes++;
    return send_range(connection, stream, range, header_bytes, now);
}

struct sim_packet *quic_connection_emit(struct quic_connection *connection, sim_time now)
{
    struct sim_packet *packet = NULL;
    switch (next_step(connection)) {
    case STEP_INITIAL:
        packet = send_initial(connection, now);
        break;
    case STEP_PROBE:
        packet = send_probe(connection, now);
        break;
    case STEP_LOST:
        packet = send_lost(connection, now);
        break;
    case STEP_NEW:
        packet = send_new(connection, now);
        break;
    case STEP_NONE:
        SIM_CHECK(false, "connection %u was ready and has nothing to send", connection->serial);
    }
    quic_connection_settle(connection);
    return packet;
}

void quic_connection_accepted(struct quic_connection *connection, const struct sim_packet *packet,
                              sim_time now)
{
    if (connection->accepted || packet->quic.packet != connection->first)
        return;
    connection->accepted = true;
    connection->initial_due = false;
    connection->backoff = 0;
    if (!connection->initial_twice) {
        sim_time rtt = now - connection->initial_at;
        connection->governor.srtt = connection->latest_rtt = connection->min_rtt = rtt;
        connection->governor.rttvar = rtt / 2;
        connection->measured_at = now;
    }
    quic_set_loss_timer(connection, now);
    quic_connection_settle(connection);
}
