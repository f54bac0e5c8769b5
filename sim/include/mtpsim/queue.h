/* Queues: what an output port does with a packet that arrives.
 *
 * A FIFO's departure times are known when a packet arrives, so the port computes them and one
 * packet costs one event a hop. A FIFO model therefore only judges arrivals (admit); the port keeps
 * the packets. It is not asked while the queue is surely shorter than `quiet` says.
 */
#ifndef MTPSIM_QUEUE_H
#define MTPSIM_QUEUE_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>

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
    /* Lengths up to which every packet is accepted unmarked, in packets and in bytes, both met; 0
     * and 0: always ask. Asked once. */
    void (*quiet)(const void *self, uint64_t *packets, uint64_t *bytes);
    enum sim_verdict (*admit)(void *self, const struct sim_queue_view *queue,
                              const struct sim_packet *packet);
};

#endif
