/* Ranks that are threads of one process, which swap through memory: what ranks do, without MPI. */
#ifndef TESTS_SUPPORT_RANK_THREADS_H
#define TESTS_SUPPORT_RANK_THREADS_H

#include "net/ranks.h"

/* Runs `body` once at each of `count` ranks, with `data`, and waits for all. */
void rank_threads_run(uint32_t count, void (*body)(struct ranks *ranks, void *data), void *data);

#endif
