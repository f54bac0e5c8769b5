/* Which processes run in which window. */
#ifndef SIM_NET_WINDOW_H
#define SIM_NET_WINDOW_H

#include "net/node.h"

bool schedule_init(struct schedule *schedule, uint32_t processes, sim_time length);
void schedule_clear(struct schedule *schedule);

/* The next window from the current one on that has something entered; UINT64_MAX when none has. */
uint64_t schedule_next(const struct schedule *schedule);

/* Goes on to a window and runs what is entered for it, up to `until`, which may cut it: then the
 * rest of it is still to be run. */
void window_run(struct worker *worker, struct process *processes, uint64_t window, sim_time until);

#endif
