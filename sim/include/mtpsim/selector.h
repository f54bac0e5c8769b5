/* Path selectors: which of several next hops a packet takes. One instance a switch; asked only
 * where there is a choice. */
#ifndef MTPSIM_SELECTOR_H
#define MTPSIM_SELECTOR_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>
#include <mtpsim/timers.h>

struct fabric_switch;

/* What a selector knows of its switch. Lives as long as the selector. */
struct sim_selector_env {
    uint32_t node; /* the switch */
    uint32_t port_count;
    const uint32_t *port_link;    /* link index of each port */
    const uint32_t *port_pathlet; /* pathlet of each port; 0: none */
    uint64_t salt; /* differs from switch to switch, the same in every system of a scenario */
    struct sim_rng *rng;
    struct sim_pool *pool;     /* for the lists of a packet, such as path exclude */
    struct sim_timers *timers; /* of the switch */
    /* How long the port needs to send what waits there now. */
    sim_time (*backlog)(const struct fabric_switch *self, uint32_t port, sim_time now);
    uint64_t (*rate_bps)(const struct fabric_switch *self, uint32_t port);
    sim_time (*delay)(const struct fabric_switch *self, uint32_t port); /* of the port's link */
    const struct fabric_switch *self;
};

struct sim_selector_ops {
    struct sim_plugin plugin;
    /* The switches where an instance is made, besides those that `at` names: the far ends of the
     * links in `over`, as `alternate` needs for its way back. */
    bool at_far_ends;
    /* `far` is true at a switch that is there because of at_far_ends. */
    void (*init)(void *self, const void *params, const struct sim_selector_env *env, bool far);
    void (*clear)(void *self); /* optional */
    /* Gives one of `ports` (ascending, count > 1); ports whose link is down are not among them
     * while another is up. */
    uint32_t (*choose)(void *self, const uint16_t *ports, uint32_t count,
                       const struct sim_packet *packet, sim_time now);
};

#endif
