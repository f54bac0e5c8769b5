#include "net/events.h"

#include <glib.h>

#include "net/network.h"

static void event_set_down(struct event *event, bool down)
{
    if (event->port->down == down)
        return;
    port_set_down(event->port, down);
    if (event->at)
        event->at->ports_down += down ? 1 : -1u;
}

static void event_fire(struct sim_timer *timer, sim_time now)
{
    struct event *event = (struct event *)timer;
    switch (event->what->change) {
    case SPEC_EVENT_DOWN:
        event_set_down(event, true);
        break;
    case SPEC_EVENT_UP:
        event_set_down(event, false);
        break;
    case SPEC_EVENT_RATE:
        port_set_rate(event->port, event->what->rate_bps);
        break;
    case SPEC_EVENT_LOSS:
        port_set_loss(event->port, event->what->loss);
        break;
    case SPEC_EVENT_RESTART:
        device_restart(event->device, now);
        break;
    case SPEC_EVENT_SLOW:
        host_set_slowdown(event->host, event->what->slowdown, now);
        break;
    }
}

static struct port *port_at(struct node *node, uint32_t link, int end)
{
    for (uint32_t i = 0; i < node->port_count; i++)
        if (node->ports[i].link == link && node->ports[i].end == end)
            return &node->ports[i];
    return NULL;
}

static void event_set(struct event *event, const struct spec_event *what, struct node *node)
{
    event->what = what;
    sim_timer_init(&event->timer, event_fire);
    sim_timer_set(&node->timers, &event->timer, what->at);
}

/* Both ends of a link. */
static void link_event_start(struct simulation *simulation, struct event *events,
                             const struct spec_event *what)
{
    for (int end = 0; end < 2; end++) {
        struct node *node = &simulation->nodes[simulation->spec->links[what->link].ends[end]];
        struct event *event = &events[end];
        event->port = port_at(node, what->link, end);
        event->at = node->fabric_switch;
        if (node->fabric_switch && what->change != SPEC_EVENT_LOSS)
            port_schedule(event->port, node, node_worker(simulation, node));
        event_set(event, what, node);
    }
}

static struct device *device_named(struct simulation *simulation, const char *name)
{
    for (uint32_t i = 0; i < simulation->device_count; i++)
        if (strcmp(simulation->devices[i].name, name) == 0)
            return &simulation->devices[i];
    return NULL;
}

struct event *events_start(struct simulation *simulation)
{
    const struct spec *spec = simulation->spec;
    struct event *events = g_new0(struct event, 2 * spec->event_count + 1);
    for (uint32_t i = 0; i < spec->event_count; i++) {
        const struct spec_event *what = &spec->events[i];
        struct event *event = &events[2 * i];
        if (what->change == SPEC_EVENT_RESTART) {
            event->device = device_named(simulation, what->device);
            SIM_CHECK(event->device, "no device %s", what->device);
            event_set(event, what, event->device->node);
        } else if (what->change == SPEC_EVENT_SLOW) {
            event->host = &simulation->hosts[what->host];
            event_set(event, what, event->host->node);
        } else {
            link_event_start(simulation, event, what);
        }
    }
    return events;
}
