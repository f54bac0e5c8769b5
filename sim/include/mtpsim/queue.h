/* Queues: what an output port does with a packet that arrives, and which packet it sends next.
 *
 * A FIFO's departure times are known when a packet arrives, so the port computes them and one
 * packet costs one event a hop. A FIFO model therefore only judges arrivals (admit); the port keeps
 * the packets. It is not asked while the queue is surely shorter than `quiet` says.
 *
 * A scheduler chooses what goes next, so it keeps the packets itself (put, take), and the port asks
 * it each time the wire gets free. That costs a second event, but only while packets wait.
 */
#ifndef MTPSIM_QUEUE_H
#define MTPSIM_QUEUE_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>

enum sim_verdict {
    SIM_ACCEPT,
    SIM_MARK, /* accept, and tell of congestion: the port sets CE, or writes its pathlet's feedback;
                 a packet that is not ECN-capable passes unmarked */
    SIM_DROP, /* full */
    SIM_TRIM, /* accept the header, cut the payload */
};

/* What the arriving packet finds; itself not counted. */
struct sim_queue_view {
    sim_time now;
    uint64_t packets; /* waiting or in transmission */
    uint64_t bytes;   /* not yet on the wire: of the packet in transmission, what is left of it */
};

struct sim_queue_ops {
    struct sim_plugin plugin;
    void (*init)(void *self, const void *params);
    /* Gives it a random stream of this port's own, after init; it keeps a copy. Optional. */
    void (*seed)(void *self, const struct sim_rng *rng);
    void (*clear)(void *self); /* optional; the packets that it holds are not its concern */
    /* FIFOs alone: lengths up to which every packet is accepted unmarked, in packets and in bytes,
     * both met; 0 and 0: always ask. Asked once. */
    void (*quiet)(const void *self, uint64_t *packets, uint64_t *bytes);
    enum sim_verdict (*admit)(void *self, const struct sim_queue_view *queue,
                              const struct sim_packet *packet);
    /* Schedulers alone, both or none. put takes a packet that was admitted, after its size has
     * grown by feedback; take gives the next one, or NULL when it holds none. */
    void (*put)(void *self, struct sim_pool *pool, struct sim_packet *packet);
    struct sim_packet *(*take)(void *self, struct sim_pool *pool);
};

/* A list of packets in a scheduler, linked by their `next`. */
struct sim_packet_list {
    uint32_t head, tail; /* indexes; head 0: empty */
    uint32_t packets;
    uint64_t bytes;
};

static inline void sim_packet_list_put(struct sim_packet_list *list, struct sim_pool *pool,
                                       struct sim_packet *packet)
{
    uint32_t index = sim_packet_index(pool, packet);
    if (list->head)
        sim_packet_at(pool, list->tail)->next = index;
    else
        list->head = index;
    list->tail = index;
    packet->next = 0;
    list->packets++;
    list->bytes += packet->size_bytes;
}

static inline struct sim_packet *sim_packet_list_take(struct sim_packet_list *list,
                                                      struct sim_pool *pool)
{
    if (!list->head)
        return NULL;
    struct sim_packet *packet = sim_packet_at(pool, list->head);
    list->head = packet->next;
    list->packets--;
    list->bytes -= packet->size_bytes;
    return packet;
}

#endif
