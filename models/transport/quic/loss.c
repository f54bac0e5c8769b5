/* Acknowledgements, loss and probes: RFC 9002.
 *
 * A packet is lost when one sent `packet_threshold` packets later is acknowledged, or one sent
 * later and 9/8 of a round trip has passed (6.1). When nothing is acknowledged a probe goes out
 * (6.2), which changes no window and says nothing of loss; its acknowledgement does. The window
 * collapses when all packets of more than three probe timeouts are lost, as found out at one time
 * or at several: persistent congestion (7.6). Packets sent before the first round trip was measured
 * do not count.
 *
 * Marks: the count of packets with CE in the acknowledgement tells how many of those that it newly
 * acknowledges were marked (13.4.2 of RFC 9000).
 */
#include "models/transport/quic/quic.h"

/* ---- the timer ---- */

static sim_time probe_timeout(const struct quic_connection *connection)
{
    const struct quic_params *params = connection->quic->params;
    const struct governor *governor = &connection->governor;
    sim_time srtt = governor->srtt ? governor->srtt : params->initial_rtt;
    sim_time spread = 4 * (governor->srtt ? governor->rttvar : params->initial_rtt / 2);
    if (spread < params->granularity)
        spread = params->granularity;
    return srtt + spread + (params->ack_every > 1 ? params->ack_delay : 0);
}

/* A timeout that has shrunk since the last packet was sent may have passed already. */
void quic_set_loss_timer(struct quic_connection *connection, sim_time now)
{
    struct sim_timers *timers = connection->quic->env->timers;
    if (connection->loss_at != SIM_NEVER) {
        sim_timer_set(timers, &connection->timer, connection->loss_at);
        return;
    }
    if (connection->accepted && connection->una == connection->next) {
        connection->timer.deadline = SIM_NEVER;
        return;
    }
    sim_time wait = probe_timeout(connection);
    for (uint32_t i = 0; i < connection->backoff && wait < 60 * SIM_S; i++)
        wait *= 2;
    sim_time due = connection->last_sent_at + wait;
    sim_timer_set(timers, &connection->timer, due > now ? due : now);
}

/* ---- loss ---- */

/* The packet comes next in a row: where a run of lost ones began, SIM_NEVER when it ends. */
static sim_time run_after(const struct quic_connection *connection, sim_time began,
                          const struct quic_sent *sent)
{
    if (sent->fate == QUIC_ACKED || sent->sent_at < connection->measured_at)
        return SIM_NEVER;
    return began == SIM_NEVER ? sent->sent_at : began;
}

static void skip_settled(struct quic_connection *connection)
{
    while (connection->una != connection->next) {
        const struct quic_sent *sent = quic_sent_at(connection, connection->una);
        if (sent->fate == QUIC_IN_FLIGHT)
            break;
        connection->lost_since = run_after(connection, connection->lost_since, sent);
        connection->una++;
    }
}

static void lose(struct quic_connection *connection, struct quic_sent *sent, sim_time now)
{
    governor_lost(&connection->governor, sent->position, now);
    connection->governor.in_flight_bytes -= sent->bytes;
    sent->fate = QUIC_LOST;
    quic_stream_lost(connection, sent);
}

/* Loses what is overdue; sets loss_at for what soon will be. */
static void detect(struct quic_connection *connection, sim_time now)
{
    const struct quic_params *params = connection->quic->params;
    sim_time rtt = connection->latest_rtt > connection->governor.srtt ? connection->latest_rtt
                                                                      : connection->governor.srtt;
    sim_time delay = rtt / 8 * 9 > params->granularity ? rtt / 8 * 9 : params->granularity;
    sim_time lost_since = connection->lost_since, longest = 0;
    uint64_t end = connection->largest_acked;
    connection->loss_at = SIM_NEVER;
    for (uint64_t i = connection->una; i < end; i++) {
        struct quic_sent *sent = quic_sent_at(connection, i);
        bool lost_now = sent->fate == QUIC_IN_FLIGHT;
        if (lost_now && end - 1 - i < params->packet_threshold && sent->sent_at + delay > now) {
            connection->loss_at = sent->sent_at + delay;
            break;
        }
        if (lost_now)
            lose(connection, sent, now);
        lost_since = run_after(connection, lost_since, sent);
        if (lost_now && lost_since != SIM_NEVER && sent->sent_at - lost_since > longest)
            longest = sent->sent_at - lost_since;
    }
    skip_settled(connection);
    if (longest <= 3 * probe_timeout(connection))
        return;
    governor_timeout(&connection->governor, connection->governor.sent, now);
    connection->lost_since = SIM_NEVER;
}

void quic_loss_timer(struct sim_timer *timer, sim_time now)
{
    struct quic_connection *connection =
        (struct quic_connection *)((char *)timer - offsetof(struct quic_connection, timer));
    if (connection->loss_at != SIM_NEVER) {
        detect(connection, now);
    } else {
        connection->quic->counts.timeouts++;
        connection->backoff++;
        connection->last_sent_at = now;
        if (connection->accepted)
            connection->probes_due = 1;
        else
            connection->initial_due = connection->initial_twice = true;
    }
    quic_set_loss_timer(connection, now);
    quic_connection_settle(connection);
}

/* ---- acknowledgements ---- */

/* What an acknowledgement newly says to have arrived. */
struct delivery {
    uint64_t packets, newest; /* newest: number, and one */
    struct governor_news news;
    struct quic_stream *done; /* streams that are acknowledged as a whole now */
};

static void deliver_range(struct quic_connection *connection, const struct quic_sent *sent,
                          struct delivery *delivery)
{
    struct quic_stream *stream = demux_find(&connection->streams, sent->stream);
    if (!stream)
        return;
    uint64_t fresh = ranges_add(&stream->acked, sent->range, NULL);
    ranges_remove(&stream->lost, sent->range);
    if (!fresh || stream->bytes == SIM_ENDLESS || stream->acked.items[0].end <= stream->bytes ||
        stream->acked.items[0].start > 0)
        return;
    stream->done_next = delivery->done;
    delivery->done = stream;
}

static void deliver(struct quic_connection *connection, uint64_t packet, struct delivery *delivery)
{
    struct quic_sent *sent = quic_sent_at(connection, packet);
    if (sent->fate == QUIC_ACKED)
        return;
    delivery->packets++;
    delivery->news.acked_bytes += sent->bytes;
    if (sent->fate == QUIC_IN_FLIGHT)
        delivery->news.left_bytes += sent->bytes;
    sent->fate = QUIC_ACKED;
    if (packet >= delivery->newest) {
        delivery->newest = packet + 1;
        delivery->news.position = sent->position;
    }
    deliver_range(connection, sent, delivery);
}

static void deliver_ranges(struct quic_connection *connection, const struct sim_packet *packet,
                           struct delivery *delivery)
{
    const union sim_packet_lists *lists = sim_packet_lists(connection->quic->env->pool, packet);
    for (uint32_t r = 0; r < packet->quic.range_count; r++) {
        uint64_t start = lists->quic.ranges[r].start, end = lists->quic.ranges[r].end;
        start = start > connection->una ? start : connection->una;
        for (uint64_t i = start; i < end && i < connection->next; i++)
            deliver(connection, i, delivery);
    }
}

/* The newest packet is newly acknowledged: a round trip, without the receiver's own delay. */
static void measure(struct quic_connection *connection, struct delivery *delivery, sim_time delay,
                    sim_time now)
{
    sim_time rtt = now - quic_sent_at(connection, delivery->newest - 1)->sent_at;
    if (delivery->newest <= connection->largest_acked)
        return;
    connection->largest_acked = delivery->newest;
    connection->min_rtt = rtt < connection->min_rtt ? rtt : connection->min_rtt;
    connection->measured_at = now < connection->measured_at ? now : connection->measured_at;
    if (rtt - delay >= connection->min_rtt)
        rtt -= delay;
    connection->latest_rtt = delivery->news.rtt = rtt;
}

/* Tells the application of the streams that are done; forgets the connection with its last one, and
 * gives whether it did. */
static bool complete(struct quic_connection *connection, struct quic_stream *done, sim_time now)
{
    const struct sim_transport_env *env = connection->quic->env;
    while (done) {
        struct quic_stream *stream = done;
        uint32_t number = stream->number;
        done = stream->done_next;
        quic_stream_free(connection, stream);
        bool forget = !connection->persistent && !connection->streams.count;
        if (forget)
            quic_connection_free(connection);
        env->app_ops->completed(env->app, number, now);
        if (forget)
            return true;
    }
    return false;
}

void quic_connection_acked(struct quic_connection *connection, const struct sim_packet *packet,
                           sim_time now)
{
    const union sim_packet_lists *lists = sim_packet_lists(connection->quic->env->pool, packet);
    struct delivery delivery = {.news.now = now};
    if (packet->quic.packet != connection->first)
        return; /* of an older connection */
    deliver_ranges(connection, packet, &delivery);
    uint64_t marked =
        lists->quic.marked > connection->marked ? lists->quic.marked - connection->marked : 0;
    if (!delivery.packets)
        return;
    connection->marked += marked;
    connection->backoff = 0;
    connection->probes_due = 0;
    measure(connection, &delivery, lists->quic.delay, now);
    marked = marked < delivery.packets ? marked : delivery.packets;
    delivery.news.marked_bytes = delivery.news.acked_bytes * marked / delivery.packets;
    governor_acked(&connection->governor, &delivery.news);
    detect(connection, now);
    quic_set_loss_timer(connection, now);
    if (!complete(connection, delivery.done, now))
        quic_connection_settle(connection);
}
