/* What became of all messages of a run. */
#ifndef TESTS_SUPPORT_OUTCOME_H
#define TESTS_SUPPORT_OUTCOME_H

#include "net/simulation.h"

struct outcome {
    uint32_t messages, undelivered, twice;
    uint32_t requests, unanswered;
    struct simulation_faults faults;
    struct sim_transport_counts counts;
};

struct outcome outcome_of(const struct simulation *simulation);

#endif
