/* Between port.c (computed departures) and backlog.c (packets that wait). */
#ifndef SIM_NET_PORT_PRIVATE_H
#define SIM_NET_PORT_PRIVATE_H

#include "net/link.h"

/* Drops it, and gives false; or trims it, marks it, appends feedback: whatever changes a packet
 * before it waits. `start` is when its transmission begins, as far as is known. */
bool port_admit(struct worker *worker, struct port *port, struct sim_packet *packet,
                enum sim_verdict verdict, sim_time start, sim_time now);

/* The same where the pathlet is to say what it is told; but for the packet itself. */
bool port_admit_as(struct worker *worker, struct port *port, struct sim_packet *packet,
                   enum sim_verdict verdict, const struct sim_port_view *view);

/* Transmission from `start` on: the last step of every packet's way through a port. Whether the
 * link did not lose it. */
bool port_transmit(struct worker *worker, struct port *port, struct sim_packet *packet,
                   sim_time start);

/* A frame between neighbours: after what the port has on the wire, ahead of what waits, never lost
 * and no packet of its counts. */
void port_control(struct worker *worker, struct port *port, struct sim_packet *frame, sim_time now);

/* The queue's verdict, or what the policy makes of it. */
enum sim_verdict port_verdict_of(struct port *port, struct sim_packet *packet,
                                 const struct sim_queue_view *view);

/* What the port sends in that time. */
uint64_t port_bytes_in(const struct port *port, sim_time duration);

/* What the port says of a packet: its policy's word, else that of the pathlet's model. */
static inline void port_fill_entry(struct port *port, const struct sim_port_view *view,
                                   struct sim_feedback *entry)
{
    const struct pathlet *pathlet = port->pathlet;
    if (port->policy && port->policy->entry.type != SIM_FEEDBACK_PRESENCE) {
        entry->type = port->policy->entry.type;
        entry->length = port->policy->entry.length;
        entry->value = port->policy->entry.value;
        entry->more = port->policy->entry.more;
    } else if (pathlet->ops->feedback) {
        pathlet->ops->feedback(pathlet->state, view, entry);
    }
}

/* Folds the entry into that of an earlier port of the pathlet and TC, of the same type; false:
 * there is none. */
bool port_aggregate(const struct sim_packet *packet, union sim_packet_lists *lists,
                    union sim_packet_rare *rare, const struct sim_feedback *entry);

/* The port's feedback in a packet with requests: in place of the request for its pathlet, or
 * appended. Whether there was room. */
bool port_answer(struct port *port, struct sim_packet *packet, union sim_packet_lists *lists,
                 union sim_packet_rare *rare, const struct sim_port_view *view);

enum port_verdict backlog_forward(struct worker *worker, struct port *port,
                                  struct sim_packet *packet, sim_time now);
struct sim_queue_view backlog_view(const struct port *port, sim_time now);

#endif
