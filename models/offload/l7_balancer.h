/* The state of l7_balancer: l7_balancer.c places messages, l7_streams.c connections, l7_replicas.c
 * chooses a replica. */
#ifndef MODELS_OFFLOAD_L7_BALANCER_H
#define MODELS_OFFLOAD_L7_BALANCER_H

#include <mtpsim/offload.h>

#include "models/offload/table.h"

enum l7_balancer_algorithm {
    BALANCER_HASH,
    BALANCER_ROUND_ROBIN,
    BALANCER_LEAST_OUTSTANDING,
    BALANCER_POWER_OF_TWO,
    BALANCER_C3,
};

enum l7_balancer_streams { STREAMS_BY_CONNECTION, STREAMS_BY_MESSAGE };

struct l7_balancer_params {
    struct sim_device_params device; /* first */
    uint32_t algorithm;              /* enum l7_balancer_algorithm */
    uint64_t pins;
    uint32_t streams; /* enum l7_balancer_streams */
};

struct balancer_pin {
    uint32_t replica; /* index in servers */
    uint32_t message; /* of a stream that is placed by message: the newest */
    bool delivered;
    uint64_t end; /* of a TCP connection: the acknowledgement of its FIN; 0: none has passed */
};

/* A request without a response. */
struct balancer_request {
    uint32_t replica;
    sim_time sent_at;
};

struct balancer_replica {
    uint64_t outstanding;
    double response, service, waiting; /* averages; times in ps */
};

struct l7_balancer {
    const struct l7_balancer_params *params;
    const struct sim_device_env *env;
    struct offload_table pins;     /* by (source, message); connections by (client, ports) */
    struct offload_table requests; /* by (client, its number of the request) */
    struct balancer_pin *pin;
    struct balancer_request *request;
    struct balancer_replica *replicas;
    uint32_t replica_count, turn;
    const struct sim_packet *placing; /* for which a replica is chosen; NULL: it excludes nothing */
    uint64_t placed, hashed, moved;
};

static inline bool balancer_framed(const struct sim_packet *packet)
{
    return packet->flags & SIM_PACKET_FRAMED;
}

/* Whether something can be pinned, perhaps in place of what may be forgotten. */
bool balancer_has_room(struct l7_balancer *self);
/* The replica that something is pinned to; if it is new and begins, that which the algorithm
 * chooses. */
uint32_t balancer_replica_of(struct l7_balancer *self, uint64_t first, uint64_t second, bool begins,
                             bool restarts);

/* ---- l7_replicas.c ---- */
bool balancer_reaches(const struct l7_balancer *self, uint32_t replica);
/* This one, or the next that can be reached; if none can, this one. */
uint32_t balancer_reachable(const struct l7_balancer *self, uint32_t replica);
/* A replica for a message or connection: by a hash of it, */
uint32_t balancer_hash(const struct l7_balancer *self, uint64_t first, uint64_t second);
/* or the algorithm's choice, or the next one that suits, or else that can be reached. */
uint32_t balancer_choose(struct l7_balancer *self, uint64_t first, uint64_t second);
/* A request goes to a replica, perhaps not for the first time. */
void balancer_open(struct l7_balancer *self, const struct sim_frame *frame, uint32_t replica,
                   sim_time now);
/* A response passes. */
void balancer_responded(struct l7_balancer *self, const struct sim_content *content, sim_time now);
void balancer_forget_replicas(struct l7_balancer *self);

/* ---- l7_streams.c ---- */
/* Writes addresses into a packet of a connection as it passes. */
void balancer_stream(struct l7_balancer *self, struct sim_packet *packet, enum sim_device_way way);

#endif
