/* Two hosts with TCP on a scripted wire of 100 Gbps and 10 us one way. */
#ifndef TESTS_SUPPORT_TCP_WIRE_H
#define TESTS_SUPPORT_TCP_WIRE_H

#include "models/transport/tcp/tcp.h"
#include "support/wire.h"

extern const struct sim_congestion_ops dctcp_congestion;
extern const struct sim_congestion_ops newreno_congestion;

#define MSS   1460u
#define DELAY (10 * SIM_US)
#define RATE  UINT64_C(100000000000)
#define BYTE  80 /* ps */
#define FULL  (1500 * BYTE)

static double tcp_g = 0.0625;

static const struct tcp_params tcp_defaults = {
    .congestion = {&dctcp_congestion.plugin, &tcp_g},
    .initial_window_pkts = 10,
    .min_rto = SIM_MS,
    .initial_rto = 3 * SIM_MS,
    .duplicate_ack_threshold = 3,
    .loss_detection = TCP_DUPLICATE_ACKS,
    .ack_every = 1,
    .ack_delay = 100 * SIM_US,
    .receive_window_bytes = 1 << 30,
};

static inline struct wire *tcp_wire(const struct tcp_params *params, const struct wire_rule *rules,
                                    uint32_t count)
{
    struct wire_config config = {
        .host_count = 2,
        .hosts = {{&tcp_transport, params}},
        .delay = DELAY,
        .rate_bps = RATE,
        .rules = rules,
        .rule_count = count,
    };
    return wire_new(&config);
}

static inline struct sim_message tcp_message(uint64_t bytes, bool persistent)
{
    return (struct sim_message){
        .dst = 1, .src_port = 1000, .dst_port = 80, .bytes = bytes, .persistent = persistent};
}

#endif
