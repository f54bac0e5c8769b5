/* The state of a gateway.
 *
 * gateway.c   the device: what it takes, parameters, counters
 * tunnel.c    its connections: instances of TCP, the wire, what they say to each other
 * records.c   carried packets: before they are acknowledged, and before they are in order
 */
#ifndef MODELS_OFFLOAD_GATEWAY_GATEWAY_H
#define MODELS_OFFLOAD_GATEWAY_GATEWAY_H

#include <mtpsim/offload.h>

#define GATEWAY_CONNECTIONS_MAX 64u
#define GATEWAY_RECORD_BYTES    12u /* what a record has in front of the MTP header */
#define GATEWAY_IP_BYTES        20u
#define GATEWAY_TCP_BYTES       40u /* IP and TCP */
/* Gateways accept connections at this port and open them from the next ones. */
#define GATEWAY_PORT 40000u

struct gateway_params {
    struct sim_device_params device; /* first */
    const char *peer;
    uint64_t connections, buffer_bytes;
    struct sim_model tcp;
};

/* A copy of a carried packet. Its line is rare.carried. */
struct gateway_record {
    struct gateway_record *next; /* of those in a list */
    uint32_t number;             /* counts those of its connection */
    union sim_packet_lists lists;
    union sim_packet_rare rare;
};

/* An instance of TCP. Its timers are in a heap of its own, so that the gateway hears of each. */
struct gateway_tcp {
    struct sim_timer timer; /* first: for the earliest of `timers` */
    struct gateway *gateway;
    struct sim_timers timers;
    struct sim_transport_env env;
    struct sim_transport *state;
};

/* The sending end of a connection. Its records are [first, end), of which TCP has sent those below
 * `sent` at least once, whole. */
struct gateway_sender {
    struct gateway_tcp tcp; /* first */
    struct gateway_record **ring;
    uint32_t mask, first, sent, end;
    uint64_t waiting_bytes; /* of the records [sent, end) */
    uint64_t sent_bytes;    /* of records, over all restarts */
    uint64_t opened_at;     /* sequence number of its SYN */
    uint16_t port;
};

/* The receiving end of one, all of which share an instance of TCP. */
struct gateway_receiver {
    bool open;
    uint64_t opened_at;                 /* sequence number of the SYN */
    struct gateway_record *head, *tail; /* arrived and not in order, ascending by number */
};

struct gateway {
    const struct gateway_params *params;
    const struct sim_device_env *env;
    const struct sim_transport_ops *ops; /* of TCP */
    struct gateway_sender *senders;
    struct gateway_receiver *receivers;
    struct gateway_receiver *arriving; /* whose segment TCP has just now */
    struct gateway_tcp arrivals;
    struct sim_timer wire; /* for when it is free again and something waits */
    sim_time wire_free_at;
    struct sim_rate rate;
    uint32_t turn;                       /* the instance that sent last */
    struct gateway_record *idle;         /* memory for records */
    uint64_t held, held_bytes;           /* records at either end */
    struct sim_transport_counts counts;  /* of instances that are gone */
    uint64_t carried, carried_bytes;     /* packets taken in, as IP packets */
    uint64_t released;                   /* packets given out again */
    uint64_t segments, segment_bytes;    /* with data; as IP packets */
    uint64_t answer_bytes;               /* acknowledgements of segments */
    uint64_t no_room, forgotten, resets; /* packets, records, connections */
};

static inline uint32_t gateway_connections(const struct gateway *self)
{
    return (uint32_t)self->params->connections;
}

/* ---- records.c ---- */

/* What a packet takes in the stream. */
static inline uint32_t gateway_record_bytes(const struct sim_packet *packet)
{
    return packet->size_bytes - GATEWAY_IP_BYTES + GATEWAY_RECORD_BYTES;
}

/* A copy of the packet, behind the others of its connection. */
struct gateway_record *gateway_record_add(struct gateway *self, struct gateway_sender *sender,
                                          const struct sim_packet *packet);
struct gateway_record *gateway_record_at(const struct gateway_sender *sender, uint32_t number);
/* It is acknowledged, as are all before it. */
void gateway_record_forget(struct gateway *self, struct gateway_sender *sender, uint32_t number);
/* Writes it into the segment with its last byte, and reads it from there. */
void gateway_record_write(const struct gateway *self, const struct gateway_record *record,
                          struct sim_packet *segment);
void gateway_record_read(struct gateway *self, struct gateway_receiver *receiver,
                         const struct sim_packet *segment);
/* The packet of the record, which is the first that is not in order, and the end of the record. */
struct sim_packet *gateway_record_give(struct gateway *self, struct gateway_receiver *receiver,
                                       uint32_t number);
/* Give how many records there were. */
uint32_t gateway_sender_forget(struct gateway *self, struct gateway_sender *sender);
uint32_t gateway_receiver_forget(struct gateway *self, struct gateway_receiver *receiver);
void gateway_records_clear(struct gateway *self);

/* ---- tunnel.c ---- */

void gateway_tunnel_init(struct gateway *self);
void gateway_tunnel_clear(struct gateway *self);
/* All connections are forgotten, and opened anew. */
void gateway_tunnel_restart(struct gateway *self, sim_time now);
/* Copies a packet into the stream of one of the connections. */
void gateway_tunnel_send(struct gateway *self, const struct sim_packet *packet, sim_time now);
/* Takes a segment from the other gateway. */
void gateway_tunnel_receive(struct gateway *self, struct sim_packet *segment, sim_time now);
/* Of the connection that the packet will take. */
void gateway_tunnel_backlog(const struct gateway *self, const struct sim_packet *packet,
                            struct sim_device_backlog *backlog);
/* Adds what all connections counted. */
void gateway_tunnel_count(const struct gateway *self, struct sim_transport_counts *counts);

#endif
