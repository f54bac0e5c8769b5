/* Nodes, ports and pipes of a spec's topology, and the routes over them. */
#include "net/network.h"

#include <string.h>

static void count_ports(struct simulation *simulation)
{
    const struct spec *spec = simulation->spec;
    for (uint32_t i = 0; i < spec->link_count; i++)
        for (int end = 0; end < 2; end++)
            simulation->nodes[spec->links[i].ends[end]].port_count++;
    simulation->port_count = 2 * spec->link_count;
}

/* Besides the word in the node. */
static uint32_t busy_words(const struct node *node)
{
    return node->port_count > 64 ? (node->port_count + 63) / 64 : 0;
}

/* Ports are cache-line aligned; a node's are contiguous, and so are its pipes. */
static void place_ports(struct simulation *simulation)
{
    uint32_t words = 0, port = 0;
    for (uint32_t i = 0; i < simulation->node_count; i++)
        words += busy_words(&simulation->nodes[i]);
    simulation->ports = g_aligned_alloc0(simulation->port_count, sizeof(struct port), 64);
    simulation->pipes = g_aligned_alloc0(simulation->port_count, sizeof(struct pipe), 64);
    simulation->busy = g_new0(uint64_t, words + 1);
    words = 0;
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        struct node *node = &simulation->nodes[i];
        node->ports = simulation->ports + port;
        node->pipes = simulation->pipes + port;
        node->busy = busy_words(node) ? simulation->busy + words : &node->busy_word;
        port += node->port_count;
        words += busy_words(node);
        node->port_count = 0; /* counted up again as links take their ports */
    }
    for (uint32_t i = 0; i < simulation->port_count; i++)
        simulation->pipes[i].head_time = SIM_NEVER;
}

static void connect_port(struct port *port, const struct spec *spec, uint32_t link, int end,
                         struct node *peer, uint32_t peer_port)
{
    const struct spec_link *from = &spec->links[link];
    g_autofree char *stream = g_strdup_printf("loss/%s/%d", from->name, end);
    port->rate = sim_rate_of(from->rate_bps);
    port->byte_rate_q40 = (UINT64_C(1) << 60) / port->rate.byte_time_q20;
    port->delay = from->delay;
    port->pipe = &peer->pipes[peer_port];
    port->peer = peer;
    port->peer_port = (uint16_t)peer_port;
    port->mtu_bytes = spec->mtu_bytes;
    port->loss = from->loss;
    port->lossy = from->loss > 0;
    port->link = link;
    port->end = (uint8_t)end;
    sim_rng_init(&port->rng, spec->seed, stream);
}

static void connect_links(struct simulation *simulation)
{
    const struct spec *spec = simulation->spec;
    for (uint32_t i = 0; i < spec->link_count; i++) {
        struct node *a = &simulation->nodes[spec->links[i].ends[0]];
        struct node *b = &simulation->nodes[spec->links[i].ends[1]];
        uint32_t port_a = a->port_count++, port_b = b->port_count++;
        connect_port(&a->ports[port_a], spec, i, 0, b, port_b);
        connect_port(&b->ports[port_b], spec, i, 1, a, port_a);
    }
}

static bool check_hosts(const struct simulation *simulation, GError **error)
{
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        const struct node *node = &simulation->nodes[i];
        if (i < simulation->host_count && node->port_count != 1) {
            g_set_error(error, SIMULATION_ERROR, 0, "host %s has %u links; a host has exactly one",
                        simulation->spec->node_names[i], node->port_count);
            return false;
        }
        if (node->port_count > UINT16_MAX) {
            g_set_error(error, SIMULATION_ERROR, 0, "%s has %u links; at most %u are possible",
                        simulation->spec->node_names[i], node->port_count, UINT16_MAX);
            return false;
        }
    }
    return true;
}

static void make_switches(struct simulation *simulation)
{
    uint32_t count = simulation_switch_count(simulation);
    const struct routes *routes = &simulation->routes;
    simulation->switches = g_new0(struct fabric_switch, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        struct node *node = &simulation->nodes[simulation->host_count + i];
        node->fabric_switch = &simulation->switches[i];
        simulation->switches[i] = (struct fabric_switch){
            .node = node->index,
            .attachments = routes->attachments,
            .switch_groups = routes->switch_groups + (size_t)i * count,
            .groups = (const struct route_group *)routes->groups->data,
            .group_ports = (const uint16_t *)routes->group_ports->data,
            .first_switch = simulation->host_count,
            .ports = node->ports,
        };
    }
}

/* Whether every host can reach every other: each from host 0, since links have two directions. */
static bool check_reachable(const struct simulation *simulation, GError **error)
{
    const struct routes *routes = &simulation->routes;
    uint32_t count = simulation_switch_count(simulation);
    uint32_t first = routes->attachments[0].node;
    for (uint32_t host = 1; host < simulation->host_count; host++) {
        uint32_t to = routes->attachments[host].node;
        bool direct = first == host; /* two hosts without a switch */
        if (to == first || direct)
            continue;
        bool both_at_switches = to >= simulation->host_count && first >= simulation->host_count;
        uint32_t group = 0;
        if (both_at_switches)
            group = routes->switch_groups[(size_t)(first - simulation->host_count) * count + to -
                                          simulation->host_count];
        const struct route_group *way = &g_array_index(routes->groups, struct route_group, group);
        if (both_at_switches && way->count > 0)
            continue;
        g_set_error(error, SIMULATION_ERROR, 0, "there is no path from host %s to host %s",
                    simulation->spec->node_names[0], simulation->spec->node_names[host]);
        return false;
    }
    return true;
}

/* The switches of devices, in the order of their addresses. Free the items with g_free. */
static struct sim_list device_switches(const struct spec *spec)
{
    struct sim_list list = {g_new(uint32_t, spec->offload_count + 1), 0};
    for (uint32_t i = 0; i < spec->offload_count; i++) {
        const struct sim_device_params *params = device_params(&spec->offloads[i]);
        if (params)
            list.items[list.count++] = params->at;
    }
    return list;
}

bool network_wire(struct simulation *simulation, GError **error)
{
    simulation->node_count = simulation->spec->node_count;
    simulation->host_count = simulation->spec->host_count;
    simulation->nodes = g_aligned_alloc0(simulation->node_count, sizeof(struct node), 64);
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        simulation->nodes[i].index = i;
        simulation->nodes[i].pull_at = SIM_NEVER;
        sim_timers_init(&simulation->nodes[i].timers);
    }
    count_ports(simulation);
    if (!check_hosts(simulation, error))
        return false;
    place_ports(simulation);
    connect_links(simulation);
    struct sim_list devices = device_switches(simulation->spec);
    routes_init(&simulation->routes, simulation->nodes, simulation->host_count,
                simulation->node_count, &devices);
    g_free(devices.items);
    make_switches(simulation);
    return check_reachable(simulation, error);
}
