/* A bad wire for transports of reliable messages: packets are lost, marked, reordered and, for a
 * while, sent twice. Two hosts send 200 messages to a third, half of them on persistent
 * connections; each must arrive once, and be acknowledged. */
#ifndef TESTS_SUPPORT_STORM_H
#define TESTS_SUPPORT_STORM_H

#include "support/wire.h"

struct storm {
    const struct sim_transport_ops *transport;
    const void *params;
    uint64_t seed;
    double loss, mark, reorder;
    uint64_t least_bytes; /* of a message */
    sim_time until;       /* all has arrived */
};
/* Fails the test. */
void storm_run(const struct storm *storm);

#endif
