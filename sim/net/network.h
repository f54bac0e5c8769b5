/* The inside of a simulation, shared by who builds it, runs it and reads it. */
#ifndef SIM_NET_NETWORK_H
#define SIM_NET_NETWORK_H

#include "net/crew.h"
#include "net/devices.h"
#include "net/events.h"
#include "net/host.h"
#include "net/node.h"
#include "net/offloads.h"
#include "net/policies.h"
#include "net/ranks.h"
#include "net/routes.h"
#include "net/simulation.h"
#include "net/switch.h"
#include "net/window.h"

/* A queue's samples, taken at the switch whose port it is. */
struct queue_sampler {
    struct sampler base; /* first: the timer finds it */
    struct port *port;
};

/* What rank 0 knows of other ranks' work besides their nodes: sums, after simulation_gather. */
struct sums {
    uint64_t events, in_flight;
    int64_t live; /* packets given out; less than nothing where more end than begin */
    double cpu_seconds;
    struct sim_transport_counts counts;
    struct simulation_memory memory;
};

struct simulation {
    const struct spec *spec;
    struct sim_pool *pools; /* one a worker; they share their arrays */

    struct node *nodes; /* hosts first, then switches */
    uint32_t node_count, host_count;
    struct port *ports; /* of all nodes; those of a node contiguous */
    struct pipe *pipes; /* likewise */
    uint32_t port_count;
    uint64_t *busy;

    struct host *hosts;
    struct fabric_switch *switches;
    struct routes routes;
    struct measuring measuring;
    uint32_t *via; /* see struct host; NULL: no offloads */
    struct device *devices;
    uint32_t device_count;
    struct queue_sampler *queue_samplers;
    uint32_t queue_sampler_count;
    struct sim_rng *selector_rngs;
    uint32_t *
        *port_links; /* by switch, for its selector: links of its ports, then their pathlets */

    struct event *events;
    struct trace *traces; /* by node; NULL when nothing is traced */

    struct process *processes;
    uint32_t process_count;
    struct node **process_nodes;
    struct schedule *schedules; /* one a worker */
    struct crew crew;

    sim_time now;
    double wall_seconds; /* of the event loop */
    struct sums elsewhere;
};

static inline uint32_t simulation_switch_count(const struct simulation *simulation)
{
    return simulation->node_count - simulation->host_count;
}

/* Steps of simulation_new, one file each. */
bool network_wire(struct simulation *simulation,
                  GError **error); /* nodes, ports, routes: wiring.c */
void network_partition(
    struct simulation *simulation); /* processes, windows, workers: partition.c */
bool network_equip(struct simulation *simulation, GError **error); /* models, hosts: equipping.c */
/* Enters all nodes for their first events. */
void network_wake(struct simulation *simulation);

/* A pathlet with its congestion model; with the port's, freed by port_clear. */
struct pathlet *pathlet_new(const struct spec *spec, uint32_t id, uint64_t rate_bps);

static inline struct worker *node_worker(struct simulation *simulation, const struct node *node)
{
    return &simulation->crew.workers[node->worker];
}

/* What is allocated for the nodes that this process runs. */
void network_memory(const struct simulation *simulation, struct simulation_memory *memory);
void network_memory_add(struct simulation_memory *memory, const struct simulation_memory *more);

/* Whether this process runs the node. */
static inline bool node_is_here(const struct simulation *simulation, const struct node *node)
{
    const struct ranks *ranks = simulation->crew.ranks;
    return !ranks || node->rank == ranks->index;
}

GQuark simulation_error_quark(void);
#define SIMULATION_ERROR simulation_error_quark()

#endif
