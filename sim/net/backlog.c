#include <stdlib.h>

#include "net/node.h"
#include "net/pfc.h"
#include "net/port_private.h"

struct sim_queue_view backlog_view(const struct port *port, sim_time now)
{
    const struct backlog *backlog = port->backlog;
    sim_time left = port->busy_until > now ? port->busy_until - now : 0;
    return (struct sim_queue_view){
        .now = now,
        .packets = backlog->packets + (left > 0),
        .bytes = backlog->bytes + port_bytes_in(port, left),
    };
}

static void backlog_put(struct backlog *backlog, struct sim_packet *packet)
{
    struct port *port = backlog->port;
    backlog->packets++;
    backlog->bytes += packet->size_bytes;
    if (port->queue && port->queue->put)
        port->queue->put(port->queue_state, backlog->worker->pool, packet);
    else
        sim_packet_list_put(&backlog->fifo, backlog->worker->pool, packet);
}

static struct sim_packet *backlog_take(struct backlog *backlog)
{
    struct port *port = backlog->port;
    struct sim_packet *packet = port->queue && port->queue->take
                                    ? port->queue->take(port->queue_state, backlog->worker->pool)
                                    : sim_packet_list_take(&backlog->fifo, backlog->worker->pool);
    if (packet) {
        backlog->packets--;
        backlog->bytes -= packet->size_bytes;
    }
    return packet;
}

/* The wire is free: the next packet, and the time when the wire will be free again. */
static void backlog_fire(struct sim_timer *timer, sim_time now)
{
    struct backlog *backlog = (struct backlog *)timer;
    struct sim_packet *packet = backlog_take(backlog);
    if (packet)
        port_transmit(backlog->worker, backlog->port, packet, now);
    if (backlog->packets)
        sim_timer_set(&backlog->node->timers, timer, backlog->port->busy_until);
}

enum port_verdict backlog_forward(struct worker *worker, struct port *port,
                                  struct sim_packet *packet, sim_time now)
{
    struct backlog *backlog = port->backlog;
    if (backlog->pfc)
        return pfc_forward(worker, port, packet, now);
    struct sim_queue_view view = backlog_view(port, now);
    enum sim_verdict verdict = port_verdict_of(port, packet, &view);
    /* When a packet of a scheduler will start is not known; the time for what is ahead of it now is
     * the best estimate. */
    sim_time start = now + sim_rate_time(port->rate, view.bytes);
    if (!port_admit(worker, port, packet, verdict, start, now))
        return PORT_DROPPED;
    if (backlog->packets == 0 && port->busy_until <= now)
        return port_transmit(worker, port, packet, now) ? (enum port_verdict)verdict : PORT_LOST;
    backlog_put(backlog, packet);
    if (backlog->timer.deadline == SIM_NEVER)
        sim_timer_set(&backlog->node->timers, &backlog->timer, port->busy_until);
    return (enum port_verdict)verdict;
}

void port_schedule(struct port *port, struct node *node, struct worker *worker)
{
    if (port->backlog)
        return;
    port->backlog = calloc(1, sizeof *port->backlog);
    SIM_CHECK(port->backlog, "out of memory for a port");
    *port->backlog = (struct backlog){.port = port, .node = node, .worker = worker};
    sim_timer_init(&port->backlog->timer, backlog_fire);
}

void port_set_down(struct port *port, bool down)
{
    port->down = down;
    port->lossy = down || port->loss > 0;
}

void port_set_loss(struct port *port, double loss)
{
    port->loss = loss;
    port->lossy = port->down || loss > 0;
}

void port_set_rate(struct port *port, uint64_t bps)
{
    port->busy_before += sim_rate_time(port->rate, port->bytes - port->bytes_before);
    port->bytes_before = port->bytes;
    port->rate = sim_rate_of(bps);
    port->byte_rate_q40 = (UINT64_C(1) << 60) / port->rate.byte_time_q20;
}
