/* The sending end: which data goes to which subflow.
 *
 * Data is cut into chunks, each a segment, at the moment when a subflow can send it at once: to the
 * one with the least smoothed round trip whose window has room (the default scheduler of Linux).
 * TCP sees to it that a chunk arrives on its subflow. When a subflow's timer runs out, what it has
 * not acknowledged is given to others too (reinjection), and it gets no more until it has heard
 * something.
 *
 * The first subflow's handshake comes first; the others join when it is done (RFC 8684, 3.2). A
 * message is complete when it and all data before it are acknowledged: the data acknowledgement is
 * inferred from those of the subflows, which the receiver sends for the same segments.
 */
#include <stdlib.h>

#include "models/transport/mptcp/mptcp.h"

#define FIRST_CAPACITY 16u
#define NO_CHUNK       UINT32_MAX

struct view {
    struct sim_window_sample subflows[SIM_COUPLED_MAX]; /* established; id: its number */
    uint32_t count;
};

static struct view look(const struct mptcp_connection *connection)
{
    struct view view;
    view.count =
        connection->inner.ops->windows(connection->inner.tcp, view.subflows, SIM_COUPLED_MAX);
    return view;
}

static uint16_t port_of(const struct mptcp_connection *connection, uint32_t subflow)
{
    return (uint16_t)(connection->peer_port + subflow * MPTCP_PORT_STEP);
}

static uint64_t key_of(const struct mptcp_connection *connection, uint32_t subflow)
{
    return demux_key(connection->peer, port_of(connection, subflow), connection->own_port);
}

static struct mptcp_chunk *chunk_at(const struct mptcp_connection *connection, uint32_t number)
{
    return &connection->chunks[number & connection->chunk_mask];
}

static void give_to_tcp(struct mptcp_connection *connection, uint32_t subflow,
                        struct sim_message message, sim_time now)
{
    message.dst = connection->peer;
    message.src_port = connection->own_port;
    message.dst_port = port_of(connection, subflow);
    message.persistent = true;
    connection->inner.ops->submit(connection->inner.tcp, &message, now);
}

/* ---- chunks ---- */

static uint32_t chunk_push(struct mptcp_connection *connection, struct mptcp_chunk chunk)
{
    uint32_t capacity = connection->chunk_mask + 1;
    if (connection->chunk_end - connection->chunk_first == capacity) {
        struct mptcp_chunk *ring = malloc(2 * capacity * sizeof *ring);
        SIM_CHECK(ring && capacity, "out of memory for %u chunks", capacity);
        for (uint32_t i = connection->chunk_first; i != connection->chunk_end; i++)
            ring[i & (2 * capacity - 1)] = *chunk_at(connection, i);
        free(connection->chunks);
        connection->chunks = ring;
        connection->chunk_mask = 2 * capacity - 1;
    }
    *chunk_at(connection, connection->chunk_end) = chunk;
    return connection->chunk_end++;
}

/* The subflow with the least round trip that can take so many bytes now; or SIM_COUPLED_MAX. */
static uint32_t best_subflow(const struct mptcp_connection *connection, const struct view *view,
                             uint64_t bytes)
{
    uint32_t best = SIM_COUPLED_MAX;
    sim_time least = SIM_NEVER;
    for (uint32_t i = 0; i < view->count; i++) {
        const struct sim_window_sample *sample = &view->subflows[i];
        const struct mptcp_subflow *subflow = &connection->subflows[sample->id];
        uint64_t taken = sample->in_flight_bytes + subflow->waiting_bytes;
        if (subflow->stalled || taken + bytes > sample->window_bytes || sample->srtt >= least)
            continue;
        best = sample->id;
        least = sample->srtt;
    }
    return best;
}

/* What is to be given next; false: nothing. */
static bool next_chunk(struct mptcp_connection *connection, struct mptcp_chunk *chunk)
{
    while (connection->again.count) {
        uint64_t number = connection->again.items[0].start;
        *chunk = *chunk_at(connection, (uint32_t)number);
        bool there = (uint32_t)number - connection->chunk_first <
                     connection->chunk_end - connection->chunk_first;
        if (there && !ranges_cover(&connection->acked, chunk->data)) {
            *chunk = (struct mptcp_chunk){.data = chunk->data,
                                          .message = chunk->message,
                                          .last = chunk->last,
                                          .framed = chunk->framed,
                                          .again = true};
            return true;
        }
        ranges_remove(&connection->again, (struct range){number, number + 1});
    }
    const struct mptcp_message *message = connection->writing;
    if (!message)
        return false;
    uint64_t left = message->end - connection->next;
    uint64_t bytes =
        left < connection->mptcp->payload_bytes ? left : connection->mptcp->payload_bytes;
    *chunk = (struct mptcp_chunk){.data = {connection->next, connection->next + bytes},
                                  .message = message->number,
                                  .framed = message->frame && connection->next == message->start,
                                  .last = bytes == left};
    return true;
}

/* Gives one chunk to a subflow; false when there is none, or no room. */
static bool give_one(struct mptcp_connection *connection, sim_time now)
{
    struct mptcp_chunk chunk;
    const struct view view = look(connection);
    if (!next_chunk(connection, &chunk))
        return false;
    uint64_t bytes = chunk.data.end - chunk.data.start;
    chunk.subflow = (uint8_t)best_subflow(connection, &view, bytes);
    if (chunk.subflow == SIM_COUPLED_MAX)
        return false;
    if (chunk.again) {
        uint64_t number = connection->again.items[0].start;
        ranges_remove(&connection->again, (struct range){number, number + 1});
    } else {
        connection->next = chunk.data.end;
        if (chunk.last)
            connection->writing = connection->writing->next;
    }
    connection->subflows[chunk.subflow].waiting_bytes += bytes;
    const struct sim_message message = {
        .number = chunk_push(connection, chunk), .bytes = bytes, .part = true, .tells = true};
    give_to_tcp(connection, chunk.subflow, message, now);
    return true;
}

/* What a stalled subflow has not acknowledged. */
static void reinject(struct mptcp_connection *connection, uint32_t subflow)
{
    for (uint32_t i = connection->chunk_first; i != connection->chunk_end; i++) {
        struct mptcp_chunk *chunk = chunk_at(connection, i);
        if (chunk->subflow != subflow || chunk->acked || chunk->abandoned || chunk->closes)
            continue;
        chunk->abandoned = true;
        ranges_add(&connection->again, (struct range){i, (uint64_t)i + 1}, NULL);
    }
}

/* ---- what comes from TCP ---- */

static void app_sent(void *app, uint32_t number, sim_time now)
{
    struct mptcp_connection *connection = app;
    const struct mptcp_chunk *chunk = chunk_at(connection, number);
    (void)now;
    connection->subflows[chunk->subflow].waiting_bytes -= chunk->data.end - chunk->data.start;
    connection->sent_chunk = number;
}

static void complete_messages(struct mptcp_connection *connection, sim_time now)
{
    const struct sim_transport_env *env = connection->mptcp->env;
    while (connection->head && connection->head->end <= connection->una) {
        struct mptcp_message *message = connection->head;
        uint32_t number = message->number;
        connection->head = message->next;
        free(message->frame);
        free(message);
        env->app_ops->completed(env->app, number, now);
    }
}

static void app_completed(void *app, uint32_t number, sim_time now)
{
    struct mptcp_connection *connection = app;
    struct mptcp_chunk *chunk = chunk_at(connection, number);
    chunk->acked = true;
    if (chunk->closes)
        connection->open_count--;
    else
        ranges_add(&connection->acked, chunk->data, NULL);
    while (connection->chunk_first != connection->chunk_end &&
           chunk_at(connection, connection->chunk_first)->acked)
        connection->chunk_first++;
    if (connection->acked.count && connection->acked.items[0].start <= connection->una) {
        connection->acked.floor = connection->una =
            ranges_advance(&connection->acked, connection->una);
        complete_messages(connection, now);
    }
}

static const struct sim_app_ops sender_app = {.completed = app_completed, .sent = app_sent};

/* ---- whose turn it is ---- */

static void open_subflow(struct mptcp_connection *connection, uint32_t subflow, sim_time now)
{
    demux_add(&connection->mptcp->subflows, key_of(connection, subflow), connection);
    connection->open_count++;
    give_to_tcp(connection, subflow, (struct sim_message){.opens = true}, now);
}

static void close_subflows(struct mptcp_connection *connection, sim_time now)
{
    connection->closing = true;
    for (uint32_t i = 0, count = connection->open_count; i < count; i++) {
        struct mptcp_chunk chunk = {.subflow = (uint8_t)i, .closes = true};
        const struct sim_message message = {
            .number = chunk_push(connection, chunk), .part = true, .closes = true};
        give_to_tcp(connection, i, message, now);
    }
}

static bool can_give(struct mptcp_connection *connection, const struct view *view)
{
    struct mptcp_chunk chunk;
    return next_chunk(connection, &chunk) &&
           best_subflow(connection, view, chunk.data.end - chunk.data.start) != SIM_COUPLED_MAX;
}

static void settle(struct mptcp_connection *connection, sim_time now)
{
    const struct view view = look(connection);
    for (uint32_t i = 0; i < view.count; i++) {
        struct mptcp_subflow *subflow = &connection->subflows[view.subflows[i].id];
        if (view.subflows[i].stalled && !subflow->stalled)
            reinject(connection, view.subflows[i].id);
        subflow->stalled = view.subflows[i].stalled;
    }
    if (view.count && !connection->joined) {
        connection->joined = true;
        for (uint32_t i = 1; i < connection->mptcp->params->subflows; i++)
            open_subflow(connection, i, now);
    }
    if (!connection->persistent && !connection->head && !connection->closing)
        close_subflows(connection, now);
    mptcp_inner_settle(&connection->inner);
    ring_set(&connection->mptcp->ready, &connection->turn,
             connection->inner.tcp->ready || can_give(connection, &view));
    mptcp_update_ready(connection->mptcp);
}

static void changed(struct mptcp_inner *inner, sim_time now)
{
    settle((struct mptcp_connection *)((char *)inner - offsetof(struct mptcp_connection, inner)),
           now);
}

/* ---- connections ---- */

static struct mptcp_connection *connection_new(struct mptcp *mptcp,
                                               const struct sim_message *message, uint16_t port,
                                               sim_time now)
{
    struct mptcp_connection *connection = calloc(1, sizeof *connection);
    SIM_CHECK(connection, "out of memory for a connection of host %u", mptcp->env->host);
    connection->mptcp = mptcp;
    connection->serial = mptcp->serials++;
    connection->peer = message->dst;
    connection->peer_port = message->dst_port;
    connection->own_port = port;
    connection->persistent = message->persistent;
    /* The time, as in TCP: a later connection with the same addresses is newer in numbers too. */
    connection->first = connection->next = connection->last = connection->una = (uint64_t)now;
    connection->acked.floor = connection->una;
    connection->chunk_mask = FIRST_CAPACITY - 1;
    connection->chunks = malloc(FIRST_CAPACITY * sizeof *connection->chunks);
    SIM_CHECK(connection->chunks, "out of memory for a connection of host %u", mptcp->env->host);
    mptcp_inner_init(&connection->inner, mptcp, &sender_app, connection, changed);
    connection->inner.env.group = &connection->group;
    connection->inner.env.eager = true;
    connection->inner.ops->init(connection->inner.tcp, mptcp->subflow_params,
                                &connection->inner.env);
    connection->all_previous = mptcp->tail;
    *(mptcp->tail ? &mptcp->tail->all_next : &mptcp->head) = connection;
    mptcp->tail = connection;
    open_subflow(connection, 0, now);
    return connection;
}

void mptcp_connection_free(struct mptcp_connection *connection)
{
    struct mptcp *mptcp = connection->mptcp;
    uint32_t opened = connection->joined ? (uint32_t)mptcp->params->subflows : 1;
    connection->inner.ops->count(connection->inner.tcp, &mptcp->counts);
    ring_set(&mptcp->ready, &connection->turn, false);
    for (uint32_t i = 0; i < opened; i++)
        demux_remove(&mptcp->subflows, key_of(connection, i));
    *(connection->all_previous ? &connection->all_previous->all_next : &mptcp->head) =
        connection->all_next;
    *(connection->all_next ? &connection->all_next->all_previous : &mptcp->tail) =
        connection->all_previous;
    mptcp_inner_clear(&connection->inner);
    while (connection->head) {
        struct mptcp_message *message = connection->head;
        connection->head = message->next;
        free(message->frame);
        free(message);
    }
    ranges_clear(&connection->acked);
    ranges_clear(&connection->again);
    free(connection->chunks);
    free(connection);
}

/* Whether none of the addresses is taken. */
static bool is_free(const struct mptcp *mptcp, const struct sim_message *message, uint16_t port)
{
    for (uint32_t i = 0; i < mptcp->params->subflows; i++)
        if (demux_find(
                &mptcp->subflows,
                demux_key(message->dst, (uint16_t)(message->dst_port + i * MPTCP_PORT_STEP), port)))
            return false;
    return true;
}

/* The connection that a message goes to; NULL when all ports are in use. */
static struct mptcp_connection *connection_for(struct mptcp *mptcp,
                                               const struct sim_message *message, sim_time now)
{
    bool own = message->own_port && !message->persistent;
    uint16_t first = own ? message->own_port : message->src_port, port = first;
    do {
        struct mptcp_connection *connection =
            demux_find(&mptcp->subflows, demux_key(message->dst, message->dst_port, port));
        if (connection && connection->peer_port == message->dst_port && connection->persistent &&
            message->persistent)
            return connection;
        if (is_free(mptcp, message, port))
            return connection_new(mptcp, message, port, now);
        port++;
    } while (port != first);
    return NULL;
}

void mptcp_submit_message(struct mptcp *mptcp, const struct sim_message *message, sim_time now)
{
    struct mptcp_connection *connection = connection_for(mptcp, message, now);
    if (!connection) { /* as a connect that fails: the message stays unfinished */
        mptcp->counts.given_up++;
        return;
    }
    struct mptcp_message *queued = calloc(1, sizeof *queued);
    SIM_CHECK(queued, "out of memory for message %u", message->number);
    uint64_t bytes = message->bytes ? message->bytes : 1; /* the application's framing, as in TCP */
    bool endless = bytes >= SIM_ENDLESS - connection->last;
    queued->number = message->number;
    queued->frame = framing_of(message);
    queued->start = connection->last;
    queued->end = connection->last = endless ? UINT64_MAX : connection->last + bytes;
    *(connection->head ? &connection->tail->next : &connection->head) = queued;
    connection->tail = queued;
    if (!connection->writing)
        connection->writing = queued;
    settle(connection, now);
}

/* ---- packets ---- */

static const struct mptcp_chunk *chunk_of(struct mptcp_connection *connection,
                                          const struct sim_packet *packet, uint32_t subflow)
{
    if (connection->sent_chunk != NO_CHUNK) {
        struct mptcp_chunk *chunk = chunk_at(connection, connection->sent_chunk);
        chunk->seq = packet->tcp.seq;
        return chunk;
    }
    for (uint32_t i = connection->chunk_first; i != connection->chunk_end; i++) {
        const struct mptcp_chunk *chunk = chunk_at(connection, i);
        if (chunk->subflow == subflow && chunk->seq == packet->tcp.seq)
            return chunk;
    }
    SIM_CHECK(false, "a segment of subflow %u has no mapping", subflow);
    return NULL;
}

/* The frame of the message that begins with the chunk; NULL: none does, or it is complete. */
static const struct sim_frame *frame_of(const struct mptcp_connection *connection,
                                        const struct mptcp_chunk *chunk)
{
    for (const struct mptcp_message *at = connection->head; chunk->framed && at; at = at->next)
        if (at->start >= chunk->data.start)
            return at->start == chunk->data.start ? at->frame : NULL;
    return NULL;
}

/* The options that go with what TCP sends. */
static void add_options(struct mptcp_connection *connection, struct sim_packet *packet)
{
    struct mptcp *mptcp = connection->mptcp;
    uint16_t ports = (uint16_t)(packet->tcp.dst_port - connection->peer_port);
    uint8_t subflow = (uint8_t)(ports / MPTCP_PORT_STEP);
    struct sim_mapping *mapping = &sim_packet_lists(mptcp->env->pool, packet)->tcp.mapping;
    if (packet->tcp.flags & SIM_TCP_SYN) {
        packet->size_bytes += subflow ? MPTCP_JOIN_SYN_BYTES : MPTCP_CAPABLE_SYN_BYTES;
        *mapping = (struct sim_mapping){.seq = connection->first, .subflow = subflow};
    } else if (packet->tcp.payload_bytes) {
        const struct mptcp_chunk *chunk = chunk_of(connection, packet, subflow);
        *mapping = (struct sim_mapping){.seq = chunk->data.start,
                                        .message = chunk->message,
                                        .subflow = subflow,
                                        .last = chunk->last};
        packet->size_bytes += MPTCP_DATA_BYTES;
        framing_write(mptcp->env->pool, packet, frame_of(connection, chunk));
        if (chunk->again && !(packet->flags & SIM_PACKET_RESENT)) {
            packet->flags |= SIM_PACKET_RESENT;
            mptcp->counts.retransmissions++;
        }
    } else {
        packet->size_bytes += MPTCP_ACK_BYTES; /* a FIN */
        return;
    }
    packet->flags |= SIM_PACKET_MAPPED;
}

struct sim_packet *mptcp_connection_emit(struct mptcp_connection *connection, sim_time now)
{
    struct mptcp_inner *inner = &connection->inner;
    sim_time again;
    while (!inner->tcp->ready && give_one(connection, now))
        continue;
    connection->sent_chunk = NO_CHUNK;
    struct sim_packet *packet =
        inner->tcp->ready ? inner->ops->transmit(inner->tcp, now, &again) : NULL;
    if (packet)
        add_options(connection, packet);
    settle(connection, now);
    return packet;
}

void mptcp_connection_receive(struct mptcp_connection *connection, struct sim_packet *packet,
                              sim_time now)
{
    struct mptcp_inner *inner = &connection->inner;
    struct sim_packet *answer = inner->ops->receive(inner->tcp, packet, now);
    if (answer) /* RST to an old answer: nobody is there who would need it */
        sim_packet_free(connection->mptcp->env->pool, answer);
    if (connection->closing && !connection->open_count) {
        struct mptcp *mptcp = connection->mptcp;
        mptcp_connection_free(connection);
        mptcp_update_ready(mptcp);
        return;
    }
    settle(connection, now);
}
