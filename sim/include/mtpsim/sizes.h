/* Size distributions of messages: what a workload draws sizes from, by a parameter of type MODEL
 * and kind SIM_SIZES. */
#ifndef MTPSIM_SIZES_H
#define MTPSIM_SIZES_H

#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>

struct sim_sizes_ops {
    struct sim_plugin plugin;
    void (*init)(void *self, const void *params);
    void (*clear)(void *self); /* optional */
    /* The mean size, exact: offered load is a rate of messages times this. */
    double (*mean)(const void *self);
    /* Bytes, at least 1; the same number of draws from `rng` every time. */
    uint64_t (*draw)(const void *self, struct sim_rng *rng);
};

#endif
