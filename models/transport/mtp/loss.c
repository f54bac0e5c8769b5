/* Packets lost because later ones of their message or blob, on their path, arrived (paper, 3.1.2
 * and 3.1.3).
 *
 * Order counts only among packets that took one path. An acknowledged packet's path is known; that
 * of an unacknowledged one is inferred when the nearest acknowledged packets sent before and after
 * it, of the same message or blob, agree. It is lost when loss_threshold packets of this path that
 * were sent later are acknowledged. Where they disagree, the path was switched in between, and only
 * a NACK or a timeout tells.
 *
 * Ahead of a message's first acknowledged packet there is none to agree with. A message is promised
 * one path, so there the later ones suffice; a blob, whose packets are messages each, has no such
 * promise. Other messages' packets, which the network may place elsewhere, are compared only where
 * a message ends: see order.c.
 *
 * Acknowledgements of packets that were sent twice say nothing about order.
 *
 * Not done: taking back a reduction when a packet thought lost is acknowledged after all.
 */
#include "mtp.h"

void mtp_loss_resend(struct mtp_stream *stream, uint32_t place, sim_time now)
{
    struct mtp_record *record = mtp_ring_at(stream->ring, place);
    mtp_flight_remove(stream, place, NULL);
    mtp_charge_release(stream->mtp, record, now);
    record->state = MTP_LOST;
    stream->lost_bytes += record->payload;
    mtp_list_append(&stream->lost, stream->ring, place);
    mtp_stream_changed(stream, now);
}

void mtp_loss_declare(struct mtp_stream *stream, uint32_t place, sim_time now)
{
    const struct mtp_record *record = mtp_ring_at(stream->ring, place);
    mtp_order_lost(stream->mtp, record);
    mtp_path_lost(stream->mtp, record, now);
    mtp_loss_resend(stream, place, now);
}

static struct mtp_gap gap_of(const struct mtp_record *record)
{
    return (struct mtp_gap){record->gap_first, record->gap_last, record->gap_first_count,
                            record->gap_last_count};
}

/* Acknowledged packets of the path in a gap, as far as the gap remembers. */
static uint32_t gap_count(struct mtp_gap gap, uint32_t path)
{
    uint32_t count = gap.first == path ? gap.first_count : 0;
    bool one_run = gap.first == gap.last && gap.first_count == gap.last_count;
    return count + (gap.last == path && !one_run ? gap.last_count : 0);
}

/* The path of the newest acknowledged packet sent before the one at `place`. */
static uint32_t path_before(const struct mtp_stream *stream, uint32_t place)
{
    for (place = mtp_ring_at(stream->ring, place)->prev; place != MTP_NONE;) {
        const struct mtp_record *record = mtp_ring_at(stream->ring, place);
        if (record->gap_last != MTP_NONE)
            return record->gap_last;
        place = record->prev;
    }
    return stream->before.last;
}

/* Acknowledged packets of the path behind the gap at `place`. */
static uint32_t count_behind(const struct mtp_stream *stream, uint32_t place, uint32_t path)
{
    uint32_t count = 0;
    for (place = mtp_ring_at(stream->ring, place)->next; place != MTP_NONE;) {
        const struct mtp_record *record = mtp_ring_at(stream->ring, place);
        if (record->clock > stream->newest_acked)
            break;
        count += gap_count(gap_of(record), path);
        place = record->next;
    }
    return count;
}

void mtp_loss_detect(struct mtp_stream *stream, uint32_t place, const struct mtp_path *path,
                     sim_time now)
{
    const uint64_t threshold = stream->mtp->params->loss_threshold;
    struct mtp_gap gap = gap_of(mtp_ring_at(stream->ring, place));
    uint32_t count = count_behind(stream, place, path->index);
    uint32_t after = gap.first, before = MTP_NONE;
    bool before_known = false;
    while (place != MTP_NONE) {
        uint32_t prev = mtp_ring_at(stream->ring, place)->prev;
        struct mtp_gap prev_gap =
            prev == MTP_NONE ? stream->before : gap_of(mtp_ring_at(stream->ring, prev));
        count += gap_count(gap, path->index);
        after = gap.first != MTP_NONE ? gap.first : after;
        if (!before_known)
            before = path_before(stream, place);
        before_known = prev_gap.last == MTP_NONE;
        bool agreed = before == path->index || (before == MTP_NONE && !stream->blob);
        if (after == path->index && agreed && count >= threshold)
            mtp_loss_declare(stream, place, now);
        gap = prev_gap;
        place = prev;
    }
}
