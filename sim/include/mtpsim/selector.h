/* Path selectors: which of several next hops a packet takes. One instance a switch; asked only
 * where there is a choice. */
#ifndef MTPSIM_SELECTOR_H
#define MTPSIM_SELECTOR_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>

/* What a selector knows of its switch. Lives as long as the selector. */
struct sim_selector_env {
    uint32_t node; /* the switch */
    uint32_t port_count;
    const uint32_t *port_link; /* link index of each port */
    uint64_t salt; /* differs from switch to switch, the same in every system of a scenario */
    struct sim_rng *rng;
};

struct sim_selector_ops {
    struct sim_plugin plugin;
    /* The switches where an instance is made, besides those that `at` names: the far ends of the
     * links in `over`, as `alternate` needs for its way back. */
    bool at_far_ends;
    /* `far` is true at a switch that is there because of at_far_ends. */
    void (*init)(void *self, const void *params, const struct sim_selector_env *env, bool far);
    /* Gives one of `ports` (ascending, count > 1). */
    uint32_t (*choose)(void *self, const uint16_t *ports, uint32_t count,
                       const struct sim_packet *packet, sim_time now);
};

#endif
