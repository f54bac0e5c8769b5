/* The blocks of a scenario as tables, and the structs that they fill. */
#ifndef SIM_SCENARIO_BLOCKS_H
#define SIM_SCENARIO_BLOCKS_H

#include "scenario/block.h"

/* What a scenario has and a system has not: name, duration, seed, systems, expect, ... */
extern const struct block scenario_block;
/* What a system can override: topology, queue, transport, workload, measure, ... */
extern const struct block system_block;

extern const struct block topology_block, link_block, pathlet_block, tenant_block;
extern const struct block measure_block, throughput_block, queues_block, windows_block,
    packets_block;
extern const struct block buffers_block;
extern const struct block engine_block, event_block, expectation_block, pfc_block;

struct scenario_params {
    const char *name, *paper, *seeds;
    uint64_t seed;
    sim_time duration;
};

struct system_params {
    struct sim_model queue, transport;
};

struct topology_params {
    uint64_t mtu_bytes;
    uint32_t pathlets; /* enum granularity */
};

struct link_params {
    const char *name;
    struct sim_list ends;
    uint64_t rate_bps;
    sim_time delay;
    uint64_t pathlet, pathlet_back;
    double loss;
    struct sim_model queue;
};

struct pathlet_params {
    struct sim_model congestion, end_host;
    bool aggregate;
};

struct tenant_params {
    struct sim_list from;
    const char *ports; /* FIRST..LAST */
    double weight;
};

struct event_params {
    sim_time at;
    struct sim_list link;
    bool down, up;
    uint64_t rate_bps; /* 0: not changed */
    double loss;       /* NAN: not changed */
    const char *device;
    bool restart;
    uint32_t host;   /* UINT32_MAX: none */
    double slowdown; /* NAN: not changed */
};

struct pfc_params {
    uint64_t xoff_bytes, classes;
    struct sim_length xon, headroom; /* not set: from xoff, and from the link */
    struct sim_list links;
};

struct measure_params {
    sim_time after;
    bool messages;
};

struct every_params {
    sim_time every;
    struct sim_list links; /* of queues */
};

struct packets_params {
    struct sim_list between;
    sim_time from, until;
};

struct engine_params {
    sim_time window, merge_below;
    double merge_at_most;
};

struct expectation_params {
    const char *that;
    double at_least, at_most, paper;
    bool every_seed;
};

#endif
