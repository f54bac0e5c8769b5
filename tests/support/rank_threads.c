#include "support/rank_threads.h"

#include <check.h>
#include <pthread.h>
#include <stddef.h>

#define RANKS_MAX 16

struct rank_thread {
    struct ranks ranks;
    struct rank_threads *all;
    pthread_t thread;
};

struct rank_threads {
    struct rank_thread threads[RANKS_MAX];
    pthread_barrier_t barrier;
    void (*body)(struct ranks *ranks, void *data);
    void *data;
};

static void rank_thread_swap(struct ranks *ranks)
{
    struct rank_thread *own =
        (struct rank_thread *)((char *)ranks - offsetof(struct rank_thread, ranks));
    struct rank_threads *all = own->all;
    pthread_barrier_wait(&all->barrier);
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        const struct bytes *from = &all->threads[rank].ranks.out[ranks->index];
        bytes_empty(&ranks->in[rank]);
        bytes_put(&ranks->in[rank], from->data, from->length);
    }
    pthread_barrier_wait(&all->barrier);
    for (uint32_t rank = 0; rank < ranks->count; rank++)
        bytes_empty(&ranks->out[rank]);
}

static const struct ranks_ops rank_thread_ops = {rank_thread_swap};

static void *rank_thread_body(void *argument)
{
    struct rank_thread *own = argument;
    own->all->body(&own->ranks, own->all->data);
    return NULL;
}

void rank_threads_run(uint32_t count, void (*body)(struct ranks *ranks, void *data), void *data)
{
    struct rank_threads all = {.body = body, .data = data};
    ck_assert_uint_le(count, RANKS_MAX);
    pthread_barrier_init(&all.barrier, NULL, count);
    for (uint32_t rank = 0; rank < count; rank++) {
        all.threads[rank].all = &all;
        ranks_init(&all.threads[rank].ranks, count, rank, &rank_thread_ops);
    }
    for (uint32_t rank = 0; rank < count; rank++)
        ck_assert_int_eq(
            pthread_create(&all.threads[rank].thread, NULL, rank_thread_body, &all.threads[rank]),
            0);
    for (uint32_t rank = 0; rank < count; rank++)
        pthread_join(all.threads[rank].thread, NULL);
    for (uint32_t rank = 0; rank < count; rank++)
        ranks_clear(&all.threads[rank].ranks);
    pthread_barrier_destroy(&all.barrier);
}
