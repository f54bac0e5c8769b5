/* Brings what results are read from to rank 0.
 *
 * Every rank has the whole network and has run its own part of it. Rank 0 fills its copies of the
 * other nodes from the originals, so that who reads results (results.c) sees one network, whole.
 * Packets and the state of models stay where they are; of them only sums are needed.
 *
 * What is carried is listed once, for both directions: carry() writes at the sender and reads at
 * rank 0.
 */
#include "net/network.h"
#include "net/pfc.h"
#include "net/trace.h"

struct gathering {
    struct simulation *simulation;
    struct bytes *bytes;
    bool filling; /* at rank 0; else the original is written */
};

static void carry(struct gathering *gathering, void *what, size_t size)
{
    if (gathering->filling)
        bytes_get(gathering->bytes, what, size);
    else
        bytes_put(gathering->bytes, what, size);
}

#define CARRY(gathering, field) carry(gathering, &(field), sizeof(field))

/* NULL: there are none, here as there. */
static void carry_records(struct gathering *gathering, GArray *records)
{
    if (!records)
        return;
    guint count = records->len;
    CARRY(gathering, count);
    g_array_set_size(records, count);
    carry(gathering, records->data, (size_t)count * g_array_get_element_size(records));
}

static void carry_port(struct gathering *gathering, struct port *port)
{
    CARRY(gathering, port->busy_until);
    CARRY(gathering, port->rate);
    CARRY(gathering, port->packets);
    CARRY(gathering, port->bytes);
    CARRY(gathering, port->marks);
    CARRY(gathering, port->drops);
    CARRY(gathering, port->busy_before);
    CARRY(gathering, port->bytes_before);
    CARRY(gathering, port->cut);
    CARRY(gathering, port->lost);
    if (port->pathlet)
        CARRY(gathering, port->pathlet->no_room);
    if (!port->backlog || !port->backlog->pfc)
        return;
    CARRY(gathering, port->backlog->pfc->paused);
    CARRY(gathering, port->backlog->pfc->pauses);
    CARRY(gathering, port->backlog->pfc->paused_since);
    CARRY(gathering, port->backlog->pfc->paused_time);
}

static void carry_received(struct gathering *gathering, struct host *host)
{
    const struct measuring *m = host->measuring;
    bool some = host->measured;
    CARRY(gathering, some);
    if (!some)
        return;
    if (!host->measured)
        host_measure(host);
    carry(gathering, host->measured, m->rows * sizeof *host->measured);
    carry(gathering, host->bins, (size_t)m->rows * m->bins * sizeof *host->bins);
}

static void carry_host(struct gathering *gathering, struct host *host)
{
    CARRY(gathering, host->injected);
    CARRY(gathering, host->delivered);
    CARRY(gathering, host->corrupt);
    CARRY(gathering, host->wrong);
    CARRY(gathering, host->repeated);
    CARRY(gathering, host->unasked);
    carry_received(gathering, host);
    carry_records(gathering, host->submitted);
    carry_records(gathering, host->arrived);
    carry_records(gathering, host->windows.records);
    if (!host->offload)
        return;
    CARRY(gathering, host->offload->max_bytes);
    carry_records(gathering, host->offload->buffer.records);
}

static void carry_device(struct gathering *gathering, struct device *device)
{
    uint32_t count = device_counters(device);
    uint64_t *values = g_new0(uint64_t, count + 1);
    struct sim_device_counter counter;
    for (uint32_t i = 0; i < count; i++) {
        device->ops->device->counter(device->state, i, &counter);
        values[i] = counter.value;
    }
    CARRY(gathering, device->counts);
    carry(gathering, values, count * sizeof *values);
    carry_port(gathering, &device->port);
    for (uint32_t i = 0; i < device->other_count; i++)
        CARRY(gathering, device->others[i]->no_room);
    carry_records(gathering, device->consumed);
    g_free((void *)device->counters);
    device->counters = values;
}

static void carry_node(struct gathering *gathering, struct node *node)
{
    CARRY(gathering, node->digest);
    CARRY(gathering, node->drops_no_route);
    CARRY(gathering, node->drops_unclaimed);
    CARRY(gathering, node->drops_mtu);
    for (uint32_t i = 0; i < node->port_count; i++)
        carry_port(gathering, &node->ports[i]);
    if (node->host)
        carry_host(gathering, node->host);
    if (node->pfc) {
        CARRY(gathering, node->pfc->frames_sent);
        CARRY(gathering, node->pfc->frames_received);
    }
    if (node->trace)
        carry_records(gathering, node->trace->records);
}

static void carry_nodes(struct gathering *gathering, uint32_t rank)
{
    struct simulation *simulation = gathering->simulation;
    for (uint32_t i = 0; i < simulation->node_count; i++)
        if (simulation->nodes[i].rank == rank)
            carry_node(gathering, &simulation->nodes[i]);
    for (uint32_t i = 0; i < simulation->device_count; i++)
        if (simulation->devices[i].node->rank == rank)
            carry_device(gathering, &simulation->devices[i]);
    for (uint32_t i = 0; i < simulation->queue_sampler_count; i++)
        if (simulation->queue_samplers[i].base.node->rank == rank)
            carry_records(gathering, simulation->queue_samplers[i].base.records);
}

/* ---- sums ---- */

static struct sums own_sums(const struct simulation *simulation)
{
    struct simulation_totals totals;
    struct sums sums = {0};
    simulation_totals(simulation, &totals);
    sums.events = totals.events;
    sums.in_flight = totals.in_flight;
    sums.cpu_seconds = totals.cpu_seconds;
    for (uint32_t i = 0; i < simulation->crew.count; i++)
        sums.live += (int32_t)simulation->pools[i].live;
    simulation_counts(simulation, &sums.counts);
    network_memory(simulation, &sums.memory);
    return sums;
}

/* Counts of transports are sums, all of them. */
static void add_counts(struct sim_transport_counts *to, const struct sim_transport_counts *from)
{
    _Static_assert(sizeof *to % sizeof(uint64_t) == 0, "a count is a uint64_t");
    uint64_t *sums = (uint64_t *)to;
    const uint64_t *terms = (const uint64_t *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *sums; i++)
        sums[i] += terms[i];
}

static void add_sums(struct sums *to, const struct sums *from)
{
    to->events += from->events;
    to->in_flight += from->in_flight;
    to->live += from->live;
    to->cpu_seconds += from->cpu_seconds;
    add_counts(&to->counts, &from->counts);
    network_memory_add(&to->memory, &from->memory);
}

/* ---- both ends ---- */

static void gather_send(struct simulation *simulation, struct ranks *ranks)
{
    struct gathering gathering = {simulation, &ranks->out[0], false};
    struct sums sums = own_sums(simulation);
    CARRY(&gathering, sums);
    carry_nodes(&gathering, ranks->index);
}

static void gather_fill(struct simulation *simulation, struct ranks *ranks)
{
    for (uint32_t rank = 1; rank < ranks->count; rank++) {
        struct gathering gathering = {simulation, &ranks->in[rank], true};
        struct sums sums;
        CARRY(&gathering, sums);
        add_sums(&simulation->elsewhere, &sums);
        carry_nodes(&gathering, rank);
    }
}

void simulation_gather(struct simulation *simulation)
{
    struct ranks *ranks = simulation->crew.ranks;
    if (!ranks)
        return;
    simulation->elsewhere = (struct sums){0};
    if (!ranks_lead(ranks))
        gather_send(simulation, ranks);
    ranks->ops->swap(ranks);
    if (ranks_lead(ranks))
        gather_fill(simulation, ranks);
}
