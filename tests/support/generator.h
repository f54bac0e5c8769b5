/* generator: a transport for tests of the engine. It sends packets of one size to one destination:
 * open loop with exponential gaps, or closed loop with a fixed number in flight, each answered by a
 * small packet. Priorities take turns. The receiver measures one-way delays. */
#ifndef TESTS_SUPPORT_GENERATOR_H
#define TESTS_SUPPORT_GENERATOR_H

#include <mtpsim/transport.h>

struct generator_params {
    uint64_t window;   /* packets in flight; 0: open loop */
    sim_time mean_gap; /* open loop */
    uint64_t packet_bytes;
    bool feedback; /* packets collect path feedback */
};

struct generator {
    struct sim_transport transport;
    const struct generator_params *params;
    const struct sim_transport_env *env;
    struct sim_timer timer;
    struct sim_message flow;
    uint64_t due; /* packets that may be sent now */
    uint64_t sent, received, answered;
    sim_time delay_sum, delay_max;
    sim_time count_after; /* delays of packets sent before are not counted */
    uint64_t delays;
};

extern const struct sim_transport_ops generator_transport;

#endif
