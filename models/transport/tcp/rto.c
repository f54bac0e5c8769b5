/* Round-trip times and the retransmission timer (RFC 6298).
 *
 * Every acknowledgement of a segment that was sent once gives a sample (Karn), not one a window, so
 * the variance forgets faster than the RFC's gains say; with round trips of microseconds and a
 * least RTO of a millisecond that never decides. The clock has no granularity to add.
 *
 * The same timer serves the SYN, and the probes of a window that the receiver closed (RFC 9293,
 * 3.8.6.1): neither tells of congestion.
 */
#include "connection.h"

#define LONGEST_RTO (60 * SIM_S) /* RFC 6298, 2.5 */

void tcp_rto_sample(struct tcp_sender *sender, sim_time rtt)
{
    sim_time least = sender->tcp->params->min_rto;
    if (SIM_LIKELY(sender->srtt)) {
        sim_time error = rtt - sender->srtt;
        sender->rttvar += ((error < 0 ? -error : error) - sender->rttvar) / 4;
        sender->srtt += error / 8;
    } else {
        sender->srtt = rtt;
        sender->rttvar = rtt / 2;
    }
    sim_time rto = sender->srtt + 4 * sender->rttvar;
    rto = rto < least ? least : rto;
    sender->rto = rto > LONGEST_RTO ? LONGEST_RTO : rto;
    sender->backoff = 0;
}

sim_time tcp_rto_backed_off(const struct tcp_sender *sender)
{
    sim_time rto = sender->rto;
    for (uint32_t i = 0; i < sender->backoff && rto < LONGEST_RTO; i++)
        rto *= 2;
    return rto < LONGEST_RTO ? rto : LONGEST_RTO;
}

/* Whether what holds the sender up is the receiver's window. */
static bool is_probing(const struct tcp_sender *sender)
{
    const struct tcp_segments *segments = &sender->segments;
    return tcp_segments_empty(segments) ||
           tcp_segment_at(segments, segments->first)->seq >= sender->peer_edge;
}

void tcp_rto_fire(struct sim_timer *timer, sim_time now)
{
    struct tcp_sender *sender =
        (struct tcp_sender *)((char *)timer - offsetof(struct tcp_sender, rto_timer));
    if (sender->cold & TCP_HANDSHAKE) {
        sender->tcp->counts.timeouts++;
        sender->cold |= TCP_SYN_DUE;
    } else if (is_probing(sender)) {
        sender->cold |= TCP_PROBE_DUE;
    } else {
        tcp_recovery_timeout(sender, now);
    }
    sender->backoff++;
    tcp_rto_restart(sender, now);
    tcp_sender_settle(sender, now);
}
