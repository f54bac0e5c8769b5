/* Ranks that swap by MPI.
 *
 * A swap is one message to every other rank and one from each, in buffers that stay. The receiver
 * does not know the length: it has room for FIRST_BYTES, which holds all of a window but of the
 * largest networks (a window of 65536 bytes takes 6 us between two cores of one machine, an empty
 * one 0.5 us). Longer ones, such as results, go on in a second step, whose length is sent ahead.
 *
 * Waiting gives the core away after some turns, since MPI's own waiting does not: on a machine that
 * is busy otherwise, a rank that spins keeps the one that it waits for from running.
 *
 * All ranks run one binary on machines of one kind: values travel as they are in memory. When a
 * rank dies, the launcher ends the others; an error of MPI ends all (MPI_ERRORS_ARE_FATAL, its
 * default).
 */
#include <mpi.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/signals.h"
#include "mpi/launch.h"

#define FIRST_BYTES ((size_t)1 << 20)
#define CHUNK_BYTES ((size_t)1 << 30) /* a count of MPI is an int */
#define TURNS       1000u             /* of waiting before the core is given away */

enum tag { TAG_FIRST, TAG_LENGTH, TAG_REST };

/* What is under way between this rank and another. */
struct mpi_peer {
    size_t sent;   /* of out */
    uint64_t told; /* the length of out, of in */
    uint64_t expected;
};

struct mpi_ranks {
    struct ranks ranks; /* first: what others know of it */
    struct mpi_peer *peers;
    MPI_Request *requests; /* two a rank at most */
    MPI_Status *statuses;
    int pending;
    uint32_t turns;
};

/* ---- requests ---- */

static void post_send(struct mpi_ranks *mpi, uint32_t to, enum tag tag, const void *data,
                      size_t size)
{
    MPI_Isend(data, (int)size, MPI_BYTE, (int)to, tag, MPI_COMM_WORLD,
              &mpi->requests[mpi->pending++]);
}

static void post_receive(struct mpi_ranks *mpi, uint32_t from, enum tag tag, void *data,
                         size_t size)
{
    MPI_Irecv(data, (int)size, MPI_BYTE, (int)from, tag, MPI_COMM_WORLD,
              &mpi->requests[mpi->pending++]);
}

static void wait_for_all(struct mpi_ranks *mpi)
{
    int done = 0;
    for (uint32_t turn = 0;; turn++) {
        MPI_Testall(mpi->pending, mpi->requests, &done, mpi->statuses);
        if (done)
            break;
        if (turn >= mpi->turns)
            sched_yield();
    }
    mpi->pending = 0;
}

/* ---- swapping ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void swap_first(struct mpi_ranks *mpi)
{
    struct ranks *ranks = &mpi->ranks;
    int status = 0;
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        struct bytes *in = &ranks->in[rank], *out = &ranks->out[rank];
        if (rank == ranks->index)
            continue;
        bytes_empty(in);
        bytes_reserve(in, FIRST_BYTES);
        mpi->peers[rank].sent = least(out->length, FIRST_BYTES);
        post_receive(mpi, rank, TAG_FIRST, in->data, FIRST_BYTES);
        post_send(mpi, rank, TAG_FIRST, out->data, mpi->peers[rank].sent);
    }
    wait_for_all(mpi);
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        int length;
        if (rank == ranks->index)
            continue;
        MPI_Get_count(&mpi->statuses[status], MPI_BYTE, &length);
        mpi->peers[rank].expected = ranks->in[rank].length = (size_t)length;
        status += 2; /* a receive and a send each */
    }
}

/* A first part that fills its room may be all; its sender says. */
static bool swap_lengths(struct mpi_ranks *mpi)
{
    struct ranks *ranks = &mpi->ranks;
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        struct mpi_peer *peer = &mpi->peers[rank];
        peer->told = ranks->out[rank].length;
        if (ranks->in[rank].length == FIRST_BYTES)
            post_receive(mpi, rank, TAG_LENGTH, &peer->expected, sizeof peer->expected);
        if (peer->told >= FIRST_BYTES)
            post_send(mpi, rank, TAG_LENGTH, &peer->told, sizeof peer->told);
    }
    bool some = mpi->pending > 0;
    wait_for_all(mpi);
    return some;
}

/* A chunk for every rank and from every rank that is owed one; whether there was one. */
static bool swap_chunks(struct mpi_ranks *mpi)
{
    struct ranks *ranks = &mpi->ranks;
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        struct mpi_peer *peer = &mpi->peers[rank];
        struct bytes *in = &ranks->in[rank], *out = &ranks->out[rank];
        size_t coming = least(peer->expected - in->length, CHUNK_BYTES);
        size_t going = least(out->length - peer->sent, CHUNK_BYTES);
        if (coming)
            post_receive(mpi, rank, TAG_REST, bytes_add(in, coming), coming);
        if (going)
            post_send(mpi, rank, TAG_REST, out->data + peer->sent, going);
        peer->sent += going;
    }
    bool some = mpi->pending > 0;
    wait_for_all(mpi);
    return some;
}

static void mpi_swap(struct ranks *ranks)
{
    struct mpi_ranks *mpi = (struct mpi_ranks *)ranks;
    swap_first(mpi);
    if (swap_lengths(mpi))
        while (swap_chunks(mpi))
            ;
    for (uint32_t rank = 0; rank < ranks->count; rank++)
        bytes_empty(&ranks->out[rank]);
}

static const struct ranks_ops mpi_ops = {mpi_swap};

/* ---- joining and leaving ---- */

/* No turns when the ranks on this machine are more than its cores. */
static uint32_t turns_here(void)
{
    MPI_Comm machine;
    int count;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &count);
    MPI_Comm_free(&machine);
    return count <= sysconf(_SC_NPROCESSORS_ONLN) ? TURNS : 0;
}

static struct ranks *mpi_ranks_new(uint32_t count, uint32_t index)
{
    struct mpi_ranks *mpi = calloc(1, sizeof *mpi);
    SIM_CHECK(mpi, "out of memory for %u ranks", count);
    ranks_init(&mpi->ranks, count, index, &mpi_ops);
    mpi->peers = calloc(count, sizeof *mpi->peers);
    mpi->requests = calloc(2 * count, sizeof *mpi->requests);
    mpi->statuses = calloc(2 * count, sizeof *mpi->statuses);
    SIM_CHECK(mpi->peers && mpi->requests && mpi->statuses, "out of memory for %u ranks", count);
    mpi->turns = turns_here();
    return &mpi->ranks;
}

/* With signals blocked that ask for an end: threads that MPI starts would else take them from the
 * program, and die of them. */
static void initialise(void)
{
    sigset_t taken, before;
    int level;
    signals_of_ending(&taken);
    pthread_sigmask(SIG_BLOCK, &taken, &before);
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct ranks *launch_join(char **problem)
{
    uint32_t launched = launch_count();
    int count, index;
    *problem = NULL;
    if (launched <= 1)
        return NULL;
    initialise();
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    MPI_Comm_rank(MPI_COMM_WORLD, &index);
    if (launched == UINT32_MAX || launched == (uint32_t)count)
        return mpi_ranks_new((uint32_t)count, (uint32_t)index);
    if (asprintf(problem, "started as one of %u processes by another MPI than it is built with",
                 launched) < 0)
        SIM_CHECK(false, "out of memory");
    return NULL;
}

void launch_leave(struct ranks *ranks)
{
    struct mpi_ranks *mpi = (struct mpi_ranks *)ranks;
    if (!ranks)
        return;
    ranks_clear(ranks);
    free(mpi->peers);
    free(mpi->requests);
    free(mpi->statuses);
    free(mpi);
    MPI_Finalize();
}
