/* What a simulation has allocated, added up by walking its structures: struct simulation_memory.
 * Cold: called when a run has ended. */
#include "net/network.h"
#include "net/pfc.h"
#include "net/trace.h"

static uint64_t records_bytes(const GArray *records)
{
    return records ? (uint64_t)records->len * g_array_get_element_size((GArray *)records) : 0;
}

static uint64_t model_bytes(const struct sim_plugin *plugin)
{
    return plugin->state_size;
}

static uint64_t timers_bytes(const struct sim_timers *timers)
{
    return (uint64_t)timers->capacity * sizeof *timers->entries;
}

/* ---- ports ---- */

/* With its place in the receiver's pipes. */
static uint64_t port_bytes(const struct port *port)
{
    uint64_t bytes = sizeof *port + sizeof *port->pipe;
    if (port->departures)
        bytes += ((uint64_t)port->ring_mask + 1) * sizeof *port->departures;
    if (port->queue)
        bytes += model_bytes(&port->queue->plugin);
    if (port->backlog)
        bytes += sizeof *port->backlog + (port->backlog->pfc ? sizeof *port->backlog->pfc : 0);
    if (port->pathlet)
        bytes += sizeof *port->pathlet + port->pathlet->ops->pathlet_state_size;
    if (port->policy)
        bytes += sizeof *port->policy + model_bytes(&port->policy->ops->plugin);
    return bytes;
}

/* ---- hosts ---- */

static void add_transport(const struct host *host, struct simulation_memory *memory)
{
    struct sim_transport_memory own = {0};
    if (host->ops->memory)
        host->ops->memory(host->transport, &own);
    memory->host_bytes += model_bytes(&host->ops->plugin) + own.other_bytes;
    memory->flow_bytes += own.flow_bytes;
    memory->flows += own.flows;
}

static void add_host(const struct host *host, struct simulation_memory *memory)
{
    const struct measuring *m = host->measuring;
    memory->host_bytes += sizeof *host + host->workload_count * sizeof *host->workloads;
    for (uint32_t i = 0; i < host->workload_count; i++) {
        const struct workload *workload = &host->workloads[i];
        memory->host_bytes +=
            workload->server ? workload->server->state_size : model_bytes(&workload->ops->plugin);
    }
    if (host->offload) {
        memory->host_bytes += sizeof *host->offload + model_bytes(&host->offload->ops->plugin);
        memory->record_bytes += records_bytes(host->offload->buffer.records);
    }
    add_transport(host, memory);
    memory->record_bytes += records_bytes(host->submitted) + records_bytes(host->arrived) +
                            records_bytes(host->windows.records);
    if (host->measured)
        memory->record_bytes += (uint64_t)m->rows * (1 + m->bins) * sizeof(uint64_t);
}

/* ---- all ---- */

static void add_device(const struct device *device, struct simulation_memory *memory)
{
    memory->switch_bytes += sizeof *device + model_bytes(&device->ops->plugin) +
                            (device->ways ? device->ways_mask + 1 : 0);
    for (uint32_t i = 0; i < device->other_count; i++)
        memory->switch_bytes +=
            sizeof *device->others[i] + device->others[i]->ops->pathlet_state_size;
    memory->record_bytes += records_bytes(device->consumed);
}

static void add_node(const struct node *node, struct simulation_memory *memory)
{
    uint64_t bytes = sizeof *node + timers_bytes(&node->timers);
    for (uint32_t i = 0; i < node->port_count; i++)
        memory->port_bytes += port_bytes(&node->ports[i]);
    if (node->trace)
        memory->record_bytes += records_bytes(node->trace->records);
    if (node->host) {
        memory->host_bytes += bytes;
        add_host(node->host, memory);
        return;
    }
    memory->switch_bytes += bytes + sizeof *node->fabric_switch;
    if (node->fabric_switch->selector)
        memory->switch_bytes += model_bytes(&node->fabric_switch->selector->plugin);
    for (uint32_t i = 0; i < node->fabric_switch->device_count; i++)
        add_device(&node->fabric_switch->devices[i], memory);
}

void network_memory(const struct simulation *simulation, struct simulation_memory *memory)
{
    *memory = (struct simulation_memory){0};
    for (uint32_t i = 0; i < simulation->node_count; i++)
        if (node_is_here(simulation, &simulation->nodes[i]))
            add_node(&simulation->nodes[i], memory);
    for (uint32_t i = 0; i < simulation->queue_sampler_count; i++)
        if (node_is_here(simulation, simulation->queue_samplers[i].base.node))
            memory->record_bytes += records_bytes(simulation->queue_samplers[i].base.records);
}

void network_memory_add(struct simulation_memory *memory, const struct simulation_memory *more)
{
    _Static_assert(sizeof *memory % sizeof(uint64_t) == 0, "all members are sums");
    uint64_t *sums = (uint64_t *)memory;
    const uint64_t *terms = (const uint64_t *)more;
    for (size_t i = 0; i < sizeof *memory / sizeof *sums; i++)
        sums[i] += terms[i];
}

static uint64_t routes_bytes(const struct simulation *simulation)
{
    const struct routes *routes = &simulation->routes;
    uint64_t switches = simulation_switch_count(simulation);
    return simulation->host_count * sizeof *routes->attachments +
           switches * switches * sizeof *routes->switch_groups + records_bytes(routes->groups) +
           records_bytes(routes->group_ports);
}

void simulation_memory(const struct simulation *simulation, struct simulation_memory *memory)
{
    struct simulation_totals totals;
    simulation_totals(simulation, &totals);
    network_memory(simulation, memory);
    network_memory_add(memory, &simulation->elsewhere.memory);
    memory->route_bytes = routes_bytes(simulation);
    memory->packet_bytes =
        totals.in_flight * (sizeof(struct sim_packet) + sizeof(union sim_packet_lists));
}
