/* Hosts: a NIC, a transport, the applications that send, and what is measured where messages
 * arrive.
 *
 * The NIC holds the transport back, as real hosts do: it takes a data packet only when the wire is
 * free, so at most one waits behind the one in transmission and no standing queue builds up in the
 * host, whatever the rates. Answers (acknowledgements) are small and go ahead of data: they get
 * their departure at once.
 */
#ifndef SIM_NET_HOST_H
#define SIM_NET_HOST_H

#include <glib.h>

#include <mtpsim/transport.h>
#include <mtpsim/workload.h>

#include "net/link.h"
#include "scenario/spec.h"

/* A message as its sender's host knows it. */
struct submitted {
    sim_time when;
    sim_time answered; /* of a request: when its first answer came; SIM_NEVER: it did not */
    uint64_t bytes;
    uint32_t dst;
    uint32_t workload;    /* which instance of the host */
    uint32_t answered_by; /* host or device */
    uint16_t src_port, dst_port;
    bool asks; /* it is a request */
};

/* A message whose last byte arrived here. */
struct delivered {
    uint32_t src, number;
    sim_time when;
};

struct workload {
    const struct sim_workload_ops *ops;
    const struct sim_server_ops *server; /* `state` is that of its server; NULL: of a source */
    void *state;
    struct sim_workload_env env;
    struct sim_rng rng;
};

/* Series that need the node's clock. */
struct sampler {
    struct sim_timer timer;
    struct node *node;
    sim_time every;
    GArray *records; /* queue_record or window_record */
};

/* What all hosts measure by; constant during a run. */
struct measuring {
    sim_time after, every, duration;
    uint32_t rows; /* tenants and the rest */
    uint32_t bins;
    const struct spec *spec; /* whose the packets are */
};

struct host_offload; /* offloads.c */

struct host {
    struct node *node;
    struct port *nic;
    const struct sim_transport_ops *ops;
    struct sim_transport *transport; /* its state */
    uint64_t injected, delivered;    /* packets */

    /* Measured at the receiver. */
    const struct measuring *measuring;
    uint64_t *bins;     /* rows x bins bytes; NULL until something arrives */
    uint64_t *measured; /* rows */
    uint64_t bin;       /* of the time up to bin_end */
    sim_time bin_end;

    GArray *submitted; /* struct submitted */
    GArray *arrived;   /* struct delivered */
    uint64_t corrupt;  /* messages that arrived other than they were sent */
    uint64_t wrong;    /* answers that say what is not so */
    uint64_t repeated; /* answers to requests that had one */
    uint64_t unasked;  /* messages with content for no application here */

    /* By destination: the offload's host that a message there goes to, or the destination itself.
     * NULL: no offloads, or one of them. Shared by all hosts. */
    const uint32_t *via;
    struct host_offload *offload; /* that is here; NULL: none */

    struct workload *workloads;
    uint32_t workload_count;
    struct sim_rng rng; /* the transport's */
    struct sim_transport_env env;
    struct sampler windows;
};

/* The callbacks of its transport; `app` is the host. */
extern const struct sim_app_ops host_app_ops;

void host_delivered(void *app, uint32_t src, uint32_t number, sim_time now);

/* struct sim_workload_env.submit; `host_state` is the host. */
uint32_t host_submit(void *host_state, uint32_t workload, struct sim_message *message,
                     sim_time now);

/* Room for what is measured where messages arrive. */
void host_measure(struct host *host);
void host_set_slowdown(struct host *host, double factor, sim_time now);

void host_sample_windows(struct sim_timer *timer, sim_time now);

#endif
