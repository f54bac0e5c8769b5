#include "scenario/queue_check.h"

#include <string.h>

#include "scenario/units.h"

/* The bytes that a text of this type says; false when it says packets, "none", or nothing right. */
static bool bytes_of(enum sim_param_type type, const char *text, uint64_t *bytes)
{
    struct quantity quantity;

    if (!text || strcmp(text, "none") == 0)
        return false;
    char *problem = units_parse(type, text, &quantity);
    bool known = !problem && !quantity.packets;
    g_free(problem);
    *bytes = quantity.base;
    return known;
}

/* A limit below the MTU has room for no full packet, ever: it is meant as packets, or a mistake. */
static void check_queue(const struct scope *scope, const struct tree_node *topology,
                        const struct tree_node *queue)
{
    struct tree_node *params = NULL;
    const struct sim_plugin *plugin = model_of(scope->registry, SIM_QUEUE, queue, &params);
    const char *mtu = tree_text(topology, "mtu");
    uint64_t capacity_bytes, mtu_bytes;

    if (!plugin || !params)
        return;
    const char *capacity = tree_text(params, "capacity");
    if (bytes_of(SIM_PARAM_LENGTH, capacity, &capacity_bytes) &&
        bytes_of(SIM_PARAM_BYTES, mtu, &mtu_bytes) && capacity_bytes < mtu_bytes)
        scenario_errors_add(scope->errors, tree_get(params, "capacity")->at,
                            "capacity is %s, below the MTU, which is %s: no full packet would fit",
                            capacity, mtu);
}

void queues_check(const struct scope *scope, const struct tree_node *blocks)
{
    const struct tree_node *topology = tree_get(blocks, "topology");
    const struct tree_node *links = tree_get(topology, "links"), *queue = tree_get(blocks, "queue");

    if (queue)
        check_queue(scope, topology, queue);
    for (guint i = 0; i < tree_count(links); i++) {
        const struct tree_node *own = tree_get(tree_entry(links, i)->node, "queue");

        if (own)
            check_queue(scope, topology, own);
    }
}
