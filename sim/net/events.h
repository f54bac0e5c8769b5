/* What happens during a run: to links, each end's node changing its own half; to devices; to
 * servers.
 */
#ifndef SIM_NET_EVENTS_H
#define SIM_NET_EVENTS_H

#include "net/node.h"
#include "scenario/spec.h"

struct device;
struct simulation;

struct event {
    struct sim_timer timer;
    const struct spec_event *what;
    struct port *port;        /* of a link */
    struct fabric_switch *at; /* NULL at a host */
    struct device *device;
    struct host *host;
};

/* Gives the ports of the links that change a backlog, and sets the timers. Free the array with
 * g_free. */
struct event *events_start(struct simulation *simulation);

#endif
