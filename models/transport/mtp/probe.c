/* The probe (3.1.3): a sender that is blocked by what it charged to a path which no longer answers
 * would never hear that the network took another path. After one least round trip without anything
 * sent to or heard from a destination that waits for room, one packet goes regardless of windows;
 * the next ones after 2, 4, 8, 16 least round trips, until an acknowledgement comes.
 *
 * It is an ordinary packet, the one that would go next, and is charged: it carries data and its
 * acknowledgement reports the path. Before the first round-trip time is known there is no probe,
 * the retransmission timeout serves.
 *
 * The least round trip of a destination is never forgotten: a path that became longer is only
 * probed earlier.
 */
#include "mtp.h"

#define PROBE_SHIFT_MAX 4

void mtp_probe_arm(struct mtp_destination *destination, sim_time now)
{
    if (!destination->least_rtt || destination->probe_timer.deadline != SIM_NEVER)
        return;
    sim_timer_set(destination->mtp->env->timers, &destination->probe_timer,
                  now + (destination->least_rtt << destination->probe_shift));
}

/* The stream of the destination that goes first when it gets room; NULL: none waits for that. */
static struct mtp_stream *best_blocked(const struct mtp_destination *destination)
{
    struct mtp_stream *best = NULL;
    for (struct mtp_stream *stream = destination->pending; stream; stream = stream->pending_next)
        if (stream->queue && stream->queue->blocked && (!best || mtp_stream_before(stream, best)))
            best = stream;
    return best;
}

void mtp_probe_fire(struct sim_timer *timer, sim_time now)
{
    struct mtp_destination *destination = (struct mtp_destination *)timer;
    struct mtp *mtp = destination->mtp;
    if (!destination->pending)
        return;
    sim_time silence = destination->least_rtt << destination->probe_shift;
    sim_time since =
        destination->heard_at > destination->sent_at ? destination->heard_at : destination->sent_at;
    if (since + silence > now) {
        sim_timer_set(mtp->env->timers, timer, since + silence);
        return;
    }
    sim_timer_set(mtp->env->timers, timer, now + silence);
    struct mtp_stream *stream = best_blocked(destination);
    if (!stream || mtp->probing)
        return;
    mtp->probing = stream;
    mtp->transport.ready = true;
}

struct sim_packet *mtp_probe_send(struct mtp *mtp, sim_time now)
{
    struct mtp_stream *stream = mtp->probing;
    struct mtp_destination *destination = stream->destination;
    mtp->probing = NULL;
    mtp->counts.probes++;
    if (destination->probe_shift < PROBE_SHIFT_MAX)
        destination->probe_shift++;
    return mtp_stream_send(stream, mtp_stream_path(stream), now);
}
