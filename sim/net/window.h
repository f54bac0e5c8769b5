/* The loop over windows. */
#ifndef SIM_NET_WINDOW_H
#define SIM_NET_WINDOW_H

#include "net/node.h"

bool schedule_init(struct schedule *schedule, uint32_t processes, sim_time length);
void schedule_clear(struct schedule *schedule);

/* Runs the windows from `from` up to `until`; a window that `until` cuts goes on in the next call.
 * Gives the time reached, which is less than `until` only when *stop became nonzero. */
sim_time windows_run(struct worker *worker, struct process *processes, sim_time from,
                     sim_time until, const volatile int *stop);

#endif
