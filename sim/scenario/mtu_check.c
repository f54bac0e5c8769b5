#include "scenario/mtu_check.h"

#include <string.h>

#include <mtpsim/transport.h>

#include "scenario/blocks.h"
#include "scenario/load.h"
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

/* The parameters' own mistakes are reported elsewhere; with one of them there is nothing to ask. */
static bool is_sound(const struct scope *scope, struct tree_node *transport)
{
    struct scope quiet = *scope;
    quiet.errors = scenario_errors_new();
    bool sound = model_check(&quiet, "transport", SIM_TRANSPORT, transport);

    scenario_errors_free(quiet.errors);
    return sound;
}

static void check_transport(const struct scope *scope, const struct tree_node *topology,
                            struct tree_node *transport)
{
    const char *mtu = tree_text(topology, "mtu");
    uint64_t mtu_bytes;

    /* One that no topology may have is reported as that. */
    if (!bytes_of(SIM_PARAM_BYTES, mtu, &mtu_bytes) ||
        (double)mtu_bytes < block_param(&topology_block, "mtu")->min || !is_sound(scope, transport))
        return;
    struct memory *memory = memory_new();
    struct sim_model model = load_model(scope, SIM_TRANSPORT, transport, memory);
    const struct sim_transport_ops *ops = (const struct sim_transport_ops *)model.plugin;
    uint32_t least = ops->least_mtu ? ops->least_mtu(model.params) : 0;

    if (mtu_bytes < least)
        scenario_errors_add(scope->errors, transport->at,
                            "%s needs an MTU of %uB with these parameters; it is %s",
                            model.plugin->name, least, mtu);
    memory_free(memory);
}

void mtu_check(const struct scope *scope, const struct tree_node *blocks)
{
    const struct tree_node *topology = tree_get(blocks, "topology");
    const struct tree_node *links = tree_get(topology, "links"), *queue = tree_get(blocks, "queue");
    struct tree_node *transport = tree_get(blocks, "transport");

    if (queue)
        check_queue(scope, topology, queue);
    for (guint i = 0; i < tree_count(links); i++) {
        const struct tree_node *own = tree_get(tree_entry(links, i)->node, "queue");

        if (own)
            check_queue(scope, topology, own);
    }
    if (transport)
        check_transport(scope, topology, transport);
}
