/* A queue of the scheduling kind on its own: packets go in by put and come out by take. */
#ifndef TESTS_SUPPORT_SCHEDULER_H
#define TESTS_SUPPORT_SCHEDULER_H

#include <check.h>
#include <stdlib.h>

#include <mtpsim/queue.h>

struct scheduler {
    const struct sim_queue_ops *ops;
    void *state;
    struct sim_pool pool;
};

static inline void scheduler_init(struct scheduler *scheduler, const struct sim_queue_ops *ops,
                                  const void *params)
{
    scheduler->ops = ops;
    scheduler->state = calloc(1, ops->plugin.state_size);
    sim_pool_init(&scheduler->pool, 4096);
    ops->init(scheduler->state, params);
}

static inline void scheduler_clear(struct scheduler *scheduler)
{
    struct sim_packet *packet;
    while ((packet = scheduler->ops->take(scheduler->state, &scheduler->pool)))
        sim_packet_free(&scheduler->pool, packet);
    ck_assert_uint_eq(scheduler->pool.live, 0);
    sim_pool_clear(&scheduler->pool);
    free(scheduler->state);
}

/* `name` comes back from scheduler_take. */
static inline void scheduler_put(struct scheduler *scheduler, uint32_t tc, uint32_t priority,
                                 uint32_t bytes, uint32_t name)
{
    struct sim_packet *packet = sim_packet_new(&scheduler->pool);
    packet->tc = (uint8_t)tc;
    packet->priority = (uint8_t)priority;
    packet->size_bytes = (uint16_t)bytes;
    packet->hash = name;
    scheduler->ops->put(scheduler->state, &scheduler->pool, packet);
}

/* What comes out next; size 0 when nothing does. */
struct scheduler_out {
    uint32_t tc, bytes, name;
};

static inline struct scheduler_out scheduler_take(struct scheduler *scheduler)
{
    struct sim_packet *packet = scheduler->ops->take(scheduler->state, &scheduler->pool);
    struct scheduler_out out = {0};
    if (packet) {
        out = (struct scheduler_out){packet->tc, packet->size_bytes, packet->hash};
        sim_packet_free(&scheduler->pool, packet);
    }
    return out;
}

/* The verdict on a packet of this class now. */
static inline enum sim_verdict scheduler_verdict(struct scheduler *scheduler, uint32_t tc,
                                                 uint32_t priority, uint32_t bytes)
{
    struct sim_packet packet = {.tc = (uint8_t)tc, .priority = (uint8_t)priority};
    struct sim_queue_view view = {.packets = 1000, .bytes = 1500000}; /* of the port: no matter */
    packet.size_bytes = (uint16_t)bytes;
    return scheduler->ops->admit(scheduler->state, &view, &packet);
}

#endif
