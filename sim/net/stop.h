/* Whether a run is to stop before its end: asked by each thread when it starts or goes on, and then
 * at the first timer after every STOP_EVENTS events. So it acts within a window, which can hold any
 * number of timers; packets and NIC pulls are bounded by what a wire carries in it.
 */
#ifndef SIM_NET_STOP_H
#define SIM_NET_STOP_H

#include <stdbool.h>

/* A millisecond's work, or less; asking costs a system call. */
#define STOP_EVENTS 4096u

/* The first member of what the answer depends on. Asked by several threads at once. */
struct stop {
    bool (*asked)(const struct stop *stop);
};

#endif
