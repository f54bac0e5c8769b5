/* The sending end of a reliable connection (RC): go-back-N.
 *
 * A NAK names the packet that is missing; from it on everything is sent again, whether it arrived
 * or not. So does the timer, when nothing is acknowledged for its time; it does not back off, and
 * the number of tries is not limited (a real queue pair breaks after seven).
 *
 * Every `ack_every`-th packet asks for an acknowledgement, as adapters do, and so does one that
 * leaves no room for another in half of the window since the last that asked: if only the last
 * packet that the window allows did, the sender would wait a round trip for each window. A window
 * that shrinks may still leave nothing in flight that will be answered; then one packet goes
 * regardless of it, and asks.
 */
#include <stdlib.h>

#include "models/transport/rdma/rdma.h"

#define FIRST_CAPACITY 16u

/* ---- what is sent ---- */

static struct rdma_sent *sent_at(const struct rdma_requester *requester, uint64_t psn)
{
    return &requester->sent[psn & requester->mask];
}

static void grow(struct rdma_requester *requester)
{
    uint32_t capacity = (requester->mask + 1) * 2;
    struct rdma_sent *ring = malloc(capacity * sizeof *ring);
    SIM_CHECK(ring && capacity, "out of memory for %u packets", capacity);
    for (uint64_t psn = requester->una; psn != requester->end; psn++)
        ring[psn & (capacity - 1)] = *sent_at(requester, psn);
    free(requester->sent);
    requester->sent = ring;
    requester->mask = capacity - 1;
}

static uint32_t bytes_at(const struct rdma_requester *requester, const struct rdma_message *message,
                         uint64_t psn)
{
    uint64_t payload = requester->rdma->payload_bytes;
    uint64_t left = message->bytes - (psn - message->first_psn) * payload;
    return left < payload ? (uint32_t)left : (uint32_t)payload;
}

/* The next packet is `psn`, of a message that is still there or the end of all. */
static void set_next(struct rdma_requester *requester, uint64_t psn)
{
    struct rdma_message *message = requester->head;
    while (message && psn - message->first_psn >= message->packets)
        message = message->next;
    requester->next = psn;
    requester->writing = message;
}

/* Packets are in flight, and none of them asks for an acknowledgement. */
static bool awaits_nothing(const struct rdma_requester *requester)
{
    uint64_t in_flight_bytes = requester->governor.in_flight_bytes;
    return in_flight_bytes && requester->unasked_bytes >= in_flight_bytes;
}

static void settle(struct rdma_requester *requester)
{
    struct rdma *rdma = requester->rdma;
    struct governor *governor = &requester->governor;
    bool can =
        requester->writing && !governor_is_paced(governor) &&
        (governor_has_room(governor, bytes_at(requester, requester->writing, requester->next)) ||
         awaits_nothing(requester));
    ring_set(&rdma->ready, &requester->turn, can);
    rdma->transport.ready = rdma->ready.head != NULL;
}

static void paced(struct sim_timer *timer, sim_time now)
{
    (void)now;
    settle((struct rdma_requester *)((char *)timer -
                                     offsetof(struct rdma_requester, governor.pacing)));
}

/* ---- loss ---- */

/* Everything from `psn` on leaves the flight, and is sent again. */
static void go_back(struct rdma_requester *requester, uint64_t psn)
{
    for (uint64_t i = psn; i < requester->next; i++)
        requester->governor.in_flight_bytes -= sent_at(requester, i)->bytes;
    requester->unasked_packets = 0;
    requester->unasked_bytes = 0;
    set_next(requester, psn);
}

static void timer_fire(struct sim_timer *timer, sim_time now)
{
    struct rdma_requester *requester =
        (struct rdma_requester *)((char *)timer - offsetof(struct rdma_requester, timer));
    struct rdma *rdma = requester->rdma;
    rdma->counts.timeouts++;
    governor_timeout(&requester->governor, sent_at(requester, requester->una)->position, now);
    go_back(requester, requester->una);
    sim_timer_set(rdma->env->timers, timer, now + rdma->params->timeout);
    settle(requester);
}

/* ---- connections ---- */

static struct rdma_requester *requester_new(struct rdma *rdma, const struct sim_message *message,
                                            uint64_t key, sim_time now)
{
    struct rdma_requester *requester = calloc(1, sizeof *requester);
    SIM_CHECK(requester, "out of memory for a queue pair of host %u", rdma->env->host);
    requester->rdma = rdma;
    requester->key = key;
    requester->serial = rdma->serials++;
    requester->peer = message->dst;
    requester->own_port = outbox_port(message);
    requester->peer_port = message->dst_port;
    requester->hash =
        outbox_hash(rdma->env->host, message->dst, requester->own_port, message->dst_port);
    /* The time, as in TCP: a queue pair that takes another's place is newer in numbers too. */
    requester->first = requester->una = requester->next = (uint64_t)now;
    requester->end = requester->submitted = requester->first;
    requester->mask = FIRST_CAPACITY - 1;
    requester->sent = malloc(FIRST_CAPACITY * sizeof *requester->sent);
    SIM_CHECK(requester->sent, "out of memory for a queue pair of host %u", rdma->env->host);
    governor_init(&requester->governor, rdma->env, &rdma->params->congestion, rdma->payload_bytes,
                  rdma->params->initial_window_pkts, paced);
    sim_timer_init(&requester->timer, timer_fire);
    demux_add(&rdma->requesters, key, requester);
    requester->all_previous = rdma->tail;
    *(rdma->tail ? &rdma->tail->all_next : &rdma->head) = requester;
    rdma->tail = requester;
    return requester;
}

static void message_drop(struct rdma_requester *requester)
{
    struct rdma_message *message = requester->head;
    requester->head = message->next;
    free(message->frame);
    free(message);
}

void rdma_requester_free(struct rdma_requester *requester)
{
    struct rdma *rdma = requester->rdma;
    ring_set(&rdma->ready, &requester->turn, false);
    rdma->transport.ready = rdma->ready.head != NULL;
    sim_timer_clear(rdma->env->timers, &requester->timer);
    governor_clear(&requester->governor);
    demux_remove(&rdma->requesters, requester->key);
    *(requester->all_previous ? &requester->all_previous->all_next : &rdma->head) =
        requester->all_next;
    *(requester->all_next ? &requester->all_next->all_previous : &rdma->tail) =
        requester->all_previous;
    while (requester->head)
        message_drop(requester);
    free(requester->sent);
    free(requester);
}

void rdma_requester_submit(struct rdma *rdma, const struct sim_message *message, sim_time now)
{
    uint64_t key = demux_key(message->dst, message->dst_port, outbox_port(message));
    struct rdma_requester *requester = demux_find(&rdma->requesters, key);
    if (!requester)
        requester = requester_new(rdma, message, key, now);
    struct rdma_message *queued = malloc(sizeof *queued);
    SIM_CHECK(queued, "out of memory for message %u", message->number);
    uint64_t packets =
        message->bytes / rdma->payload_bytes + !!(message->bytes % rdma->payload_bytes);
    *queued = (struct rdma_message){
        .bytes = message->bytes,
        .first_psn = requester->submitted,
        .packets = message->bytes == SIM_ENDLESS ? UINT64_MAX : packets + !packets,
        .number = message->number,
        .priority = message->priority,
        .frame = framing_of(message),
    };
    requester->submitted += queued->packets;
    requester->persistent |= message->persistent;
    *(requester->head ? &requester->tail->next : &requester->head) = queued;
    requester->tail = queued;
    if (!requester->writing)
        requester->writing = queued;
    settle(requester);
}

/* ---- departures ---- */

static struct sim_packet *write_packet(const struct rdma_requester *requester, uint64_t psn,
                                       uint32_t bytes)
{
    const struct sim_transport_env *env = requester->rdma->env;
    const struct rdma_message *message = requester->writing;
    struct sim_packet *packet = sim_packet_new(env->pool);
    packet->size_bytes = (uint16_t)(RDMA_HEADER_BYTES + bytes);
    packet->protocol = SIM_PROTOCOL_RDMA;
    packet->ecn = SIM_ECN_ECT;
    packet->src = env->host;
    packet->dst = requester->peer;
    packet->hash = requester->hash;
    packet->priority = message->priority;
    packet->flags = psn < requester->end ? SIM_PACKET_RESENT : 0;
    framing_write(env->pool, packet, psn == message->first_psn ? message->frame : NULL);
    packet->rdma = (struct sim_rdma_header){
        .src_port = requester->own_port,
        .dst_port = requester->peer_port,
        .flags = (psn == message->first_psn ? SIM_RDMA_FIRST : 0) |
                 (psn - message->first_psn == message->packets - 1 ? SIM_RDMA_LAST : 0),
        .payload_bytes = (uint16_t)bytes,
        .message = message->number,
        .psn = psn,
        .first = requester->first,
    };
    return packet;
}

/* Whether the packet that goes now asks for an acknowledgement. */
static bool asks(struct rdma_requester *requester, const struct sim_packet *packet)
{
    const struct rdma *rdma = requester->rdma;
    uint64_t unasked_bytes = requester->unasked_bytes + packet->rdma.payload_bytes;
    uint32_t unasked_packets = requester->unasked_packets + 1;
    bool asks =
        (packet->rdma.flags & SIM_RDMA_LAST) || unasked_packets >= rdma->params->ack_every ||
        2 * (unasked_bytes + rdma->payload_bytes) > requester->governor.control.window_bytes;
    requester->unasked_packets = asks ? 0 : unasked_packets;
    requester->unasked_bytes = asks ? 0 : unasked_bytes;
    return asks;
}

static void count_packet(struct rdma *rdma, const struct sim_packet *packet)
{
    rdma->counts.data_packets++;
    rdma->counts.data_payload_bytes += packet->rdma.payload_bytes;
    rdma->counts.data_header_bytes += RDMA_HEADER_BYTES;
    rdma->counts.retransmissions += (packet->flags & SIM_PACKET_RESENT) != 0;
}

struct sim_packet *rdma_requester_emit(struct rdma_requester *requester, sim_time now)
{
    struct rdma *rdma = requester->rdma;
    uint64_t psn = requester->next;
    uint32_t bytes = bytes_at(requester, requester->writing, psn);
    struct sim_packet *packet = write_packet(requester, psn, bytes);
    bool again = psn < requester->end;
    if (asks(requester, packet))
        packet->rdma.flags |= SIM_RDMA_ASK;
    if (!again && requester->end - requester->una > requester->mask)
        grow(requester);
    count_packet(rdma, packet);
    *sent_at(requester, psn) = (struct rdma_sent){
        .position = governor_sent(&requester->governor, bytes, packet->size_bytes, now),
        .sent_at = now,
        .bytes = bytes,
        .twice = again,
    };
    requester->next = psn + 1;
    requester->end += !again;
    if (packet->rdma.flags & SIM_RDMA_LAST)
        requester->writing = requester->writing->next;
    if (requester->timer.deadline == SIM_NEVER)
        sim_timer_set(rdma->env->timers, &requester->timer, now + rdma->params->timeout);
    settle(requester);
    return packet;
}

/* ---- acknowledgements ---- */

/* Everything below `psn` arrived: may be more than was sent since the last go-back. */
static void acknowledge(struct rdma_requester *requester, uint64_t psn, uint32_t marked,
                        sim_time now)
{
    const struct rdma_sent *newest = sent_at(requester, psn - 1);
    struct governor_news news = {
        .now = now,
        .rtt = newest->twice ? 0 : now - newest->sent_at,
        .position = newest->position,
    };
    uint64_t packets = psn - requester->una;
    for (uint64_t i = requester->una; i < psn; i++) {
        news.acked_bytes += sent_at(requester, i)->bytes;
        news.left_bytes += i < requester->next ? sent_at(requester, i)->bytes : 0;
    }
    news.marked_bytes = news.acked_bytes * (marked < packets ? marked : packets) / packets;
    governor_acked(&requester->governor, &news);
    requester->una = psn;
    if (psn > requester->next)
        set_next(requester, psn);
}

/* Tells the application; forgets the connection with its last message, and gives whether it did. */
static bool complete(struct rdma_requester *requester, sim_time now)
{
    const struct sim_transport_env *env = requester->rdma->env;
    while (requester->head &&
           requester->una - requester->head->first_psn >= requester->head->packets) {
        uint32_t number = requester->head->number;
        message_drop(requester);
        bool forget = !requester->head && !requester->persistent;
        if (forget)
            rdma_requester_free(requester);
        env->app_ops->completed(env->app, number, now);
        if (forget)
            return true;
    }
    return false;
}

void rdma_requester_acked(struct rdma_requester *requester, const struct sim_packet *packet,
                          sim_time now)
{
    struct rdma *rdma = requester->rdma;
    uint64_t psn = packet->rdma.psn;
    if (packet->rdma.first != requester->first || psn < requester->una || psn > requester->end)
        return;
    bool advanced = psn > requester->una;
    if (advanced)
        acknowledge(requester, psn, packet->rdma.marked, now);
    if ((packet->rdma.flags & SIM_RDMA_NAK) && psn < requester->next) {
        governor_lost(&requester->governor, sent_at(requester, psn)->position, now);
        go_back(requester, psn);
        advanced = true;
    }
    if (requester->una == requester->end)
        requester->timer.deadline = SIM_NEVER;
    else if (advanced)
        sim_timer_set(rdma->env->timers, &requester->timer, now + rdma->params->timeout);
    if (!complete(requester, now))
        settle(requester);
}
