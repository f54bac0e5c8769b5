/* What an application puts in front of a message (sim_frame), on its way: it goes with the
 * message's first packet, and is told when the message is delivered. */
#ifndef MODELS_TRANSPORT_FRAMING_H
#define MODELS_TRANSPORT_FRAMING_H

#include <mtpsim/transport.h>
#include <stdlib.h>

/* A copy on the heap of a message's frame; NULL when it has none. */
static inline struct sim_frame *framing_of(const struct sim_message *message)
{
    if (!message->framed)
        return NULL;
    struct sim_frame *frame = malloc(sizeof *frame);
    SIM_CHECK(frame, "out of memory for message %u", message->number);
    *frame = message->frame;
    return frame;
}

/* `frame` may be NULL. */
static inline void framing_write(struct sim_pool *pool, struct sim_packet *packet,
                                 const struct sim_frame *frame)
{
    if (!frame)
        return;
    packet->flags |= SIM_PACKET_FRAMED;
    sim_packet_rare(pool, packet)->frame = *frame;
}

/* At the receiver. All zeros: nothing of the message arrived. */
struct framing {
    struct sim_frame *frame;
    uint64_t bytes; /* that arrived */
    bool damaged;
};

static inline void framing_clear(struct framing *framing)
{
    free(framing->frame);
    *framing = (struct framing){0};
}

static inline size_t framing_bytes(const struct framing *framing)
{
    return framing->frame ? sizeof *framing->frame : 0;
}

/* New bytes of the message arrived. */
static inline void framing_take(struct framing *framing, const struct sim_pool *pool,
                                const struct sim_packet *packet, uint64_t bytes)
{
    framing->bytes += bytes;
    framing->damaged |= (packet->flags & SIM_PACKET_DAMAGED) != 0;
    if (SIM_LIKELY(!(packet->flags & SIM_PACKET_FRAMED)) || framing->frame)
        return;
    framing->frame = malloc(sizeof *framing->frame);
    SIM_CHECK(framing->frame, "out of memory for a message of host %u", packet->src);
    *framing->frame = sim_packet_rare(pool, packet)->frame;
}

/* The message was delivered. */
static inline void framing_deliver(struct framing *framing, const struct sim_transport_env *env,
                                   uint32_t src, uint32_t number, sim_time now)
{
    struct framing all = *framing;
    *framing = (struct framing){0}; /* the application may submit, and so change what holds it */
    env->app_ops->delivered(env->app, src, number, now);
    if (all.frame && all.frame->content.kind && env->app_ops->framed) {
        const struct sim_delivery delivery = {all.frame, all.bytes, src, all.damaged};
        env->app_ops->framed(env->app, &delivery, now);
    }
    free(all.frame);
}

#endif
