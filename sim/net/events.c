#include "net/events.h"

#include <glib.h>

#include "net/switch.h"

static void event_set_down(struct link_event *event, bool down)
{
    if (event->port->down == down)
        return;
    port_set_down(event->port, down);
    if (event->at)
        event->at->ports_down += down ? 1 : -1u;
}

static void event_fire(struct sim_timer *timer, sim_time now)
{
    struct link_event *event = (struct link_event *)timer;
    (void)now;
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
    }
}

static struct port *port_at(struct node *node, uint32_t link, int end)
{
    for (uint32_t i = 0; i < node->port_count; i++)
        if (node->ports[i].link == link && node->ports[i].end == end)
            return &node->ports[i];
    return NULL;
}

struct link_event *events_start(const struct spec *spec, struct node *nodes, struct worker *workers)
{
    struct link_event *events = g_new0(struct link_event, 2 * spec->event_count + 1);
    for (uint32_t i = 0; i < 2 * spec->event_count; i++) {
        const struct spec_event *what = &spec->events[i / 2];
        int end = i % 2;
        struct node *node = &nodes[spec->links[what->link].ends[end]];
        events[i].what = what;
        events[i].port = port_at(node, what->link, end);
        events[i].at = node->fabric_switch;
        if (node->fabric_switch && what->change != SPEC_EVENT_LOSS)
            port_schedule(events[i].port, node, &workers[node->worker]);
        sim_timer_init(&events[i].timer, event_fire);
        sim_timer_set(&node->timers, &events[i].timer, what->at);
    }
    return events;
}
