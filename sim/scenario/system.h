/* One system of a scenario: its blocks merged, checked, and made into a spec. */
#ifndef SIM_SCENARIO_SYSTEM_H
#define SIM_SCENARIO_SYSTEM_H

#include "scenario/load.h"
#include "scenario/spec.h"

/* A system while the scenario is loaded. */
struct system {
    const char *name;
    struct position at;       /* of its name, or of the scenario */
    struct tree_node *blocks; /* those of the scenario, with its own instead where it has some */
    struct names *names;
};

/* Reports all that is wrong in the blocks and between them, and fills in defaults. */
void system_check(const struct scope *scope, const struct system *system, uint64_t duration);

/* The device's name: its parameter's, or its model's; NULL when the offload is none. */
const char *system_device_name(const struct scope *scope, const struct tree_node *model,
                               const struct tree_node **params);

/* Of a system without errors. Times and seed are the scenario's, and set by the caller. */
struct spec *system_spec(const struct scope *scope, const struct system *system,
                         struct memory *memory);

#endif
