/* Two hosts on a scripted wire, and a message from the first to the second: what the tests of the
 * baseline transports begin with. */
#ifndef TESTS_SUPPORT_TWO_HOSTS_H
#define TESTS_SUPPORT_TWO_HOSTS_H

#include "support/wire.h"

/* Of 100 Gbps, with the same transport at both ends. */
static inline struct wire *two_hosts_wire(const struct sim_transport_ops *transport,
                                          const void *params, sim_time delay,
                                          const struct wire_rule *rules, uint32_t count)
{
    return wire_new(&(struct wire_config){
        .host_count = 2,
        .hosts = {{transport, params}},
        .delay = delay,
        .rate_bps = 100000000000,
        .rules = rules,
        .rule_count = count,
    });
}

static inline struct sim_message two_hosts_message(uint64_t bytes, bool persistent)
{
    return (struct sim_message){
        .dst = 1, .src_port = 1000, .dst_port = 80, .bytes = bytes, .persistent = persistent};
}

#endif
