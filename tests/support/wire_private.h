/* The inside of a wire, for wire.c and wire_log.c alone. */
#ifndef TESTS_SUPPORT_WIRE_PRIVATE_H
#define TESTS_SUPPORT_WIRE_PRIVATE_H

#include "support/wire.h"

struct host {
    struct wire *wire;
    const struct sim_transport_ops *ops;
    void *state;
    struct sim_timers timers;
    struct sim_rng rng;
    struct sim_transport_env env;
    uint32_t index;
    uint32_t numbers;  /* messages submitted */
    sim_time nic_free; /* when the NIC has sent what it was given */
    sim_time again;    /* when transmit wants to be asked again */
    bool refused;      /* transmit gave none, and nothing happened here since */
    uint64_t received_bytes;
};

/* Something that happens at a time: a packet arrives, a message is submitted, or the test is
 * called. */
struct happening {
    sim_time time;
    uint64_t seq;
    uint32_t packet; /* 0: none */
    uint32_t host;
    bool submits;
    struct sim_message message;
    void (*call)(struct wire *wire, void *context, sim_time now);
    void *context;
};

struct wire {
    struct wire_config config;
    struct wire_rule *rules;
    uint32_t *matched; /* packets that each rule matched so far */
    struct host hosts[WIRE_HOSTS_MAX];
    struct sim_pool pool;
    struct sim_rng rng;
    struct sim_rate rate;
    sim_time now;
    uint64_t seq;
    GArray *happenings; /* struct happening, a binary heap */
    GHashTable *seen;   /* keys of data sent before */
    GArray *sent, *events;
    void (*listen)(struct wire *wire, const struct wire_event *event, void *context);
    void *listen_context;
};

/* The record of a packet that a host gives to its NIC now; counts it as seen. */
struct wire_sent wire_classify(struct wire *wire, uint32_t from, const struct sim_packet *packet);
bool wire_is_of_class(const struct wire_sent *sent, enum wire_class class);
guint wire_piece_hash(gconstpointer key);
gboolean wire_piece_equal(gconstpointer a, gconstpointer b);

#endif
