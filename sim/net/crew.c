#include "net/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/exchange.h"
#include "net/ranks.h"
#include "net/window.h"

/* Rounds of the barrier's wait before it gives the core away: on a busy machine, waiting without
 * that costs more than the run itself. */
#define SPINS 2000

/* ---- the barrier ---- */

static inline void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void crew_barrier(struct crew *crew)
{
    if (crew->count == 1)
        return;
    unsigned generation = atomic_load_explicit(&crew->generation, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&crew->arrived, 1, memory_order_acq_rel) + 1 == crew->count) {
        atomic_store_explicit(&crew->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&crew->generation, generation + 1, memory_order_release);
        return;
    }
    for (uint32_t spins = 0;
         atomic_load_explicit(&crew->generation, memory_order_acquire) == generation; spins++)
        if (spins < crew->spins)
            spin_pause();
        else
            sched_yield();
}

/* ---- packets between workers ---- */

uint32_t crew_outbox_count(const struct crew *crew)
{
    return crew->count + (crew->ranks ? crew->ranks->count : 0);
}

void crew_post(struct worker *worker, struct port *port, uint32_t packet, sim_time arrival)
{
    struct remote_chain *chain = &port->remote->chains[worker->parity];
    if (chain->head) {
        struct sim_packet *tail = sim_packet_at(worker->pool, chain->tail);
        tail->next = packet;
        tail->next_arrival = arrival;
    } else {
        struct outbox *outbox = &worker->outboxes[worker->parity][port->remote->to];
        outbox->ports[outbox->count++] = port;
        chain->head = packet;
        chain->first = arrival;
    }
    chain->tail = packet;
}

/* The least window in which something arrives that this worker sent. */
static uint64_t outboxes_next(const struct worker *worker)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t to = 0; to < crew_outbox_count(worker->crew); to++) {
        const struct outbox *outbox = &worker->outboxes[worker->parity][to];
        for (uint32_t i = 0; i < outbox->count; i++) {
            sim_time first = outbox->ports[i]->remote->chains[worker->parity].first;
            uint64_t window = schedule_window_of(worker->schedule, first);
            least = window < least ? window : least;
        }
    }
    return least;
}

void pipe_splice(struct worker *worker, struct port *port, const struct remote_chain *chain)
{
    struct pipe *pipe = port->pipe;
    if (pipe->head_time == SIM_NEVER) {
        pipe->head_time = chain->first;
        pipe->head = chain->head;
        port->peer->busy[port->peer_port / 64] |= UINT64_C(1) << (port->peer_port % 64);
        worker_wake(worker, port->peer, chain->first);
    } else {
        struct sim_packet *tail = sim_packet_at(worker->pool, pipe->tail);
        tail->next = chain->head;
        tail->next_arrival = chain->first;
    }
    pipe->tail = chain->tail;
}

/* Takes what all others sent to this worker in the window of `parity`. */
static void crew_collect(struct worker *worker, uint32_t parity)
{
    for (uint32_t from = 0; from < worker->crew->count; from++) {
        const struct outbox *outbox = &worker->crew->workers[from].outboxes[parity][worker->index];
        for (uint32_t i = 0; i < outbox->count; i++)
            pipe_splice(worker, outbox->ports[i], &outbox->ports[i]->remote->chains[parity]);
        sim_pool_take_back(worker->pool,
                           &worker->crew->workers[from].returned[parity][worker->index]);
    }
}

/* Empties the chains and outboxes of `parity`, which the others have read, to be filled again. */
static void outboxes_empty(struct worker *worker, uint32_t parity)
{
    for (uint32_t to = 0; to < crew_outbox_count(worker->crew); to++) {
        struct outbox *outbox = &worker->outboxes[parity][to];
        for (uint32_t i = 0; i < outbox->count; i++)
            outbox->ports[i]->remote->chains[parity].head = 0;
        outbox->count = 0;
    }
    for (uint32_t home = 0; home < worker->crew->count; home++)
        worker->returned[parity][home].head = 0;
    worker->pool->returned = worker->returned[parity];
}

/* ---- the loop ---- */

static uint64_t crew_next(const struct crew *crew, uint32_t parity)
{
    uint64_t least = crew->next_elsewhere;
    for (uint32_t i = 0; i < crew->count; i++)
        if (crew->workers[i].next[parity] < least)
            least = crew->workers[i].next[parity];
    return least;
}

static bool crew_stops(const struct crew *crew, uint32_t parity)
{
    bool stops = crew->stops_elsewhere;
    for (uint32_t i = 0; i < crew->count; i++)
        stops |= crew->workers[i].stops[parity];
    return stops;
}

/* One of the workers speaks for all; the others wait once more, until it has heard. */
static void worker_meet_ranks(struct worker *worker, uint32_t parity)
{
    struct crew *crew = worker->crew;
    if (worker->index == 0) {
        crew->next_elsewhere = UINT64_MAX;
        crew->stops_elsewhere = false;
        struct exchange_head own = {crew_next(crew, parity), crew_stops(crew, parity)};
        struct exchange_head all = exchange_window(crew, parity, own);
        crew->next_elsewhere = all.next;
        crew->stops_elsewhere = all.stop;
    }
    crew_barrier(crew);
}

/* Everything before the window that is needed next has happened. */
static sim_time crew_time_before(const struct crew *crew, uint64_t window)
{
    const struct schedule *schedule = crew->workers[0].schedule;
    if (window > schedule_window_of(schedule, crew->until - 1))
        return crew->until;
    sim_time start = (sim_time)window * schedule->length;
    return start > crew->from ? start : crew->from;
}

/* Tells what it needs, waits for all, takes what it was sent; gives the next window, or UINT64_MAX
 * to stop. */
static uint64_t worker_meet(struct worker *worker)
{
    struct crew *crew = worker->crew;
    uint32_t parity = worker->parity;
    uint64_t own = schedule_next(worker->schedule), sent = outboxes_next(worker);
    worker->next[parity] = own < sent ? own : sent;
    worker->stops[parity] = worker->stopped;
    crew_barrier(crew);
    if (crew->ranks)
        worker_meet_ranks(worker, parity);
    crew_collect(worker, parity);
    worker->parity = parity ^ 1;
    outboxes_empty(worker, worker->parity);
    uint64_t next = crew_next(crew, parity);
    if (SIM_LIKELY(!crew_stops(crew, parity)))
        return next;
    if (worker->index == 0)
        crew->reached = crew_time_before(crew, next);
    return UINT64_MAX;
}

bool worker_stops(struct worker *worker)
{
    const struct stop *stop = worker->crew->stop;
    worker->ask_at = stop ? worker->events + STOP_EVENTS : UINT64_MAX;
    worker->stopped = stop && stop->asked(stop);
    if (worker->stopped)
        worker->window_end = (sim_time)worker->schedule->window * worker->schedule->length;
    return worker->stopped;
}

static double user_cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec;
}

static void *worker_run(void *argument)
{
    struct worker *worker = argument;
    struct crew *crew = worker->crew;
    double before = user_cpu_seconds();
    uint64_t last = schedule_window_of(worker->schedule, crew->until - 1);
    uint64_t window;
    worker_stops(worker);
    while ((window = worker_meet(worker)) <= last) {
        window_run(worker, crew->processes, window, crew->until);
        if (window == last) {
            worker_meet(worker);
            break; /* perhaps cut: then the rest of it is entered, and not run now */
        }
    }
    worker->cpu_seconds += user_cpu_seconds() - before;
    return NULL;
}

sim_time crew_run(struct crew *crew, sim_time from, sim_time until, const struct stop *stop)
{
    pthread_t *threads = malloc(crew->count * sizeof *threads);
    SIM_CHECK(threads, "out of memory for %u threads", crew->count);
    crew->from = from;
    crew->until = crew->reached = until;
    crew->stop = stop;
    crew->next_elsewhere = UINT64_MAX;
    crew->stops_elsewhere = false;
    crew->spins = crew->count <= (uint32_t)sysconf(_SC_NPROCESSORS_ONLN) ? SPINS : 0;
    for (uint32_t i = 0; i < crew->count; i++)
        crew->workers[i].window_end = from;
    for (uint32_t i = 1; i < crew->count; i++) {
        int error = pthread_create(&threads[i], NULL, worker_run, &crew->workers[i]);
        SIM_CHECK(error == 0, "cannot start thread %u: error %d", i, error);
    }
    worker_run(&crew->workers[0]);
    for (uint32_t i = 1; i < crew->count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return crew->reached;
}
