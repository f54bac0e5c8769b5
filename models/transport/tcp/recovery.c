/* What a sender does when arrivals are not in order: SACK, loss, recovery, and the way back.
 *
 * RFC 6675 (loss recovery by SACK), RFC 5681 and 6298 (timeout), RFC 8985 (RACK), RFC 2883 (DSACK).
 *
 * duplicate_acks: a segment is lost when `duplicate_ack_threshold` segments above it are SACKed.
 * rack: when one that was sent later arrived, and a reordering window has passed since this one was
 * due; the window is a quarter of the least round trip, more after each DSACK. A DSACK counts as
 * reordering too, as in Linux: else the window would stay 0 where what is overtaken is sent again
 * before it arrives. RACK also notices that a retransmission was lost; RFC 6675 needs a timeout for
 * that.
 *
 * Recovery lasts until everything sent before it began is acknowledged; the window does not grow
 * meanwhile, except after a timeout. How often the window goes down is up to the congestion model,
 * which hears of each lost segment.
 *
 * undo: when DSACKs account for every retransmission of a recovery, none was needed: the model goes
 * back to the window before (as Linux does). No other proof is used; timestamps (RFC 3522) are not
 * modelled.
 *
 * Choices where RFC 6675 leaves some: only SACKed segments are counted, never duplicate
 * acknowledgements as such; limited transmit (RFC 3042) needs no rule of its own, as SACKed
 * segments leave the pipe; the rescue retransmission is not used for a segment whose
 * retransmission is in flight already. After a timeout all that is not SACKed counts as lost, and
 * segments sent after it may be found lost before recovery has ended.
 *
 * Not modelled: tail loss probes, F-RTO, proportional rate reduction.
 */
#include "connection.h"

#define RACK_PERSISTS 16u /* recoveries: RFC 8985, 6.2, step 4 */

static void enter(struct tcp_sender *sender)
{
    sender->cold |= TCP_RECOVERY | TCP_FAST_DUE;
    sender->recovery_end = sender->next;
    sender->rescued = false;
    sender->undo_armed = sender->tcp->params->undo;
    sender->undo_seq = sender->una;
    sender->undo_left = 0;
}

static void leave_states(struct tcp_sender *sender)
{
    sender->cold &= ~(uint32_t)(TCP_RECOVERY | TCP_AFTER_TIMEOUT | TCP_FAST_DUE);
}

static void undo(struct tcp_sender *sender)
{
    if (sender->congestion->undo)
        sender->congestion->undo(sender->congestion_state, &sender->control);
    tcp_segments_find_again(&sender->segments);
    leave_states(sender);
    sender->undo_armed = false;
}

static void leave(struct tcp_sender *sender)
{
    if (sender->undo_armed && !sender->undo_left)
        undo(sender);
    leave_states(sender);
    if (sender->rack_state.window_persists && !--sender->rack_state.window_persists)
        sender->rack_state.window_multiple = 1;
    if (sender->segments.lost_waiting)
        enter(sender); /* of what was sent and lost during this one */
}

static void lost(struct tcp_sender *sender, const struct tcp_segment *segment,
                 uint64_t in_flight_bytes, sim_time now)
{
    struct sim_loss_sample sample = {
        .now = now,
        .position = segment->position,
        .sent = sender->sent,
        .in_flight_bytes = in_flight_bytes,
    };
    if (!(sender->cold & TCP_RECOVERY))
        enter(sender);
    sender->congestion->lost(sender->congestion_state, &sender->control, &sample);
}

/* ---- SACK and DSACK ---- */

/* RFC 2883, 4: the first block is a DSACK when it lies below the cumulative acknowledgement, or in
 * the second one. */
static bool is_duplicate(const struct range *blocks, uint32_t count, uint64_t ack)
{
    return blocks[0].end <= ack ||
           (count > 1 && blocks[0].start >= blocks[1].start && blocks[0].end <= blocks[1].end);
}

void tcp_recovery_sack(struct tcp_sender *sender, const struct sim_packet *packet,
                       struct tcp_delivery *delivery)
{
    const union sim_packet_lists *lists = sim_packet_lists(sender->tcp->env->pool, packet);
    struct range blocks[TCP_SACK_MAX] = {0};
    uint32_t count = packet->tcp.sack_count;
    for (uint32_t i = 0; i < count; i++)
        blocks[i] = (struct range){lists->tcp.sack[i].start, lists->tcp.sack[i].end};
    delivery->duplicate = is_duplicate(blocks, count, packet->tcp.ack);
    if (delivery->duplicate && sender->undo_left && blocks[0].start >= sender->undo_seq)
        sender->undo_left--;
    tcp_segments_sack(&sender->segments, blocks + delivery->duplicate, count - delivery->duplicate,
                      delivery);
}

/* ---- RACK ---- */

static void rack_update(struct tcp_sender *sender, const struct tcp_delivery *delivery,
                        sim_time now)
{
    struct tcp_rack *rack = &sender->rack_state;
    sim_time rtt = now - delivery->sent_at;
    if (delivery->duplicate && sender->una >= rack->dsack_round) {
        rack->dsack_round = sender->next;
        rack->window_multiple++;
        rack->window_persists = RACK_PERSISTS;
    }
    rack->reordering_seen |= delivery->reordered || delivery->duplicate;
    if (!delivery->segments)
        return;
    if (!(delivery->flags & TCP_SEGMENT_TWICE))
        rack->min_rtt = rtt < rack->min_rtt ? rtt : rack->min_rtt;
    else if (rtt < rack->min_rtt)
        return; /* the acknowledgement is of an earlier transmission */
    if (delivery->position >= rack->position) {
        rack->position = delivery->position;
        rack->rtt = rtt;
    }
}

static sim_time rack_window(const struct tcp_sender *sender)
{
    const struct tcp_rack *rack = &sender->rack_state;
    bool urgent = (sender->cold & TCP_RECOVERY) ||
                  sender->segments.sacked >= sender->tcp->params->duplicate_ack_threshold;
    if (!rack->reordering_seen && urgent)
        return 0;
    if (rack->min_rtt == SIM_NEVER) /* nothing measured yet */
        return 0;
    sim_time window = rack->min_rtt / 4 * rack->window_multiple;
    return window < sender->srtt ? window : sender->srtt;
}

/* Marks what is overdue; sets the timer for what soon will be. Originals lie in the ring in the
 * order in which they were sent, so the walk ends at the first one sent after what arrived. */
static void rack_detect(struct tcp_sender *sender, uint64_t in_flight_bytes, sim_time now)
{
    struct tcp_segments *segments = &sender->segments;
    sim_time due_after = sender->rack_state.rtt + rack_window(sender), wake = 0;
    for (uint64_t i = segments->first; i != segments->end; i++) {
        const struct tcp_segment *segment = tcp_segment_at(segments, i);
        bool waiting =
            (segment->flags & (TCP_SEGMENT_LOST | TCP_SEGMENT_RESENT)) == TCP_SEGMENT_LOST;
        if (segment->position >= sender->rack_state.position) {
            if (!(segment->flags & TCP_SEGMENT_TWICE))
                break;
            continue;
        }
        if (waiting || (segment->flags & TCP_SEGMENT_SACKED))
            continue;
        if (segment->sent_at + due_after > now) {
            wake = segment->sent_at + due_after > wake ? segment->sent_at + due_after : wake;
            continue;
        }
        tcp_segments_lose(segments, i);
        lost(sender, segment, in_flight_bytes, now);
    }
    if (wake)
        sim_timer_set(sender->tcp->env->timers, &sender->rack_state.timer, wake);
}

void tcp_recovery_reordering_timer(struct sim_timer *timer, sim_time now)
{
    struct tcp_sender *sender =
        (struct tcp_sender *)((char *)timer - offsetof(struct tcp_sender, rack_state.timer));
    rack_detect(sender, sender->segments.pipe_bytes, now);
    tcp_sender_settle(sender, now);
}

/* ---- recovery ---- */

void tcp_recovery_acked(struct tcp_sender *sender, const struct tcp_delivery *delivery,
                        uint64_t in_flight_bytes, sim_time now)
{
    if (delivery->duplicate && sender->undo_armed && !sender->undo_left)
        undo(sender);
    if ((sender->cold & TCP_RECOVERY) && sender->una >= sender->recovery_end)
        leave(sender);
    if (sender->rack) {
        rack_update(sender, delivery, now);
        if (sender->segments.sacked || (sender->cold & TCP_RECOVERY))
            rack_detect(sender, in_flight_bytes, now);
        return;
    }
    uint32_t threshold = (uint32_t)sender->tcp->params->duplicate_ack_threshold;
    const struct tcp_segment *segment;
    while ((segment = tcp_segments_lose_next(&sender->segments, threshold)))
        lost(sender, segment, in_flight_bytes, now);
}

void tcp_recovery_timeout(struct tcp_sender *sender, sim_time now)
{
    struct tcp_segments *segments = &sender->segments;
    uint32_t undo_left = (sender->cold & TCP_RECOVERY) ? sender->undo_left : 0;
    struct sim_loss_sample sample = {
        .now = now,
        .position = tcp_segment_at(segments, segments->first)->position,
        .sent = sender->sent,
        .in_flight_bytes = segments->pipe_bytes,
    };
    sender->tcp->counts.timeouts++;
    enter(sender);
    sender->undo_left = undo_left;
    sender->cold &= ~(uint32_t)TCP_FAST_DUE;
    sender->cold |= TCP_AFTER_TIMEOUT;
    tcp_segments_lose_all(segments);
    sender->congestion->timeout(sender->congestion_state, &sender->control, &sample);
}

bool tcp_recovery_last_resort(const struct tcp_sender *sender, uint64_t *index)
{
    const uint32_t states = TCP_RECOVERY | TCP_AFTER_TIMEOUT;
    if (sender->rack || (sender->cold & states) != TCP_RECOVERY)
        return false;
    if (tcp_segments_next_below_sacked(&sender->segments, index))
        return true;
    return !sender->rescued && tcp_segments_highest_unsacked(&sender->segments, index) &&
           !(tcp_segment_at(&sender->segments, *index)->flags & TCP_SEGMENT_RESENT);
}

void tcp_recovery_resent(struct tcp_sender *sender, uint64_t index)
{
    const struct tcp_segment *segment = tcp_segment_at(&sender->segments, index);
    sender->undo_left++;
    sender->cold &= ~(uint32_t)TCP_FAST_DUE;
    if (!(segment->flags & TCP_SEGMENT_LOST) && index >= sender->segments.highest_sacked)
        sender->rescued = true;
}
