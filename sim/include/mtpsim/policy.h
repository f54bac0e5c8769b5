/* Ingress policies: what a switch makes of whose packet it is (paper, 3.2 "multi-entity
 * isolation", 5.3).
 *
 * A policy stands in front of one output port. It sees every packet on its way there, classifies it
 * into a traffic class (TC), by which the queue may already treat it, and may then overrule the
 * queue's mark or write the port's path feedback itself: the end-hosts keep a window for each (pathlet, TC), so feedback alone divides the port
 * between classes, over one queue. Packets that collect no path feedback (TCP, acknowledgements)
 * can be marked, but not told more.
 */
#ifndef MTPSIM_POLICY_H
#define MTPSIM_POLICY_H

#include <mtpsim/packet.h>
#include <mtpsim/plugin.h>
#include <mtpsim/queue.h>

/* Constant during a run. Lives as long as the policy. */
struct sim_policy_env {
    uint32_t tenant_count;
    /* The tenant of a packet, by its source host and ports; tenant_count: none. */
    uint32_t (*tenant_of)(const struct sim_policy_env *env, const struct sim_packet *packet);
    const void *rules;
    /* What a tenant is to get in proportion to others; 1 for tenant_count, all that is nobody's. */
    double (*weight_of)(const struct sim_policy_env *env, uint32_t tenant);
    uint64_t rate_bps; /* of the port */
    uint16_t mtu_bytes;
};

struct sim_policy_ops {
    struct sim_plugin plugin;
    /* One instance for each port of the switch that the parameter `at` (SWITCH) names towards the
     * links of `links` (LINKS); every policy has the two. */
    void (*init)(void *self, const void *params, const struct sim_policy_env *env);
    void (*clear)(void *self); /* optional */
    /* Sets packet->tc, before the queue judges. */
    void (*classify)(void *self, struct sim_packet *packet);
    /* Gives the verdict, normally `by_queue`. An entry whose type it sets (not
     * SIM_FEEDBACK_PRESENCE) is the feedback of this port instead of its congestion model's.
     * Optional: the queue's verdict stands. */
    enum sim_verdict (*judge)(void *self, struct sim_packet *packet,
                              const struct sim_queue_view *queue, enum sim_verdict by_queue,
                              struct sim_feedback *entry);
};

#endif
