/* Which processes run in which window. */
#ifndef SIM_NET_WINDOW_H
#define SIM_NET_WINDOW_H

#include "net/node.h"

bool schedule_init(struct schedule *schedule, uint32_t processes, sim_time length);
void schedule_clear(struct schedule *schedule);

/* The window of a time: without a division, because each packet that finds its link empty asks. */
static inline uint64_t schedule_window_of(const struct schedule *schedule, sim_time when)
{
    uint64_t time = (uint64_t)when, length = (uint64_t)schedule->length;
    uint64_t window = (uint64_t)((unsigned __int128)time * schedule->inverse >> 64);
    return window + (time - window * length >= length); /* never more than one off */
}

/* The next window from the current one on that has something entered; UINT64_MAX when none has. */
uint64_t schedule_next(const struct schedule *schedule);

/* Goes on to a window and runs what is entered for it, up to `until`, which may cut it, or to where
 * the worker stops: then the rest of it is still to be run. */
void window_run(struct worker *worker, struct process *processes, uint64_t window, sim_time until);

#endif
