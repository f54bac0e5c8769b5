/* Workloads: what the applications send. One instance for each source host, which is what the
 * parameter `from` (HOST or HOSTS) names; every workload has that parameter. */
#ifndef MTPSIM_WORKLOAD_H
#define MTPSIM_WORKLOAD_H

#include <mtpsim/plugin.h>
#include <mtpsim/rng.h>
#include <mtpsim/timers.h>
#include <mtpsim/transport.h>

struct sim_workload_env {
    uint32_t host;         /* this source */
    uint32_t index;        /* its place in `from` */
    uint32_t source_count; /* of `from` */
    uint32_t host_count;
    uint16_t
        port; /* a source port for this instance alone; further ones follow it, `ports` in all */
    uint16_t ports;
    uint16_t mtu_bytes;
    uint64_t access_bps; /* rate of the host's link */
    struct sim_timers *timers;
    struct sim_rng *rng; /* a stream of this instance: the same in every system of a scenario */
    uint64_t shared; /* drawn from the run's seed: the same for all sources of this entry, in every
                        system */
    /* Submits a message now (its number is filled in and returned). */
    uint32_t (*submit)(void *host_state, uint32_t workload, struct sim_message *message,
                       sim_time now);
    void *host_state;
    uint32_t workload; /* which instance of its host this is */
    uint16_t entry;    /* place in the list of workloads: sim_content.entry of its messages */
};

/* The other end of a workload that asks: an application at each host of its parameter `servers`
 * (HOSTS). Parameters and env are the workload's; env->index counts `servers`. */
struct sim_server_ops {
    size_t state_size;
    void (*init)(void *self, const void *params, const struct sim_workload_env *env);
    void (*clear)(void *self); /* optional */
    /* A request is here as a whole: content that is no answer. Borrows it. */
    void (*request)(void *self, const struct sim_delivery *delivery, sim_time now);
    /* From now on everything takes `factor` times as long as the parameters say. Optional. */
    void (*slow)(void *self, double factor, sim_time now);
};

struct sim_workload_ops {
    struct sim_plugin plugin;
    const struct sim_server_ops *server; /* optional */
    /* The first answer to a request: an answer whose client and request name a message of this
     * instance. Gives whether what it says is right, as far as one can tell.
     * Needed with `server`. */
    bool (*answered)(void *self, const struct sim_delivery *delivery, sim_time now);
    /* Sets its first timer; nothing is submitted from here. `params` and `env` outlive the
     * workload. */
    void (*init)(void *self, const void *params, const struct sim_workload_env *env);
    void (*clear)(void *self); /* optional */
    /* A message of this instance was acknowledged as a whole. Optional. */
    void (*completed)(void *self, uint32_t number, sim_time now);
};

#endif
