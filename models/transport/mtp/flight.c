/* Records of packets: one ring per destination, by message counter, for all that takes one packet;
 * one per message of several packets. A ring is sized to its live window.
 *
 * Each stream keeps its packets in flight in the order sent. Acknowledged packets leave the list;
 * what loss detection must know about them is summed up in the gap behind the unacknowledged packet
 * before them. In order, an acknowledgement costs a removal at the head, whatever is in flight. */
#include "mtp.h"

#include <stdlib.h>

void mtp_ring_grow(struct mtp_ring *ring)
{
    struct mtp_ring old = *ring;
    uint32_t old_capacity = old.records ? old.mask + 1 : 0;
    uint32_t capacity = old_capacity ? old_capacity * 2 : 4;
    ring->records = aligned_alloc(64, capacity * sizeof *ring->records);
    SIM_CHECK(ring->records, "out of memory for %u records", capacity);
    ring->mask = capacity - 1;
    for (uint64_t number = old.oldest; number < old.next; number++)
        *mtp_ring_at(ring, (uint32_t)number) = *mtp_ring_at(&old, (uint32_t)number);
    free(old.records);
}

void mtp_ring_clear(struct mtp_ring *ring)
{
    free(ring->records);
    *ring = (struct mtp_ring){0};
}

static uint8_t add_counts(uint32_t a, uint32_t b)
{
    return (uint8_t)(a + b < 255 ? a + b : 255);
}

/* `a`, then `b`. A gap of one run has it as its first and its last. */
static struct mtp_gap gap_join(struct mtp_gap a, struct mtp_gap b)
{
    if (a.first == MTP_NONE)
        return b;
    if (b.first == MTP_NONE)
        return a;
    struct mtp_gap joined = {a.first, b.last, a.first_count, b.last_count};
    bool a_is_run = a.first == a.last && a.first_count == a.last_count;
    bool b_is_run = b.first == b.last && b.first_count == b.last_count;
    if (a_is_run && b.first == a.first)
        joined.first_count = add_counts(a.first_count, b.first_count);
    if (b_is_run && a.last == b.last)
        joined.last_count = add_counts(b.last_count, a.last_count);
    return joined;
}

/* What is known of the packet's neighbourhood stays, in the gap ahead of where it was. */
void mtp_flight_close_gap(struct mtp_stream *stream, const struct mtp_record *record,
                          const struct mtp_path *path)
{
    struct mtp_gap gap = {record->gap_first, record->gap_last, record->gap_first_count,
                          record->gap_last_count};
    if (path)
        gap = gap_join((struct mtp_gap){path->index, path->index, 1, 1}, gap);
    if (record->prev == MTP_NONE) {
        stream->before = gap_join(stream->before, gap);
        return;
    }
    struct mtp_record *prev = mtp_ring_at(stream->ring, record->prev);
    gap = gap_join((struct mtp_gap){prev->gap_first, prev->gap_last, prev->gap_first_count,
                                    prev->gap_last_count},
                   gap);
    prev->gap_first = gap.first;
    prev->gap_last = gap.last;
    prev->gap_first_count = gap.first_count;
    prev->gap_last_count = gap.last_count;
}
