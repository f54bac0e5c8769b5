/* Timers of a stream: one, for whatever it waits for.
 *
 * A packet in flight times out a retransmission timeout of its path after it was sent. The oldest
 * of the stream is watched; when it times out, all of the stream on its path that are older than a
 * round trip (with four deviations) go with it: their acknowledgements would have come. The models
 * hear one timeout for all packets that were in flight at the time.
 *
 * When a packet that was sent later by the path is acknowledged by then, the path lives: the models
 * hear of a loss instead, and the path does not back off. A message of one packet has no
 * successors whose acknowledgements would prove a mere loss, so its timeout is no news about the
 * path as TCP's is, which comes when all that was in flight is gone (RFC 5681, 3.1). QUIC, whose
 * packets have one order over all streams, takes a timer's end for no congestion at all (RFC 9002,
 * 6.2), and collapses the window only when nothing sent over three timeouts was acknowledged (7.6).
 *
 * When all packets are acknowledged but the message is not, the whole message is sent again after a
 * timeout that doubles with each time; packet 0 then carries the restart flag, which frees pins in
 * switches.
 *
 * A message or blob that hears nothing for `give_up` is abandoned, and so is a message that has
 * been sent again for so long: acknowledgements of its packets count the first time only. The
 * application is not told.
 */
#include "mtp.h"

static sim_time message_due(const struct mtp_stream *stream)
{
    if (stream->waiting_at == SIM_NEVER)
        return SIM_NEVER;
    uint32_t shift = stream->restarts < 10 ? stream->restarts : 10;
    return stream->waiting_at + (mtp_stream_path(stream)->rto << shift);
}

static inline sim_time record_due(const struct mtp_stream *stream, const struct mtp_list *list)
{
    if (list->head == MTP_NONE)
        return SIM_NEVER;
    const struct mtp_record *record = mtp_ring_at(stream->ring, list->head);
    uint32_t shift = record->state == MTP_ACKED && record->restart ? record->sends : 0;
    return record->sent_at + (record->path->rto << (shift < 10 ? shift : 10));
}

static sim_time earlier(sim_time a, sim_time b)
{
    return a < b ? a : b;
}

/* When the oldest packet in flight of a stream that has sent all is looked for in the order, or
 * times out. */
static __attribute__((noinline)) sim_time look_due(const struct mtp_stream *stream,
                                                   const struct mtp_record *oldest)
{
    sim_time look = oldest->sent_at + mtp_order_patience(oldest->path);
    look = look > stream->look_at ? look : stream->look_at;
    return earlier(look, oldest->sent_at + oldest->path->rto);
}

/* While more follows, the stream's own packets tell of a loss: no look before the timeout. */
static inline sim_time flight_due(const struct mtp_stream *stream)
{
    if (SIM_UNLIKELY(stream->flight.head == MTP_NONE))
        return SIM_NEVER;
    const struct mtp_record *oldest = mtp_ring_at(stream->ring, stream->flight.head);
    return stream->is_pending ? oldest->sent_at + oldest->path->rto : look_due(stream, oldest);
}

static __attribute__((noinline)) sim_time messages_due(const struct mtp_stream *stream)
{
    return earlier(record_due(stream, &stream->acked), message_due(stream));
}

/* A timeout that has shrunk since the packet was sent may have passed already: then it is due now.
 */
void mtp_timeout_arm(struct mtp_stream *stream, sim_time now)
{
    sim_time due = flight_due(stream);
    if (SIM_UNLIKELY(stream->acked.head != MTP_NONE || stream->waiting_at != SIM_NEVER))
        due = earlier(due, messages_due(stream));
    if (SIM_LIKELY(due != SIM_NEVER)) {
        sim_time limit = stream->progress_at + stream->mtp->params->give_up;
        due = earlier(due, limit);
        sim_timer_set(stream->mtp->env->timers, &stream->timer, due > now ? due : now);
    } else {
        stream->timer.deadline = SIM_NEVER;
    }
}

static void flight_timed_out(struct mtp_stream *stream, sim_time now)
{
    struct mtp *mtp = stream->mtp;
    const struct mtp_record *oldest = mtp_ring_at(stream->ring, stream->flight.head);
    struct mtp_path *path = oldest->path;
    bool lives = path->newest_acked > oldest->clock;
    mtp->counts.timeouts++;
    if (!lives && oldest->clock >= path->backoff_clock)
        mtp_path_timed_out(mtp, oldest, now);
    if (!lives)
        mtp_path_back_off(mtp, path, oldest->clock);
    sim_time sent_by = path->srtt ? now - path->srtt - 4 * path->rttvar : now;
    for (uint32_t place = stream->flight.head; place != MTP_NONE;) {
        const struct mtp_record *record = mtp_ring_at(stream->ring, place);
        uint32_t next = record->next;
        bool gone = record->path == path && record->sent_at <= sent_by;
        if (gone && lives)
            mtp_loss_declare(stream, place, now);
        else if (gone)
            mtp_loss_resend(stream, place, now);
        place = next;
    }
}

void mtp_timeout_restart_record(struct mtp_stream *stream, uint32_t place, sim_time now)
{
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    mtp_list_remove(&stream->acked, stream->ring, place);
    record->state = MTP_LOST;
    record->restart = true;
    stream->lost_bytes += record->payload;
    mtp_list_append(&stream->lost, stream->ring, place);
    mtp_stream_changed(stream, now);
}

static void give_up(struct mtp_stream *stream, sim_time now)
{
    stream->mtp->counts.given_up++;
    mtp_stream_free(stream, now);
}

void mtp_timeout_fire(struct sim_timer *timer, sim_time now)
{
    struct mtp_stream *stream = (struct mtp_stream *)timer;
    if (now >= stream->progress_at + stream->mtp->params->give_up) {
        give_up(stream, now);
        return;
    }
    if (record_due(stream, &stream->flight) <= now)
        flight_timed_out(stream, now);
    else if (flight_due(stream) <= now)
        mtp_order_look(stream, now);
    while (record_due(stream, &stream->acked) <= now)
        mtp_timeout_restart_record(stream, stream->acked.head, now);
    if (message_due(stream) <= now)
        mtp_stream_restart(stream, now);
    mtp_timeout_arm(stream, now);
}
