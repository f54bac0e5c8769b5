/* A switch for tests of selectors: ports with a rate, a delay and a backlog that the test sets, and
 * packets of messages and connections. */
#ifndef TESTS_SUPPORT_SELECTING_H
#define TESTS_SUPPORT_SELECTING_H

#include <mtpsim/selector.h>

#define SELECTING_PORTS 4

struct selecting {
    struct sim_selector_env env;
    sim_time backlog[SELECTING_PORTS], delay[SELECTING_PORTS];
    uint64_t rate_bps[SELECTING_PORTS]; /* 100 Gbps */
    struct sim_pool pool;
    struct sim_rng rng;
    const struct sim_selector_ops *ops;
    void *state;
    sim_time now;
};

/* Ports 0 to 3 with links 10 to 13 and pathlets 1 to 4. */
void selecting_init(struct selecting *selecting, const struct sim_selector_ops *ops,
                    const void *params);
void selecting_clear(struct selecting *selecting);

/* Packet `packet` of a message of `packets` packets of 1000 bytes of host `src`, from priority 5.
 */
struct sim_packet *selecting_mtp(struct selecting *selecting, uint32_t src, uint64_t message,
                                 uint32_t packets, uint32_t packet);
/* A segment of host 0 from port `port`: sequence number, payload, flags; `bytes` is what a SYN
 * tells. */
struct sim_packet *selecting_tcp(struct selecting *selecting, uint16_t port, uint8_t flags,
                                 uint64_t seq, uint16_t payload, uint64_t bytes);

/* The port chosen of `ports`, a string of digits. Takes the packet. */
uint32_t selecting_choose(struct selecting *selecting, const char *ports,
                          struct sim_packet *packet);

#endif
