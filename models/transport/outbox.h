/* Messages on their way out of a transport that hears nothing back: flows, each a queue of messages
 * that are cut into packets one after the other, whose turn it is, and the pace.
 *
 * A flow is a (destination, source port, destination port): messages of one follow each other,
 * flows share the NIC packet by packet. With a rate each flow is paced on its own; without one the
 * NIC's rate is the only limit. A flow is forgotten when its queue is empty and its last packet has
 * had its time. All that such a sender ever knows of a message is that it left, so that is when the
 * application is told that it is completed.
 */
#ifndef MODELS_TRANSPORT_OUTBOX_H
#define MODELS_TRANSPORT_OUTBOX_H

#include <mtpsim/transport.h>

#include "models/transport/demux.h"
#include "models/transport/framing.h"
#include "models/transport/ring.h"

struct outbox_message {
    struct outbox_message *next;
    uint64_t bytes, offset; /* offset: so much of it was sent */
    uint32_t number;
    uint8_t priority;
    struct sim_frame *frame;
};

struct outbox_flow {
    struct ring_node turn; /* first */
    struct sim_timer pacing;
    struct outbox *outbox;
    struct outbox_message *head, *tail;
    uint64_t key;
    uint64_t packets; /* numbers them, from the time at which the flow began (ps) or what was used
                         last, so that a later flow with the same addresses goes on above */
    uint32_t dst, hash;
    uint16_t src_port, dst_port;
};

struct outbox {
    const struct sim_transport_env *env;
    uint64_t rate_bps; /* of each flow; 0: no limit */
    struct ring ready;
    struct demux flows;
    uint64_t next_packet; /* above all numbers that flows used */
    bool *is_ready;       /* sim_transport.ready */
};

/* The next packet's share of a message. */
struct outbox_piece {
    struct outbox_flow *flow;
    uint64_t message_bytes, offset, packet;
    uint32_t number, bytes;
    uint8_t priority;
    bool last;
    const struct sim_frame *frame; /* of the first piece; or NULL */
};

void outbox_init(struct outbox *outbox, const struct sim_transport_env *env, uint64_t rate_bps,
                 bool *is_ready);
void outbox_clear(struct outbox *outbox);
void outbox_submit(struct outbox *outbox, const struct sim_message *message, sim_time now);
/* Takes up to `most_bytes` of the message whose turn it is; false: nobody's. */
bool outbox_take(struct outbox *outbox, uint32_t most_bytes, struct outbox_piece *piece);
/* The piece goes out, in a packet of so many bytes. May tell the application. */
void outbox_sent(struct outbox *outbox, const struct outbox_piece *piece, uint32_t size_bytes,
                 sim_time now);

void outbox_memory(const struct outbox *outbox, struct sim_transport_memory *memory);

/* The source port of a message: that of its workload, or one of its own. */
static inline uint16_t outbox_port(const struct sim_message *message)
{
    return message->own_port && !message->persistent ? message->own_port : message->src_port;
}

static inline uint32_t outbox_hash(uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port)
{
    uint64_t ports = (uint32_t)src_port << 16 | dst_port;
    return (uint32_t)sim_mix64(sim_mix64((uint64_t)src << 32 | dst) ^ ports);
}

#endif
