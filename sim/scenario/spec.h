/* A scenario after all checks: what the builder and the command line read.
 *
 * One struct spec is one system: the scenario's blocks with that system's overrides applied. All
 * names are resolved to indexes: hosts count from 0 in the order of `topology.hosts`, after those
 * of a generator; nodes are the hosts, then the switches.
 */
#ifndef SIM_SCENARIO_SPEC_H
#define SIM_SCENARIO_SPEC_H

#include <glib.h>

#include <mtpsim/plugin.h>
#include <mtpsim/time.h>

struct ranks;

struct spec_link {
    const char *name;
    uint32_t ends[2]; /* node indexes */
    uint64_t rate_bps;
    sim_time delay;
    double loss;            /* of each packet, in each direction */
    uint32_t pathlet;       /* of the direction ends[0] to ends[1]; 0: none */
    uint32_t pathlet_back;  /* of the other direction; 0: none */
    struct sim_model queue; /* of both ends' ports at switches; .plugin NULL: the scenario's */
};

struct spec_pathlet {
    uint32_t id;
    struct sim_model congestion; /* .plugin NULL: the transport's */
    struct sim_model end_host;   /* of its windows at hosts; .plugin NULL: the same */
    bool aggregate;              /* its ports share one entry of feedback */
};

struct spec_tenant {
    const char *name;
    struct sim_list from; /* source hosts */
    /* Source ports, both included, of those hosts; 0 and 65535: all. A packet is the first tenant's
     * that it fits. */
    uint16_t first_port, last_port;
    double weight; /* what it is to get in proportion to others; 0 counts as 1 */
};

static inline double spec_tenant_weight(const struct spec_tenant *tenant)
{
    return tenant->weight > 0 ? tenant->weight : 1;
}

/* A change of a link, in both directions; of a device; of a host's servers. */
struct spec_event {
    sim_time at;
    uint32_t link;
    uint32_t host;
    const char *device; /* its name */
    enum {
        SPEC_EVENT_DOWN,
        SPEC_EVENT_UP,
        SPEC_EVENT_RATE,
        SPEC_EVENT_LOSS,
        SPEC_EVENT_RESTART, /* a device loses its state */
        SPEC_EVENT_SLOW,    /* a host's servers take so many times as long */
    } change;
    uint64_t rate_bps;
    double loss;
    double slowdown;
};

/* Priority flow control on some links, in both directions. */
struct spec_pfc {
    struct sim_list links;   /* none: no flow control */
    uint64_t xoff_bytes;     /* a class of which more waits is paused, */
    uint64_t xon_bytes;      /* and resumed when it is down to this */
    uint64_t headroom_bytes; /* above xoff, by input and class; UINT64_MAX: what the link needs */
    uint32_t classes;        /* 1 to 8: by priority, the last one takes the rest */
};

/* A system. Strings and parameters belong to the scenario. */
struct spec {
    const char *system; /* its name */
    uint64_t seed;
    sim_time duration;
    uint32_t host_count, node_count, link_count;
    const char *const *node_names;
    const struct spec_link *links;
    uint16_t mtu_bytes;
    struct sim_model queue;
    const struct sim_model *selectors;
    uint32_t selector_count;
    const struct sim_model *policies;
    uint32_t policy_count;
    const struct sim_model *offloads;
    uint32_t offload_count;
    struct sim_model transport;
    const struct sim_model *workloads;
    uint32_t workload_count;
    const struct spec_pathlet *pathlets;
    uint32_t pathlet_count;
    const struct spec_tenant *tenants;
    uint32_t tenant_count;
    const struct spec_event *events; /* in the order of the file */
    uint32_t event_count;
    struct spec_pfc pfc;

    /* measure: */
    sim_time measure_after;
    sim_time throughput_every;   /* 0: no series */
    sim_time queues_every;       /* 0: no series */
    struct sim_list queue_links; /* links whose ports are sampled */
    sim_time windows_every;      /* 0: no series */
    sim_time buffers_every;      /* 0: no series */
    struct sim_list trace_hosts; /* packets between these are traced */
    sim_time trace_from, trace_until;
    bool messages; /* a row a message */

    /* engine: (never changes a result) */
    sim_time window;      /* 0: the lookahead; else at most this */
    uint32_t threads;     /* 0: 1 */
    struct ranks *ranks;  /* that the run is split over; NULL: none, this process runs all */
    sim_time merge_below; /* links with less lookahead merge their nodes; default 100 ns */
    double merge_at_most; /* unless that would merge more than this share of all nodes */
};

/* An expression of metrics, `mtp.goodput_gbps / dctcp.goodput_gbps`, and its bounds. NAN: no such
 * bound. */
struct spec_expectation {
    const char *that;
    double at_least, at_most, paper;
    bool every_seed;
    const char *file; /* where it is written */
    uint32_t line, column;
};

struct scenario {
    const char *name;
    const char *paper;              /* NULL when not given */
    uint64_t first_seed, last_seed; /* seeds: A..B, or seed: A twice */
    GPtrArray *systems;             /* struct spec * */
    GArray *expectations;           /* struct spec_expectation */
    GString *effective; /* the scenario after overrides, as YAML, with every default written out;
                           loads to the same run */
    struct scenario_private *owned;
};

#endif
