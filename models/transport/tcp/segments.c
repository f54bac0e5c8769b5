#include "segments.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16u

void tcp_segments_init(struct tcp_segments *segments)
{
    *segments = (struct tcp_segments){.mask = FIRST_CAPACITY - 1};
    segments->ring = malloc(FIRST_CAPACITY * sizeof *segments->ring);
    SIM_CHECK(segments->ring, "out of memory for %u segments", FIRST_CAPACITY);
}

void tcp_segments_clear(struct tcp_segments *segments)
{
    free(segments->ring);
    segments->ring = NULL;
}

void tcp_segments_reset(struct tcp_segments *segments)
{
    *segments = (struct tcp_segments){.ring = segments->ring, .mask = segments->mask};
}

void tcp_segments_grow(struct tcp_segments *segments)
{
    uint32_t capacity = (segments->mask + 1) * 2;
    struct tcp_segment *ring = malloc(capacity * sizeof *ring);
    SIM_CHECK(ring && capacity, "out of memory for %u segments", capacity);
    for (uint64_t i = segments->first; i != segments->end; i++)
        ring[i & (capacity - 1)] = *tcp_segment_at(segments, i);
    free(segments->ring);
    segments->ring = ring;
    segments->mask = capacity - 1;
}

/* Takes what is in flight of a segment out of the pipe. */
static void leave_pipe(struct tcp_segments *segments, const struct tcp_segment *segment)
{
    if (!(segment->flags & TCP_SEGMENT_LOST))
        segments->pipe_bytes -= segment->bytes;
    if (segment->flags & TCP_SEGMENT_RESENT)
        segments->pipe_bytes -= segment->bytes;
    else if (segment->flags & TCP_SEGMENT_LOST)
        segments->lost_waiting--;
}

void tcp_segments_pop_marked(struct tcp_segments *segments, struct tcp_delivery *delivery)
{
    const struct tcp_segment *segment = tcp_segment_at(segments, segments->first);
    if (segment->flags & TCP_SEGMENT_SACKED) {
        segments->sacked--;
        if (segments->first >= segments->boundary)
            segments->above--;
        return;
    }
    leave_pipe(segments, segment);
    tcp_segments_deliver(segments, segment, delivery);
}

/* The first index whose segment starts at or after `seq`. */
static uint64_t find(const struct tcp_segments *segments, uint64_t seq)
{
    uint64_t low = segments->first, high = segments->end;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (tcp_segment_at(segments, middle)->seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void sack_one(struct tcp_segments *segments, uint64_t index, struct tcp_delivery *delivery)
{
    struct tcp_segment *segment = tcp_segment_at(segments, index);
    if (segment->flags & TCP_SEGMENT_SACKED)
        return;
    leave_pipe(segments, segment);
    tcp_segments_deliver(segments, segment, delivery);
    segment->flags |= TCP_SEGMENT_SACKED;
    segments->sacked++;
    if (index >= segments->boundary)
        segments->above++;
    if (index >= segments->highest_sacked)
        segments->highest_sacked = index + 1;
}

/* The end of the block reported before that holds `seq`, or 0. */
static uint64_t reported_end(const struct tcp_segments *segments, uint64_t seq)
{
    for (uint32_t i = 0; i < segments->reported_count; i++)
        if (seq >= segments->reported[i].start && seq < segments->reported[i].end)
            return segments->reported[i].end;
    return 0;
}

static void sack_block(struct tcp_segments *segments, struct range block,
                       struct tcp_delivery *delivery)
{
    uint64_t index = find(segments, block.start);
    while (index < segments->end) {
        const struct tcp_segment *segment = tcp_segment_at(segments, index);
        if (tcp_segment_end(segment) > block.end)
            break;
        uint64_t known = reported_end(segments, segment->seq);
        if (known) {
            index = find(segments, known);
        } else {
            sack_one(segments, index, delivery);
            index++;
        }
    }
}

void tcp_segments_sack(struct tcp_segments *segments, const struct range *blocks, uint32_t count,
                       struct tcp_delivery *delivery)
{
    for (uint32_t i = 0; i < count; i++)
        sack_block(segments, blocks[i], delivery);
    memcpy(segments->reported, blocks, count * sizeof *blocks);
    segments->reported_count = count;
}

void tcp_segments_lose(struct tcp_segments *segments, uint64_t index)
{
    struct tcp_segment *segment = tcp_segment_at(segments, index);
    leave_pipe(segments, segment);
    segment->flags |= TCP_SEGMENT_LOST;
    segment->flags &= (uint8_t)~TCP_SEGMENT_RESENT;
    segments->lost_waiting++;
    if (index < segments->resend_from)
        segments->resend_from = index;
}

struct tcp_segment *tcp_segments_lose_next(struct tcp_segments *segments, uint32_t threshold)
{
    while (segments->boundary < segments->end) {
        struct tcp_segment *segment = tcp_segment_at(segments, segments->boundary);
        uint32_t sacked = (segment->flags & TCP_SEGMENT_SACKED) != 0;
        if (segments->above < threshold + sacked)
            break;
        segments->above -= sacked;
        uint64_t index = segments->boundary++;
        if (sacked || (segment->flags & TCP_SEGMENT_LOST))
            continue;
        if (!(segment->flags & TCP_SEGMENT_RESENT)) {
            tcp_segments_lose(segments, index);
            return segment;
        }
        /* Sent again by rules 3 or 4, before it was known to be lost. */
        segment->flags |= TCP_SEGMENT_LOST;
        segments->pipe_bytes -= segment->bytes;
    }
    return NULL;
}

void tcp_segments_lose_all(struct tcp_segments *segments)
{
    for (uint64_t i = segments->first; i != segments->end; i++)
        if (!(tcp_segment_at(segments, i)->flags & TCP_SEGMENT_SACKED))
            tcp_segments_lose(segments, i);
    segments->boundary = segments->end;
    segments->above = 0;
}

void tcp_segments_find_again(struct tcp_segments *segments)
{
    const uint8_t bits = TCP_SEGMENT_SACKED | TCP_SEGMENT_LOST | TCP_SEGMENT_RESENT;
    for (uint64_t i = segments->first; i != segments->end; i++) {
        struct tcp_segment *segment = tcp_segment_at(segments, i);
        if ((segment->flags & bits) != TCP_SEGMENT_LOST)
            continue;
        segment->flags &= (uint8_t)~TCP_SEGMENT_LOST;
        segments->pipe_bytes += segment->bytes;
        segments->lost_waiting--;
    }
}

bool tcp_segments_next_lost(struct tcp_segments *segments, uint64_t *index)
{
    const uint8_t bits = TCP_SEGMENT_SACKED | TCP_SEGMENT_LOST | TCP_SEGMENT_RESENT;
    if (!segments->lost_waiting)
        return false;
    uint64_t i = segments->resend_from > segments->first ? segments->resend_from : segments->first;
    while ((tcp_segment_at(segments, i)->flags & bits) != TCP_SEGMENT_LOST)
        i++;
    segments->resend_from = i;
    *index = i;
    return true;
}

bool tcp_segments_next_below_sacked(const struct tcp_segments *segments, uint64_t *index)
{
    const uint8_t bits = TCP_SEGMENT_SACKED | TCP_SEGMENT_LOST | TCP_SEGMENT_RESENT;
    for (uint64_t i = segments->first; i < segments->highest_sacked; i++)
        if (!(tcp_segment_at(segments, i)->flags & bits)) {
            *index = i;
            return true;
        }
    return false;
}

bool tcp_segments_highest_unsacked(const struct tcp_segments *segments, uint64_t *index)
{
    for (uint64_t i = segments->end; i > segments->first; i--)
        if (!(tcp_segment_at(segments, i - 1)->flags & TCP_SEGMENT_SACKED)) {
            *index = i - 1;
            return true;
        }
    return false;
}

void tcp_segments_resent(struct tcp_segments *segments, uint64_t index, uint64_t position,
                         sim_time now)
{
    struct tcp_segment *segment = tcp_segment_at(segments, index);
    segment->position = position;
    segment->sent_at = now;
    if (!(segment->flags & TCP_SEGMENT_RESENT)) {
        segments->pipe_bytes += segment->bytes;
        segments->lost_waiting -= (segment->flags & TCP_SEGMENT_LOST) != 0;
    }
    segment->flags |= TCP_SEGMENT_RESENT | TCP_SEGMENT_TWICE;
}
