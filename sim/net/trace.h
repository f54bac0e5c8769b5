/* A packet trace: every arrival of the packets between some hosts, in an interval of time, and what
 * the node made of it.
 *
 * Each node writes its own rows, so a trace neither depends on threads nor changes a run. A node
 * that is not traced pays one test of a pointer a packet.
 */
#ifndef SIM_NET_TRACE_H
#define SIM_NET_TRACE_H

#include "net/node.h"
#include "net/simulation.h"

struct trace {
    const struct spec *spec;
    GArray *records; /* struct packet_record */
};

/* Notes a packet that arrives, before its node handles it; whether it is traced. */
bool trace_arrival(struct trace *trace, const struct node *node, uint32_t port,
                   const struct sim_packet *packet, sim_time now);
/* Completes the last row. */
void trace_verdict(struct trace *trace, const struct node *node, uint32_t verdict);

/* All rows in the order of time, node and place; free with g_array_unref. */
GArray *trace_collect(const struct node *nodes, uint32_t node_count);

#endif
