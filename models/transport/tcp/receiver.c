/* The receiving end of a connection: what arrived, and what is said about it.
 *
 * RFC 9293, RFC 2018 (SACK), RFC 2883 (DSACK), RFC 8257, 3.2 (ECN echo).
 *
 * ECE on an acknowledgement says whether the segments that it acknowledges were marked, exactly:
 * one for each segment with ack_every 1; with delayed acknowledgements a change of the mark sends
 * what is owed for the segments before at once (RFC 8257's state machine). That takes the place of
 * RFC 3168's ECE until CWR for every congestion model.
 *
 * Acknowledged at once: what is out of order, fills a gap, came before, ends the connection, or is
 * beyond the window. A segment becomes its acknowledgement in place. A second acknowledgement at
 * the same time, and those of the timer, go out through transmit, ahead of data.
 *
 * The application takes data as soon as it is in order, so the window that is advertised stays
 * whole; unless it reads at its own pace (reading.c).
 *
 * A connection whose FIN arrived is kept, the last 256 of a host, to answer what is sent again.
 * Data for a connection that is not known at all is acknowledged as it stands by a host that has
 * forgotten one: it only forgets what it has got whole. A host that has never forgotten any
 * answers with RST (RFC 9293, 3.10.7.1): it never had that connection, and a device on the way has
 * sent it what belongs to another.
 */
#include "connection.h"

#include <stdlib.h>

/* ---- connections ---- */

static void list_append(struct tcp_receiver_list *list, struct tcp_receiver *receiver)
{
    receiver->list_next = NULL;
    receiver->list_previous = list->tail;
    if (list->tail)
        list->tail->list_next = receiver;
    else
        list->head = receiver;
    list->tail = receiver;
    list->count++;
}

static void list_remove(struct tcp_receiver_list *list, struct tcp_receiver *receiver)
{
    *(receiver->list_previous ? &receiver->list_previous->list_next : &list->head) =
        receiver->list_next;
    *(receiver->list_next ? &receiver->list_next->list_previous : &list->tail) =
        receiver->list_previous;
    list->count--;
}

static void ack_timer_fire(struct sim_timer *timer, sim_time now)
{
    struct tcp_receiver *receiver =
        (struct tcp_receiver *)((char *)timer - offsetof(struct tcp_receiver, ack_timer));
    (void)now;
    tcp_owe_acknowledgement(receiver);
}

static struct tcp_receiver *receiver_new(struct tcp *tcp, const struct sim_packet *packet)
{
    struct tcp_receiver *receiver = calloc(1, sizeof *receiver);
    SIM_CHECK(receiver, "out of memory for a connection of host %u", tcp->env->host);
    receiver->tcp = tcp;
    receiver->first = packet->tcp.seq;
    receiver->next = receiver->told = packet->tcp.seq + 1;
    receiver->fin_at = UINT64_MAX;
    receiver->peer = packet->src;
    receiver->peer_port = packet->tcp.src_port;
    receiver->own_port = packet->tcp.dst_port;
    receiver->hash =
        tcp_flow_hash(tcp->env->host, packet->src, packet->tcp.dst_port, packet->tcp.src_port);
    receiver->key = demux_key(packet->src, packet->tcp.src_port, packet->tcp.dst_port);
    if (tcp->env->read_buffer_bytes)
        receiver->reading = tcp_reading_new(tcp, receiver->next);
    sim_timer_init(&receiver->ack_timer, ack_timer_fire);
    demux_add(&tcp->receivers, receiver->key, receiver);
    list_append(&tcp->open, receiver);
    return receiver;
}

void tcp_receiver_free(struct tcp_receiver *receiver)
{
    struct tcp *tcp = receiver->tcp;
    tcp_disown_acknowledgement(receiver);
    sim_timer_clear(tcp->env->timers, &receiver->ack_timer);
    tcp_reassembly_clear(&receiver->reassembly);
    demux_remove(&tcp->receivers, receiver->key);
    if (tcp->last_receiver == receiver)
        tcp->last_receiver = NULL;
    list_remove(receiver->closed ? &tcp->closed : &tcp->open, receiver);
    tcp_reading_free(receiver->reading);
    free(receiver);
}

/* Everything up to FIN arrived. */
static void receiver_close(struct tcp_receiver *receiver)
{
    struct tcp *tcp = receiver->tcp;
    list_remove(&tcp->open, receiver);
    receiver->closed = true;
    list_append(&tcp->closed, receiver);
    tcp_reassembly_clear(&receiver->reassembly);
    if (tcp->closed.count > TCP_CLOSED_MAX) {
        tcp_receiver_free(tcp->closed.head);
        tcp->forgot = true;
    }
}

/* ---- acknowledgements ---- */

static void add_sack(struct tcp_receiver *receiver, struct sim_packet *packet)
{
    union sim_packet_lists *lists = sim_packet_lists(receiver->tcp->env->pool, packet);
    struct range blocks[TCP_SACK_MAX];
    uint32_t count = 0;
    if (receiver->duplicate.start != receiver->duplicate.end)
        blocks[count++] = receiver->duplicate;
    receiver->duplicate = (struct range){0};
    count += tcp_reassembly_report(&receiver->reassembly, blocks + count, TCP_SACK_MAX - count);
    for (uint32_t i = 0; i < count; i++) {
        lists->tcp.sack[i].start = blocks[i].start;
        lists->tcp.sack[i].end = blocks[i].end;
    }
    packet->tcp.sack_count = (uint8_t)count;
    packet->size_bytes += (uint16_t)(TCP_SACK_OPTION_BYTES + 8 * count);
}

static struct sim_packet *write_ack(struct tcp_receiver *receiver, struct sim_packet *packet,
                                    uint64_t ack)
{
    *packet = (struct sim_packet){
        .size_bytes = TCP_HEADER_BYTES,
        .protocol = SIM_PROTOCOL_TCP,
        .src = receiver->tcp->env->host,
        .dst = receiver->peer,
        .hash = receiver->hash,
        .tcp = {.src_port = receiver->own_port,
                .dst_port = receiver->peer_port,
                .flags = receiver->ce ? SIM_TCP_ACK | SIM_TCP_ECE : SIM_TCP_ACK,
                .seq = 1,
                .ack = ack,
                .window_bytes = SIM_LIKELY(!receiver->reading) ? receiver->tcp->window_bytes
                                                               : tcp_reading_window(receiver, ack)},
    };
    receiver->unacked = 0;
    receiver->ack_timer.deadline = SIM_NEVER;
    return packet;
}

struct sim_packet *tcp_receiver_acknowledge(struct tcp_receiver *receiver,
                                            struct sim_packet *packet)
{
    write_ack(receiver, packet, receiver->next);
    if (SIM_UNLIKELY(receiver->reassembly.arrived.count ||
                     receiver->duplicate.start != receiver->duplicate.end))
        add_sack(receiver, packet);
    return packet;
}

struct sim_packet *tcp_receiver_syn(struct tcp *tcp, struct tcp_receiver *receiver,
                                    struct sim_packet *packet)
{
    if (receiver && packet->tcp.seq > receiver->first) {
        tcp_receiver_free(receiver);
        receiver = NULL;
    }
    if (!receiver)
        receiver = receiver_new(tcp, packet);
    write_ack(receiver, packet, receiver->first + 1);
    packet->tcp.flags = SIM_TCP_SYN | SIM_TCP_ACK;
    packet->tcp.seq = 0;
    packet->size_bytes += TCP_SYN_OPTIONS_BYTES;
    return packet;
}

struct sim_packet *tcp_receiver_unknown(struct tcp *tcp, struct sim_packet *packet)
{
    struct tcp_receiver gone = {
        .tcp = tcp,
        .peer = packet->src,
        .peer_port = packet->tcp.src_port,
        .own_port = packet->tcp.dst_port,
        .hash =
            tcp_flow_hash(tcp->env->host, packet->src, packet->tcp.dst_port, packet->tcp.src_port),
    };
    uint64_t fin = (packet->tcp.flags & SIM_TCP_FIN) != 0;
    tcp->counts.spurious_retransmissions += tcp->forgot;
    write_ack(&gone, packet, packet->tcp.seq + packet->tcp.payload_bytes + fin);
    if (!tcp->forgot)
        packet->tcp.flags |= SIM_TCP_RST;
    return packet;
}

/* ---- data ---- */

static void deliver_message(struct tcp_receiver *receiver, const struct tcp_message_end *end,
                            struct tcp_parts *parts, sim_time now)
{
    const struct sim_transport_env *env = receiver->tcp->env;
    struct sim_transport_counts *counts = &receiver->tcp->counts;
    if (receiver->reassembly.part_count)
        tcp_reassembly_take_parts(&receiver->reassembly, parts);
    const struct sim_delivery delivery = {&end->frame, parts->bytes, receiver->peer,
                                          parts->damaged};
    counts->held_messages += end->newest < now;
    counts->held_time += (uint64_t)(now - end->newest);
    env->app_ops->delivered(env->app, end->src, end->number, now);
    if (end->frame.content.kind && env->app_ops->framed)
        env->app_ops->framed(env->app, &delivery, now);
}

static void deliver_ends(struct tcp_receiver *receiver, sim_time now)
{
    struct tcp_message_end end;
    while (tcp_reassembly_take_end(&receiver->reassembly, receiver->next, &end)) {
        struct tcp_parts part = {end.src, end.number, end.seq - receiver->told, receiver->damaged};
        receiver->told = end.seq;
        receiver->damaged = false;
        if (end.frame.part)
            tcp_reassembly_add_part(&receiver->reassembly, part);
        else
            deliver_message(receiver, &end, &part, now);
    }
}

/* A message, or a part, ends with this segment, or one that has a frame begins. Of a message with a
 * frame the application that reads is told by what arrives; another one is told that it is the
 * origin's. */
static void take_bounds(struct tcp_receiver *receiver, const struct sim_packet *packet,
                        sim_time now)
{
    const struct sim_frame *frame = &sim_packet_rare(receiver->tcp->env->pool, packet)->frame;
    bool framed = packet->flags & SIM_PACKET_FRAMED;
    struct tcp_message_end end = {
        .seq = packet->tcp.seq + packet->tcp.payload_bytes,
        .src = receiver->peer,
        .number = packet->tcp.message,
        .newest = now,
    };
    if (framed && receiver->reading) {
        tcp_reading_add_frame(receiver, packet->tcp.seq, frame);
        return;
    }
    if (framed) {
        end.src = frame->origin;
        end.number = frame->number;
        end.frame = *frame;
    }
    if (packet->tcp.flags & SIM_TCP_PSH)
        tcp_reassembly_add_end(&receiver->reassembly, end);
}

/* Takes in what is new of a segment. Gives how many sequence numbers were. */
static uint64_t take(struct tcp_receiver *receiver, const struct sim_packet *packet,
                     struct range block, sim_time now)
{
    struct tcp_reassembly *reassembly = &receiver->reassembly;
    struct range rest = block;
    if (rest.start < receiver->next)
        rest.start = receiver->next;
    if (rest.start >= rest.end)
        return 0;
    uint64_t fresh = rest.end - rest.start;
    if (reassembly->arrived.count || rest.start > receiver->next)
        fresh = tcp_reassembly_add(reassembly, rest);
    if (fresh && (packet->tcp.flags & SIM_TCP_FIN))
        receiver->fin_at = block.end - 1;
    receiver->damaged |= (packet->flags & SIM_PACKET_DAMAGED) != 0;
    if (fresh)
        take_bounds(receiver, packet, now);
    if (fresh && reassembly->arrived.count)
        tcp_reassembly_touch_end(reassembly, packet->tcp.seq + packet->tcp.payload_bytes, now);
    if (reassembly->arrived.count)
        receiver->next = tcp_reassembly_advance(reassembly, receiver->next);
    else
        receiver->next = rest.end;
    return fresh;
}

static void count_reordering(struct tcp_receiver *receiver, const struct sim_packet *packet)
{
    uint64_t highest = ranges_end(&receiver->reassembly.arrived);
    if (!(packet->flags & SIM_PACKET_RESENT) &&
        packet->tcp.seq < (highest > receiver->next ? highest : receiver->next))
        receiver->tcp->counts.reordered++;
}

/* A segment that is not simply the next one, or ends a message. */
static bool arrive_slowly(struct tcp_receiver *receiver, const struct sim_packet *packet,
                          struct range block, sim_time now)
{
    struct tcp *tcp = receiver->tcp;
    bool in_order = packet->tcp.seq == receiver->next && !receiver->reassembly.arrived.count;
    uint64_t before = receiver->next;
    uint64_t edge = receiver->reading ? receiver->reading->edge
                                      : receiver->next + tcp->params->receive_window_bytes;
    if (packet->tcp.seq + packet->tcp.payload_bytes > edge)
        return false; /* beyond the window; FIN may lie on its edge */
    count_reordering(receiver, packet);
    uint64_t fresh = take(receiver, packet, block, now);
    uint32_t payload = packet->tcp.payload_bytes;
    if (!fresh) {
        receiver->duplicate = block;
        tcp->counts.spurious_retransmissions++;
        return false;
    }
    payload = fresh < payload ? (uint32_t)fresh : payload;
    if (payload)
        tcp->env->app_ops->received(tcp->env->app, packet, payload, now);
    deliver_ends(receiver, now);
    if (receiver->reading)
        tcp_reading_arrived(receiver, before, now);
    if (receiver->next > receiver->fin_at && !receiver->closed) {
        receiver_close(receiver);
        return false;
    }
    return in_order;
}

/* Takes in a segment; gives whether its acknowledgement may wait. */
static bool arrive(struct tcp_receiver *receiver, const struct sim_packet *packet, sim_time now)
{
    const struct sim_transport_env *env = receiver->tcp->env;
    uint64_t fin = (packet->tcp.flags & SIM_TCP_FIN) != 0;
    struct range block = {packet->tcp.seq, packet->tcp.seq + packet->tcp.payload_bytes + fin};
    if (SIM_UNLIKELY(block.start != receiver->next || receiver->reassembly.arrived.count ||
                     receiver->reading || (packet->tcp.flags & (SIM_TCP_FIN | SIM_TCP_PSH))))
        return arrive_slowly(receiver, packet, block, now);
    receiver->next = block.end;
    env->app_ops->received(env->app, packet, packet->tcp.payload_bytes, now);
    return true;
}

/* With delayed acknowledgements: RFC 8257, figure 1. */
static struct sim_packet *acknowledge_later(struct tcp_receiver *receiver,
                                            struct sim_packet *packet, bool ce, uint64_t before,
                                            bool may_wait, sim_time now)
{
    const struct sim_transport_env *env = receiver->tcp->env;
    struct sim_packet *answer = NULL;
    if (receiver->unacked && ce != receiver->ce)
        answer = write_ack(receiver, packet, before);
    receiver->ce = ce;
    receiver->unacked++;
    if (may_wait && receiver->unacked < receiver->tcp->params->ack_every) {
        if (receiver->ack_timer.deadline == SIM_NEVER)
            sim_timer_set(env->timers, &receiver->ack_timer,
                          now + receiver->tcp->params->ack_delay);
        if (!answer)
            sim_packet_free(env->pool, packet);
        return answer;
    }
    if (!answer)
        return tcp_receiver_acknowledge(receiver, packet);
    tcp_owe_acknowledgement(receiver);
    return answer;
}

struct sim_packet *tcp_receiver_data(struct tcp_receiver *receiver, struct sim_packet *packet,
                                     sim_time now)
{
    uint64_t before = receiver->next;
    bool ce = packet->ecn == SIM_ECN_CE;
    bool may_wait = arrive(receiver, packet, now);
    if (SIM_LIKELY(receiver->tcp->params->ack_every == 1)) {
        receiver->ce = ce;
        return tcp_receiver_acknowledge(receiver, packet);
    }
    return acknowledge_later(receiver, packet, ce, before, may_wait, now);
}
