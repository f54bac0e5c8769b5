/* One simulation: built from a spec, run in slices of simulated time, read at the end.
 *
 * No global state: several can live in one process.
 */
#ifndef SIM_NET_SIMULATION_H
#define SIM_NET_SIMULATION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include <mtpsim/device.h>
#include <mtpsim/transport.h>

#include "measure/alternation.h"
#include "net/stop.h"
#include "scenario/spec.h"

struct simulation;

/* Builds the network of a system. The spec outlives the simulation. Errors (GError): what only the
 * whole network shows, such as a host without a link or an unreachable destination. */
struct simulation *simulation_new(const struct spec *spec, GError **error);
void simulation_free(struct simulation *simulation);

/* Runs all events before `until`, or until it is asked to stop (at any rank, when the run is split
 * over several; NULL: never). Slices and stops never change what comes after them. Gives the time
 * up to which everything has happened; where it was stopped, some nodes are further, by less than
 * the least delay between two. */
sim_time simulation_run(struct simulation *simulation, sim_time until, const struct stop *stop);

/* Brings the results of a run that is split over ranks to rank 0. All ranks call it, between two
 * runs. */
void simulation_gather(struct simulation *simulation);

/* ---- results: valid at any time between two runs; with ranks, at rank 0 after a gathering ---- */

enum drop_reason {
    DROP_QUEUE_FULL,
    DROP_LINK_LOSS,
    DROP_LINK_DOWN,
    DROP_NO_ROUTE,
    DROP_MTU,
    DROP_UNCLAIMED,
    DROP_DEVICE,
    DROP_REASONS
};
extern const char *const drop_reason_names[DROP_REASONS];

struct simulation_totals {
    uint64_t events;      /* packets handled at nodes, timers fired, NIC pulls */
    uint64_t packet_hops; /* packets carried over one link, summed */
    uint64_t injected, delivered,
        in_flight; /* packets; injected = delivered + drops + in_flight is checked */
    uint64_t drops[DROP_REASONS];
    uint64_t marks;
    /* Flow control: pause and resume frames, which are no packets of a host's and count in
     * in_flight alone; and what became of them at ports: times that a class was paused, and how
     * long any class was, summed over ports. */
    uint64_t frames_sent, frames_received;
    uint64_t pauses;
    sim_time paused_time;
    uint64_t no_room; /* path feedback entries not appended for want of room */
    uint64_t digest;
    double cpu_seconds; /* user CPU of the event loop */
    sim_time now;
};

/* Of the event loop until now; no part of a result. */
double simulation_wall_seconds(const struct simulation *simulation);

/* Progress, much cheaper than all totals. */
sim_time simulation_now(const struct simulation *simulation);
uint64_t simulation_packet_hops(const struct simulation *simulation);

void simulation_totals(const struct simulation *simulation, struct simulation_totals *totals);
void simulation_counts(const struct simulation *simulation, struct sim_transport_counts *counts);

/* Bytes that the simulation has allocated, by what they are for: added up from its structures, so
 * the same for every number of threads and on every machine of the kind. What models allocate
 * besides their state is in it for transports alone; what only threads need is not. */
struct simulation_memory {
    uint64_t host_bytes; /* with transports, except their flows, and workloads */
    uint64_t switch_bytes;
    uint64_t port_bytes; /* queues without their packets, pathlets, policies; both ends of a link */
    uint64_t route_bytes;
    uint64_t flow_bytes;   /* connections and messages under way */
    uint64_t flows;        /* how many */
    uint64_t packet_bytes; /* in flight */
    uint64_t record_bytes; /* what results are written from: messages, samples */
};
void simulation_memory(const struct simulation *simulation, struct simulation_memory *memory);

/* Counts packets in links and queues, and aborts when they do not account for all that were
 * injected, or for the pool. */
void simulation_check_conservation(const struct simulation *simulation);

/* Payload bytes that first arrived at applications: per tenant (row i is tenants[i], the last row
 * the rest; rows = tenant_count + 1), in bins of throughput_every from time 0, and in the measured
 * time (from measure_after on). */
uint32_t simulation_throughput_bins(const struct simulation *simulation);
uint64_t simulation_throughput(const struct simulation *simulation, uint32_t tenant_row,
                               uint32_t bin);
uint64_t simulation_measured_bytes(const struct simulation *simulation, uint32_t tenant_row);

/* Finite messages in the order (source host, number). */
struct message_record {
    uint32_t src, dst, number;
    uint16_t src_port, dst_port;
    uint64_t bytes;
    sim_time submitted;
    sim_time delivered; /* SIM_NEVER: unfinished */
    uint32_t times;     /* that a host had it delivered: more than 1 when at several */
    /* Of a request. */
    bool asks;
    uint32_t answered_by; /* host, or device: its address */
    sim_time answered;    /* when the first answer came; SIM_NEVER: none did */
};
/* Free with g_array_unref. */
GArray *simulation_messages(const struct simulation *simulation);

/* Messages with content whose end was not what was to be expected. */
struct simulation_faults {
    uint64_t corrupt;  /* arrived other than sent */
    uint64_t wrong;    /* answers that say what is not so */
    uint64_t repeated; /* answers to what was answered */
    uint64_t unasked;  /* for no application where they arrived */
};
void simulation_faults(const struct simulation *simulation, struct simulation_faults *faults);

#define DEVICE_COUNTERS_MAX 16

/* Devices in the order of their addresses, which follow those of hosts. */
struct device_record {
    const char *name, *model;
    uint64_t served_packets, served_bytes;
    uint64_t forwarded, created, absorbed, answered, dropped; /* packets */
    uint64_t overflowed, marks;                               /* at its queue */
    uint64_t consumed;                                        /* messages that ended there */
    uint64_t restarts;
    uint64_t peak_queue_packets, peak_queue_bytes;
    uint64_t peak_messages, peak_bytes;                      /* of its state */
    struct sim_device_counter counters[DEVICE_COUNTERS_MAX]; /* its model's own */
    uint32_t counter_count;
};
uint32_t simulation_devices(const struct simulation *simulation);
void simulation_device(const struct simulation *simulation, uint32_t device,
                       struct device_record *record);

/* Samples of queues_every: (time, port's link, end, packets, bytes), in the order of time, link,
 * end. */
struct queue_record {
    sim_time time;
    uint32_t link;
    uint32_t end; /* the port is at ends[end] of the link */
    uint64_t packets, bytes;
};
GArray *simulation_queues(const struct simulation *simulation);

/* Samples of windows_every, in the order of time, host, id, tc. */
struct window_record {
    sim_time time;
    uint32_t host;
    struct sim_window_sample window;
};
GArray *simulation_windows(const struct simulation *simulation);

/* Samples of buffers_every, in the order of time, host. */
struct buffer_record {
    sim_time time;
    uint32_t host; /* of the offload */
    uint64_t bytes;
};
GArray *simulation_buffers(const struct simulation *simulation);

/* The most that any one offload ever held, exactly; UINT64_MAX: there is none. */
uint64_t simulation_buffer_max(const struct simulation *simulation);

/* Arrivals of the packets between trace_hosts in [trace_from, trace_until), in the order of time.
 */
enum packet_outcome {
    PACKET_SENT,
    PACKET_MARKED,
    PACKET_TRIMMED,
    PACKET_DROPPED,
    PACKET_LOST,
    PACKET_RECEIVED,
};
struct packet_record {
    sim_time time;
    uint32_t node;            /* where it arrives */
    uint32_t link;            /* over this */
    struct sim_packet packet; /* as it arrives */
    enum packet_outcome outcome;
    uint32_t out_link; /* UINT32_MAX: none */
    uint32_t place;    /* in the node's own order */
};
GArray *simulation_packets(const struct simulation *simulation);

/* Of each direction of each link, for links.csv. */
struct link_record {
    uint32_t link, end; /* sent from ends[end] */
    uint64_t packets, bytes, drops, marks;
    double utilisation;   /* share of the run's time */
    uint64_t pauses;      /* of this sender, by the other end's flow control */
    sim_time paused_time; /* with any class paused */
};
GArray *simulation_links(const struct simulation *simulation);

/* The alternation of the only `alternate` selector, and the rates of its links; false when the
 * system has none, or several, or traffic that does not cross these links. */
bool simulation_alternation(const struct simulation *simulation, struct alternation *alternation);

#endif
