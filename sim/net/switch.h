/* Switches: where to, and which of several ways.
 *
 * Routing is by the switch that the destination host hangs on, over all shortest paths: a table has
 * an entry for each such switch, not for each host or pair.
 */
#ifndef SIM_NET_SWITCH_H
#define SIM_NET_SWITCH_H

#include <mtpsim/selector.h>

/* Output ports that lead on: an equal-cost group. */
struct route_group {
    uint32_t first; /* in group_ports */
    uint32_t count; /* 0: unreachable */
};

/* Where a host hangs. */
struct attachment {
    uint32_t node; /* switch (or host, when two hosts are joined directly) */
    uint32_t port; /* of that node */
};

struct port;

struct fabric_switch {
    uint32_t node;
    const struct attachment *attachments; /* of every host */
    const uint32_t *switch_groups; /* by the destination's switch, counted from the first switch:
                                      index into groups */
    const struct route_group *groups;
    const uint16_t *group_ports;
    uint32_t first_switch; /* node index of switch 0 */
    const struct sim_selector_ops *selector;
    void *selector_state;
    struct sim_selector_env selector_env;
    const struct port *ports;
    uint32_t ports_down; /* how many; routes avoid them */
    struct device *devices;
    uint32_t device_count;
};

struct worker;
struct node;

/* The ports towards the host, and how many; `only` is where one is put that is no group. */
const uint16_t *switch_ports(const struct fabric_switch *self, uint32_t host, uint16_t *only,
                             uint32_t *count);

/* Whether a port towards the host is up. */
bool switch_reaches(const struct fabric_switch *self, uint32_t host);

/* Whether a shortest way to the one, host or device, begins with a link of one to the other.
 * Neither is at the switch. */
bool switch_shares_way(const struct fabric_switch *self, uint32_t one, uint32_t other);

/* By the routes, past all devices. Takes the packet, gives what goes into the digest. */
uint32_t switch_send(struct worker *worker, struct node *node, struct sim_packet *packet,
                     sim_time now);

/* struct sim_selector_env.backlog, .rate_bps and .delay. */
sim_time switch_backlog(const struct fabric_switch *self, uint32_t port, sim_time now);
uint64_t switch_rate_bps(const struct fabric_switch *self, uint32_t port);
sim_time switch_delay(const struct fabric_switch *self, uint32_t port);

#endif
