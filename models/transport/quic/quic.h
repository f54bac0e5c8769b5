/* The state of a host's QUIC. Data flows one way on a connection, from the host that opened it.
 *
 * quic.c      the operations, and whose turn it is at the NIC
 * sender.c    connections, streams, packets
 * loss.c      acknowledgements, loss, probes (RFC 9002)
 * receiver.c  arrivals, streams put together, acknowledgements
 * memory.c    what all of it has allocated
 */
#ifndef MODELS_TRANSPORT_QUIC_QUIC_H
#define MODELS_TRANSPORT_QUIC_QUIC_H

#include <mtpsim/transport.h>

#include "models/transport/demux.h"
#include "models/transport/framing.h"
#include "models/transport/governor.h"
#include "models/transport/ranges.h"
#include "models/transport/ring.h"

struct quic_params {
    struct sim_model congestion;
    uint64_t initial_window_pkts;
    bool zero_rtt;
    uint64_t packet_threshold;
    sim_time granularity;
    sim_time initial_rtt;
    uint64_t ack_every;
    sim_time ack_delay;
};

/* ---- the sending end ---- */

/* A message. Its end is a number of its own behind the last byte, so that a FIN is sent, lost and
 * acknowledged like a byte. */
struct quic_stream {
    struct quic_stream *next, *previous; /* of those with something new to send */
    struct quic_stream *lost_next;       /* of those with something lost */
    struct quic_stream *done_next;       /* of those that an acknowledgement completes */
    uint64_t bytes;                      /* SIM_ENDLESS: no end */
    uint64_t sent;                       /* numbers below were sent */
    struct ranges lost, acked;
    uint32_t id, number;
    uint8_t priority;
    bool in_lost;
    struct sim_frame *frame;
};

enum quic_fate { QUIC_IN_FLIGHT, QUIC_ACKED, QUIC_LOST };

/* A packet that was sent. */
struct quic_sent {
    uint64_t position;
    sim_time sent_at;
    struct range range; /* of the stream's numbers */
    uint32_t stream;
    uint16_t bytes; /* charged: the UDP payload */
    uint8_t fate;   /* enum quic_fate */
};

struct quic_connection {
    struct ring_node turn; /* first */
    struct quic *quic;
    struct quic_stream *head, *tail;           /* something new to send, in order of service */
    struct quic_stream *lost_head, *lost_tail; /* something lost, in the order of finding out */
    struct demux streams;                      /* not acknowledged as a whole, by ID */
    uint64_t first, una, next;                 /* packets [una, next) are in the ring */
    struct quic_sent *sent;
    uint32_t mask;
    uint32_t stream_count, probes_due;
    uint64_t largest_acked; /* and one: 0 for none */
    uint64_t marked;        /* packets with CE that the receiver counted */
    struct governor governor;
    struct sim_timer timer;         /* loss or probe */
    sim_time last_sent_at, loss_at; /* loss_at: when the time threshold is reached; SIM_NEVER */
    sim_time latest_rtt, min_rtt;
    sim_time measured_at; /* the first round trip; SIM_NEVER: not yet */
    sim_time lost_since; /* below una the last packets are lost, from the one sent then; or NEVER */
    uint32_t backoff;
    bool accepted, initial_due, initial_twice, persistent;
    sim_time initial_at;
    uint64_t key;
    uint32_t peer, hash, serial;
    uint16_t own_port, peer_port;
    struct quic_connection *all_next, *all_previous; /* in the order of creation */
};

/* ---- the receiving end ---- */

struct quic_incoming {
    struct ranges arrived; /* of its numbers, the end's included */
    struct framing framing;
    uint64_t total; /* with the end; UINT64_MAX: not known yet */
};

struct quic_receiver {
    struct ring_node turn; /* first; of those that owe an acknowledgement */
    struct quic *quic;
    uint64_t key, first;
    struct ranges packets; /* that arrived */
    uint64_t packet_count, marked;
    sim_time newest_at; /* when the highest packet arrived */
    struct demux streams;
    struct ranges done; /* streams that were delivered */
    struct sim_timer ack_timer;
    uint32_t unacked, peer, hash;
    uint16_t own_port, peer_port;
    struct quic_receiver *all_next;
};

struct quic {
    struct sim_transport transport; /* first */
    const struct quic_params *params;
    const struct sim_transport_env *env;
    struct ring ready, owing;
    struct demux connections, receivers;
    struct quic_connection *head, *tail;
    struct quic_receiver *receiver_list;
    uint32_t serials;
    struct sim_transport_counts counts;
};

extern const struct sim_transport_ops quic_transport;

static inline struct quic_sent *quic_sent_at(const struct quic_connection *connection,
                                             uint64_t packet)
{
    return &connection->sent[packet & connection->mask];
}

static inline void quic_update_ready(struct quic *quic)
{
    quic->transport.ready = quic->ready.head || quic->owing.head;
}

/* ---- sender.c ---- */
void quic_submit_message(struct quic *quic, const struct sim_message *message, sim_time now);
void quic_connection_free(struct quic_connection *connection);
/* Enters or leaves the ring of those that can send. After everything that happens to it. */
void quic_connection_settle(struct quic_connection *connection);
struct sim_packet *quic_connection_emit(struct quic_connection *connection, sim_time now);
void quic_connection_accepted(struct quic_connection *connection, const struct sim_packet *packet,
                              sim_time now);
/* What a packet carried is to be sent again. */
void quic_stream_lost(struct quic_connection *connection, const struct quic_sent *sent);
void quic_stream_free(struct quic_connection *connection, struct quic_stream *stream);

/* ---- loss.c ---- */
void quic_loss_timer(struct sim_timer *timer, sim_time now);
void quic_set_loss_timer(struct quic_connection *connection, sim_time now);
/* Borrows the packet. */
void quic_connection_acked(struct quic_connection *connection, const struct sim_packet *packet,
                           sim_time now);

/* ---- receiver.c ---- */
/* Take the packet and may give an answer. */
struct sim_packet *quic_receiver_initial(struct quic *quic, struct sim_packet *packet);
struct sim_packet *quic_receiver_data(struct quic *quic, struct sim_packet *packet, sim_time now);
/* Writes the acknowledgement that is owed into `packet`. */
struct sim_packet *quic_receiver_acknowledge(struct quic_receiver *receiver,
                                             struct sim_packet *packet, sim_time now);
void quic_receivers_clear(struct quic *quic);

/* ---- memory.c ---- */
void quic_memory(const void *self, struct sim_transport_memory *memory);

#endif
