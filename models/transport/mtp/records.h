/* Records of packets, their ring and their lists. What every packet needs of them is here, to be
 * inlined; flight.c has the rest. */
#ifndef MODELS_TRANSPORT_MTP_RECORDS_H
#define MODELS_TRANSPORT_MTP_RECORDS_H

#include <mtpsim/time.h>

#include "containers.h"

struct mtp_path;
struct mtp_stream;

#define MTP_NONE UINT32_MAX

enum mtp_state {
    MTP_FREE,
    MTP_MESSAGE, /* a message of several packets: these are in its stream's own ring */
    MTP_FLIGHT,  /* sent, charged, not acknowledged */
    MTP_LOST,    /* to be sent again */
    MTP_ACKED,   /* the packet is acknowledged, its message is not */
};

/* Acknowledged packets between an unacknowledged one and the next, in the order sent: the run of
 * equal paths that it begins with, and the one that it ends with. Of what lies between two runs
 * nothing is kept. */
struct mtp_gap {
    uint32_t first, last;            /* indexes of paths; MTP_NONE: nothing acknowledged */
    uint8_t first_count, last_count; /* 255 is 255 or more */
};

/* A packet that is not yet forgotten. One cache line. */
struct mtp_record {
    sim_time sent_at; /* last time; of an MTP_ACKED one: when it was acknowledged */
    uint64_t clock;   /* the host's bytes sent before it, last time */
    struct mtp_stream *stream;
    struct mtp_path *path;        /* that it is charged to, while in flight */
    uint64_t offset;              /* of its payload in the message or blob */
    uint32_t prev, next;          /* places of its neighbours in the list that its state names */
    uint32_t gap_first, gap_last; /* struct mtp_gap behind it, while in flight */
    uint8_t gap_first_count, gap_last_count;
    uint16_t charge;                /* wire bytes as sent */
    uint16_t payload;               /* bytes */
    uint8_t state : 4, restart : 1; /* restart: its whole message is sent again */
    uint8_t sends;                  /* 255 is 255 or more */
};
_Static_assert(sizeof(struct mtp_record) == 64, "a record is one cache line");

/* Records oldest .. next - 1, by message counter or by packet number; a place is the number's low
 * 32 bits. Records move when the ring grows. */
struct mtp_ring {
    struct mtp_record *records;
    uint64_t oldest, next;
    uint32_t mask; /* capacity - 1, once there are records */
};

static inline struct mtp_record *mtp_ring_at(const struct mtp_ring *ring, uint32_t place)
{
    return &ring->records[place & ring->mask];
}

/* Makes room for more. */
void mtp_ring_grow(struct mtp_ring *ring);
void mtp_ring_clear(struct mtp_ring *ring);

/* The record of the next number, zeroed. */
static inline struct mtp_record *mtp_ring_push(struct mtp_ring *ring)
{
    if (SIM_UNLIKELY(!ring->records || ring->next - ring->oldest > ring->mask))
        mtp_ring_grow(ring);
    struct mtp_record *record = mtp_ring_at(ring, (uint32_t)ring->next++);
    *record = (struct mtp_record){.prev = MTP_NONE, .next = MTP_NONE};
    return record;
}

static inline void mtp_ring_advance(struct mtp_ring *ring)
{
    while (ring->oldest < ring->next &&
           mtp_ring_at(ring, (uint32_t)ring->oldest)->state == MTP_FREE)
        ring->oldest++;
}

struct mtp_list {
    uint32_t head, tail; /* MTP_NONE */
};

static inline void mtp_list_append(struct mtp_list *list, struct mtp_ring *ring, uint32_t place)
{
    struct mtp_record *record = mtp_ring_at(ring, place);
    record->prev = list->tail;
    record->next = MTP_NONE;
    if (list->tail == MTP_NONE)
        list->head = place;
    else
        mtp_ring_at(ring, list->tail)->next = place;
    list->tail = place;
}

static inline void mtp_list_remove(struct mtp_list *list, struct mtp_ring *ring, uint32_t place)
{
    const struct mtp_record *record = mtp_ring_at(ring, place);
    if (record->prev == MTP_NONE)
        list->head = record->next;
    else
        mtp_ring_at(ring, record->prev)->next = record->next;
    if (record->next == MTP_NONE)
        list->tail = record->prev;
    else
        mtp_ring_at(ring, record->next)->prev = record->prev;
}

#endif
