/* A packet's way through a port whose departures are computed, as one piece of code: inline in what
 * sends it (switch.c, host.c). What is not done for most packets is in port.c. */
#ifndef SIM_NET_FORWARD_H
#define SIM_NET_FORWARD_H

#include "net/crew.h"
#include "net/node.h"
#include "net/pfc.h"
#include "net/port_private.h"

#define PORT_INLINE static inline __attribute__((always_inline))

/* ---- the link ---- */

/* Puts a packet into the link; `arrival` is later than that of any before. */
PORT_INLINE void port_carry(struct worker *worker, struct port *port, struct sim_packet *packet,
                            sim_time arrival)
{
    struct pipe *pipe = port->pipe;
    uint32_t index = sim_packet_index(worker->pool, packet);
    if (SIM_UNLIKELY(port->remote_peer)) {
        crew_post(worker, port, index, arrival);
        return;
    }
    if (pipe->head_time == SIM_NEVER) {
        pipe->head_time = arrival;
        pipe->head = index;
        port->peer->busy[port->peer_port / 64] |= UINT64_C(1) << (port->peer_port % 64);
        worker_wake(worker, port->peer, arrival);
    } else {
        struct sim_packet *tail = sim_packet_at(worker->pool, pipe->tail);
        tail->next = index;
        tail->next_arrival = arrival;
    }
    pipe->tail = index;
}

/* Whether the link loses the packet that is being sent. */
bool port_loses(struct port *port);

PORT_INLINE bool port_start(struct worker *worker, struct port *port, struct sim_packet *packet,
                            sim_time start)
{
    port->busy_until = start + sim_wire_time(port->rate, packet->size_bytes);
    port->packets++;
    port->bytes += packet->size_bytes;
    if (SIM_UNLIKELY(port->lossy) && port_loses(port)) {
        sim_packet_free(worker->pool, packet);
        return false;
    }
    port_carry(worker, port, packet, port->busy_until + port->delay);
    return true;
}

/* ---- the departure ring ---- */

/* It is full: forgets what has departed, or grows. */
void port_ring_make_room(struct port *port, sim_time now);

PORT_INLINE void port_note_departure(struct port *port, sim_time now)
{
    if (SIM_UNLIKELY(port->ring_tail - port->ring_head == port->ring_mask + 1))
        port_ring_make_room(port, now);
    port->departures[port->ring_tail++ & port->ring_mask] = port->busy_until;
}

/* ---- feedback ---- */

/* Counts an entry into the packet if the list and the packet have room; whether they had. */
PORT_INLINE bool port_make_room(struct port *port, struct sim_packet *packet, uint8_t length)
{
    uint8_t count = packet->mtp.path_count;
    uint32_t size = packet->size_bytes + mtp_feedback_growth(count == 0, length);
    if (SIM_UNLIKELY(count == SIM_MTP_LIST_MAX || size > port->mtu_bytes)) {
        port->pathlet->no_room++;
        return false;
    }
    packet->mtp.path_count = (uint8_t)(count + 1);
    packet->size_bytes = (uint16_t)size;
    return true;
}

/* An entry that is a mark needs no view of the port and no call of the model. */
PORT_INLINE bool port_append_mark(struct worker *worker, struct port *port,
                                  struct sim_packet *packet, bool marked)
{
    uint8_t place = packet->mtp.path_count;
    if (!port_make_room(port, packet, 1))
        return false;
    sim_packet_lists(worker->pool, packet)->mtp.path[place] = (struct sim_path_entry){
        .path = port->pathlet_id,
        .tc = packet->tc,
        .type = SIM_FEEDBACK_ECN,
        .length = 1,
        .value = marked,
    };
    return true;
}

/* Appends what the pathlet's model says, or answers the sender's request, if the list and the
 * packet have room; whether they had. */
bool port_append_entry(struct worker *worker, struct port *port, struct sim_packet *packet,
                       sim_time start, sim_time now, bool marked);

/* Appends this port's feedback; whether there was room. */
PORT_INLINE bool port_append_feedback(struct worker *worker, struct port *port,
                                      struct sim_packet *packet, sim_time start, sim_time now,
                                      bool marked)
{
    if (SIM_LIKELY(port->pathlet_marks && !(packet->flags & SIM_PACKET_REQUESTS)))
        return port_append_mark(worker, port, packet, marked);
    return port_append_entry(worker, port, packet, start, now, marked);
}

/* ---- queueing ---- */

/* Asks the queue model, which may differ from plain acceptance only from here on. */
enum sim_verdict port_judge(struct port *port, struct sim_packet *packet, sim_time now);

/* Cuts the payload off. */
void port_trim(struct sim_packet *packet);

/* Drops it, and gives false; or trims it. */
PORT_INLINE bool port_obey(struct worker *worker, struct port *port, struct sim_packet *packet,
                           enum sim_verdict verdict)
{
    bool trimmed = packet->flags & SIM_PACKET_TRIMMED;
    if (SIM_UNLIKELY(verdict == SIM_DROP || (verdict == SIM_TRIM && trimmed))) {
        port->drops++;
        sim_packet_free(worker->pool, packet);
        return false;
    }
    if (SIM_UNLIKELY(verdict == SIM_TRIM))
        port_trim(packet);
    return true;
}

/* `told`: path feedback says it already. */
PORT_INLINE void port_mark(struct port *port, struct sim_packet *packet, bool told)
{
    if (told || packet->ecn != SIM_ECN_NOT_ECT)
        port->marks++;
    /* A pathlet without room for its entry still tells of congestion, as if it were unlabelled. */
    if (!told && packet->ecn == SIM_ECN_ECT)
        packet->ecn = SIM_ECN_CE;
}

/* port_admit, inline. */
PORT_INLINE bool port_let_in(struct worker *worker, struct port *port, struct sim_packet *packet,
                             enum sim_verdict verdict, sim_time start, sim_time now)
{
    if (!port_obey(worker, port, packet, verdict))
        return false;
    bool mark = verdict == SIM_MARK;
    bool told = port->pathlet_here && (packet->flags & SIM_PACKET_FEEDBACK) &&
                port_append_feedback(worker, port, packet, start, now, mark);
    if (mark)
        port_mark(port, packet, told);
    return true;
}

/* Sends a packet through a switch's port: judges it, appends the pathlet's feedback, computes its
 * departure. Takes the packet. */
PORT_INLINE enum port_verdict port_forward(struct worker *worker, struct port *port,
                                           struct sim_packet *packet, sim_time now)
{
    if (SIM_UNLIKELY(packet->size_bytes > port->mtu_bytes))
        return PORT_TOO_LARGE;
    if (SIM_UNLIKELY(port->backlog != NULL))
        return backlog_forward(worker, port, packet, now);
    sim_time start = port->busy_until;
    enum sim_verdict verdict = SIM_ACCEPT;
    if (start <= now) {
        start = now;
        port->ring_head = port->ring_tail;
    }
    if (SIM_UNLIKELY((int64_t)(port->ring_tail - port->ring_head) > port->quiet_packets ||
                     start - now > port->quiet_backlog))
        verdict = port_judge(port, packet, now);
    bool plain =
        verdict == SIM_ACCEPT && !(port->pathlet_here && (packet->flags & SIM_PACKET_FEEDBACK));
    if (!plain && SIM_UNLIKELY(!port_let_in(worker, port, packet, verdict, start, now)))
        return PORT_DROPPED;
    bool carried = port_start(worker, port, packet, start);
    port_note_departure(port, now);
    return SIM_LIKELY(carried) ? (enum port_verdict)verdict : PORT_LOST;
}

/* Sends a packet from a host: never queued by a model, starts as soon as the wire is free. Takes
 * the packet. */
PORT_INLINE enum port_verdict port_send(struct worker *worker, struct port *port,
                                        struct sim_packet *packet, sim_time now)
{
    if (SIM_UNLIKELY(packet->size_bytes > port->mtu_bytes))
        return PORT_TOO_LARGE;
    if (SIM_UNLIKELY(port->backlog != NULL))
        return pfc_send(worker, port, packet, now);
    sim_time start = port->busy_until > now ? port->busy_until : now;
    if (port->pathlet_here && (packet->flags & SIM_PACKET_FEEDBACK))
        port_append_feedback(worker, port, packet, start, now, false);
    return port_start(worker, port, packet, start) ? PORT_SENT : PORT_LOST;
}

#endif
