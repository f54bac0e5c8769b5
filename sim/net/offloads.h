/* Offloads at hosts: who sends through them, what they hear, how much they hold. */
#ifndef SIM_NET_OFFLOADS_H
#define SIM_NET_OFFLOADS_H

#include <mtpsim/offload.h>

#include "net/host.h"

struct host_offload {
    const struct sim_offload_ops *ops;
    void *state;
    struct sim_offload_env env;
    uint64_t max_bytes; /* that it ever held */
    struct sampler buffer;
};

/* Source ports of offloads: from here to the end. */
#define OFFLOAD_FIRST_PORT 40000u

/* By destination, where a message to it goes first: the host of the offload that stands for it, or
 * itself. NULL, and no error: there are no offloads. Free with g_free. Errors: two offloads at one
 * host or for one server, an offload that stands for its own host, a transport that does not serve
 * applications that read. */
uint32_t *offloads_via(const struct spec *spec, GError **error);

/* Makes the host's application the offload that is there, if one is. Before its transport's init.
 */
void offload_equip(const struct spec *spec, struct host *host);
void offload_clear(struct host *host);

/* A sampler's timer: samples what the offload of its host holds. */
void offload_sample(struct sim_timer *timer, sim_time now);

#endif
