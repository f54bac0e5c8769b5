/* The probe (3.1.3): a sender that is blocked by what it charged to a path which no longer answers
 * would never hear that the network took another path. After a silence, in which nothing was sent
 * to or heard from a destination that waits for room, one packet goes regardless of windows; the
 * next ones after 2, 4, 8, 16 times as long, until an acknowledgement comes.
 *
 * The silence is one round trip as the blocked path has it now, with four deviations, and at least
 * the destination's least round trip. The paper's measure, the least round trip alone, sends probes
 * into every queue that is longer than it: of 64 flows into one 10 Gbps link each has one packet in
 * flight and waits for a whole queue, so that probes undid what the marks did (mean queue 998 of
 * 1000 packets, 3050 drops in 20 ms; 123 packets and no drop with this).
 *
 * It is an ordinary packet, the one that would go next, and is charged: it carries data and its
 * acknowledgement reports the path. Before the first round-trip time is known there is no probe,
 * the retransmission timeout serves.
 *
 * The least round trip of a destination is never forgotten: a path that became longer is only
 * looked at earlier.
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
        if (stream->queue && stream->queue->path->standing == MTP_BLOCKED &&
            (!best || mtp_stream_before(stream, best)))
            best = stream;
    return best;
}

/* How long a destination is silent before a probe to it goes; NULL: the least time. */
static sim_time silence_of(const struct mtp_destination *destination,
                           const struct mtp_stream *blocked)
{
    sim_time silence = destination->least_rtt;
    if (blocked) {
        const struct mtp_path *path = mtp_stream_path(blocked);
        sim_time round_trip = path->srtt + 4 * path->rttvar;
        silence = round_trip > silence ? round_trip : silence;
    }
    return silence << destination->probe_shift;
}

/* Whether the silence has lasted; if not, the timer is set to when it will have. */
static bool was_silent(struct mtp_destination *destination, sim_time silence, sim_time now)
{
    sim_time since =
        destination->heard_at > destination->sent_at ? destination->heard_at : destination->sent_at;
    sim_time end = since + silence;
    sim_timer_set(destination->mtp->env->timers, &destination->probe_timer,
                  end > now ? end : now + silence);
    return end <= now;
}

void mtp_probe_fire(struct sim_timer *timer, sim_time now)
{
    struct mtp_destination *destination = (struct mtp_destination *)timer;
    struct mtp *mtp = destination->mtp;
    if (!destination->pending)
        return;
    if (!was_silent(destination, silence_of(destination, NULL), now))
        return;
    struct mtp_stream *stream = best_blocked(destination);
    if (!was_silent(destination, silence_of(destination, stream), now) || !stream || mtp->probing)
        return;
    mtp->probing = stream;
    mtp->transport.ready = true;
}

void mtp_probe_heard(struct mtp_destination *destination, sim_time now)
{
    struct mtp *mtp = destination->mtp;
    destination->heard_at = now;
    if (SIM_UNLIKELY(mtp->probing) && mtp->probing->destination == destination)
        mtp->probing = NULL;
    if (SIM_LIKELY(!destination->probe_shift))
        return;
    /* The timer was set by the longer silence. */
    destination->probe_shift = 0;
    if (destination->probe_timer.deadline != SIM_NEVER)
        sim_timer_set(mtp->env->timers, &destination->probe_timer,
                      now + silence_of(destination, NULL));
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
