/* A scenario of N senders and one receiver on a switch, a flow each: the bottleneck of theory
 * tests. */
#ifndef TESTS_SUPPORT_STAR_H
#define TESTS_SUPPORT_STAR_H

#include "support/run.h"

struct star {
    uint32_t senders;
    uint64_t gbps;         /* of every link */
    uint32_t delay_ns;     /* of every link */
    uint32_t duration_ms;  /* measured over the second half */
    const char *queue;     /* YAML */
    const char *transport; /* YAML */
};

/* What a run of it shows in its second half. */
struct star_result {
    double goodput_gbps;
    double queue_bytes, queue_max_bytes; /* mean, most, at the bottleneck */
    double jain;                         /* of the senders' goodputs */
    uint64_t drops;
};

struct star_result star_run(const struct star *star);

#endif
