#include "net/switch.h"

#include "net/devices.h"
#include "net/forward.h"
#include "net/node.h"
#include "net/routes.h"

#define NO_PORT UINT32_MAX

/* The way when links are down: among those that are up; by the group's first when none is. */
static uint32_t switch_route_around(const struct fabric_switch *self, const uint16_t *ports,
                                    uint32_t count, const struct sim_packet *packet, sim_time now)
{
    uint16_t up[UINT8_MAX];
    uint32_t up_count = 0;
    for (uint32_t i = 0; i < count && up_count < UINT8_MAX; i++)
        if (!self->ports[ports[i]].down)
            up[up_count++] = ports[i];
    if (up_count == 0)
        return ports[0];
    if (up_count == 1)
        return up[0];
    return self->selector->choose(self->selector_state, up, up_count, packet, now);
}

static inline uint32_t switch_route(const struct fabric_switch *self,
                                    const struct sim_packet *packet, sim_time now)
{
    struct attachment to = self->attachments[packet->dst];
    _Static_assert(ROUTES_DEVICE == NO_PORT, "a device that is passed by has no port");
    if (to.node == self->node)
        return to.port;
    struct route_group group = self->groups[self->switch_groups[to.node - self->first_switch]];
    const uint16_t *ports = self->group_ports + group.first;
    if (SIM_LIKELY(group.count == 1))
        return ports[0];
    if (group.count == 0)
        return NO_PORT;
    if (SIM_UNLIKELY(self->ports_down))
        return switch_route_around(self, ports, group.count, packet, now);
    return self->selector->choose(self->selector_state, ports, group.count, packet, now);
}

const uint16_t *switch_ports(const struct fabric_switch *self, uint32_t host, uint16_t *only,
                             uint32_t *count)
{
    struct attachment to = self->attachments[host];
    if (to.node == self->node) {
        *only = (uint16_t)to.port;
        *count = 1;
        return only;
    }
    struct route_group group = self->groups[self->switch_groups[to.node - self->first_switch]];
    *count = group.count;
    return self->group_ports + group.first;
}

bool switch_reaches(const struct fabric_switch *self, uint32_t host)
{
    uint16_t only;
    uint32_t count;
    const uint16_t *ports = switch_ports(self, host, &only, &count);
    for (uint32_t i = 0; i < count; i++)
        if (!self->ports[ports[i]].down)
            return true;
    return false;
}

bool switch_shares_way(const struct fabric_switch *self, uint32_t one, uint32_t other)
{
    uint32_t to_one = self->attachments[one].node, to_other = self->attachments[other].node;
    if (to_one == self->node || to_other == self->node)
        return false;
    struct route_group a = self->groups[self->switch_groups[to_one - self->first_switch]];
    struct route_group b = self->groups[self->switch_groups[to_other - self->first_switch]];
    for (uint32_t i = 0; i < a.count; i++)
        for (uint32_t j = 0; j < b.count; j++)
            if (self->group_ports[a.first + i] == self->group_ports[b.first + j])
                return true;
    return false;
}

static inline __attribute__((always_inline)) uint32_t route_and_forward(struct worker *worker,
                                                                        struct node *node,
                                                                        struct sim_packet *packet,
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

uint32_t switch_send(struct worker *worker, struct node *node, struct sim_packet *packet,
                     sim_time now)
{
    return route_and_forward(worker, node, packet, now);
}

/* A packet at a switch with devices. */
static __attribute__((noinline)) uint32_t switch_steer(struct worker *worker, struct node *node,
                                                       struct sim_packet *packet, sim_time now)
{
    uint32_t verdict;
    if (devices_steer(node, packet, now, &verdict))
        return verdict;
    return switch_send(worker, node, packet, now);
}

uint32_t switch_receive(struct worker *worker, struct node *node, struct sim_packet *packet,
                        sim_time now)
{
    if (SIM_UNLIKELY(node->fabric_switch->device_count))
        return switch_steer(worker, node, packet, now);
    return route_and_forward(worker, node, packet, now);
}

sim_time switch_backlog(const struct fabric_switch *self, uint32_t port, sim_time now)
{
    const struct port *at = &self->ports[port];
    sim_time left = at->busy_until > now ? at->busy_until - now : 0;
    return at->backlog ? left + sim_rate_time(at->rate, at->backlog->bytes) : left;
}

uint64_t switch_rate_bps(const struct fabric_switch *self, uint32_t port)
{
    return self->ports[port].rate.bps;
}

sim_time switch_delay(const struct fabric_switch *self, uint32_t port)
{
    return self->ports[port].delay;
}
