#include "net/simulation.h"

#include "net/network.h"
#include "net/pfc.h"
#include "net/trace.h"

/* Address space, not memory: 32 Mi packets, 12 GB reserved. */
#define POOL_PACKETS (UINT32_C(1) << 25)

G_DEFINE_QUARK(simulation_error, simulation_error)

struct simulation *simulation_new(const struct spec *spec, GError **error)
{
    struct simulation *simulation = g_aligned_alloc0(1, sizeof *simulation, 64);
    simulation->spec = spec;
    simulation->crew.count = spec->threads ? spec->threads : 1;
    simulation->crew.ranks = spec->ranks;
    simulation->pools = g_new0(struct sim_pool, simulation->crew.count);
    sim_pool_init(&simulation->pools[0], POOL_PACKETS);
    sim_pool_split(simulation->pools, simulation->crew.count);
    if (network_wire(simulation, error)) {
        network_partition(simulation);
        if (network_equip(simulation, error)) {
            network_wake(simulation);
            return simulation;
        }
    }
    simulation_free(simulation);
    return NULL;
}

/* ---- the end of it ---- */

static void host_clear(struct host *host)
{
    if (host->transport)
        host->ops->clear(host->transport);
    for (uint32_t i = 0; i < host->workload_count; i++) {
        struct workload *workload = &host->workloads[i];
        if (workload->server && workload->server->clear)
            workload->server->clear(workload->state);
        if (!workload->server && workload->ops && workload->ops->clear)
            workload->ops->clear(workload->state);
        g_free(workload->state);
    }
    g_free(host->workloads);
    offload_clear(host);
    g_free(host->transport);
    free(host->bins);
    free(host->measured);
    if (host->submitted)
        g_array_unref(host->submitted);
    if (host->arrived)
        g_array_unref(host->arrived);
    if (host->windows.records)
        g_array_unref(host->windows.records);
}

static void switches_clear(struct simulation *simulation)
{
    for (uint32_t i = 0; simulation->switches && i < simulation_switch_count(simulation); i++) {
        struct fabric_switch *fabric_switch = &simulation->switches[i];
        if (fabric_switch->selector && fabric_switch->selector->clear)
            fabric_switch->selector->clear(fabric_switch->selector_state);
        g_free(fabric_switch->selector_state);
        if (simulation->port_links)
            g_free(simulation->port_links[i]);
    }
    g_free(simulation->switches);
    g_free(simulation->port_links);
    g_free(simulation->selector_rngs);
}

static void worker_clear(const struct simulation *simulation, struct worker *worker)
{
    schedule_clear(worker->schedule);
    g_free(worker->keys);
    g_free(worker->key_ports);
    for (int parity = 0; parity < 2; parity++) {
        for (uint32_t to = 0; to < crew_outbox_count(&simulation->crew); to++)
            g_free(worker->outboxes[parity][to].ports);
        free(worker->outboxes[parity]);
        free(worker->returned[parity]);
    }
}

static void processes_clear(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->process_count; i++)
        winners_clear(&simulation->processes[i].winners);
    g_free(simulation->processes);
    g_free(simulation->process_nodes);
    for (uint32_t i = 0; simulation->crew.workers && i < simulation->crew.count; i++)
        worker_clear(simulation, &simulation->crew.workers[i]);
    g_aligned_free(simulation->crew.workers);
    g_aligned_free(simulation->schedules);
}

static void samplers_clear(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->queue_sampler_count; i++)
        g_array_unref(simulation->queue_samplers[i].base.records);
    g_free(simulation->queue_samplers);
}

void simulation_free(struct simulation *simulation)
{
    if (!simulation)
        return;
    for (uint32_t i = 0; i < simulation->node_count; i++)
        sim_timers_forget(&simulation->nodes[i].timers);
    for (uint32_t i = 0; simulation->hosts && i < simulation->host_count; i++)
        host_clear(&simulation->hosts[i]);
    g_free(simulation->hosts);
    g_free(simulation->via);
    devices_free(simulation->devices, simulation->device_count);
    switches_clear(simulation);
    processes_clear(simulation);
    samplers_clear(simulation);
    for (uint32_t i = 0; simulation->ports && i < simulation->port_count; i++)
        port_clear(&simulation->ports[i]);
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        sim_timers_clear(&simulation->nodes[i].timers);
        pfc_clear(&simulation->nodes[i]);
    }
    g_free(simulation->events);
    for (uint32_t i = 0; simulation->traces && i < simulation->node_count; i++)
        g_array_unref(simulation->traces[i].records);
    g_free(simulation->traces);
    routes_clear(&simulation->routes);
    sim_pool_clear(&simulation->pools[0]);
    g_free(simulation->pools);
    g_aligned_free(simulation->nodes);
    g_aligned_free(simulation->ports);
    g_aligned_free(simulation->pipes);
    g_free(simulation->busy);
    g_aligned_free(simulation);
}

/* ---- running ---- */

sim_time simulation_run(struct simulation *simulation, sim_time until, const struct stop *stop)
{
    if (until > simulation->now) {
        gint64 start_us = g_get_monotonic_time();
        simulation->now = crew_run(&simulation->crew, simulation->now, until, stop);
        simulation->wall_seconds += 1e-6 * (double)(g_get_monotonic_time() - start_us);
    }
    return simulation->now;
}

sim_time simulation_now(const struct simulation *simulation)
{
    return simulation->now;
}

double simulation_wall_seconds(const struct simulation *simulation)
{
    return simulation->wall_seconds;
}
