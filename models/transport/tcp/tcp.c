/* tcp: TCP with SACK, one byte stream a connection; DCTCP is this with the dctcp congestion model,
 * Swift with its own (swift.c).
 *
 * RFC 9293, 5681, 6298, 6675, 8257; see the other files for the rest. Paper: the baseline of every
 * run in 5; Table 1.
 *
 * This file has the operations, finds connections, and says whose turn it is: at each pull of the
 * NIC the next connection of a ring of those that can send, so long flows share the NIC packet by
 * packet. Which connection that is depends on the order of events alone, never on hashes or
 * addresses.
 *
 * Wire sizes: IP 20 and TCP 20 bytes, 12 more on SYN and SYN-ACK, 4 + 8n for n SACK blocks.
 *
 * Not modelled: wrap-around, timestamps, checksums, RST but for unknown connections, simultaneous
 * open, urgent data, path MTU discovery, data from the accepting side (that side submits on a
 * connection of its own).
 */
#include "params.h"

#include <stdlib.h>

uint32_t tcp_flow_hash(uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port)
{
    uint64_t ports = (uint32_t)src_port << 16 | dst_port;
    return (uint32_t)sim_mix64(sim_mix64((uint64_t)src << 32 | dst) ^ ports);
}

/* ---- owed acknowledgements ---- */

void tcp_owe_acknowledgement(struct tcp_receiver *receiver)
{
    struct tcp *tcp = receiver->tcp;
    if (receiver->owes)
        return;
    receiver->owes = true;
    receiver->owes_next = NULL;
    *(tcp->owes_tail ? &tcp->owes_tail->owes_next : &tcp->owes_head) = receiver;
    tcp->owes_tail = receiver;
    tcp_update_ready(tcp);
}

void tcp_disown_acknowledgement(struct tcp_receiver *receiver)
{
    struct tcp *tcp = receiver->tcp;
    struct tcp_receiver *previous = NULL;
    if (!receiver->owes)
        return;
    for (struct tcp_receiver *at = tcp->owes_head; at != receiver; at = at->owes_next)
        previous = at;
    *(previous ? &previous->owes_next : &tcp->owes_head) = receiver->owes_next;
    if (tcp->owes_tail == receiver)
        tcp->owes_tail = previous;
    receiver->owes = false;
    tcp_update_ready(tcp);
}

/* ---- arrivals ---- */

/* The connection of the packet before is asked first: with one long flow, or bursts, no table is
 * touched. */
static struct tcp_sender *find_sender(struct tcp *tcp, uint64_t key)
{
    if (SIM_LIKELY(tcp->last_sender && tcp->last_sender->key == key))
        return tcp->last_sender;
    struct tcp_sender *sender = demux_find(&tcp->senders, key);
    if (sender)
        tcp->last_sender = sender;
    return sender;
}

static struct tcp_receiver *find_receiver(struct tcp *tcp, uint64_t key)
{
    if (SIM_LIKELY(tcp->last_receiver && tcp->last_receiver->key == key))
        return tcp->last_receiver;
    struct tcp_receiver *receiver = demux_find(&tcp->receivers, key);
    if (receiver)
        tcp->last_receiver = receiver;
    return receiver;
}

/* A SYN-ACK that nobody waits for: RST, so that the other end forgets what a late copy of a SYN
 * made it open. */
static struct sim_packet *refuse(struct sim_packet *packet)
{
    struct sim_packet old = *packet;
    *packet = (struct sim_packet){
        .size_bytes = TCP_HEADER_BYTES,
        .protocol = SIM_PROTOCOL_TCP,
        .src = old.dst,
        .dst = old.src,
        .hash = tcp_flow_hash(old.dst, old.src, old.tcp.dst_port, old.tcp.src_port),
        .tcp = {.src_port = old.tcp.dst_port,
                .dst_port = old.tcp.src_port,
                .flags = SIM_TCP_RST,
                .seq = old.tcp.ack},
    };
    return packet;
}

static void reset(struct tcp_receiver *receiver, const struct sim_packet *packet)
{
    if (receiver && !receiver->closed && packet->tcp.seq == receiver->next &&
        receiver->next == receiver->first + 1)
        tcp_receiver_free(receiver);
}

static struct sim_packet *receive_rarely(struct tcp *tcp, struct sim_packet *packet, uint64_t key,
                                         sim_time now)
{
    bool syn = packet->tcp.flags & SIM_TCP_SYN, ack = packet->tcp.flags & SIM_TCP_ACK;
    if (syn && !ack)
        return tcp_receiver_syn(tcp, find_receiver(tcp, key), packet);
    if (syn) {
        struct tcp_sender *sender = find_sender(tcp, key);
        if (!sender || ((sender->cold & TCP_HANDSHAKE) && packet->tcp.ack != sender->next))
            return refuse(packet);
        tcp_sender_synack(sender, packet, now);
    } else if (ack) {
        struct tcp_sender *sender = find_sender(tcp, key);
        if (sender)
            tcp_sender_reset(sender, packet);
    } else {
        reset(find_receiver(tcp, key), packet);
    }
    sim_packet_free(tcp->env->pool, packet);
    return NULL;
}

struct sim_packet *tcp_receive(void *self, struct sim_packet *packet, sim_time now)
{
    struct tcp *tcp = self;
    uint64_t key = demux_key(packet->src, packet->tcp.src_port, packet->tcp.dst_port);
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_TRIMMED)) {
        sim_packet_free(tcp->env->pool, packet); /* its checksum would be wrong */
        return NULL;
    }
    if (SIM_UNLIKELY(packet->tcp.flags & (SIM_TCP_SYN | SIM_TCP_RST)))
        return receive_rarely(tcp, packet, key, now);
    if (packet->tcp.payload_bytes || (packet->tcp.flags & SIM_TCP_FIN)) {
        struct tcp_receiver *receiver = find_receiver(tcp, key);
        return SIM_LIKELY(receiver) ? tcp_receiver_data(receiver, packet, now)
                                    : tcp_receiver_unknown(tcp, packet);
    }
    struct tcp_sender *sender = find_sender(tcp, key);
    if (SIM_LIKELY(sender))
        tcp_sender_acked(sender, packet, now);
    sim_packet_free(tcp->env->pool, packet);
    return NULL;
}

/* ---- departures ---- */

void tcp_submit(void *self, const struct sim_message *message, sim_time now)
{
    struct tcp *tcp = self;
    tcp_sender_submit(tcp, message, now);
}

struct sim_packet *tcp_transmit(void *self, sim_time now, sim_time *again)
{
    struct tcp *tcp = self;
    *again = SIM_NEVER;
    if (SIM_UNLIKELY(tcp->owes_head)) {
        struct tcp_receiver *receiver = tcp->owes_head;
        tcp_disown_acknowledgement(receiver);
        return tcp_receiver_acknowledge(receiver, sim_packet_new(tcp->env->pool));
    }
    struct tcp_sender *sender = tcp->ready;
    if (!sender)
        return NULL;
    tcp->ready = sender->ready_next;
    return tcp_sender_emit(sender, now);
}

/* ---- the rest of the table ---- */

void tcp_consumed(void *self, struct sim_stream stream, uint64_t bytes, sim_time now)
{
    struct tcp *tcp = self;
    struct tcp_receiver *receiver = find_receiver(tcp, stream.key);
    (void)now;
    if (receiver && receiver->reading && receiver->reading->serial == stream.serial)
        tcp_reading_consumed(receiver, bytes);
}

void tcp_init(void *self, const void *params, const struct sim_transport_env *env)
{
    struct tcp *tcp = self;
    const struct tcp_params *p = params;
    *tcp = (struct tcp){
        .params = p,
        .env = env,
        .congestion = (const struct sim_congestion_ops *)p->congestion.plugin,
        .mss_bytes = (uint16_t)(env->mtu_bytes - TCP_HEADER_BYTES),
        .window_bytes = (uint32_t)p->receive_window_bytes,
    };
    demux_init(&tcp->senders);
    demux_init(&tcp->receivers);
}

void tcp_clear(void *self)
{
    struct tcp *tcp = self;
    while (tcp->senders_head)
        tcp_sender_free(tcp->senders_head);
    while (tcp->idle) {
        struct tcp_sender *sender = tcp->idle;
        tcp->idle = sender->all_next;
        tcp_segments_clear(&sender->segments);
        free(sender->outgoing.ring);
        free(sender);
    }
    while (tcp->open.head)
        tcp_receiver_free(tcp->open.head);
    while (tcp->closed.head)
        tcp_receiver_free(tcp->closed.head);
    demux_clear(&tcp->senders);
    demux_clear(&tcp->receivers);
}

void tcp_count(const void *self, struct sim_transport_counts *counts)
{
    const struct tcp *tcp = self;
    sim_transport_counts_add(counts, &tcp->counts);
}

uint32_t tcp_windows(const void *self, struct sim_window_sample *samples, uint32_t max)
{
    const struct tcp *tcp = self;
    uint32_t count = 0;
    for (const struct tcp_sender *at = tcp->senders_head; at && count < max; at = at->all_next)
        if (!(at->cold & TCP_HANDSHAKE))
            samples[count++] = (struct sim_window_sample){
                .id = at->serial,
                .window_bytes = at->control.window_bytes,
                .in_flight_bytes = at->segments.pipe_bytes,
                .rate_bps = at->control.rate_bps,
                .srtt = at->srtt,
                .stalled = at->backoff > 0,
            };
    return count;
}

const char *tcp_check(const void *params)
{
    const struct tcp_params *p = params;
    if (p->ack_every > 1 && p->ack_delay >= p->min_rto)
        return "ack_delay is not below min_rto: every delayed acknowledgement would time out";
    if (p->initial_rto < p->min_rto)
        return "initial_rto is below min_rto";
    return NULL;
}

const char *const tcp_loss_detection_names[] = {"duplicate_acks", "rack", NULL};

static const struct sim_param tcp_table[] = {TCP_PARAMS("dctcp"), {.name = NULL}};

SIM_API const struct sim_transport_ops tcp_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "tcp",
               .summary = "TCP with SACK and accurate ECN echo",
               .source = "RFC 9293, 6675, 6298, 8257, 8985",
               .state_size = sizeof(struct tcp),
               .params_size = sizeof(struct tcp_params),
               .params = tcp_table,
               .check = tcp_check},
    TCP_OPERATIONS,
};
