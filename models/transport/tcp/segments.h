/* The sender's scoreboard: one record for each segment that is sent and not yet acknowledged
 * cumulatively, in a ring in the order of sequence numbers.
 *
 * RFC 6675 (IsLost, SetPipe, NextSeg), RFC 2018. RFC 6675 walks the whole scoreboard for each
 * acknowledgement; here each of its quantities is kept up to date instead:
 *
 * - pipe: a segment counts once while its first transmission is neither SACKed nor lost, and once
 *   more while a retransmission of it is in flight.
 * - IsLost: a segment is lost when `threshold` segments above it are SACKed. `boundary` only moves
 *   up: everything below it is SACKed or was found lost, and `above` counts the SACKed segments
 *   from it on. So each record is passed once, whatever the number of acknowledgements.
 *
 *        first        boundary                end
 *          | S L S S L |  S  .  S  .  .  .  .  |        above = 2, threshold = 3
 *
 * - SACK blocks repeat; those of the previous acknowledgement are remembered and skipped.
 *
 * Segments are immutable: a retransmission carries the same bytes as the original, so that SACK
 * blocks end where segments end. The receiver never reneges on what it SACKed.
 *
 * An index counts all segments of a connection; the record lies at its remainder by the ring size.
 */
#ifndef MODELS_TRANSPORT_TCP_SEGMENTS_H
#define MODELS_TRANSPORT_TCP_SEGMENTS_H

#include <mtpsim/packet.h>

#include "models/transport/ranges.h"

enum {
    TCP_SEGMENT_FIN = 0x01,  /* its value is also the sequence number that FIN takes */
    TCP_SEGMENT_LAST = 0x02, /* of its message, or of a part with a frame: PSH */
    TCP_SEGMENT_SACKED = 0x04,
    TCP_SEGMENT_LOST = 0x08,   /* its first transmission, or its last retransmission, is lost */
    TCP_SEGMENT_RESENT = 0x10, /* a retransmission is in flight */
    TCP_SEGMENT_TWICE = 0x20,  /* was ever sent again: no RTT (Karn) */
    TCP_SEGMENT_FRAMED = 0x40, /* begins or ends a message that has a frame */
};

struct tcp_segment {
    uint64_t seq;
    uint64_t position; /* bytes that the connection sent before its newest transmission */
    sim_time sent_at;  /* the newest transmission */
    uint32_t message;  /* number, when it is the last of its message */
    uint16_t bytes;    /* payload */
    uint8_t flags;     /* TCP_SEGMENT_* */
};

#define TCP_SACK_MAX 4

struct tcp_segments {
    struct tcp_segment *ring;
    uint32_t mask;       /* ring size - 1 */
    uint32_t sacked;     /* records that are SACKed */
    uint64_t first, end; /* indexes [first, end) are in the ring */
    uint64_t pipe_bytes;
    uint64_t boundary; /* see above */
    uint32_t above;
    uint32_t lost_waiting;               /* lost, and no retransmission in flight */
    uint64_t resend_from;                /* no index below it is lost and waiting */
    uint64_t highest_sacked;             /* one above the highest index that was ever SACKed */
    uint64_t delivered_end;              /* highest sequence number known to have arrived */
    struct range reported[TCP_SACK_MAX]; /* SACK blocks of the previous acknowledgement */
    uint32_t reported_count;
};

/* What an acknowledgement newly says to have arrived. */
struct tcp_delivery {
    uint64_t bytes;
    uint32_t segments;
    bool reordered; /* an original arrived after one that was sent later */
    bool duplicate; /* the receiver says that it got something twice (DSACK) */
    /* The newest-sent of them. */
    uint8_t flags;
    uint64_t position, seq;
    sim_time sent_at;
};

void tcp_segments_init(struct tcp_segments *segments);
void tcp_segments_clear(struct tcp_segments *segments);
/* Empties it for another connection, and keeps the memory. */
void tcp_segments_reset(struct tcp_segments *segments);
void tcp_segments_grow(struct tcp_segments *segments);

/* SACK blocks, none of them a DSACK. */
void tcp_segments_sack(struct tcp_segments *segments, const struct range *blocks, uint32_t count,
                       struct tcp_delivery *delivery);
/* Finds the next segment that is lost by the count of SACKed ones above it, and marks it. NULL:
 * there is none. */
struct tcp_segment *tcp_segments_lose_next(struct tcp_segments *segments, uint32_t threshold);
/* Marks as lost what is in flight of segment `index`: the original, or its retransmission. */
void tcp_segments_lose(struct tcp_segments *segments, uint64_t index);
/* After a timeout: everything that is not SACKed. */
void tcp_segments_lose_all(struct tcp_segments *segments);
/* After an undo: what is lost and was not sent again is in flight after all. */
void tcp_segments_find_again(struct tcp_segments *segments);
/* NextSeg's rules 1, 3 and 4; false when there is none. */
bool tcp_segments_next_lost(struct tcp_segments *segments, uint64_t *index);
bool tcp_segments_next_below_sacked(const struct tcp_segments *segments, uint64_t *index);
bool tcp_segments_highest_unsacked(const struct tcp_segments *segments, uint64_t *index);
void tcp_segments_resent(struct tcp_segments *segments, uint64_t index, uint64_t position,
                         sim_time now);
/* The slow half of tcp_segments_ack. */
void tcp_segments_pop_marked(struct tcp_segments *segments, struct tcp_delivery *delivery);

static inline size_t tcp_segments_bytes(const struct tcp_segments *segments)
{
    return ((size_t)segments->mask + 1) * sizeof *segments->ring;
}

static inline struct tcp_segment *tcp_segment_at(const struct tcp_segments *segments,
                                                 uint64_t index)
{
    return &segments->ring[index & segments->mask];
}

static inline uint64_t tcp_segment_end(const struct tcp_segment *segment)
{
    return segment->seq + segment->bytes + (segment->flags & TCP_SEGMENT_FIN);
}

static inline bool tcp_segments_empty(const struct tcp_segments *segments)
{
    return segments->first == segments->end;
}

/* Adds a record at the end; the caller fills it. */
static inline struct tcp_segment *tcp_segments_push(struct tcp_segments *segments, uint16_t bytes)
{
    if (SIM_UNLIKELY(segments->end - segments->first > segments->mask))
        tcp_segments_grow(segments);
    segments->pipe_bytes += bytes;
    struct tcp_segment *segment = tcp_segment_at(segments, segments->end++);
    segment->bytes = bytes;
    return segment;
}

static inline void tcp_segments_deliver(struct tcp_segments *segments,
                                        const struct tcp_segment *segment,
                                        struct tcp_delivery *delivery)
{
    delivery->bytes += segment->bytes;
    delivery->segments++;
    if (segment->position >= delivery->position) {
        delivery->position = segment->position;
        delivery->seq = segment->seq;
        delivery->sent_at = segment->sent_at;
        delivery->flags = segment->flags;
    }
    if (segment->seq >= segments->delivered_end)
        segments->delivered_end = tcp_segment_end(segment);
    else if (!(segment->flags & TCP_SEGMENT_TWICE))
        delivery->reordered = true;
}

/* A cumulative acknowledgement. */
static inline void tcp_segments_ack(struct tcp_segments *segments, uint64_t ack,
                                    struct tcp_delivery *delivery)
{
    const uint8_t marked = TCP_SEGMENT_SACKED | TCP_SEGMENT_LOST | TCP_SEGMENT_RESENT;
    while (segments->first != segments->end) {
        const struct tcp_segment *segment = tcp_segment_at(segments, segments->first);
        if (tcp_segment_end(segment) > ack)
            break;
        if (SIM_LIKELY(!(segment->flags & marked))) {
            segments->pipe_bytes -= segment->bytes;
            tcp_segments_deliver(segments, segment, delivery);
        } else {
            tcp_segments_pop_marked(segments, delivery);
        }
        segments->first++;
    }
    if (segments->boundary < segments->first)
        segments->boundary = segments->first;
}

#endif
