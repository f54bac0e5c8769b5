/* A scripted wire: hosts with any transport, a virtual clock, and a table that says what happens to
 * the n-th packet of a class. No engine is involved.
 *
 * Every host has a NIC of the wire's rate, and a one-way delay to every other host. The NIC behaves
 * as the engine's: an answer that receive returns is sent at once, ahead of data; data is pulled by
 * transmit when the NIC is free; `again` is honoured.
 *
 * Each rule counts the packets that it matches, in the order in which they are sent, and acts on
 * those numbered nth .. nth + count - 1. All rules that apply to a packet act on it, in the order
 * of the table. What every host sent, and what its application heard, is kept for the test.
 *
 * At one instant: arrivals, then submissions and calls of the test, then timers, then the NICs, in
 * the order of hosts.
 *
 *     struct wire_rule rules[] = {{.class = WIRE_DATA, .from = 0, .nth = 3, .action = WIRE_DROP}};
 *     struct wire *wire = wire_new(&(struct wire_config){
 *         .host_count = 2, .hosts = {{&tcp_transport, &params}}, .delay = 10 * SIM_US,
 *         .rate_bps = 100000000000, .rules = rules, .rule_count = 1});
 *     uint32_t number = wire_submit(wire, 0, (struct sim_message){.dst = 1, .bytes = 50000}, 0);
 *     wire_run(wire, SIM_S);
 *     ck_assert_int_eq(wire_completed_at(wire, 0, number), ...);
 *     wire_free(wire);
 */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

#include <glib.h>

#include <mtpsim/transport.h>

#define WIRE_HOSTS_MAX 16
#define WIRE_ANY_HOST  UINT32_MAX
#define WIRE_ALL       UINT32_MAX /* as a rule's count: from the nth one on */

struct wire;

/* Classes overlap: a SYN-ACK is no pure acknowledgement, a FIN with payload is data too. */
enum wire_class {
    WIRE_ANY,
    WIRE_DATA,            /* with payload (or it had one before it was trimmed) */
    WIRE_FIRST,           /* data, sent for the first time */
    WIRE_RETRANSMISSION,  /* data or FIN that was sent before */
    WIRE_ACKNOWLEDGEMENT, /* pure */
    WIRE_SYN,             /* TCP, without ACK; of QUIC the first packet of a connection */
    WIRE_SYN_ACK,
    WIRE_FIN,
};

enum wire_action {
    WIRE_DROP,
    WIRE_DUPLICATE, /* a copy arrives `delay` after the packet */
    WIRE_DELAY,     /* by `delay` on top of the wire's; later packets overtake it */
    WIRE_MARK,      /* CE, on an ECN-capable packet */
    WIRE_TRIM,      /* payload cut, header kept */
    WIRE_TRANSFORM, /* `transform` may change the packet and its lists */
};

struct wire_rule {
    enum wire_class class;
    uint32_t from;  /* host, or WIRE_ANY_HOST */
    uint32_t nth;   /* from 1; 0 is 1 */
    uint32_t count; /* 0 is 1 */
    enum wire_action action;
    sim_time delay;
    /* Optional: only packets for which it holds are counted. */
    bool (*match)(const struct sim_packet *packet, void *context);
    void (*transform)(struct wire *wire, struct sim_packet *packet, void *context);
    void *context;
};

struct wire_host_config {
    const struct sim_transport_ops *ops;
    const void *params;
};

struct wire_config {
    uint32_t host_count;
    struct wire_host_config hosts[WIRE_HOSTS_MAX]; /* one without ops is as hosts[0] */
    sim_time delay;
    uint64_t rate_bps;
    uint16_t mtu_bytes;     /* 0: 1500 */
    uint32_t pool_capacity; /* packets; 0: 65536 */
    uint64_t seed;
    const struct wire_rule *rules; /* copied */
    uint32_t rule_count;
    double loss;    /* of each packet besides the rules, at random */
    double mark;    /* CE, at random */
    double reorder; /* share of packets delayed further, by up to reorder_by */
    sim_time reorder_by;
    const struct sim_model *(*pathlet_model)(const void *network, uint32_t id); /* optional */
    const void *network;
    bool quiet; /* keep no record of packets sent (long runs) */
};

/* A packet as it was given to the NIC. */
struct wire_sent {
    sim_time time; /* when it was given: its first bit leaves, or waits for the NIC, now */
    uint32_t from;
    bool data, first, retransmission, acknowledgement, fin, syn; /* syn: SYN-ACK too */
    bool dropped;
    struct sim_packet packet;
    union sim_packet_lists lists;
    union sim_packet_rare rare;
};

enum wire_event_kind { WIRE_RECEIVED, WIRE_DELIVERED, WIRE_COMPLETED };

/* What an application heard. */
struct wire_event {
    sim_time time;
    enum wire_event_kind kind;
    uint32_t host;
    uint32_t src;    /* of what was received or delivered */
    uint32_t number; /* of what was delivered or completed */
    uint32_t bytes;  /* received */
};

struct wire *wire_new(const struct wire_config *config);
/* Clears the transports and aborts when a packet or a timer is left over. */
void wire_free(struct wire *wire);

/* Submits at `time`, which is not in the past; gives the message's number. */
uint32_t wire_submit(struct wire *wire, uint32_t host, struct sim_message message, sim_time time);
/* Calls `call` at `time`. */
void wire_at(struct wire *wire, sim_time time,
             void (*call)(struct wire *wire, void *context, sim_time now), void *context);
/* Called after what the application of any host heard was recorded; may submit. */
void wire_listen(struct wire *wire,
                 void (*listen)(struct wire *wire, const struct wire_event *event, void *context),
                 void *context);

/* Runs until nothing can happen any more, or everything up to `until` has happened. Gives the time
 * then: of the last thing that happened, or `until`. May be called again. */
sim_time wire_run(struct wire *wire, sim_time until);
/* Whether nothing can happen any more: no packet on the wire, no timer set, nobody ready. */
bool wire_is_quiet(const struct wire *wire);
sim_time wire_now(const struct wire *wire);

void *wire_state(struct wire *wire, uint32_t host); /* of its transport */
struct sim_pool *wire_pool(struct wire *wire);
struct sim_transport_counts wire_counts(const struct wire *wire, uint32_t host);

/* Times, SIM_NEVER when it did not happen. */
sim_time wire_completed_at(const struct wire *wire, uint32_t host, uint32_t number);
sim_time wire_delivered_at(const struct wire *wire, uint32_t host, uint32_t src, uint32_t number);
/* How often the application heard it, and the sum of bytes. */
uint32_t wire_delivered_times(const struct wire *wire, uint32_t host, uint32_t src,
                              uint32_t number);
uint64_t wire_received_bytes(const struct wire *wire, uint32_t host);
/* Packets of a class that a host sent. */
uint32_t wire_sent_count(const struct wire *wire, enum wire_class class, uint32_t from);
/* The nth (from 1) of them, or NULL. */
const struct wire_sent *wire_sent_nth(const struct wire *wire, enum wire_class class, uint32_t from,
                                      uint32_t nth);
const GArray *wire_sent(const struct wire *wire);   /* struct wire_sent, in the order sent */
const GArray *wire_events(const struct wire *wire); /* struct wire_event, in the order heard */

/* One line a packet and event, for a failing test. */
void wire_print(const struct wire *wire);

#endif
