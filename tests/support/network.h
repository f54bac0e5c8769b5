/* Networks for tests of the engine, without a scenario file: a spec that is filled link by link. */
#ifndef TESTS_SUPPORT_NETWORK_H
#define TESTS_SUPPORT_NETWORK_H

#include "net/simulation.h"
#include "support/generator.h"

#define NETWORK_LINKS_MAX 64
#define NETWORK_NODES_MAX 64

struct network {
    struct spec spec;
    struct spec_link links[NETWORK_LINKS_MAX];
    const char *names[NETWORK_NODES_MAX];
    char name_text[NETWORK_NODES_MAX][16];
    struct sim_model workload, selector;
    struct generator_params generator;
    struct network_queue {
        struct sim_length capacity, mark_at;
    } queue;
    struct network_flows {
        struct sim_list from, to;
        uint64_t flows;
        sim_time start, jitter;
    } flows;
    uint32_t from[NETWORK_NODES_MAX], to[NETWORK_NODES_MAX];
};

/* Hosts, then switches; an ecn_threshold queue of 1000 packets that marks above 20, ecmp, the
 * generator with 10 packets in flight of 1500 bytes, 1 ms, seed 1. */
void network_init(struct network *network, uint32_t hosts, uint32_t switches);
struct spec_link *network_link(struct network *network, uint32_t a, uint32_t b, uint64_t gbps,
                               sim_time delay);
void network_flow(struct network *network, uint32_t from, uint32_t to);

/* Two switches with `senders` hosts on one and as many receivers on the other; sender i sends to
 * receiver i. The middle link is the last. */
void network_dumbbell(struct network *network, uint32_t senders, uint64_t gbps, sim_time delay);

/* Four switches in a square, every pair of opposite corners joined by two ways, two hosts a switch,
 * all sending across; rates and delays differ from link to link. */
void network_square(struct network *network);

/* Builds or fails the test. */
struct simulation *network_build(struct network *network);

#endif
