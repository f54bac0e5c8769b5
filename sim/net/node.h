/* Nodes, processes and windows: the engine.
 *
 * A node (host, switch) is a logical process: its handlers touch only its own state, and leave it
 * only by sending into a link. A window is [T, T + L), L the least lookahead of a link between
 * processes: its propagation delay plus the serialisation time of the smallest packet. Whatever is
 * sent within a window arrives after it, so nodes cannot disturb each other there, and each runs
 * alone through the window, with its state in the first-level cache. There is no global event
 * queue.
 *
 * Order within a node: (time, local events before packets, input port, position in the link). It
 * depends on nothing else: neither on the window's length, nor on where a run pauses, nor on the
 * order in which nodes run.
 *
 * Nodes that are joined by links of less lookahead than `merge_below` form one process, whose nodes
 * run interleaved, in the order (time, node, ...). Since a packet always takes time on the wire,
 * nodes cannot disturb each other at one instant either, and merging changes no result.
 */
#ifndef SIM_NET_NODE_H
#define SIM_NET_NODE_H

#include <mtpsim/timers.h>

#include "net/link.h"

struct host;
struct fabric_switch;
struct trace;
struct pfc_node;
struct simulation;

struct node {
    _Alignas(64) struct pipe *pipes; /* one an input port */
    uint64_t *busy;                  /* bit i: pipes[i] is not empty */
    uint32_t port_count;
    uint32_t index;   /* hosts first, then switches */
    sim_time pull_at; /* hosts: when the NIC asks its transport for a packet; else SIM_NEVER */
    struct sim_timers timers;

    uint64_t digest;
    uint8_t list_lines; /* cache lines that it touches of the lists of a packet */
    bool watched;       /* has a trace or flow control */
    uint32_t process;
    uint64_t busy_word; /* where `busy` points, for up to 64 ports */
    sim_time local_now; /* of the last local event */
    struct host *host;  /* one of the two */
    struct fabric_switch *fabric_switch;
    struct port *ports;
    uint32_t worker;      /* index of its thread's worker, in the crew of its rank */
    uint32_t rank;        /* whose process runs it */
    uint32_t place;       /* in a merged process: which of its nodes */
    struct trace *trace;  /* NULL: none */
    struct pfc_node *pfc; /* likewise */
    uint64_t drops_no_route, drops_unclaimed, drops_mtu;
};

/* The nodes of a merged process by their next event: a winner tree. winner[1] is the node that goes
 * first, the lower one at equal times. */
struct winners {
    sim_time *times;  /* of each node */
    uint32_t *winner; /* inner nodes from 1, leaves from `leaves` */
    uint32_t leaves;  /* a power of two */
};

struct process {
    struct node **nodes; /* ascending by index */
    uint32_t node_count;
    struct winners winners; /* only with several nodes */
    uint32_t worker, rank;  /* of its nodes */
};

#define SLOTS 256u

/* Which processes have something to do in which of the next windows: a ring of bitmaps. A wake
 * beyond its end goes into the last slot; the process then finds nothing to do and is entered
 * again. */
struct schedule {
    _Alignas(64) uint64_t *bits; /* SLOTS x words */
    uint32_t *taken;             /* scratch: what runs now */
    bool any[SLOTS];
    uint32_t words;
    uint64_t window; /* index of the current window: [window, window + 1) x length */
    sim_time length;
    uint64_t inverse; /* 2^64 / length */
};

struct crew;

/* Ports that sent to another worker or rank in a window. */
struct outbox {
    struct port **ports;
    uint32_t count;
};

/* What one thread works with. Neither this nor what it points to shares a cache line with what
 * another thread writes. */
struct worker {
    _Alignas(64) struct sim_pool *pool;
    struct schedule *schedule;
    struct crew *crew;                /* all workers */
    uint32_t index;                   /* there */
    uint32_t parity;                  /* of the window: which chains and outboxes it fills */
    struct sim_returned *returned[2]; /* by worker: packets of theirs that were freed here */
    struct outbox *outboxes[2];       /* by worker, then by rank */
    /* Published before a barrier: the next window with something to do, and whether it stops. */
    uint64_t next[2];
    bool stops[2];
    double cpu_seconds;
    sim_time window_end;
    struct winners *merged; /* while a merged process runs */
    uint32_t merged_process;
    uint64_t *keys; /* scratch of the merge of a node's inputs */
    uint16_t *key_ports;
    uint64_t events;
    uint64_t ask_at; /* how many events until it asks whether to stop */
    bool stopped;    /* within the window, which is to be gone on with */
};

/* Enters a node for time `when`, which is later than the current window unless it is in the process
 * that runs. */
void worker_wake(struct worker *worker, struct node *node, sim_time when);

/* Asks whether to stop; then the window ends where it begins, for what it has not run yet. */
bool worker_stops(struct worker *worker);

/* Runs a process up to the end of the worker's window, or to where the worker stops, and enters it
 * for its next event. */
void process_run(struct worker *worker, struct process *process, sim_time window_start);

/* The next event of a node; SIM_NEVER when there is none. */
sim_time node_next(const struct node *node);

bool winners_init(struct winners *winners, uint32_t leaves);
void winners_clear(struct winners *winners);
void winners_set(struct winners *winners, uint32_t leaf, sim_time when);

/* Handlers. They take the packet and give what goes into the digest. */
uint32_t switch_receive(struct worker *worker, struct node *node, struct sim_packet *packet,
                        sim_time now);
uint32_t host_receive(struct worker *worker, struct node *node, struct sim_packet *packet,
                      sim_time now);
/* The NIC of a host takes a packet from the transport if the wire is free. */
void host_pull(struct worker *worker, struct node *node, sim_time now);

#endif
