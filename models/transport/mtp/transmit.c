/* Choosing the next packet and building it.
 *
 * The payload of a full packet leaves room for the feedback of `feedback_headroom` entries as long
 * as an ECN mark's (8 bytes each, and 4 for the list): 1376 bytes of a message and 1352 of a blob
 * are payload in 1500, 91.7 % and 90.1 %. With a headroom of 2 entries it is 94.9 % and 93.3 %.
 * Devices that find no room append nothing. Entries of other types are longer: a rate's 15 bytes
 * take the room of two.
 *
 * Priority goes into each packet as it is. The hash that spreads packets over equal paths is of the
 * sender and the message, of a blob as a whole: a blob's packets are separate messages to every
 * device that looks at messages, but a plain hash should not reorder it.
 */
#include "mtp.h"

/* The packet that a stream sends next. */
struct next {
    uint64_t offset;
    uint32_t payload;
    uint32_t requests; /* bytes of the path's requests */
    uint32_t bytes;    /* on the wire, with these */
};

static inline void next_of_blob(const struct mtp_stream *stream, struct next *next)
{
    uint32_t most = stream->mtp->blob_payload;
    next->offset = stream->next_offset;
    next->payload = stream->unsent < most ? (uint32_t)stream->unsent : most;
}

static void next_of_message(const struct mtp_stream *stream, struct next *next)
{
    uint64_t unit = stream->mtp->message_payload;
    uint64_t packet = stream->packets > 1 ? stream->own.next : 0;
    uint32_t shift = mtp_stream_exclude_bytes(stream);
    uint64_t end = (packet + 1) * unit - shift;
    next->offset = packet ? packet * unit - shift : 0;
    next->payload = (uint32_t)((end < stream->bytes ? end : stream->bytes) - next->offset);
}

static void next_of_lost(const struct mtp_stream *stream, struct next *next)
{
    const struct mtp_record *record = mtp_ring_at(stream->ring, stream->lost.head);
    next->offset = record->offset;
    next->payload = record->payload;
}

static inline uint32_t wire_bytes(const struct mtp_stream *stream, uint32_t payload,
                                  uint64_t offset)
{
    uint32_t list = stream->blob || offset ? 0 : mtp_stream_exclude_bytes(stream);
    return MTP_IP_BYTES + MTP_FIXED_BYTES + (stream->blob ? MTP_SHIM_BYTES : 0) + list + payload;
}

/* The path's requests, in a packet that without them has so many bytes. */
static inline uint32_t request_bytes(const struct mtp_stream *stream, const struct mtp_path *path,
                                     uint32_t bytes)
{
    if (SIM_LIKELY(!path->request_bytes))
        return 0;
    return bytes + path->request_bytes <= stream->mtp->env->mtu_bytes ? path->request_bytes : 0;
}

static inline struct next next_of(const struct mtp_stream *stream, const struct mtp_path *path)
{
    struct next next;
    if (SIM_UNLIKELY(stream->lost.head != MTP_NONE))
        next_of_lost(stream, &next);
    else if (stream->blob)
        next_of_blob(stream, &next);
    else
        next_of_message(stream, &next);
    uint32_t bytes = wire_bytes(stream, next.payload, next.offset);
    next.requests = request_bytes(stream, path, bytes);
    next.bytes = bytes + next.requests;
    return next;
}

uint32_t mtp_stream_next_bytes(const struct mtp_stream *stream, const struct mtp_path *path)
{
    return next_of(stream, path).bytes;
}

/* ---- records ---- */

/* The record of a packet that is sent for the first time. Gives its place. */
static uint32_t push_blob(struct mtp_stream *stream)
{
    struct mtp_ring *ring = &stream->destination->ring;
    mtp_ring_push(ring);
    stream->live++;
    return (uint32_t)(ring->next - 1);
}

static uint32_t push_message(struct mtp_stream *stream)
{
    struct mtp_ring *ring = &stream->destination->ring;
    if (!stream->started) {
        struct mtp_record *slot = mtp_ring_push(ring);
        slot->state = MTP_MESSAGE;
        slot->stream = stream;
        mtp_stream_identify(stream, ring->next - 1);
    }
    if (stream->packets == 1)
        return (uint32_t)stream->id;
    struct mtp_record *record = mtp_ring_push(&stream->own);
    uint32_t place = (uint32_t)(stream->own.next - 1);
    if (place < stream->packets_begun)
        record->sends = 1;
    else
        stream->packets_begun = place + 1;
    return place;
}

static uint32_t push_new(struct mtp_stream *stream, const struct next *next)
{
    uint32_t place = stream->blob ? push_blob(stream) : push_message(stream);
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    record->stream = stream;
    record->offset = next->offset;
    record->payload = (uint16_t)next->payload;
    record->restart = stream->restarts > 0;
    if (stream->unsent != SIM_ENDLESS)
        stream->unsent -= next->payload;
    stream->next_offset = next->offset + next->payload;
    stream->started = true;
    return place;
}

static uint32_t take_lost(struct mtp_stream *stream)
{
    uint32_t place = stream->lost.head;
    stream->lost_bytes -= mtp_ring_at(stream->ring, place)->payload;
    mtp_list_remove(&stream->lost, stream->ring, place);
    return place;
}

/* ---- packets ---- */

static uint64_t id_of(const struct mtp_stream *stream, uint32_t place)
{
    if (!stream->blob)
        return stream->id;
    const struct mtp_ring *ring = stream->ring;
    uint64_t counter = ring->oldest + (uint32_t)(place - (uint32_t)ring->oldest);
    return (uint64_t)stream->destination->index << 48 | counter;
}

static void fill_lists(const struct mtp_stream *stream, const struct mtp_record *record,
                       union sim_packet_lists *lists, union sim_packet_rare *rare)
{
    lists->mtp.sack_count = 0;
    lists->mtp.nack_count = 0;
    lists->mtp.number = stream->number;
    lists->mtp.has_blob = stream->blob;
    lists->mtp.exclude_count = 0;
    if (stream->blob) {
        lists->mtp.blob_id = stream->number;
        lists->mtp.blob_offset = record->offset;
        lists->mtp.blob_bytes = stream->bytes;
    } else if (record->offset == 0) {
        lists->mtp.exclude_count = stream->exclude_count;
        for (uint32_t i = 0; i < stream->exclude_count; i++)
            rare->mtp.exclude[i] = stream->exclude[i];
        if (SIM_UNLIKELY(stream->frame != NULL))
            rare->frame = *stream->frame;
    }
}

static void fill_header(const struct mtp_stream *stream, const struct mtp_record *record,
                        uint32_t place, struct sim_mtp_header *header)
{
    *header = (struct sim_mtp_header){
        .src_port = stream->src_port,
        .dst_port = stream->dst_port,
        .flags = (uint8_t)(SIM_MTP_DATA | (stream->encrypted ? SIM_MTP_ENCRYPTED : 0)),
        .payload_bytes = record->payload,
        .message = id_of(stream, place),
        .message_bytes = record->payload,
        .message_packets = 1,
    };
    if (!stream->blob) {
        header->message_bytes = (uint32_t)stream->bytes;
        header->message_packets = stream->packets;
        header->packet = stream->packets > 1 ? place : 0;
        header->offset_bytes = (uint32_t)record->offset;
    }
    if (record->restart && header->packet == 0)
        header->flags |= SIM_MTP_RESTART;
}

static struct sim_packet *build(const struct mtp_stream *stream, const struct mtp_record *record,
                                uint32_t place)
{
    const struct sim_transport_env *env = stream->mtp->env;
    struct sim_packet *packet = sim_packet_new(env->pool);
    packet->size_bytes = record->charge;
    packet->ecn = SIM_ECN_ECT;
    packet->protocol = SIM_PROTOCOL_MTP;
    packet->src = env->host;
    packet->dst = stream->destination->host;
    packet->hash = stream->hash;
    packet->priority = stream->priority;
    packet->flags = (uint8_t)(SIM_PACKET_FEEDBACK | (record->sends > 1 ? SIM_PACKET_RESENT : 0));
    if (SIM_UNLIKELY(stream->frame && record->offset == 0))
        packet->flags |= SIM_PACKET_FRAMED;
    fill_header(stream, record, place, &packet->mtp);
    fill_lists(stream, record, sim_packet_lists(env->pool, packet),
               sim_packet_rare(env->pool, packet));
    return packet;
}

static void count_sent(struct mtp *mtp, const struct mtp_record *record)
{
    mtp->counts.data_packets++;
    mtp->counts.data_payload_bytes += record->payload;
    mtp->counts.data_header_bytes += (uint64_t)record->charge - record->payload;
    mtp->counts.retransmissions += record->sends > 1;
}

static struct sim_packet *send_next(struct mtp_stream *stream, struct mtp_path *path,
                                    const struct next *next, sim_time now)
{
    struct mtp *mtp = stream->mtp;
    bool again = stream->lost.head != MTP_NONE;
    uint32_t place = again ? take_lost(stream) : push_new(stream, next);
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    record->state = MTP_FLIGHT;
    record->sent_at = now;
    record->clock = mtp->clock;
    record->sends += record->sends < 255;
    mtp_charge(mtp, record, path, next->bytes, now);
    mtp->clock += record->charge;
    stream->destination->sent_at = now;
    bool first = stream->flight.head == MTP_NONE;
    mtp_flight_append(stream, place);
    if (first && !again && !stream->restarts)
        stream->progress_at = now;
    stream->turn = ++mtp->turns;
    mtp_stream_changed(stream, now);
    if (first)
        mtp_timeout_arm(stream, now);
    count_sent(mtp, record);
    struct sim_packet *packet = build(stream, record, place);
    if (SIM_UNLIKELY(next->requests))
        mtp_requests_fill(mtp, path, packet, record);
    mtp_debug_check(mtp, packet);
    return packet;
}

struct sim_packet *mtp_stream_send(struct mtp_stream *stream, struct mtp_path *path, sim_time now)
{
    struct next next = next_of(stream, path);
    return send_next(stream, path, &next, now);
}

/* ---- choosing ---- */

/* No ID is left for the stream at the head of the queue. */
static inline bool lacks_id(const struct mtp_stream *stream)
{
    const struct mtp_ring *ring = &stream->destination->ring;
    return SIM_UNLIKELY(ring->next - ring->oldest >= MTP_ID_WINDOW) && mtp_stream_needs_id(stream);
}

static void starve(struct mtp_stream *stream, sim_time now)
{
    struct mtp_destination *destination = stream->destination;
    stream->is_starved = true;
    stream->starved_next = destination->starved;
    destination->starved = stream;
    mtp_stream_changed(stream, now);
}

/* A window that a stream ahead of this one waits for: its room is not for a smaller packet behind.
 */
static struct mtp_window *claimed(const struct mtp_path *path, const struct mtp_stream *stream)
{
    for (uint32_t i = 0; i < path->window_count; i++)
        for (const struct mtp_path *at = path->windows[i]->waiting; at; at = at->waits_next)
            if (mtp_stream_before(at->contender.stream, stream))
                return path->windows[i];
    return NULL;
}

/* Puts a path aside that may not send now. */
static void set_aside(struct mtp *mtp, struct mtp_path *path, const struct mtp_room *room,
                      sim_time *again)
{
    if (room->full) {
        room->full->limited_clock = mtp->clock;
        path->full = room->full;
        mtp_path_wait(mtp, path, &room->full->waiting, MTP_BLOCKED);
        return;
    }
    mtp_path_wait(mtp, path, &mtp->paced, MTP_PACED);
    *again = room->pace_at < *again ? room->pace_at : *again;
}

/* A stream of a full path asks for another one, and then the next in order. */
static void ask(struct mtp *mtp, struct mtp_path *path, struct mtp_stream *stream, sim_time now)
{
    if (!mtp_exclude_ask(stream, path, now))
        path->full->limited_clock = mtp->clock;
    mtp_path_set_asker(mtp, path, mtp_exclude_next(path, stream, now));
}

/* Between the timer that chose the stream and this pull it may have lost its only packet to an
 * acknowledgement, or the last message ID to another stream. */
static bool may_probe(struct mtp *mtp, sim_time now)
{
    struct mtp_stream *stream = mtp->probing;
    if (mtp_stream_to_send(stream)) {
        if (!lacks_id(stream))
            return true;
        starve(stream, now);
    }
    mtp->probing = NULL;
    return false;
}

struct sim_packet *mtp_transmit(struct mtp *mtp, sim_time now, sim_time *again)
{
    *again = SIM_NEVER;
    if (SIM_UNLIKELY(mtp->probing) && may_probe(mtp, now))
        return mtp_probe_send(mtp, now);
    if (SIM_UNLIKELY(mtp->paced))
        mtp_paths_wake(mtp, &mtp->paced);
    while (mtp->ready.count) {
        struct mtp_contender *first = mtp->ready.entries[0];
        struct mtp_path *path = mtp_path_of(first);
        struct mtp_stream *stream = first->stream;
        if (SIM_UNLIKELY(lacks_id(stream))) {
            starve(stream, now);
            continue;
        }
        if (SIM_UNLIKELY(first->asks)) {
            ask(mtp, path, stream, now);
            continue;
        }
        struct next next = next_of(stream, path);
        struct mtp_room room;
        if (mtp_path_room(path, next.bytes, now, &room)) {
            room.full = claimed(path, stream);
            if (SIM_UNLIKELY(mtp->may_exclude) && !room.full && !stream->started &&
                mtp_exclude_start(stream, path, now))
                continue;
            if (SIM_LIKELY(!room.full))
                return send_next(stream, path, &next, now);
        }
        bool may_ask = mtp->may_exclude && room.full;
        if (SIM_UNLIKELY(may_ask) && mtp_exclude_ask(stream, path, now))
            continue;
        set_aside(mtp, path, &room, again);
        if (SIM_UNLIKELY(may_ask))
            mtp_path_set_asker(mtp, path, mtp_exclude_next(path, stream, now));
    }
    /* Paced paths keep it ready: the NIC asks again at *again. */
    mtp->transport.ready = mtp->paced != NULL;
    return NULL;
}
