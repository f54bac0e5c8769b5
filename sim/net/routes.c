#include "net/routes.h"

#define FAR UINT32_MAX

/* Distances in hops of all switches to `target`, by a breadth-first search that does not pass
 * through hosts. */
static void distances_to(const struct node *nodes, uint32_t hosts, uint32_t node_count,
                         uint32_t target, uint32_t *distance, uint32_t *queue)
{
    for (uint32_t i = 0; i < node_count; i++)
        distance[i] = FAR;
    uint32_t head = 0, tail = 0;
    distance[target] = 0;
    queue[tail++] = target;
    while (head < tail) {
        uint32_t at = queue[head++];
        for (uint32_t port = 0; port < nodes[at].port_count; port++) {
            uint32_t next = nodes[at].ports[port].peer->index;
            if (next < hosts || distance[next] != FAR)
                continue;
            distance[next] = distance[at] + 1;
            queue[tail++] = next;
        }
    }
}

/* The group of ports [first, end of group_ports), which is taken back when an equal one exists. */
static uint32_t group_intern(struct routes *routes, GHashTable *known, uint32_t first)
{
    GArray *ports = routes->group_ports;
    uint32_t count = ports->len - first;
    g_autoptr(GBytes) key =
        g_bytes_new(&g_array_index(ports, uint16_t, first), count * sizeof(uint16_t));
    gpointer found;
    if (g_hash_table_lookup_extended(known, key, NULL, &found)) {
        g_array_set_size(ports, first);
        return GPOINTER_TO_UINT(found);
    }
    struct route_group group = {first, count};
    g_array_append_val(routes->groups, group);
    uint32_t index = routes->groups->len - 1;
    g_hash_table_insert(known, g_bytes_ref(key), GUINT_TO_POINTER(index));
    return index;
}

static uint32_t group_towards(struct routes *routes, GHashTable *known, const struct node *node,
                              uint32_t hosts, const uint32_t *distance)
{
    uint32_t first = routes->group_ports->len;
    for (uint32_t port = 0; port < node->port_count && distance[node->index] != FAR; port++) {
        uint32_t peer = node->ports[port].peer->index;
        uint16_t number = (uint16_t)port;
        if (peer >= hosts && distance[peer] + 1 == distance[node->index])
            g_array_append_val(routes->group_ports, number);
    }
    return group_intern(routes, known, first);
}

static void attach(struct routes *routes, const struct node *nodes, uint32_t hosts,
                   const struct sim_list *devices)
{
    routes->attachments = g_new(struct attachment, hosts + devices->count);
    for (uint32_t i = 0; i < devices->count; i++)
        routes->attachments[hosts + i] = (struct attachment){devices->items[i], ROUTES_DEVICE};
    for (uint32_t host = 0; host < hosts; host++) {
        const struct port *nic = &nodes[host].ports[0];
        routes->attachments[host] = (struct attachment){nic->peer->index, nic->peer_port};
    }
}

static bool is_attachment(const struct node *node, uint32_t hosts, const struct sim_list *devices)
{
    for (uint32_t i = 0; i < devices->count; i++)
        if (devices->items[i] == node->index)
            return true;
    for (uint32_t port = 0; port < node->port_count; port++)
        if (node->ports[port].peer->index < hosts)
            return true;
    return false;
}

void routes_init(struct routes *routes, const struct node *nodes, uint32_t hosts,
                 uint32_t node_count, const struct sim_list *devices)
{
    uint32_t switches = node_count - hosts;
    g_autofree uint32_t *distance = g_new(uint32_t, node_count);
    g_autofree uint32_t *queue = g_new(uint32_t, node_count);
    g_autoptr(GHashTable) known =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    attach(routes, nodes, hosts, devices);
    routes->switch_groups = g_new0(uint32_t, (size_t)switches * switches + 1);
    routes->groups = g_array_new(FALSE, FALSE, sizeof(struct route_group));
    routes->group_ports = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    for (uint32_t to = 0; to < switches; to++) {
        if (!is_attachment(&nodes[hosts + to], hosts, devices))
            continue;
        distances_to(nodes, hosts, node_count, hosts + to, distance, queue);
        for (uint32_t at = 0; at < switches; at++)
            routes->switch_groups[(size_t)at * switches + to] =
                group_towards(routes, known, &nodes[hosts + at], hosts, distance);
    }
}

void routes_clear(struct routes *routes)
{
    g_free(routes->attachments);
    g_free(routes->switch_groups);
    if (routes->groups)
        g_array_unref(routes->groups);
    if (routes->group_ports)
        g_array_unref(routes->group_ports);
    *routes = (struct routes){0};
}
