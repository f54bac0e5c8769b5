/* Processes, how long a window may be, and which thread of which rank runs what. */
#include <stdlib.h>
#include <string.h>

#include "net/network.h"
#include "net/pfc.h"

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
    uint32_t least_bytes = transport->least_packet_bytes;
    for (uint32_t i = 0; i < simulation->spec->offload_count; i++) {
        const struct sim_device_ops *device =
            ((const struct sim_offload_ops *)simulation->spec->offloads[i].plugin)->device;
        if (device && device->least_packet_bytes && device->least_packet_bytes < least_bytes)
            least_bytes = device->least_packet_bytes;
    }
    if (simulation->spec->pfc.links.count && least_bytes > PFC_FRAME_BYTES)
        least_bytes = PFC_FRAME_BYTES;
    return port->delay + sim_wire_time(rate, least_bytes);
}

/* Union-find, the least index leads. */
static uint32_t leader_of(uint32_t *leader, uint32_t node)
{
    while (leader[node] != node)
        node = leader[node] = leader[leader[node]];
    return node;
}

static void lead_themselves(const struct simulation *simulation, uint32_t *leader)
{
    for (uint32_t i = 0; i < simulation->node_count; i++)
        leader[i] = i;
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

/* One short link is best merged away, or all windows would be as short. Where many are short, a
 * process of many nodes costs more than short windows do: a fat-tree of 128 hosts with links of
 * 10 ns runs at 11 million packet-hops per CPU second in windows of 13 ns, at 7.6 as one process.
 */
static bool merging_pays(const struct simulation *simulation, uint32_t *leader)
{
    uint32_t merged = 0;
    g_autofree bool *leads_others = g_new0(bool, simulation->node_count);
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        uint32_t first = leader_of(leader, i);
        if (first == i)
            continue;
        merged += 1 + !leads_others[first];
        leads_others[first] = true;
    }
    return merged <= simulation->spec->merge_at_most * simulation->node_count;
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

/* ---- ranks and threads ---- */

static uint32_t rank_count(const struct simulation *simulation)
{
    return simulation->crew.ranks ? simulation->crew.ranks->count : 1;
}

/* All threads of all ranks, counted rank by rank. */
static uint32_t seat_count(const struct simulation *simulation)
{
    return simulation->crew.count * rank_count(simulation);
}

static uint32_t node_seat(const struct simulation *simulation, const struct node *node)
{
    return node->rank * simulation->crew.count + node->worker;
}

/* Hosts are split by index, so that the pods of a fat-tree stay whole. A switch goes to the seat
 * that most of its neighbours have, the least loaded one where they are even (the core). */
static uint32_t favourite_seat(const struct simulation *simulation, const struct node *node,
                               const uint32_t *load, const bool *placed)
{
    uint32_t count = seat_count(simulation), best = 0;
    g_autofree uint32_t *votes = g_new0(uint32_t, count);
    for (uint32_t p = 0; p < node->port_count; p++)
        if (placed[node->ports[p].peer->process])
            votes[node_seat(simulation, node->ports[p].peer)]++;
    for (uint32_t w = 1; w < count; w++)
        if (votes[w] > votes[best] || (votes[w] == votes[best] && load[w] < load[best]))
            best = w;
    return best;
}

static void assign_seats(struct simulation *simulation)
{
    uint32_t count = seat_count(simulation);
    g_autofree uint32_t *load = g_new0(uint32_t, count);
    g_autofree bool *placed = g_new0(bool, simulation->process_count);
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        struct node *node = &simulation->nodes[i];
        struct process *process = &simulation->processes[node->process];
        if (!placed[node->process]) {
            uint32_t seat = i < simulation->host_count
                                ? (uint32_t)((uint64_t)i * count / simulation->host_count)
                                : favourite_seat(simulation, node, load, placed);
            process->rank = seat / simulation->crew.count;
            process->worker = seat % simulation->crew.count;
        }
        placed[node->process] = true;
        node->rank = process->rank;
        node->worker = process->worker;
        load[node_seat(simulation, node)] += node->port_count;
    }
}

/* Zeroed memory in cache lines of its own. */
static void *lines_new(size_t bytes)
{
    size_t size = (bytes + 63) / 64 * 64;
    void *lines = aligned_alloc(64, size);
    SIM_CHECK(lines, "out of memory for %zu bytes", size);
    return memset(lines, 0, size);
}

static void make_worker(struct simulation *simulation, uint32_t index, uint32_t most_ports)
{
    struct worker *worker = &simulation->crew.workers[index];
    SIM_CHECK(schedule_init(&simulation->schedules[index], simulation->process_count,
                            window_length(simulation)),
              "out of memory for the schedule");
    *worker = (struct worker){
        .pool = &simulation->pools[index],
        .schedule = &simulation->schedules[index],
        .crew = &simulation->crew,
        .index = index,
        .keys = g_new(uint64_t, 4 * most_ports),
        .key_ports = g_new(uint16_t, most_ports),
    };
    for (int parity = 0; parity < 2; parity++) {
        worker->outboxes[parity] =
            lines_new(crew_outbox_count(&simulation->crew) * sizeof(struct outbox));
        worker->returned[parity] = lines_new(simulation->crew.count * sizeof(struct sim_returned));
    }
    worker->pool->returned = worker->returned[0];
}

/* A link between two workers or ranks: its port gets chains, and a place in the outboxes. */
static void make_remote(struct simulation *simulation, struct node *node, struct port *port)
{
    struct worker *worker = node_worker(simulation, node);
    uint32_t to = port->peer->rank == node->rank
                      ? port->peer->worker
                      : crew_outbox_of_rank(&simulation->crew, port->peer->rank);
    port->remote_peer = true;
    port->remote = lines_new(sizeof *port->remote);
    port->remote->to = to;
    for (int parity = 0; parity < 2; parity++) {
        struct outbox *outbox = &worker->outboxes[parity][to];
        outbox->ports = g_renew(struct port *, outbox->ports, ++outbox->count);
    }
}

static void make_remotes(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        struct node *node = &simulation->nodes[i];
        for (uint32_t p = 0; p < node->port_count && node_is_here(simulation, node); p++)
            if (node_seat(simulation, node->ports[p].peer) != node_seat(simulation, node))
                make_remote(simulation, node, &node->ports[p]);
    }
    for (uint32_t w = 0; w < simulation->crew.count; w++)
        for (uint32_t to = 0; to < crew_outbox_count(&simulation->crew); to++)
            for (int parity = 0; parity < 2; parity++)
                simulation->crew.workers[w].outboxes[parity][to].count = 0;
}

static void make_crew(struct simulation *simulation)
{
    uint32_t most_ports = 2, count = simulation->crew.count;
    for (uint32_t i = 0; i < simulation->node_count; i++)
        while (most_ports < simulation->nodes[i].port_count)
            most_ports *= 2;
    simulation->crew.processes = simulation->processes;
    simulation->crew.ports = simulation->ports;
    simulation->crew.workers = g_aligned_alloc0(count, sizeof(struct worker), 64);
    simulation->schedules = g_aligned_alloc0(count, sizeof(struct schedule), 64);
    assign_seats(simulation);
    for (uint32_t i = 0; i < count; i++)
        make_worker(simulation, i, most_ports);
    make_remotes(simulation);
}

void network_partition(struct simulation *simulation)
{
    g_autofree uint32_t *leader = g_new(uint32_t, simulation->node_count);
    lead_themselves(simulation, leader);
    merge_close_nodes(simulation, leader);
    if (!merging_pays(simulation, leader))
        lead_themselves(simulation, leader);
    make_processes(simulation, leader);
    make_crew(simulation);
}

void network_wake(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        struct node *node = &simulation->nodes[i];
        if (node_is_here(simulation, node))
            worker_wake(node_worker(simulation, node), node, node_next(node));
    }
}
