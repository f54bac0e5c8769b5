/* Routing tables: all shortest paths by hops, from every switch to every switch that hosts hang on.
 */
#ifndef SIM_NET_ROUTES_H
#define SIM_NET_ROUTES_H

#include <glib.h>

#include "net/node.h"
#include "net/switch.h"

/* Port of the attachment of a device: what is for it does not leave its switch. */
#define ROUTES_DEVICE UINT32_MAX

struct routes {
    struct attachment *attachments; /* by address: of hosts, then of devices */
    uint32_t *switch_groups;        /* switches x switches; row: at, column: towards */
    GArray *groups;                 /* struct route_group; equal ones are one */
    GArray *group_ports;            /* uint16_t */
};

/* Of nodes whose ports are joined; the first `hosts` are hosts. `devices` are the switches that
 * devices are at; their addresses follow the hosts'. */
void routes_init(struct routes *routes, const struct node *nodes, uint32_t hosts,
                 uint32_t node_count, const struct sim_list *devices);
void routes_clear(struct routes *routes);

#endif
