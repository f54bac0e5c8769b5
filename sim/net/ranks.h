/* The processes of a run that is split over several: ranks.
 *
 * Every rank builds the whole network and runs its own part of it, with packets of its own. All
 * that ranks ever do together is to swap bytes: each has some for every other, and all wait for
 * theirs. What carries the bytes is behind `ops`: MPI, or memory in tests.
 */
#ifndef SIM_NET_RANKS_H
#define SIM_NET_RANKS_H

#include <stdbool.h>

#include "core/bytes.h"

struct ranks;

struct ranks_ops {
    /* Sends out[r] to every other rank r and puts into in[r] what that sent to this one; then
     * empties all `out`. All ranks call it the same number of times. */
    void (*swap)(struct ranks *ranks);
};

struct ranks {
    uint32_t count, index;  /* rank 0 leads: it writes the results */
    struct bytes *out, *in; /* by rank; its own stay empty */
    const struct ranks_ops *ops;
};

static inline bool ranks_lead(const struct ranks *ranks)
{
    return ranks->index == 0;
}

/* Takes no part of any rank's: `ranks` is the caller's, who sets ops. */
void ranks_init(struct ranks *ranks, uint32_t count, uint32_t index, const struct ranks_ops *ops);
void ranks_clear(struct ranks *ranks);

/* Swaps, with the same `size` bytes for every other rank. What rank r had is the start of in[r]. */
void ranks_tell(struct ranks *ranks, const void *what, size_t size);

/* Whether the condition holds at every rank. */
bool ranks_agree(struct ranks *ranks, bool good);

#endif
