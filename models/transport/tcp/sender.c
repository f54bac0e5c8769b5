/* The sending end of a connection: handshake, segments, acknowledgements in order, completion.
 *
 * RFC 9293 (with 64-bit sequence numbers: wrap-around is not modelled), RFC 5681, RFC 6928.
 *
 * A message on a connection of its own: SYN, SYN-ACK, data from the third packet on; FIN is on the
 * last segment; the sender is forgotten when that is acknowledged. The receiver's direction carries
 * no data, and its FIN is not modelled. Only the sender's timer repeats a handshake: a SYN-ACK
 * that was lost is repeated when the SYN is.
 *
 * The first sequence number is the time in picoseconds, in the spirit of RFC 9293, 3.4.1: it runs
 * faster than any link's bytes, so a connection that reuses the ports of an older one is newer in
 * sequence numbers too.
 *
 * A lost SYN leaves the initial window as it is, more than one makes it one packet (RFC 6928, 3).
 * Segments do not span messages. There is no Nagle algorithm.
 */
#include "connection.h"

/* ---- whose turn it is ---- */

static void link_ready(struct tcp_sender *sender)
{
    struct tcp *tcp = sender->tcp;
    struct tcp_sender *head = tcp->ready;
    if (!head) {
        sender->ready_next = sender->ready_previous = sender;
        tcp->ready = sender;
        return;
    }
    sender->ready_next = head;
    sender->ready_previous = head->ready_previous;
    head->ready_previous->ready_next = sender;
    head->ready_previous = sender;
}

void tcp_sender_leave_ring(struct tcp_sender *sender)
{
    struct tcp *tcp = sender->tcp;
    if (sender->ready_next == sender) {
        tcp->ready = NULL;
    } else {
        sender->ready_next->ready_previous = sender->ready_previous;
        sender->ready_previous->ready_next = sender->ready_next;
        if (tcp->ready == sender)
            tcp->ready = sender->ready_next;
    }
    sender->ready_next = NULL;
}

static bool fits_window(struct tcp_sender *sender, uint32_t bytes)
{
    if (SIM_LIKELY(sender->segments.pipe_bytes + bytes <= sender->control.window_bytes))
        return true;
    sender->limited_at = sender->sent;
    return false;
}

static bool can_send_new(struct tcp_sender *sender)
{
    uint32_t bytes = tcp_sender_next_bytes(sender);
    return bytes && fits_window(sender, bytes) && sender->next + bytes <= sender->peer_edge;
}

enum step { STEP_NONE, STEP_SYN, STEP_NEW, STEP_RESEND };

static enum step probe_step(const struct tcp_sender *sender, uint64_t *index, uint32_t *bytes)
{
    *index = sender->segments.first;
    *bytes = 1;
    if (!tcp_segments_empty(&sender->segments))
        return STEP_RESEND;
    return tcp_sender_next_bytes(sender) ? STEP_NEW : STEP_NONE;
}

/* What a sender in no ordinary state would send next (RFC 6675, NextSeg). */
static enum step cold_step(struct tcp_sender *sender, uint64_t *index, uint32_t *bytes)
{
    struct tcp_segments *segments = &sender->segments;
    if (sender->cold & TCP_SYN_DUE)
        return STEP_SYN;
    if (sender->cold & (TCP_HANDSHAKE | TCP_PACED))
        return STEP_NONE;
    if (sender->cold & TCP_PROBE_DUE)
        return probe_step(sender, index, bytes);
    if (tcp_segments_next_lost(segments, index)) {
        bool fast = sender->cold & TCP_FAST_DUE;
        return fast || fits_window(sender, tcp_segment_at(segments, *index)->bytes) ? STEP_RESEND
                                                                                    : STEP_NONE;
    }
    *bytes = tcp_sender_next_bytes(sender);
    if (*bytes && sender->next + *bytes <= sender->peer_edge)
        return fits_window(sender, *bytes) ? STEP_NEW : STEP_NONE;
    if (sender->cold & TCP_FIN_DUE)
        return STEP_NEW;
    if (tcp_recovery_last_resort(sender, index) &&
        fits_window(sender, tcp_segment_at(segments, *index)->bytes))
        return STEP_RESEND;
    return STEP_NONE;
}

static bool can_send(struct tcp_sender *sender)
{
    uint64_t index;
    uint32_t bytes;
    if (SIM_LIKELY(!sender->cold))
        return can_send_new(sender);
    return cold_step(sender, &index, &bytes) != STEP_NONE;
}

void tcp_sender_settle(struct tcp_sender *sender, sim_time now)
{
    bool can = can_send(sender), linked = sender->ready_next != NULL;
    if (can != linked) {
        if (can)
            link_ready(sender);
        else
            tcp_sender_leave_ring(sender);
        tcp_update_ready(sender->tcp);
    }
    /* Data, nothing in flight, and still nothing to send: the receiver's window is closed. */
    if (SIM_UNLIKELY(!can && tcp_segments_empty(&sender->segments)) &&
        !(sender->cold & (TCP_HANDSHAKE | TCP_PACED)) && tcp_sender_next_bytes(sender) &&
        sender->rto_timer.deadline == SIM_NEVER)
        tcp_rto_restart(sender, now);
}

/* ---- segments ---- */

static struct sim_packet *new_packet(const struct tcp_sender *sender, uint8_t flags, uint64_t seq)
{
    const struct sim_transport_env *env = sender->tcp->env;
    struct sim_packet *packet = sim_packet_new(env->pool);
    packet->size_bytes = TCP_HEADER_BYTES;
    packet->protocol = SIM_PROTOCOL_TCP;
    packet->src = env->host;
    packet->dst = sender->peer;
    packet->hash = sender->hash;
    packet->tcp.src_port = sender->own_port;
    packet->tcp.dst_port = sender->peer_port;
    packet->tcp.flags = flags;
    packet->tcp.seq = seq;
    return packet;
}

/* The frame of the message that a segment belongs to, which is not complete. */
static const struct sim_frame *frame_of(const struct tcp_sender *sender,
                                        const struct tcp_segment *segment)
{
    uint32_t low = sender->outgoing.first, high = sender->outgoing.end;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (tcp_outgoing_at(sender, middle - 1)->end > segment->seq)
            high = middle;
        else
            low = middle;
    }
    return &tcp_outgoing_at(sender, low)->frame;
}

static struct sim_packet *data_packet(const struct tcp_sender *sender,
                                      const struct tcp_segment *segment)
{
    struct sim_packet *packet = new_packet(sender, SIM_TCP_ACK, segment->seq);
    struct sim_transport_counts *counts = &sender->tcp->counts;
    packet->size_bytes += segment->bytes;
    packet->ecn = SIM_ECN_ECT;
    packet->tcp.payload_bytes = segment->bytes;
    packet->tcp.ack = 1; /* the receiver's SYN; it sends no data */
    packet->tcp.window_bytes = sender->tcp->window_bytes;
    if (SIM_UNLIKELY(segment->flags & TCP_SEGMENT_LAST)) {
        packet->tcp.flags |= SIM_TCP_PSH;
        packet->tcp.message = segment->message;
    }
    if (SIM_UNLIKELY(segment->flags & TCP_SEGMENT_FRAMED)) {
        packet->flags |= SIM_PACKET_FRAMED;
        sim_packet_rare(sender->tcp->env->pool, packet)->frame = *frame_of(sender, segment);
    }
    if (SIM_UNLIKELY(segment->flags & TCP_SEGMENT_FIN))
        packet->tcp.flags |= SIM_TCP_FIN;
    counts->data_packets++;
    counts->data_payload_bytes += segment->bytes;
    counts->data_header_bytes += TCP_HEADER_BYTES;
    return packet;
}

/* The segment that was just cut is the last of its message. */
static void end_message(struct tcp_sender *sender, struct tcp_segment *segment, sim_time now)
{
    const struct sim_transport_env *env = sender->tcp->env;
    const struct tcp_outgoing *message = tcp_outgoing_at(sender, sender->outgoing.writing++);
    bool more = sender->outgoing.writing != sender->outgoing.end;
    if (!message->part || message->framed)
        segment->flags |= TCP_SEGMENT_LAST;
    if (message->framed)
        segment->flags |= TCP_SEGMENT_FRAMED;
    segment->message = message->number;
    if (!sender->persistent && !more) {
        segment->flags |= TCP_SEGMENT_FIN;
        sender->next++;
        sender->cold &= ~(uint32_t)TCP_FIN_DUE;
    }
    sender->limit = sender->next;
    if (more)
        tcp_sender_begin_message(sender);
    if (message->tells)
        env->app_ops->sent(env->app, message->number, now);
}

static struct sim_packet *send_new(struct tcp_sender *sender, uint32_t bytes, sim_time now)
{
    struct tcp_segment *segment = tcp_segments_push(&sender->segments, (uint16_t)bytes);
    segment->seq = sender->next;
    segment->position = sender->sent;
    segment->sent_at = now;
    segment->flags = 0;
    if (SIM_UNLIKELY(sender->framed)) {
        segment->flags = TCP_SEGMENT_FRAMED;
        sender->framed = false;
    }
    sender->next += bytes;
    sender->sent += bytes;
    if (SIM_UNLIKELY(sender->next == sender->limit))
        end_message(sender, segment, now);
    if (SIM_UNLIKELY(sender->rto_timer.deadline == SIM_NEVER))
        tcp_rto_restart(sender, now);
    return data_packet(sender, segment);
}

static struct sim_packet *resend(struct tcp_sender *sender, uint64_t index, sim_time now)
{
    struct tcp_segments *segments = &sender->segments;
    const struct tcp_segment *segment = tcp_segment_at(segments, index);
    tcp_recovery_resent(sender, index);
    tcp_segments_resent(segments, index, sender->sent, now);
    sender->sent += segment->bytes;
    sender->tcp->counts.retransmissions++;
    if (index == segments->first)
        tcp_rto_restart(sender, now);
    struct sim_packet *packet = data_packet(sender, segment);
    packet->flags |= SIM_PACKET_RESENT;
    return packet;
}

static struct sim_packet *send_syn(struct tcp_sender *sender, sim_time now)
{
    struct sim_packet *packet = new_packet(sender, SIM_TCP_SYN, sender->una);
    packet->size_bytes += TCP_SYN_OPTIONS_BYTES;
    packet->tcp.window_bytes = sender->tcp->window_bytes;
    sim_packet_lists(sender->tcp->env->pool, packet)->tcp.message_bytes =
        sender->persistent ? 0 : sender->outgoing.last_seq - sender->una - 1;
    sender->syns++;
    sender->syn_sent_at = now;
    sender->cold &= ~(uint32_t)TCP_SYN_DUE;
    tcp_rto_restart(sender, now);
    return packet;
}

/* Holds the next packet back as a model with a rate wants it. */
static void pace(struct tcp_sender *sender, const struct sim_packet *packet, sim_time now)
{
    struct sim_send_sample sample = {
        .now = now,
        .srtt = sender->srtt,
        .packet_bytes = packet->tcp.payload_bytes,
        .position = sender->sent - packet->tcp.payload_bytes,
        .in_flight_bytes = sender->segments.pipe_bytes,
    };
    if (sender->congestion->sending)
        sender->congestion->sending(sender->congestion_state, &sender->control, &sample);
    if (!sender->control.rate_bps)
        return;
    sender->paced_bps = sender->control.rate_bps;
    sim_time gap = (sim_time)(packet->size_bytes * (uint64_t)(8 * SIM_S) / sender->paced_bps);
    sender->cold |= TCP_PACED;
    sim_timer_set(sender->tcp->env->timers, &sender->pacing_timer, now + gap);
}

/* The rate has changed while it held a packet back: so has the time for which it does. */
static void repace(struct tcp_sender *sender, sim_time now)
{
    uint64_t bps = sender->control.rate_bps;
    if (bps == sender->paced_bps)
        return;
    double left = (double)(sender->pacing_timer.deadline - now);
    double share = bps ? (double)sender->paced_bps / (double)bps : 0;
    sim_timer_set(sender->tcp->env->timers, &sender->pacing_timer, now + (sim_time)(left * share));
    sender->paced_bps = bps;
}

void tcp_sender_pacing_timer(struct sim_timer *timer, sim_time now)
{
    struct tcp_sender *sender =
        (struct tcp_sender *)((char *)timer - offsetof(struct tcp_sender, pacing_timer));
    sender->cold &= ~(uint32_t)TCP_PACED;
    tcp_sender_settle(sender, now);
}

static struct sim_packet *emit_cold(struct tcp_sender *sender, sim_time now)
{
    uint64_t index;
    uint32_t bytes;
    enum step step = cold_step(sender, &index, &bytes);
    if (sender->cold & TCP_PROBE_DUE) {
        sender->cold &= ~(uint32_t)TCP_PROBE_DUE;
        sender->tcp->counts.probes++;
    }
    switch (step) {
    case STEP_SYN:
        return send_syn(sender, now);
    case STEP_NEW:
        return send_new(sender, bytes, now);
    case STEP_RESEND:
        return resend(sender, index, now);
    case STEP_NONE:
        break;
    }
    SIM_CHECK(false, "connection %u was ready and has nothing to send", sender->serial);
    return NULL;
}

struct sim_packet *tcp_sender_emit(struct tcp_sender *sender, sim_time now)
{
    struct sim_packet *packet = SIM_LIKELY(!sender->cold)
                                    ? send_new(sender, tcp_sender_next_bytes(sender), now)
                                    : emit_cold(sender, now);
    if (SIM_UNLIKELY(sender->control.rate_bps) && !(sender->cold & TCP_HANDSHAKE))
        pace(sender, packet, now);
    tcp_sender_settle(sender, now);
    return packet;
}

/* ---- acknowledgements ---- */

void tcp_sender_synack(struct tcp_sender *sender, const struct sim_packet *packet, sim_time now)
{
    struct tcp *tcp = sender->tcp;
    uint64_t window_pkts = sender->syns > 2 ? 1 : tcp->params->initial_window_pkts;
    struct sim_congestion_env env = {
        .packet_bytes = tcp->mss_bytes,
        .initial_window_bytes = window_pkts * tcp->mss_bytes,
        .line_bps = tcp->env->line_bps,
        .group = tcp->env->group,
    };
    if (!(sender->cold & TCP_HANDSHAKE) || packet->tcp.ack != sender->next)
        return; /* a duplicate, or of an older connection */
    sender->cold &= ~(uint32_t)(TCP_HANDSHAKE | TCP_SYN_DUE);
    sender->una = packet->tcp.ack;
    sender->peer_edge = packet->tcp.ack + packet->tcp.window_bytes;
    sender->backoff = 0;
    if (sender->syns == 1)
        tcp_rto_sample(sender, now - sender->syn_sent_at);
    sim_timer_clear(tcp->env->timers, &sender->rto_timer);
    sender->congestion->init(sender->congestion_state, tcp->params->congestion.params, &env,
                             &sender->control);
    tcp_sender_settle(sender, now);
}

static void feed_congestion(struct tcp_sender *sender, const struct tcp_delivery *delivery,
                            bool marked, uint64_t in_flight_bytes, sim_time now)
{
    const uint32_t states = TCP_RECOVERY | TCP_AFTER_TIMEOUT;
    bool once = !(delivery->flags & TCP_SEGMENT_TWICE);
    bool full = in_flight_bytes + sender->tcp->mss_bytes > sender->control.window_bytes;
    struct sim_ack_sample sample = {
        .now = now,
        .rtt = once ? now - delivery->sent_at : 0,
        .acked_bytes = delivery->bytes,
        .marked_bytes = marked ? delivery->bytes : 0,
        .position = delivery->position,
        .sent = sender->sent,
        .in_flight_bytes = in_flight_bytes,
        .window_limited = (sender->limited_at > delivery->position || (sender->eager && full)) &&
                          (sender->cold & states) != TCP_RECOVERY,
    };
    if (once)
        tcp_rto_sample(sender, sample.rtt);
    sender->congestion->acked(sender->congestion_state, &sender->control, &sample);
    if (SIM_UNLIKELY(sender->cold & TCP_PACED))
        repace(sender, now);
}

/* Tells the application of each message that is acknowledged as a whole; forgets the connection
 * with its last one, and gives whether it did. */
static bool complete(struct tcp_sender *sender, sim_time now)
{
    struct tcp *tcp = sender->tcp;
    while (sender->una >= sender->complete_at) {
        uint32_t number = tcp_outgoing_at(sender, sender->outgoing.first++)->number;
        bool more = sender->outgoing.first != sender->outgoing.end;
        sender->complete_at = more ? tcp_sender_complete_at(sender) : UINT64_MAX;
        bool forget = !sender->persistent && !more;
        if (forget)
            tcp_sender_free(sender);
        tcp->env->app_ops->completed(tcp->env->app, number, now);
        if (forget)
            return true;
    }
    return false;
}

void tcp_sender_acked(struct tcp_sender *sender, const struct sim_packet *packet, sim_time now)
{
    struct tcp_segments *segments = &sender->segments;
    struct tcp_delivery delivery = {0};
    uint64_t ack = packet->tcp.ack, in_flight_bytes = segments->pipe_bytes;
    bool advanced = ack > sender->una;
    if (SIM_UNLIKELY((sender->cold & TCP_HANDSHAKE) || ack > sender->next))
        return; /* of an older connection */
    if (SIM_LIKELY(ack >= sender->una)) {
        sender->peer_edge = ack + packet->tcp.window_bytes;
        sender->cold &= ~(uint32_t)TCP_PROBE_DUE;
    }
    if (SIM_LIKELY(advanced)) {
        sender->una = ack;
        tcp_segments_ack(segments, ack, &delivery);
    }
    if (SIM_UNLIKELY(packet->tcp.sack_count))
        tcp_recovery_sack(sender, packet, &delivery);
    if (SIM_LIKELY(delivery.segments))
        feed_congestion(sender, &delivery, packet->tcp.flags & SIM_TCP_ECE, in_flight_bytes, now);
    if (SIM_UNLIKELY(sender->cold || packet->tcp.sack_count || sender->rack))
        tcp_recovery_acked(sender, &delivery, in_flight_bytes, now);
    if (tcp_segments_empty(segments))
        tcp_rto_stop(sender); /* or the probe timer: the window may be open again */
    else if (SIM_LIKELY(advanced))
        tcp_rto_restart(sender, now);
    if (SIM_UNLIKELY(sender->una >= sender->complete_at) && complete(sender, now))
        return;
    tcp_sender_settle(sender, now);
}

/* Unfinished messages stay so, as after a connect that fails: the application is not told. What a
 * subflow had not delivered MPTCP would have to send over others; that is not modelled. */
void tcp_sender_reset(struct tcp_sender *sender, const struct sim_packet *packet)
{
    bool its_own = packet->tcp.ack > sender->una && packet->tcp.ack <= sender->next;
    if (!its_own || (sender->cold & TCP_HANDSHAKE) || sender->eager)
        return;
    for (uint32_t i = sender->outgoing.first; i != sender->outgoing.end; i++)
        sender->tcp->counts.given_up += !tcp_outgoing_at(sender, i)->part;
    tcp_sender_free(sender);
}
