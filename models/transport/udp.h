/* udp: what a test needs to run this transport without a scenario. */
#ifndef MODELS_TRANSPORT_UDP_H
#define MODELS_TRANSPORT_UDP_H

#include <mtpsim/transport.h>

struct udp_params {
    uint64_t rate_bps;
    sim_time reassembly_timeout;
};

extern const struct sim_transport_ops udp_transport;

#endif
