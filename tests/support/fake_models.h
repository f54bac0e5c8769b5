/* fake_models: a model of every kind that does nothing, whose parameters have every type. For tests
 * of what reads, checks and loads scenarios. */
#ifndef TESTS_SUPPORT_FAKE_MODELS_H
#define TESTS_SUPPORT_FAKE_MODELS_H

#include <mtpsim/plugin.h>

#include "plugin/registry.h"

struct fake_control_params { /* congestion fake_control: */
    double g;                /* REAL, 0 to 1, default 0.0625 */
    sim_time delay;          /* TIME, default 10us */
};

struct fake_transport_params {   /* transport fake_transport: */
    struct sim_model congestion; /* default fake_control */
    struct sim_model second;     /* default none */
    uint64_t count;              /* COUNT, 1 to 100, default 3 */
    double share;                /* FRACTION, default 20% */
    double ratio;                /* REAL, default none */
    uint64_t pace;               /* RATE, default 1Gbps */
    uint64_t buffer;             /* BYTES, default 64KB */
    struct sim_length limit;     /* LENGTH, default none */
    const char *label;           /* STRING, default none */
    uint32_t style;              /* CHOICE plain, fancy, odd; default plain */
    bool flag;                   /* BOOL, default false */
};

struct fake_flow_params { /* workload fake_flow: */
    struct sim_list from; /* HOSTS */
    uint32_t to;          /* HOST */
    struct sim_list over; /* LINKS, default all */
    uint32_t at;          /* SWITCH, default none */
};

extern const struct sim_plugin *const fake_models[]; /* NULL at the end */

/* The built-in models and these. */
struct registry *fake_registry(void);

#endif
