/* The threads of a run.
 *
 * Each worker runs its own processes through a window. What they send to nodes of other workers
 * waits in chains, one a port, and is spliced onto the receiving pipes after the window, by the
 * worker that owns them: a constant number of steps a port, however many packets. Chains and
 * outboxes are double: while a worker reads those of the last window, their owner may fill the
 * others. So one barrier a window is enough. There each worker also says which window it needs
 * next, and all go on to the least.
 *
 * Where the run is split over several processes (net/ranks.h), each has a crew for its part, and
 * one outbox more for every rank. At the barrier one worker swaps those with the other ranks, by
 * copy (exchange.c).
 *
 * Nothing of this changes the order in which a node sees its packets, so the digest is that of one
 * thread in one process.
 */
#ifndef SIM_NET_CREW_H
#define SIM_NET_CREW_H

#include <stdatomic.h>

#include "net/node.h"
#include "net/stop.h"

struct ranks;

struct crew {
    struct worker *workers;
    uint32_t count;
    struct process *processes;
    struct ranks *ranks;             /* NULL: this process runs the whole network */
    struct port *ports;              /* of all nodes */
    uint64_t next_elsewhere;         /* the least window that a rank needs next */
    atomic_uint arrived, generation; /* of the barrier */
    uint32_t spins;                  /* rounds that a wait at the barrier keeps its core */
    bool stops_elsewhere;            /* a rank does */
    const struct stop *stop;
    sim_time from, until, reached;
};

/* A worker has an outbox for each worker of its crew, then one for each rank. */
static inline uint32_t crew_outbox_of_rank(const struct crew *crew, uint32_t rank)
{
    return crew->count + rank;
}

uint32_t crew_outbox_count(const struct crew *crew);

/* Puts packets into the pipe at the far end of a port, which is of this worker's node. Takes them.
 */
void pipe_splice(struct worker *worker, struct port *port, const struct remote_chain *chain);

/* A packet for a node of another worker or rank. Takes the packet. */
void crew_post(struct worker *worker, struct port *port, uint32_t packet, sim_time arrival);

/* Runs the windows from `from` up to `until`, or to where a thread stops (`stop`; NULL: none does);
 * a window that is cut by either goes on in the next call. Gives the time up to which everything
 * has happened; where a stop has cut a window, some nodes have gone on to its end. */
sim_time crew_run(struct crew *crew, sim_time from, sim_time until, const struct stop *stop);

#endif
