/* tcp: what a test or another model needs to run this transport without a scenario. */
#ifndef MODELS_TRANSPORT_TCP_TCP_H
#define MODELS_TRANSPORT_TCP_TCP_H

#include <mtpsim/transport.h>

enum tcp_loss_detection { TCP_DUPLICATE_ACKS, TCP_RACK };

struct tcp_params {
    struct sim_model congestion;
    uint64_t initial_window_pkts;
    sim_time min_rto;
    sim_time initial_rto;
    uint64_t duplicate_ack_threshold;
    uint32_t loss_detection; /* enum tcp_loss_detection */
    bool undo;
    uint64_t ack_every;
    sim_time ack_delay;
    uint64_t receive_window_bytes;
};

extern const struct sim_transport_ops tcp_transport;

#endif
