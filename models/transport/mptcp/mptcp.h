/* The state of a host's MPTCP. Each sending connection has a TCP of its own, an instance of the
 * model `subflow` names, in which every subflow is a persistent connection; all receiving ends
 * share one more. Data flows one way on a connection, from the host that opened it.
 *
 * mptcp.c      the operations, options on the wire, whose turn it is at the NIC
 * inner.c      an instance of TCP inside, with timers of its own
 * sender.c     connections, the scheduler, reinjection
 * receiver.c   data put together from the subflows
 * memory.c     what all of it has allocated
 */
#ifndef MODELS_TRANSPORT_MPTCP_MPTCP_H
#define MODELS_TRANSPORT_MPTCP_MPTCP_H

#include <mtpsim/transport.h>

#include "models/transport/demux.h"
#include "models/transport/framing.h"
#include "models/transport/ranges.h"
#include "models/transport/ring.h"
#include "models/wire/mptcp.h"

struct mptcp_params {
    uint64_t subflows;
    struct sim_model congestion;
    struct sim_model subflow;
};

/* A TCP inside. Its timers are in a heap of its own, so that whoever holds it hears of each. */
struct mptcp_inner {
    struct sim_timer timer; /* first: for the earliest of `timers` */
    struct mptcp *mptcp;
    struct sim_timers timers;
    struct sim_transport_env env;
    const struct sim_transport_ops *ops;
    struct sim_transport *tcp;
    void (*changed)(struct mptcp_inner *inner, sim_time now); /* after its timers have fired */
};

/* ---- the sending end ---- */

struct mptcp_message {
    struct mptcp_message *next;
    uint64_t start, end; /* of the data sequence; end UINT64_MAX: endless */
    uint32_t number;
    struct sim_frame *frame;
};

/* A segment's worth of data, given to a subflow. */
struct mptcp_chunk {
    struct range data;
    uint64_t seq; /* TCP's, once it was sent */
    uint32_t message;
    uint8_t subflow;
    bool last;             /* of its message */
    bool framed;           /* its message begins with it, and has a frame */
    bool again;            /* was given to another subflow before */
    bool acked, abandoned; /* abandoned: to be given to another subflow */
    bool closes;           /* no data: the subflow ends */
};

struct mptcp_subflow {
    uint64_t waiting_bytes; /* given to TCP, and not yet sent */
    bool stalled;
};

struct mptcp_connection {
    struct ring_node turn; /* first */
    struct mptcp_inner inner;
    struct mptcp *mptcp;
    struct sim_congestion_group group;
    struct mptcp_subflow subflows[SIM_COUPLED_MAX];
    struct mptcp_message *head, *tail; /* not acknowledged as a whole */
    struct mptcp_message *writing;     /* being given to subflows; NULL: all was */
    uint64_t first, next, last;        /* data sequence: its begin, next to give, end of messages */
    struct ranges acked;
    uint64_t una;               /* everything below is acknowledged */
    struct mptcp_chunk *chunks; /* a ring: [chunk_first, chunk_end) */
    uint32_t chunk_mask, chunk_first, chunk_end;
    struct ranges again; /* numbers of chunks to give to another subflow */
    uint32_t sent_chunk; /* the one that TCP just sent for the first time */
    uint32_t peer, serial;
    uint16_t own_port, peer_port;
    bool persistent, joined, closing;
    uint32_t open_count;                              /* subflows that are not closed */
    struct mptcp_connection *all_next, *all_previous; /* in the order of creation */
};

/* ---- the receiving end ---- */

struct mptcp_end {
    uint64_t seq; /* one after the last byte */
    sim_time newest;
    uint32_t message;
};

/* A frame whose message is not delivered yet. */
struct mptcp_framing {
    struct mptcp_framing *next;
    uint64_t start; /* of the message */
    struct framing framing;
};

struct mptcp_receiver {
    uint64_t key, first, next; /* next: everything below was delivered */
    struct ranges arrived;
    struct mptcp_end *ends; /* ascending: of messages that are not delivered */
    uint32_t end_count, end_capacity;
    uint64_t told;                  /* end of the newest message that was delivered */
    struct mptcp_framing *framings; /* the newest to arrive first */
    bool damaged;                   /* since that message */
    struct mptcp_receiver *all_next;
};

struct mptcp {
    struct sim_transport transport; /* first */
    const struct mptcp_params *params;
    const struct sim_transport_env *env;
    void *subflow_params; /* of TCP, with the congestion model of this */
    uint32_t payload_bytes;
    uint32_t serials;
    struct ring ready;
    struct demux subflows; /* to the connection, by the addresses of each subflow */
    struct mptcp_connection *head, *tail;
    struct mptcp_inner arrivals;
    struct demux receivers;
    struct mptcp_receiver *receiver_list;
    struct sim_transport_counts counts; /* of connections that are gone, and of data put together */
};

extern const struct sim_transport_ops mptcp_transport;

/* ---- mptcp.c ---- */
void mptcp_update_ready(struct mptcp *mptcp);

/* ---- inner.c ---- */
void mptcp_inner_init(struct mptcp_inner *inner, struct mptcp *mptcp,
                      const struct sim_app_ops *app_ops, void *app,
                      void (*changed)(struct mptcp_inner *inner, sim_time now));
void mptcp_inner_clear(struct mptcp_inner *inner);
/* After everything that happens to it. */
void mptcp_inner_settle(struct mptcp_inner *inner);

/* ---- sender.c ---- */
void mptcp_submit_message(struct mptcp *mptcp, const struct sim_message *message, sim_time now);
void mptcp_connection_free(struct mptcp_connection *connection);
/* Takes an answer to one of its subflows. */
void mptcp_connection_receive(struct mptcp_connection *connection, struct sim_packet *packet,
                              sim_time now);
struct sim_packet *mptcp_connection_emit(struct mptcp_connection *connection, sim_time now);

/* ---- receiver.c ---- */
extern const struct sim_app_ops mptcp_receiver_app;
/* A subflow's SYN arrives. */
void mptcp_receiver_begin(struct mptcp *mptcp, const struct sim_packet *packet);
void mptcp_receivers_clear(struct mptcp *mptcp);

/* ---- memory.c ---- */
void mptcp_memory(const void *self, struct sim_transport_memory *memory);

#endif
