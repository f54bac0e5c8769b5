/* Processes, and how long a window may be. */
#include "net/network.h"

#include <mtpsim/transport.h>

/* A window without limit from the network is still cut now and then, so that a run can be stopped.
 */
#define LONGEST_WINDOW (100 * SIM_US)

/* The highest rate that the port's link ever has. */
static struct sim_rate fastest_rate(const struct spec *spec, const struct port *port)
{
    uint64_t bps = port->rate.bps;
    for (uint32_t i = 0; i < spec->event_count; i++)
        if (spec->events[i].link == port->link && spec->events[i].rate_bps > bps)
            bps = spec->events[i].rate_bps;
    return sim_rate_of(bps);
}

static sim_time port_lookahead(const struct simulation *simulation, const struct port *port)
{
    const struct sim_transport_ops *transport =
        (const struct sim_transport_ops *)simulation->spec->transport.plugin;
    struct sim_rate rate = fastest_rate(simulation->spec, port);
    return port->delay + sim_wire_time(rate, transport->least_packet_bytes);
}

/* Union-find, the least index leads. */
static uint32_t leader_of(uint32_t *leader, uint32_t node)
{
    while (leader[node] != node)
        node = leader[node] = leader[leader[node]];
    return node;
}

static void merge_close_nodes(const struct simulation *simulation, uint32_t *leader)
{
    for (uint32_t i = 0; i < simulation->node_count; i++)
        for (uint32_t p = 0; p < simulation->nodes[i].port_count; p++) {
            const struct port *port = &simulation->nodes[i].ports[p];
            if (port_lookahead(simulation, port) >= simulation->spec->merge_below)
                continue;
            uint32_t a = leader_of(leader, i), b = leader_of(leader, port->peer->index);
            leader[a > b ? a : b] = a > b ? b : a;
        }
}

/* Numbers the processes by their first nodes, and gives each its nodes. */
static void make_processes(struct simulation *simulation, uint32_t *leader)
{
    uint32_t nodes = simulation->node_count, placed = 0;
    simulation->processes = g_new0(struct process, nodes);
    simulation->process_nodes = g_new(struct node *, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        if (leader_of(leader, i) == i)
            simulation->nodes[i].process = simulation->process_count++;
    for (uint32_t i = 0; i < nodes; i++) {
        struct node *node = &simulation->nodes[i];
        node->process = simulation->nodes[leader_of(leader, i)].process;
        node->place = simulation->processes[node->process].node_count++;
    }
    for (uint32_t i = 0; i < simulation->process_count; i++) {
        struct process *process = &simulation->processes[i];
        process->nodes = simulation->process_nodes + placed;
        placed += process->node_count;
        if (process->node_count > 1)
            SIM_CHECK(winners_init(&process->winners, process->node_count),
                      "out of memory for %u nodes", process->node_count);
    }
    for (uint32_t i = 0; i < nodes; i++) {
        struct node *node = &simulation->nodes[i];
        simulation->processes[node->process].nodes[node->place] = node;
    }
}

static sim_time window_length(const struct simulation *simulation)
{
    sim_time length = LONGEST_WINDOW;
    if (simulation->spec->window > 0 && simulation->spec->window < length)
        length = simulation->spec->window;
    for (uint32_t i = 0; i < simulation->node_count; i++)
        for (uint32_t p = 0; p < simulation->nodes[i].port_count; p++) {
            const struct port *port = &simulation->nodes[i].ports[p];
            if (port->peer->process == simulation->nodes[i].process)
                continue;
            sim_time lookahead = port_lookahead(simulation, port);
            if (lookahead < length)
                length = lookahead;
        }
    return length > 0 ? length : 1;
}

static void make_worker(struct simulation *simulation)
{
    uint32_t most = 2;
    for (uint32_t i = 0; i < simulation->node_count; i++)
        while (most < simulation->nodes[i].port_count)
            most *= 2;
    simulation->worker = (struct worker){
        .pool = &simulation->pool,
        .schedule = &simulation->schedule,
        .keys = g_new(uint64_t, 4 * most),
        .key_ports = g_new(uint16_t, most),
    };
}

void network_partition(struct simulation *simulation)
{
    g_autofree uint32_t *leader = g_new(uint32_t, simulation->node_count);
    for (uint32_t i = 0; i < simulation->node_count; i++)
        leader[i] = i;
    merge_close_nodes(simulation, leader);
    make_processes(simulation, leader);
    SIM_CHECK(
        schedule_init(&simulation->schedule, simulation->process_count, window_length(simulation)),
        "out of memory for the schedule");
    make_worker(simulation);
    for (uint32_t i = 0; i < simulation->node_count; i++)
        worker_wake(&simulation->worker, &simulation->nodes[i], node_next(&simulation->nodes[i]));
}
