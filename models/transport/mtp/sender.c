/* What is to be sent: messages and blobs, both as streams of packets.
 *
 * A message is one stream with an ID of its own; a blob is cut into one message per packet (3.1.2),
 * an endless flow is an endless blob. So that a blob costs no object per packet, its packets are
 * records in the destination's ring, indexed by the counter in their ID, and so is a message of one
 * packet. A message of several packets keeps them in a ring of its own.
 *
 * IDs are taken when the first packet is sent, not when the message is submitted: the 65536 IDs
 * that may be outstanding per destination bound what is under way, not what waits. Streams that
 * find no ID left wait until the oldest is forgotten.
 *
 * A message above 4 GiB does not fit the header's length and is sent as a blob.
 */
#include "mtp.h"

#include <stdlib.h>

/* ---- destinations and flows ---- */

static struct mtp_destination *destination_new(struct mtp *mtp, uint32_t host)
{
    struct mtp_destination *destination = mtp_new_lines(sizeof *destination);
    SIM_CHECK(mtp->destination_count < 65536, "a host sends to at most 65536 destinations");
    sim_timer_init(&destination->probe_timer, mtp_probe_fire);
    destination->mtp = mtp;
    destination->host = host;
    destination->index = (uint16_t)mtp->destination_count;
    const struct sim_path_entry implicit = {.path = 0};
    destination->unknown = mtp_path_get(mtp, destination, &implicit, 1);
    mtp->destinations =
        mtp_grow(mtp->destinations, mtp->destination_count, &mtp->destination_capacity);
    mtp->destinations[mtp->destination_count++] = destination;
    demux_add(&mtp->destination_by_host, host, destination);
    return destination;
}

struct mtp_destination *mtp_destination_get(struct mtp *mtp, uint32_t host)
{
    struct mtp_destination *destination = demux_find(&mtp->destination_by_host, host);
    return destination ? destination : destination_new(mtp, host);
}

static struct mtp_flow *flow_get(struct mtp_destination *destination, uint16_t src_port)
{
    struct mtp_flow *flow = demux_find(&destination->flows, src_port);
    if (flow)
        return flow;
    flow = mtp_new_lines(sizeof *flow);
    flow->queue.path = destination->unknown;
    flow->next = destination->first_flow;
    destination->first_flow = flow;
    demux_add(&destination->flows, src_port, flow);
    return flow;
}

void mtp_destination_free(struct mtp_destination *destination)
{
    sim_timer_clear(destination->mtp->env->timers, &destination->probe_timer);
    for (struct mtp_flow *flow = destination->first_flow, *next; flow; flow = next) {
        next = flow->next;
        mtp_queue_clear(&flow->queue);
        free(flow);
    }
    demux_clear(&destination->flows);
    mtp_ring_clear(&destination->ring);
    free(destination->last);
    free(destination);
}

/* ---- streams ---- */

static void host_link(struct mtp *mtp, struct mtp_stream *stream)
{
    stream->next = mtp->streams;
    stream->link = &mtp->streams;
    if (stream->next)
        stream->next->link = &stream->next;
    mtp->streams = stream;
}

static void host_unlink(struct mtp_stream *stream)
{
    *stream->link = stream->next;
    if (stream->next)
        stream->next->link = stream->link;
}

/* Enters or leaves the destination's list of those with something to send. */
static void update_pending(struct mtp_stream *stream, bool pending)
{
    stream->is_pending = pending;
    if (!pending) {
        *stream->pending_link = stream->pending_next;
        if (stream->pending_next)
            stream->pending_next->pending_link = stream->pending_link;
        return;
    }
    stream->pending_next = stream->destination->pending;
    stream->pending_link = &stream->destination->pending;
    if (stream->pending_next)
        stream->pending_next->pending_link = &stream->pending_next;
    stream->destination->pending = stream;
}

void mtp_stream_changed(struct mtp_stream *stream, sim_time now)
{
    bool pending = mtp_stream_to_send(stream);
    if (SIM_UNLIKELY(pending != stream->is_pending)) {
        update_pending(stream, pending);
        if (pending)
            mtp_probe_arm(stream->destination, now);
    }
    mtp_queue_stream(stream->mtp, stream, pending);
}

static uint32_t hash_of(const struct mtp *mtp, const struct mtp_stream *stream, uint64_t name)
{
    uint64_t hash = sim_mix64(name + ((uint64_t)stream->src_port << 48));
    return (uint32_t)sim_mix64(hash ^ ((uint64_t)mtp->env->host << 32 | stream->destination->host));
}

/* Splits the message into packets; packet 0 is shorter by its path exclude list. */
void mtp_stream_divide(struct mtp_stream *stream)
{
    uint64_t unit = stream->mtp->message_payload;
    uint64_t whole = stream->bytes + mtp_stream_exclude_bytes(stream);
    stream->packets = whole ? (uint32_t)((whole + unit - 1) / unit) : 1;
    stream->ring = stream->packets == 1 ? &stream->destination->ring : &stream->own;
}

static struct mtp_stream *stream_new(struct mtp *mtp, const struct sim_message *message)
{
    struct mtp_stream *stream = calloc(1, sizeof *stream);
    SIM_CHECK(stream, "out of memory for message %u", message->number);
    sim_timer_init(&stream->timer, mtp_timeout_fire);
    stream->mtp = mtp;
    stream->contender.stream = stream;
    stream->destination = mtp_destination_get(mtp, message->dst);
    stream->flow = flow_get(stream->destination, message->src_port);
    stream->flight = stream->lost = stream->acked = (struct mtp_list){MTP_NONE, MTP_NONE};
    stream->before = (struct mtp_gap){MTP_NONE, MTP_NONE, 0, 0};
    stream->bytes = stream->unsent = message->bytes;
    stream->number = message->number;
    stream->src_port = message->src_port;
    stream->dst_port = message->dst_port;
    stream->priority = message->priority;
    stream->blob = message->blob || message->bytes > UINT32_MAX;
    stream->encrypted = message->encrypted;
    stream->waiting_at = SIM_NEVER;
    stream->turn = ++mtp->turns;
    if (message->framed && !stream->blob) {
        stream->frame = malloc(sizeof *stream->frame);
        SIM_CHECK(stream->frame, "out of memory for message %u", message->number);
        *stream->frame = message->frame;
    }
    return stream;
}

void mtp_submit(struct mtp *mtp, const struct sim_message *message, sim_time now)
{
    SIM_CHECK(message->dst != mtp->env->host, "host %u sends to itself", message->dst);
    struct mtp_stream *stream = stream_new(mtp, message);
    stream->ring = &stream->destination->ring;
    if (stream->blob) {
        stream->hash = hash_of(mtp, stream, UINT64_C(1) << 47 | stream->number);
    } else {
        mtp_exclude_begin(stream);
        mtp_stream_divide(stream);
    }
    host_link(mtp, stream);
    mtp_stream_changed(stream, now);
}

void mtp_stream_identify(struct mtp_stream *stream, uint64_t counter)
{
    stream->id = (uint64_t)stream->destination->index << 48 | counter;
    stream->hash = hash_of(stream->mtp, stream, counter);
}

static void free_list(struct mtp_stream *stream, const struct mtp_list *list, sim_time now)
{
    for (uint32_t place = list->head; place != MTP_NONE;) {
        struct mtp_record *record = mtp_ring_at(stream->ring, place);
        if (record->state == MTP_FLIGHT)
            mtp_charge_release(stream->mtp, record, now);
        record->state = MTP_FREE;
        place = record->next;
    }
}

static void unstarve(struct mtp_stream *stream)
{
    for (struct mtp_stream **at = &stream->destination->starved; *at; at = &(*at)->starved_next)
        if (*at == stream) {
            *at = stream->starved_next;
            break;
        }
    stream->is_starved = false;
}

void mtp_destination_unstarve(struct mtp_destination *destination, sim_time now)
{
    while (destination->starved) {
        struct mtp_stream *stream = destination->starved;
        unstarve(stream);
        mtp_stream_changed(stream, now);
    }
}

void mtp_stream_free(struct mtp_stream *stream, sim_time now)
{
    struct mtp *mtp = stream->mtp;
    struct mtp_ring *ring = &stream->destination->ring;
    free_list(stream, &stream->flight, now);
    free_list(stream, &stream->lost, now);
    free_list(stream, &stream->acked, now);
    if (stream->ring == &stream->own && stream->started)
        mtp_ring_at(ring, (uint32_t)stream->id)->state = MTP_FREE;
    mtp_ring_advance(ring);
    mtp_queue_leave(stream);
    if (stream->is_pending)
        update_pending(stream, false);
    if (stream->is_starved)
        unstarve(stream);
    mtp_exclude_forget(stream);
    if (mtp->probing == stream)
        mtp->probing = NULL;
    sim_timer_clear(mtp->env->timers, &stream->timer);
    host_unlink(stream);
    mtp_ring_clear(&stream->own);
    struct mtp_destination *destination = stream->destination;
    free(stream->frame);
    free(stream);
    mtp_destination_unstarve(destination, now);
}

/* All records are dropped: what is still under way may acknowledge packets of the next round, which
 * are the same packets. */
void mtp_stream_restart(struct mtp_stream *stream, sim_time now)
{
    struct mtp_list none = {MTP_NONE, MTP_NONE};
    free_list(stream, &stream->flight, now);
    free_list(stream, &stream->lost, now);
    stream->flight = stream->lost = none;
    stream->before = (struct mtp_gap){MTP_NONE, MTP_NONE, 0, 0};
    stream->own.oldest = stream->own.next = 0;
    stream->unsent = stream->bytes;
    stream->lost_bytes = 0;
    stream->waiting_at = SIM_NEVER;
    if (stream->restarts < 255)
        stream->restarts++;
    mtp_stream_changed(stream, now);
}
