#include "net/switch.h"

#include "net/node.h"

#define NO_PORT UINT32_MAX

static inline uint32_t switch_route(const struct fabric_switch *self,
                                    const struct sim_packet *packet, sim_time now)
{
    struct attachment to = self->attachments[packet->dst];
    if (to.node == self->node)
        return to.port;
    struct route_group group = self->groups[self->switch_groups[to.node - self->first_switch]];
    const uint16_t *ports = self->group_ports + group.first;
    if (SIM_LIKELY(group.count == 1))
        return ports[0];
    if (group.count == 0)
        return NO_PORT;
    return self->selector->choose(self->selector_state, ports, group.count, packet, now);
}

uint32_t switch_receive(struct worker *worker, struct node *node, struct sim_packet *packet,
                        sim_time now)
{
    uint32_t port = switch_route(node->fabric_switch, packet, now);
    if (SIM_UNLIKELY(port == NO_PORT)) {
        node->drops_no_route++;
        sim_packet_free(worker->pool, packet);
        return NO_PORT;
    }
    enum port_verdict verdict = port_forward(worker, &node->ports[port], packet, now);
    if (SIM_UNLIKELY(verdict == PORT_TOO_LARGE)) {
        node->drops_mtu++;
        sim_packet_free(worker->pool, packet);
    }
    return port << 3 | verdict;
}
