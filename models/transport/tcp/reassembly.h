/* The receiver's out-of-order data: which ranges above the gap arrived, which SACK blocks to report
 * (RFC 2018: the newest first, then those reported most recently), and where messages end. */
#ifndef MODELS_TRANSPORT_TCP_REASSEMBLY_H
#define MODELS_TRANSPORT_TCP_REASSEMBLY_H

#include "segments.h"

/* The last byte of a message, or of a part of one, that cannot be delivered yet. */
struct tcp_message_end {
    uint64_t seq; /* one after the last byte */
    uint32_t src, number;
    sim_time newest;        /* when the newest segment of it arrived */
    struct sim_frame frame; /* content kind NONE: it has none */
};

/* What was delivered of a message that comes in parts (sim_frame). */
struct tcp_parts {
    uint32_t src, number;
    uint64_t bytes;
    bool damaged;
};

struct tcp_reassembly {
    struct ranges arrived; /* above the gap */
    uint32_t recent_count;
    uint64_t recent[TCP_SACK_MAX]; /* a sequence number in each of the newest-changed ranges */
    struct tcp_message_end *ends;  /* ascending */
    uint32_t end_count, end_capacity;
    struct tcp_parts *parts; /* of messages whose last part did not come, in no order */
    uint32_t part_count, part_capacity;
};

void tcp_reassembly_clear(struct tcp_reassembly *reassembly);
/* Gives how many of the sequence numbers are new. */
uint64_t tcp_reassembly_add(struct tcp_reassembly *reassembly, struct range block);
static inline size_t tcp_reassembly_bytes(const struct tcp_reassembly *reassembly)
{
    return reassembly->arrived.capacity * sizeof *reassembly->arrived.items +
           reassembly->end_capacity * sizeof *reassembly->ends +
           reassembly->part_capacity * sizeof *reassembly->parts;
}

/* Everything up to `next` is delivered; gives up to where it is with the ranges that touch. */
static inline uint64_t tcp_reassembly_advance(struct tcp_reassembly *reassembly, uint64_t next)
{
    return ranges_advance(&reassembly->arrived, next);
}

/* Gives at most `max` blocks. */
uint32_t tcp_reassembly_report(struct tcp_reassembly *reassembly, struct range *blocks,
                               uint32_t max);
void tcp_reassembly_add_end(struct tcp_reassembly *reassembly, struct tcp_message_end end);
/* A segment with the sequence number before `seq` arrived, of a message whose end may be known. */
void tcp_reassembly_touch_end(struct tcp_reassembly *reassembly, uint64_t seq, sim_time now);
/* Takes the first end that is at or below `next`; false when there is none. */
bool tcp_reassembly_take_end(struct tcp_reassembly *reassembly, uint64_t next,
                             struct tcp_message_end *end);
/* A part of a message was delivered, and was not the last one. */
void tcp_reassembly_add_part(struct tcp_reassembly *reassembly, struct tcp_parts part);
/* Adds to the last one what came before it. */
void tcp_reassembly_take_parts(struct tcp_reassembly *reassembly, struct tcp_parts *last);

#endif
