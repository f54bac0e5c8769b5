/* Transports: protocol state machines of one host, without I/O.
 *
 * submit, receive, transmit and the timers are all that happens to a transport. Time comes in as an
 * argument and is never stored as "now". A test drives a transport with a pool, a heap of timers
 * and a table of callbacks; it needs no engine.
 */
#ifndef MTPSIM_TRANSPORT_H
#define MTPSIM_TRANSPORT_H

#include <mtpsim/congestion.h>
#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>
#include <mtpsim/timers.h>

#define SIM_ENDLESS UINT64_MAX

/* A message that an application submits. */
struct sim_message {
    uint32_t number; /* counts the host's messages from 0; comes back in the callbacks */
    uint32_t dst;    /* host */
    uint16_t src_port, dst_port;
    uint16_t own_port; /* TCP, not persistent: the port of its connection; 0: src_port */
    uint64_t bytes;    /* SIM_ENDLESS: a long flow */
    uint8_t priority;  /* 0 the most urgent */
    bool blob;         /* MTP: cut into one message a packet (a long flow always is) */
    bool encrypted;    /* MTP: devices without the key let it pass */
    bool persistent; /* TCP: on the connection (dst, src_port, dst_port) that stays open, else on a
                        connection of its own */
    bool framed;     /* `frame` is in its first packet (TCP: and in its last segment) */
    /* For what offloads send; TCP alone. */
    bool opens;  /* the persistent connection is opened, and there is no message */
    bool part;   /* the message goes on in a later one of its connection: with a frame that says
                    whose part it is there may be others between them, else in the next one */
    bool closes; /* a persistent connection ends with it */
    bool tells;  /* call app_ops->sent */
    struct sim_frame frame;
};

/* A connection, as an application that reads knows it. */
struct sim_stream {
    uint64_t key;
    uint32_t serial; /* of a later connection with the same key another one */
};

/* Bytes that are in order, for an application that reads; of one message. */
struct sim_arrival {
    struct sim_stream stream;
    const struct sim_frame *frame; /* of the message */
    uint64_t bytes;
    uint32_t *note;    /* the application's own, kept for it until the message ends */
    bool begins, ends; /* the message, with these bytes */
};

/* A message with content, all of which is here. */
struct sim_delivery {
    const struct sim_frame *frame; /* as it arrived: devices may have changed it */
    uint64_t bytes;                /* that arrived of it */
    uint32_t src;                  /* the host or device that it came from: a proxy, not the
                                      frame's origin behind it */
    bool damaged; /* a device had its hands on it without the transport's knowing */
};

/* The host's application, as its transport sees it. `app` is passed back. */
struct sim_app_ops {
    /* At the receiver: `bytes` of payload arrived for the first time. */
    void (*received)(void *app, const struct sim_packet *packet, uint32_t bytes, sim_time now);
    /* At the receiver: the last byte of the message that `src` numbered `number` was delivered. */
    void (*delivered)(void *app, uint32_t src, uint32_t number, sim_time now);
    /* At the receiver, after `delivered`, of a message whose frame has content. Optional. */
    void (*framed)(void *app, const struct sim_delivery *delivery, sim_time now);
    /* At the sender: the message is acknowledged as a whole, and forgotten. */
    void (*completed)(void *app, uint32_t number, sim_time now);
    /* At the sender, of messages with `tells`: the last byte was sent for the first time. */
    void (*sent)(void *app, uint32_t number, sim_time now);
    /* At the receiver, with env->read_buffer_bytes, in place of `delivered`, of messages with a
     * frame: what is in order. It fills the receive window until the application consumes it. */
    void (*arrived)(void *app, const struct sim_arrival *arrival, sim_time now);
};

struct sim_transport_env {
    struct sim_pool *pool;
    struct sim_timers *timers;
    struct sim_rng *rng; /* a stream of this host's transport */
    const struct sim_app_ops *app_ops;
    void *app;
    /* Congestion models of pathlets that name their own: the model of pathlet `id`, or NULL for the
     * transport's. */
    const struct sim_model *(*pathlet_model)(const void *network, uint32_t id);
    const void *network;
    uint32_t host; /* this host */
    uint32_t host_count;
    uint16_t mtu_bytes; /* IP packet */
    uint64_t line_bps;  /* of the NIC */
    /* Not 0: the application reads at its own pace, and this is each connection's buffer, instead
     * of the transport's own receive window. */
    uint64_t read_buffer_bytes;
    /* For transports that use another one (MPTCP): */
    struct sim_congestion_group *group; /* what its congestion models share; or NULL */
    bool eager; /* whoever submits keeps to the windows, so a full window is one that limits */
};

struct sim_transport_counts {
    uint64_t data_packets;                              /* sent, retransmissions included */
    uint64_t data_payload_bytes, data_header_bytes;     /* of these, as sent; header includes IP */
    uint64_t retransmissions, spurious_retransmissions; /* packets; the second is known to the
                                                           receiver: data that it had */
    uint64_t timeouts;
    uint64_t reordered; /* data packets that arrived behind a later one of their flow or message */
    uint64_t probes, nacks;  /* sent */
    uint64_t given_up;       /* messages and blobs that the sender abandoned; of a transport without
                                acknowledgements, that the receiver did */
    uint64_t feedback_bytes; /* received path feedback entries, lists' own heads included */
    uint64_t withheld_bytes; /* of such, that acknowledgements did not return (feedback_every) */
    uint64_t unknown_feedback; /* entries of a type that the pathlet's model at the host does not
                                  read: skipped */
    uint64_t malformed; /* received data packets that are no part of their message: dropped */
    uint64_t discarded; /* received data packets that were dropped for their order alone */
    /* Head-of-line blocking: messages that had arrived whole and waited for data of others before
     * they were delivered, and the sum of their waits (ps). */
    uint64_t held_messages, held_time;
    uint64_t kept_packets; /* that it took, and has not given again or freed, now */
};

static inline void sim_transport_counts_add(struct sim_transport_counts *counts,
                                            const struct sim_transport_counts *more)
{
    uint64_t *sum = (uint64_t *)counts;
    const uint64_t *term = (const uint64_t *)more;
    for (size_t i = 0; i < sizeof *counts / sizeof *sum; i++)
        sum[i] += term[i];
}

/* What a transport has allocated besides its state; the sums of capacities, not of what is in use.
 */
struct sim_transport_memory {
    uint64_t flows;       /* connections or messages under way, counted where they are sent */
    uint64_t flow_bytes;  /* of flows under way, at either end */
    uint64_t other_bytes; /* tables, windows, paths, and what is kept of flows that are over */
};

/* One window, for the series windows.csv. */
struct sim_window_sample {
    uint32_t id, tc; /* pathlet and TC, or connection and 0 */
    uint64_t window_bytes, in_flight_bytes, rate_bps;
    sim_time srtt;
    bool stalled; /* a connection whose timer ran out and that has heard nothing since */
};

/* First member of every transport's state. */
struct sim_transport {
    bool ready; /* transmit might give a packet; false is a promise that it would not until the next
                   call */
};

struct sim_transport_ops {
    struct sim_plugin plugin;
    enum sim_protocol protocol;
    uint32_t least_packet_bytes; /* of what it sends: part of the lookahead */
    bool path_feedback;          /* it hands path feedback to its congestion models */
    /* `params`, `env` and what they point to outlive the transport. */
    void (*init)(void *self, const void *params, const struct sim_transport_env *env);
    void (*clear)(void *self);
    void (*submit)(void *self, const struct sim_message *message, sim_time now);
    /* Takes a packet. May give an answer, which is sent at once, ahead of data (it may be the same
     * packet, rewritten). */
    struct sim_packet *(*receive)(void *self, struct sim_packet *packet, sim_time now);
    /* Gives the next packet when the NIC can take one; or NULL, and then the time at which to ask
     * again although nothing else happens (pacing), or SIM_NEVER. */
    struct sim_packet *(*transmit)(void *self, sim_time now, sim_time *again);
    /* Adds to the counts. */
    void (*count)(const void *self, struct sim_transport_counts *counts);
    /* The application has read so many bytes more of a connection. Optional: without it the
     * transport cannot serve an application that reads. */
    void (*consumed)(void *self, struct sim_stream stream, uint64_t bytes, sim_time now);
    /* Gives the windows, at most `max`; returns how many. Optional. */
    uint32_t (*windows)(const void *self, struct sim_window_sample *samples, uint32_t max);
    /* Adds what is allocated now. Optional: the state alone. */
    void (*memory)(const void *self, struct sim_transport_memory *memory);
    /* The least MTU that leaves room for payload beside its headers, above the least of a topology.
     * Optional. */
    uint32_t (*least_mtu)(const void *params);
};

#endif
