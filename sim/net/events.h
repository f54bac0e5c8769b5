/* What happens to links during a run: each end's node changes its own half at the event's time. */
#ifndef SIM_NET_EVENTS_H
#define SIM_NET_EVENTS_H

#include "net/node.h"
#include "scenario/spec.h"

struct link_event {
    struct sim_timer timer;
    const struct spec_event *what;
    struct port *port;
    struct fabric_switch *at; /* NULL at a host */
};

/* Gives the ports of the links that change a backlog, and sets the timers. Free the array with
 * g_free. */
struct link_event *events_start(const struct spec *spec, struct node *nodes,
                                struct worker *workers);

#endif
