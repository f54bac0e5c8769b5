/* How many labelled ports a packet passes: each appends an entry of path feedback while there is
 * room (protocol of MTP: 8 entries, and no more than a full packet leaves headroom for). */
#ifndef SIM_NET_PATHLET_COUNT_H
#define SIM_NET_PATHLET_COUNT_H

#include "scenario/spec.h"

struct pathlet_route {
    uint32_t from, to; /* hosts */
    uint32_t pathlets;
};

/* The route with the most of them, over all shortest ones between hosts: those that packets take.
 * Of pathlets that offloads have, nothing is known. */
struct pathlet_route pathlet_count_most(const struct spec *spec);

#endif
