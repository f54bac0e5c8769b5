/* The state of a host's RDMA.
 *
 * rdma.c       the operations, and which mode does what
 * requester.c  the sending end of a reliable connection: go-back-N
 * responder.c  the receiving end of a connection, reliable or not
 * memory.c     what all of it has allocated
 */
#ifndef MODELS_TRANSPORT_RDMA_RDMA_H
#define MODELS_TRANSPORT_RDMA_RDMA_H

#include <mtpsim/transport.h>

#include "models/transport/datagrams.h"
#include "models/transport/governor.h"
#include "models/wire/rdma.h"

enum rdma_mode { RDMA_RC, RDMA_UC, RDMA_UD };

struct rdma_params {
    uint32_t mode; /* enum rdma_mode */
    struct sim_model congestion;
    uint64_t initial_window_pkts;
    sim_time timeout;
    uint64_t ack_every;
    uint64_t rate_bps;
    sim_time reassembly_timeout;
};

/* A message that is not acknowledged as a whole. */
struct rdma_message {
    struct rdma_message *next;
    uint64_t bytes, first_psn, packets; /* bytes UINT64_MAX: endless, and so are packets */
    uint32_t number;
    uint8_t priority;
    struct sim_frame *frame;
};

/* A packet that was sent and is not acknowledged. */
struct rdma_sent {
    uint64_t position;
    sim_time sent_at;
    uint32_t bytes;
    bool twice; /* sent more than once: no RTT */
};

/* The sending end of a reliable connection. */
struct rdma_requester {
    struct ring_node turn; /* first */
    struct rdma *rdma;
    struct rdma_message *head, *tail; /* in the order of their numbers */
    struct rdma_message *writing;     /* of the packet `next`; NULL: all was sent */
    uint64_t una, next, end;          /* una <= next <= end: below end all was sent at least once;
                                         [next, end) is sent again */
    uint64_t first, submitted;        /* psn of the first packet, and one after the last message */
    struct rdma_sent *sent;           /* a ring: [una, end) */
    uint32_t mask;
    uint32_t unasked_packets; /* sent since the last one that asks for an acknowledgement */
    uint64_t unasked_bytes;   /* of these */
    struct governor governor;
    struct sim_timer timer; /* of una */
    uint64_t key;
    uint32_t peer, hash, serial;
    uint16_t own_port, peer_port;
    bool persistent;
    struct rdma_requester *all_next, *all_previous; /* in the order of creation */
};

/* The receiving end of a connection. */
struct rdma_responder {
    uint64_t key, first, expected;
    uint64_t highest; /* one above the highest psn that arrived */
    uint32_t marked;  /* packets in order since the last acknowledgement */
    uint32_t hash;
    struct framing framing; /* of the message that arrives */
    bool nak_sent;          /* RC: no other one before the packet arrives (9.7.5.2.8) */
    bool in_message;        /* UC: all of its packets until now are there */
    uint64_t message;       /* UC: the newest of which a packet came, and one; 0: none */
    struct rdma_responder *all_next;
};

struct rdma {
    struct sim_transport transport; /* first */
    const struct rdma_params *params;
    const struct sim_transport_env *env;
    uint32_t payload_bytes; /* of a full packet */
    uint32_t serials;
    struct ring ready;                  /* RC */
    struct demux requesters;            /* RC */
    struct rdma_requester *head, *tail; /* RC */
    struct outbox outbox;               /* UC */
    struct demux responders;            /* RC, UC */
    struct rdma_responder *responder_list;
    struct datagrams datagrams; /* UD */
    struct sim_transport_counts counts;
};

extern const struct sim_transport_ops rdma_transport;

/* ---- requester.c ---- */
void rdma_requester_submit(struct rdma *rdma, const struct sim_message *message, sim_time now);
void rdma_requester_free(struct rdma_requester *requester);
/* Borrows the packet. */
void rdma_requester_acked(struct rdma_requester *requester, const struct sim_packet *packet,
                          sim_time now);
struct sim_packet *rdma_requester_emit(struct rdma_requester *requester, sim_time now);

/* ---- responder.c ---- */
/* Take the packet; of a reliable connection, may give an acknowledgement. */
struct sim_packet *rdma_responder_reliable(struct rdma *rdma, struct sim_packet *packet,
                                           sim_time now);
void rdma_responder_unreliable(struct rdma *rdma, struct sim_packet *packet, sim_time now);
void rdma_responders_clear(struct rdma *rdma);

/* ---- memory.c ---- */
void rdma_memory(const void *self, struct sim_transport_memory *memory);

#endif
