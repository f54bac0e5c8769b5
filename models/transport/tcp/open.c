/* Senders come and go: submission, the connection that a message takes, and the memory. With one
 * connection a message this happens once in a dozen packets, so a sender's memory (the record, the
 * scoreboard's ring, the congestion state) is kept for the next one. */
#include "connection.h"

#include <stdlib.h>
#include <string.h>

static struct tcp_sender *sender_alloc(struct tcp *tcp)
{
    size_t offset = (sizeof(struct tcp_sender) + 15) & ~(size_t)15;
    struct tcp_sender *sender = tcp->idle;
    if (sender) {
        tcp->idle = sender->all_next;
        return sender;
    }
    sender = calloc(1, offset + tcp->congestion->plugin.state_size);
    SIM_CHECK(sender, "out of memory for connection %u", tcp->serials);
    sender->congestion_state = (char *)sender + offset;
    sender->outgoing.mask = 1;
    sender->outgoing.ring = calloc(2, sizeof *sender->outgoing.ring);
    SIM_CHECK(sender->outgoing.ring, "out of memory for connection %u", tcp->serials);
    tcp_segments_init(&sender->segments);
    return sender;
}

/* Zeroes a sender, except the memory that it brings along. */
static void sender_reset(struct tcp *tcp, struct tcp_sender *sender)
{
    struct tcp_sender fresh = {
        .tcp = tcp,
        .congestion = tcp->congestion,
        .congestion_state = sender->congestion_state,
        .segments = sender->segments,
        .outgoing = {.ring = sender->outgoing.ring, .mask = sender->outgoing.mask},
        .complete_at = UINT64_MAX,
        .rto = tcp->params->initial_rto,
        .rack = tcp->params->loss_detection == TCP_RACK,
        .rack_state = {.min_rtt = SIM_NEVER, .window_multiple = 1},
        .eager = tcp->env->eager,
        .cold = TCP_HANDSHAKE | TCP_SYN_DUE,
        .serial = tcp->serials++,
    };
    tcp_segments_reset(&fresh.segments);
    memset(sender->congestion_state, 0, tcp->congestion->plugin.state_size);
    *sender = fresh;
    sim_timer_init(&sender->rto_timer, tcp_rto_fire);
    sim_timer_init(&sender->pacing_timer, tcp_sender_pacing_timer);
    sim_timer_init(&sender->rack_state.timer, tcp_recovery_reordering_timer);
}

static struct tcp_sender *sender_new(struct tcp *tcp, const struct sim_message *message,
                                     uint16_t port, sim_time now)
{
    struct tcp_sender *sender = sender_alloc(tcp);
    sender_reset(tcp, sender);
    sender->persistent = message->persistent;
    sender->peer = message->dst;
    sender->peer_port = message->dst_port;
    sender->own_port = port;
    sender->hash = tcp_flow_hash(tcp->env->host, message->dst, port, message->dst_port);
    sender->key = demux_key(message->dst, message->dst_port, port);
    sender->una = (uint64_t)now;
    sender->next = sender->limit = sender->outgoing.last_seq = sender->una + 1;
    sender->peer_edge = sender->next;
    demux_add(&tcp->senders, sender->key, sender);
    sender->all_previous = tcp->senders_tail;
    if (tcp->senders_tail)
        tcp->senders_tail->all_next = sender;
    else
        tcp->senders_head = sender;
    tcp->senders_tail = sender;
    return sender;
}

void tcp_sender_free(struct tcp_sender *sender)
{
    struct tcp *tcp = sender->tcp;
    sim_timer_clear(tcp->env->timers, &sender->rto_timer);
    sim_timer_clear(tcp->env->timers, &sender->pacing_timer);
    sim_timer_clear(tcp->env->timers, &sender->rack_state.timer);
    if (sender->ready_next)
        tcp_sender_leave_ring(sender);
    tcp_update_ready(tcp);
    demux_remove(&tcp->senders, sender->key);
    if (tcp->last_sender == sender)
        tcp->last_sender = NULL;
    *(sender->all_previous ? &sender->all_previous->all_next : &tcp->senders_head) =
        sender->all_next;
    *(sender->all_next ? &sender->all_next->all_previous : &tcp->senders_tail) =
        sender->all_previous;
    sender->all_next = tcp->idle;
    tcp->idle = sender;
}

static void outgoing_push(struct tcp_sender *sender, uint64_t end,
                          const struct sim_message *message)
{
    uint32_t capacity = sender->outgoing.mask + 1;
    if (sender->outgoing.end - sender->outgoing.first == capacity) {
        struct tcp_outgoing *ring = malloc(2 * capacity * sizeof *ring);
        SIM_CHECK(ring, "out of memory for %u messages", capacity);
        for (uint32_t i = sender->outgoing.first; i != sender->outgoing.end; i++)
            ring[i & (2 * capacity - 1)] = *tcp_outgoing_at(sender, i);
        free(sender->outgoing.ring);
        sender->outgoing.ring = ring;
        sender->outgoing.mask = 2 * capacity - 1;
    }
    struct tcp_outgoing *outgoing =
        &sender->outgoing.ring[sender->outgoing.end++ & sender->outgoing.mask];
    *outgoing = (struct tcp_outgoing){
        .end = end,
        .number = message->number,
        .part = message->part,
        .tells = message->tells,
        .framed = message->framed,
        .frame = message->frame,
    };
    outgoing->frame.part = message->part;
}

/* The connection that a message goes to; NULL when all ports are in use. A message on its own
 * connection takes the next free port when an earlier one with the same addresses is still open. */
static struct tcp_sender *sender_for(struct tcp *tcp, const struct sim_message *message,
                                     sim_time now)
{
    bool own = message->own_port && !message->persistent;
    uint16_t first = own ? message->own_port : message->src_port;
    uint16_t port = first;
    for (;; port++) {
        uint64_t key = demux_key(message->dst, message->dst_port, port);
        struct tcp_sender *sender = demux_find(&tcp->senders, key);
        if (!sender)
            return sender_new(tcp, message, port, now);
        if (sender->persistent && message->persistent)
            return sender;
        if ((uint16_t)(port + 1) == first)
            return NULL;
    }
}

void tcp_sender_submit(struct tcp *tcp, const struct sim_message *message, sim_time now)
{
    struct tcp_sender *sender = sender_for(tcp, message, now);
    if (!sender) { /* as a connect that fails: the message stays unfinished */
        tcp->counts.given_up++;
        return;
    }
    if (message->opens) {
        sender->persistent = true;
        tcp_sender_settle(sender, now);
        return;
    }
    uint64_t end = sender->outgoing.last_seq;
    uint64_t bytes = message->bytes;
    if (!bytes && message->persistent && !message->closes)
        bytes = 1; /* a stream cannot tell of nothing: the application's framing takes a byte */
    end = bytes < SIM_ENDLESS - end ? end + bytes : UINT64_MAX;
    outgoing_push(sender, end, message);
    sender->persistent = message->persistent && !message->closes;
    sender->outgoing.last_seq = end;
    if (sender->outgoing.end - sender->outgoing.writing == 1)
        tcp_sender_begin_message(sender);
    if (sender->outgoing.end - sender->outgoing.first == 1)
        sender->complete_at = tcp_sender_complete_at(sender);
    if (!bytes)
        sender->cold |= TCP_FIN_DUE;
    tcp_sender_settle(sender, now);
}
