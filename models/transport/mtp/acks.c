/* What an acknowledgement does.
 *
 * Its ACK path feedback belongs to its first SACK entry, or in a NACK, which has no SACK entries,
 * to the first NACK entry. Entries that are repeated against loss release packets, without a
 * round-trip time, a path or marks. The models hear nothing of them: as unmarked bytes they would
 * bias DCTCP's alpha downwards, and growth that is missed for lost acknowledgements is little.
 *
 * A message SACK (packet number SIM_MTP_WHOLE) covers the message's packets too. For a message of
 * one packet the receiver therefore sends it alone.
 *
 * An acknowledgement without path feedback says that nothing on the path is labelled or marked;
 * with feedback_every above 1 it says that the feedback is what it was when last returned.
 */
#include "mtp.h"

#include <stdlib.h>

#define FLOW_HOLD_RTTS 16

/* ---- paths ---- */

/* The acknowledgement of a packet sent at `clock` reported another path than the flow's next
 * messages are expected to take. Gives whether they are expected to take it now. What was sent
 * earlier says nothing new, but for one thing: a message that was answered on the way (a cache)
 * reports the beginning of the way, soon, and one that was not all of it, later. The next one may
 * go all of it. */
static __attribute__((noinline, cold)) bool flow_switched(struct mtp_flow *flow, struct mtp *mtp,
                                                          uint64_t clock, struct mtp_path *path,
                                                          sim_time now)
{
    const struct mtp_path *expected = flow->queue.path;
    sim_time hold = FLOW_HOLD_RTTS * (expected->srtt + 4 * expected->rttvar);
    if (mtp_path_begins(path, expected) && now - flow->path_at < hold)
        return false;
    if (clock <= flow->path_clock && !mtp_path_begins(expected, path))
        return false;
    mtp_queue_set_path(mtp, &flow->queue, path);
    return true;
}

static inline void flow_reported(struct mtp_flow *flow, struct mtp *mtp, uint64_t clock,
                                 struct mtp_path *path, sim_time now)
{
    if (SIM_UNLIKELY(path != flow->queue.path) && !flow_switched(flow, mtp, clock, path, now))
        return;
    flow->path_at = now;
    if (clock > flow->path_clock)
        flow->path_clock = clock;
}

/* What was sent after `clock` is taking the path too. */
static __attribute__((noinline, cold)) void stream_switched(struct mtp_stream *stream,
                                                            uint64_t clock, struct mtp_path *path,
                                                            sim_time now)
{
    stream->path = path;
    mtp_exclude_remember(stream->destination, path);
    for (uint32_t place = stream->flight.tail; place != MTP_NONE;) {
        struct mtp_record *record = mtp_ring_at(stream->ring, place);
        if (record->clock <= clock)
            break;
        if (record->path != path)
            mtp_charge_move(stream->mtp, record, path, now);
        place = record->prev;
    }
    mtp_stream_changed(stream, now);
}

/* The acknowledgement of a packet sent at `clock` reported `path`. Of what was sent earlier it says
 * nothing new. */
static inline void stream_reported(struct mtp_stream *stream, uint64_t clock, struct mtp_path *path,
                                   sim_time now)
{
    flow_reported(stream->flow, stream->mtp, clock, path, now);
    if (clock <= stream->path_clock)
        return;
    if (SIM_UNLIKELY(stream->exclude_count && !stream->path_clock))
        mtp_exclude_answer(stream, path, now);
    stream->path_clock = clock;
    if (SIM_UNLIKELY(stream->path != path))
        stream_switched(stream, clock, path, now);
}

static inline struct mtp_path *path_of(struct mtp_stream *stream, const struct mtp_record *record,
                                       const struct mtp_report *report)
{
    struct mtp_destination *destination = stream->destination;
    if (SIM_LIKELY(mtp_path_is(record->path, destination, report->lists->mtp.path, report->count)))
        return record->path;
    if (stream->path &&
        mtp_path_is(stream->path, destination, report->lists->mtp.path, report->count))
        return stream->path;
    return mtp_path_get(stream->mtp, destination, report->lists->mtp.path, report->count);
}

static inline void measured(struct mtp_stream *stream, const struct mtp_record *record,
                            struct mtp_path *path, sim_time now)
{
    struct mtp_destination *destination = stream->destination;
    sim_time rtt = now - record->sent_at;
    mtp_path_measured(stream->mtp, path, record->clock, rtt);
    if (SIM_LIKELY(destination->least_rtt && rtt >= destination->least_rtt))
        return;
    bool first = !destination->least_rtt;
    destination->least_rtt = rtt;
    if (first && destination->pending)
        mtp_probe_arm(destination, now);
}

/* In order, it moves the end of the destination's newest run. `placed`: see mtp_order_insert. */
static inline void order_acked(struct mtp_stream *stream, const struct mtp_record *record,
                               struct mtp_path *path, bool placed)
{
    struct mtp_run *run = &stream->destination->order.runs[0];
    if (SIM_UNLIKELY(run->path != path || record->clock <= run->newest ||
                     run->priority != stream->priority)) {
        mtp_order_insert(stream, record, path, placed);
        return;
    }
    run->newest = record->clock;
    run->newest_sent_at = record->sent_at;
    run->messages += placed;
}

/* A report about a packet in flight that was sent once: it is charged where it really went. Gives
 * the path. */
static inline struct mtp_path *record_reported(struct mtp_stream *stream, struct mtp_record *record,
                                               const struct mtp_report *report)
{
    struct mtp_path *path = path_of(stream, record, report);
    stream_reported(stream, record->clock, path, report->now);
    if (SIM_UNLIKELY(record->path != path))
        mtp_charge_move(stream->mtp, record, path, report->now);
    return path;
}

/* ---- packets ---- */

static void flight_acked(struct mtp_stream *stream, uint32_t place, const struct mtp_report *report,
                         sim_time now)
{
    struct mtp *mtp = stream->mtp;
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    const struct mtp_path *reported = NULL;
    const struct mtp_report *marks = report;
    sim_time rtt = 0;
    if (SIM_LIKELY(report && record->sends == 1)) {
        bool placed = !stream->path_clock;
        struct mtp_path *path = record_reported(stream, record, report);
        rtt = now - record->sent_at;
        measured(stream, record, path, now);
        order_acked(stream, record, path, placed);
        reported = path;
    } else if (record->sends == 1) {
        mtp_path_answered(mtp, record->path);
    } else if (report && path_of(stream, record, report) != record->path) {
        marks = NULL; /* whose they are is not known */
    }
    uint32_t older = record->prev;
    if (record->clock > stream->newest_acked)
        stream->newest_acked = record->clock;
    mtp_flight_remove(stream, place, reported);
    if (SIM_LIKELY(report))
        mtp_path_acked(mtp, record, marks, rtt, now);
    mtp_charge_release(mtp, record, now);
    if (SIM_UNLIKELY(older != MTP_NONE && reported))
        mtp_loss_detect(stream, older, reported, now);
}

/* A packet thought lost did arrive. Its charge left with the loss; what it reports is still true.
 */
static void lost_acked(struct mtp_stream *stream, uint32_t place, const struct mtp_report *report,
                       sim_time now)
{
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    if (report && record->sends == 1) {
        bool placed = !stream->path_clock;
        struct mtp_path *path = path_of(stream, record, report);
        stream_reported(stream, record->clock, path, now);
        measured(stream, record, path, now);
        order_acked(stream, record, path, placed);
    } else if (record->sends == 1) {
        mtp_path_answered(stream->mtp, record->path);
    }
    stream->lost_bytes -= record->payload;
    mtp_list_remove(&stream->lost, stream->ring, place);
    mtp_stream_changed(stream, now);
}

/* Gives whether the packet was not known to be acknowledged. */
static inline bool packet_acked(struct mtp_stream *stream, uint32_t place,
                                const struct mtp_report *report, sim_time now)
{
    const struct mtp_record *record = mtp_ring_at(stream->ring, place);
    switch (record->state) {
    case MTP_FLIGHT:
        flight_acked(stream, place, report, now);
        break;
    case MTP_LOST:
        lost_acked(stream, place, report, now);
        break;
    default:
        return false;
    }
    /* Packets of a message that nobody delivers are no progress. */
    if (SIM_LIKELY(!stream->restarts && !record->restart))
        stream->progress_at = now;
    return true;
}

/* ---- messages ---- */

static void stream_completed(struct mtp_stream *stream, sim_time now)
{
    const struct sim_transport_env *env = stream->mtp->env;
    uint32_t number = stream->number;
    mtp_stream_free(stream, now);
    env->app_ops->completed(env->app, number, now);
}

/* A packet of a blob, or a message of one packet, was delivered. */
static void single_delivered(struct mtp_stream *stream, uint32_t place, sim_time now)
{
    struct mtp_ring *ring = stream->ring;
    mtp_ring_at(ring, place)->state = MTP_FREE;
    if (!stream->blob || (--stream->live == 0 && stream->unsent == 0)) {
        stream_completed(stream, now);
        return;
    }
    mtp_ring_advance(ring);
    if (SIM_UNLIKELY(stream->destination->starved))
        mtp_destination_unstarve(stream->destination, now);
    mtp_timeout_arm(stream, now);
}

static void single_sack(struct mtp_stream *stream, uint32_t place, bool whole,
                        const struct mtp_report *report, sim_time now)
{
    bool news = packet_acked(stream, place, report, now);
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    if (whole) {
        if (!news)
            mtp_list_remove(&stream->acked, stream->ring, place);
        single_delivered(stream, place, now);
        return;
    }
    if (!news)
        return;
    record->state = MTP_ACKED;
    record->sent_at = now;
    mtp_list_append(&stream->acked, stream->ring, place);
    mtp_timeout_arm(stream, now);
}

static void message_sack(struct mtp_stream *stream, uint32_t packet,
                         const struct mtp_report *report, sim_time now)
{
    if (packet == SIM_MTP_WHOLE) {
        while (stream->flight.head != MTP_NONE) {
            uint32_t place = stream->flight.head;
            flight_acked(stream, place, NULL, now);
            mtp_ring_at(stream->ring, place)->state = MTP_FREE;
        }
        stream_completed(stream, now);
        return;
    }
    if (packet < stream->own.oldest || packet >= stream->own.next)
        return;
    if (!packet_acked(stream, packet, report, now))
        return;
    mtp_ring_at(&stream->own, packet)->state = MTP_FREE;
    mtp_ring_advance(&stream->own);
    if (stream->own.oldest == stream->packets)
        stream->waiting_at = now;
    mtp_timeout_arm(stream, now);
}

/* ---- entries ---- */

/* The record that a message ID names, or NULL: never sent, or forgotten. */
static inline struct mtp_record *slot_of(struct mtp *mtp, uint64_t message, uint32_t *place)
{
    uint64_t counter = message & UINT64_C(0xffffffffffff);
    if (message >> 48 >= mtp->destination_count)
        return NULL;
    struct mtp_ring *ring = &mtp->destinations[message >> 48]->ring;
    if (counter < ring->oldest || counter >= ring->next)
        return NULL;
    *place = (uint32_t)counter;
    struct mtp_record *slot = mtp_ring_at(ring, *place);
    return slot->state == MTP_FREE ? NULL : slot;
}

static void apply_sack(struct mtp *mtp, const struct sim_mtp_sack *entry,
                       const struct mtp_report *report, sim_time now)
{
    uint32_t place;
    struct mtp_record *slot = slot_of(mtp, entry->message, &place);
    if (!slot)
        return;
    if (slot->state == MTP_MESSAGE)
        message_sack(slot->stream, entry->packet, report, now);
    else if (entry->packet == SIM_MTP_WHOLE || entry->packet == 0)
        single_sack(slot->stream, place, entry->packet == SIM_MTP_WHOLE, report, now);
}

static void packet_nacked(struct mtp_stream *stream, uint32_t place,
                          const struct mtp_report *report, sim_time now)
{
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    if (record->state != MTP_FLIGHT)
        return;
    if (report && record->sends == 1)
        record_reported(stream, record, report);
    mtp_loss_declare(stream, place, now);
    mtp_timeout_arm(stream, now);
}

static void apply_nack(struct mtp *mtp, const struct sim_mtp_sack *entry,
                       const struct mtp_report *report, sim_time now)
{
    uint32_t place;
    struct mtp_record *slot = slot_of(mtp, entry->message, &place);
    if (!slot)
        return;
    struct mtp_stream *stream = slot->stream;
    bool whole = entry->packet == SIM_MTP_WHOLE;
    if (slot->state == MTP_ACKED && whole)
        mtp_timeout_restart_record(stream, place, now);
    else if (slot->state != MTP_MESSAGE && (whole || entry->packet == 0))
        packet_nacked(stream, place, report, now);
    else if (slot->state == MTP_MESSAGE && whole)
        mtp_stream_restart(stream, now);
    else if (entry->packet >= stream->own.oldest && entry->packet < stream->own.next)
        packet_nacked(stream, entry->packet, report, now);
}

/* ---- acknowledgements ---- */

static const union sim_packet_lists nothing_labelled = {
    .mtp.path = {{.type = SIM_FEEDBACK_ECN, .length = 1}}};

static void remember_report(struct mtp_destination *destination, const struct mtp_report *report)
{
    if (!destination->last) {
        destination->last = malloc(sizeof *destination->last);
        SIM_CHECK(destination->last, "out of memory for a report");
    }
    *destination->last = (struct mtp_last_report){*report->lists, *report->rare, report->count};
}

/* What the acknowledgement reports; see above for one without a list. */
static struct mtp_report report_of(const struct mtp *mtp, struct mtp_destination *destination,
                                   const struct sim_packet *packet,
                                   const union sim_packet_lists *lists, sim_time now)
{
    struct mtp_report report = {lists, sim_packet_rare(mtp->env->pool, packet),
                                packet->mtp.path_count, now};
    if (SIM_LIKELY(report.count)) {
        if (mtp->params->feedback_every > 1)
            remember_report(destination, &report);
        return report;
    }
    const struct mtp_last_report *last = destination->last;
    if (last)
        return (struct mtp_report){&last->lists, &last->rare, last->count, now};
    return (struct mtp_report){&nothing_labelled, NULL, 1, now};
}

void mtp_acks_receive(struct mtp *mtp, const struct sim_packet *packet, sim_time now)
{
    const union sim_packet_lists *lists = sim_packet_lists(mtp->env->pool, packet);
    const struct sim_mtp_sack *nacks = sim_packet_rare(mtp->env->pool, packet)->mtp.nack;
    uint32_t sack_count = lists->mtp.sack_count, nack_count = lists->mtp.nack_count;
    if (!sack_count && !nack_count)
        return;
    uint64_t first = sack_count ? lists->mtp.sack[0].message : nacks[0].message;
    if (first >> 48 >= mtp->destination_count)
        return;
    struct mtp_destination *destination = mtp->destinations[first >> 48];
    mtp_probe_heard(destination, now);
    struct mtp_report report = report_of(mtp, destination, packet, lists, now);
    for (uint32_t i = 0; i < sack_count; i++)
        apply_sack(mtp, &lists->mtp.sack[i], i == 0 ? &report : NULL, now);
    for (uint32_t i = 0; i < nack_count; i++)
        apply_nack(mtp, &nacks[i], i == 0 && sack_count == 0 ? &report : NULL, now);
}
