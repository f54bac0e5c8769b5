/* The two halves of `aggregate`: aggregate.c decides what becomes of a contribution,
 * aggregate_slots.c adds up, answers and tells the workers. */
#ifndef MODELS_OFFLOAD_AGGREGATE_H
#define MODELS_OFFLOAD_AGGREGATE_H

#include <mtpsim/offload.h>

#include "models/offload/table.h"

struct aggregate_params {
    struct sim_device_params device; /* first */
    uint64_t workers, slots;
    sim_time patience;
};

struct aggregate_contribution {
    uint64_t message;
    uint32_t src, dst, number, request;
    uint16_t src_port, dst_port;
    uint8_t priority;
    bool encrypted;
};

/* What a worker last reported of the way that sums take to it. */
struct aggregate_path {
    struct sim_feedback entries[SIM_MTP_LIST_MAX];
    uint32_t count;
};

struct aggregate_slot {
    struct sim_timer timer; /* first */
    struct aggregate *owner;
    struct aggregate_contribution *from; /* by worker */
    uint64_t here, acknowledged;         /* a bit for each worker */
    uint64_t sum;
    uint32_t chunk, bytes;
    uint16_t entry;
    bool taken;
    uint64_t passed; /* chunks below it are no longer taken */
};

struct aggregate {
    const struct aggregate_params *params;
    const struct sim_device_env *env;
    struct aggregate_slot *slots;
    struct aggregate_contribution *contributions;
    struct aggregate_path *paths; /* by worker */
    struct offload_table table;   /* contributions by (source, message); a place is slot x worker */
    uint32_t *slot_of;            /* by place: slot, and */
    uint8_t *worker_of;           /* worker */
    uint64_t held, held_bytes;
    uint64_t sums, fallbacks, given_up, repeated;
};

/* All workers, a bit each. */
static inline uint64_t aggregate_all(const struct aggregate *self)
{
    return UINT64_MAX >> (64 - self->params->workers);
}

static inline bool aggregate_is_complete(const struct aggregate_slot *slot)
{
    return slot->here == aggregate_all(slot->owner);
}

void aggregate_slot_init(struct aggregate_slot *slot, struct aggregate *owner,
                         struct aggregate_contribution *contributions);
/* The slot is the chunk's of this contribution from now on. */
void aggregate_slot_take(struct aggregate_slot *slot, const struct sim_packet *packet,
                         const struct sim_content *content, sim_time now);
/* Adds a contribution that is not here yet. With the last one the sum goes to all. */
void aggregate_slot_add(struct aggregate_slot *slot, const struct sim_packet *packet,
                        const struct sim_frame *frame, sim_time now);
/* Sends the sum to a worker. */
void aggregate_slot_answer(const struct aggregate_slot *slot, uint32_t worker, sim_time now);
/* A worker has the sum. With the last one all contributions are delivered, and the slot is free. */
void aggregate_slot_acknowledged(struct aggregate_slot *slot, uint32_t worker, sim_time now);
/* Asks for what is here again. */
void aggregate_slot_give_up(struct aggregate_slot *slot, sim_time now);
void aggregate_slot_free(struct aggregate_slot *slot);

#endif
