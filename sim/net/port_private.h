/* Between port.c (computed departures) and backlog.c (packets that wait). */
#ifndef SIM_NET_PORT_PRIVATE_H
#define SIM_NET_PORT_PRIVATE_H

#include "net/link.h"

/* Drops it, and gives false; or trims it, marks it, appends feedback: whatever changes a packet
 * before it waits. `start` is when its transmission begins, as far as is known. */
bool port_admit(struct worker *worker, struct port *port, struct sim_packet *packet,
                enum sim_verdict verdict, sim_time start, sim_time now);

/* Transmission from `start` on: the last step of every packet's way through a port. Whether the
 * link did not lose it. */
bool port_transmit(struct worker *worker, struct port *port, struct sim_packet *packet,
                   sim_time start);

/* The queue's verdict, or what the policy makes of it. */
enum sim_verdict port_verdict_of(struct port *port, struct sim_packet *packet,
                                 const struct sim_queue_view *view);

/* What the port sends in that time. */
uint64_t port_bytes_in(const struct port *port, sim_time duration);

enum port_verdict backlog_forward(struct worker *worker, struct port *port,
                                  struct sim_packet *packet, sim_time now);
struct sim_queue_view backlog_view(const struct port *port, sim_time now);

#endif
