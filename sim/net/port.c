#include "net/link.h"

#include <stdlib.h>

#include "net/forward.h"

#define FIRST_RING 32u

bool port_loses(struct port *port)
{
    if (port->down) {
        port->cut++;
        return true;
    }
    bool lost = sim_rng_uniform(&port->rng) < port->loss;
    port->lost += lost;
    return lost;
}

bool port_transmit(struct worker *worker, struct port *port, struct sim_packet *packet,
                   sim_time start)
{
    return port_start(worker, port, packet, start);
}

void port_control(struct worker *worker, struct port *port, struct sim_packet *frame, sim_time now)
{
    sim_time start = port->busy_until > now ? port->busy_until : now;
    sim_time time = sim_wire_time(port->rate, frame->size_bytes);
    port->busy_until = start + time;
    port->busy_before += time;
    port_carry(worker, port, frame, port->busy_until + port->delay);
}

/* ---- the departure ring ---- */

static void ring_forget_departed(struct port *port, sim_time now)
{
    while (port->ring_head != port->ring_tail &&
           port->departures[port->ring_head & port->ring_mask] <= now)
        port->ring_head++;
}

static void ring_grow(struct port *port)
{
    uint32_t size = port->ring_mask ? (port->ring_mask + 1) * 2 : FIRST_RING;
    sim_time *departures = malloc(size * sizeof *departures);
    SIM_CHECK(departures, "out of memory for a queue of %u packets", size);
    uint32_t count = port->ring_tail - port->ring_head;
    for (uint32_t i = 0; i < count; i++)
        departures[i] = port->departures[(port->ring_head + i) & port->ring_mask];
    free(port->departures);
    port->departures = departures;
    port->ring_mask = size - 1;
    port->ring_head = 0;
    port->ring_tail = count;
}

void port_ring_make_room(struct port *port, sim_time now)
{
    ring_forget_departed(port, now);
    if (port->ring_tail - port->ring_head == port->ring_mask + 1)
        ring_grow(port);
}

/* ---- queueing ---- */

uint64_t port_bytes_in(const struct port *port, sim_time duration)
{
    return (uint64_t)((unsigned __int128)duration * port->byte_rate_q40 >> 40);
}

struct sim_queue_view port_view(struct port *port, sim_time now)
{
    if (port->backlog)
        return backlog_view(port, now);
    ring_forget_departed(port, now);
    sim_time backlog = port->busy_until > now ? port->busy_until - now : 0;
    return (struct sim_queue_view){
        .now = now,
        .packets = port->ring_tail - port->ring_head,
        .bytes = port_bytes_in(port, backlog),
    };
}

enum sim_verdict port_verdict_of(struct port *port, struct sim_packet *packet,
                                 const struct sim_queue_view *view)
{
    struct port_policy *policy = port->policy;
    if (policy)
        policy->ops->classify(policy->state, packet);
    enum sim_verdict verdict = port->queue->admit(port->queue_state, view, packet);
    if (!policy)
        return verdict;
    policy->entry.type = SIM_FEEDBACK_PRESENCE;
    if (!policy->ops->judge)
        return verdict;
    return policy->ops->judge(policy->state, packet, view, verdict, &policy->entry);
}

enum sim_verdict port_judge(struct port *port, struct sim_packet *packet, sim_time now)
{
    struct sim_queue_view view = port_view(port, now);
    if ((int64_t)view.packets <= port->quiet_packets &&
        port->busy_until - now <= port->quiet_backlog)
        return SIM_ACCEPT;
    return port_verdict_of(port, packet, &view);
}

/* By the port until now: `bytes` counts a packet as soon as its departure is known. */
static uint64_t port_sent_bytes(const struct port *port, uint64_t queue_bytes, sim_time now)
{
    if (SIM_LIKELY(!port->backlog))
        return port->bytes - queue_bytes;
    return port->busy_until > now ? port->bytes - port_bytes_in(port, port->busy_until - now)
                                  : port->bytes;
}

PORT_INLINE bool append_view(struct worker *worker, struct port *port, struct sim_packet *packet,
                             const struct sim_port_view *view)
{
    struct pathlet *pathlet = port->pathlet;
    uint8_t count = packet->mtp.path_count;
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_REQUESTS))
        return port_answer(port, packet, sim_packet_lists(worker->pool, packet),
                           sim_packet_rare(worker->pool, packet), view);
    struct sim_feedback entry = {.path = pathlet->id, .tc = packet->tc};
    port_fill_entry(port, view, &entry);
    if (SIM_UNLIKELY(pathlet->aggregates) &&
        port_aggregate(packet, sim_packet_lists(worker->pool, packet),
                       sim_packet_rare(worker->pool, packet), &entry))
        return true;
    if (!port_make_room(port, packet, entry.length))
        return false;
    sim_feedback_put(sim_packet_lists(worker->pool, packet), sim_packet_rare(worker->pool, packet),
                     count, &entry);
    return true;
}

bool port_append_entry(struct worker *worker, struct port *port, struct sim_packet *packet,
                       sim_time start, sim_time now, bool marked)
{
    uint64_t queue_bytes = port_bytes_in(port, start - now);
    const struct sim_port_view view = {
        .now = now,
        .rate_bps = port->rate.bps,
        .queue_bytes = queue_bytes,
        .queue_delay = start - now,
        .sent_bytes = port_sent_bytes(port, queue_bytes, now),
        .packet_bytes = packet->size_bytes,
        .marked = marked,
    };
    return append_view(worker, port, packet, &view);
}

bool port_admit_as(struct worker *worker, struct port *port, struct sim_packet *packet,
                   enum sim_verdict verdict, const struct sim_port_view *view)
{
    if (!port_obey(worker, port, packet, verdict))
        return false;
    struct sim_port_view told = *view;
    told.packet_bytes = packet->size_bytes;
    told.marked = verdict == SIM_MARK;
    bool tells = port->pathlet_here && (packet->flags & SIM_PACKET_FEEDBACK) &&
                 append_view(worker, port, packet, &told);
    if (told.marked)
        port_mark(port, packet, tells);
    return true;
}

/* Without payload there is nothing to trim: it goes on as it is. */
void port_trim(struct sim_packet *packet)
{
    uint16_t payload = packet->common.payload_bytes;
    if (payload == 0)
        return;
    packet->size_bytes = (uint16_t)(packet->size_bytes - payload);
    packet->flags |= SIM_PACKET_TRIMMED;
}

bool port_admit(struct worker *worker, struct port *port, struct sim_packet *packet,
                enum sim_verdict verdict, sim_time start, sim_time now)
{
    return port_let_in(worker, port, packet, verdict, start, now);
}

/* ---- set-up ---- */

static void port_learn_quiet(struct port *port)
{
    uint64_t packets = 0, bytes = 0;
    if (port->queue->quiet)
        port->queue->quiet(port->queue_state, &packets, &bytes);
    bool always_ask = packets == 0 && bytes == 0;
    port->quiet_packets = always_ask ? -1 : packets > INT64_MAX ? INT64_MAX : (int64_t)packets;
    unsigned __int128 backlog = (unsigned __int128)bytes * port->rate.byte_time_q20 >> 20;
    port->quiet_backlog = backlog > SIM_NEVER ? SIM_NEVER : (sim_time)backlog;
}

void port_init(struct port *port, const struct sim_model *queue)
{
    if (!queue)
        return;
    port->queue = (const struct sim_queue_ops *)queue->plugin;
    port->queue_state = calloc(1, queue->plugin->state_size + 1);
    SIM_CHECK(port->queue_state, "out of memory for a queue");
    port->queue->init(port->queue_state, queue->params);
    port_learn_quiet(port);
    ring_grow(port);
}

void port_set_pathlet(struct port *port, struct pathlet *pathlet)
{
    port->pathlet = pathlet;
    port->pathlet_id = pathlet->id;
    port->pathlet_here = true;
    port->pathlet_marks = pathlet->ops->marks_only && !pathlet->aggregates && !port->policy;
}

void port_set_policy(struct port *port, struct port_policy *policy)
{
    port->policy = policy;
    port->pathlet_marks = false;
    port->quiet_packets = -1;
}

void pathlet_free(struct pathlet *pathlet)
{
    if (pathlet)
        free(pathlet->state);
    free(pathlet);
}

void port_clear(struct port *port)
{
    free(port->departures);
    if (port->backlog)
        free(port->backlog->pfc);
    free(port->backlog);
    free(port->remote);
    if (port->policy) {
        if (port->policy->ops->clear)
            port->policy->ops->clear(port->policy->state);
        free(port->policy->state);
    }
    free(port->policy);
    if (port->queue && port->queue->clear)
        port->queue->clear(port->queue_state);
    free(port->queue_state);
    pathlet_free(port->pathlet);
}
