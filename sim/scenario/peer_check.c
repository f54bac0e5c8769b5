#include "scenario/peer_check.h"

#include <mtpsim/offload.h>
#include <string.h>

#include "core/nearest.h"
#include "scenario/system.h"

/* A device that has a parameter `peer`. */
struct paired {
    const struct sim_plugin *plugin;
    const char *name, *peer, *at;
    const struct tree_node *where;
};

static bool has_peer(const struct sim_plugin *plugin)
{
    for (const struct sim_param *param = plugin->params; param && param->name; param++)
        if (strcmp(param->name, "peer") == 0 && param->type == SIM_PARAM_STRING)
            return true;
    return false;
}

static bool paired_read(const struct scope *scope, const struct tree_node *model,
                        struct paired *paired)
{
    const struct tree_node *params;
    struct tree_node *own = NULL;

    paired->name = system_device_name(scope, model, &params);
    paired->plugin = model_of(scope->registry, SIM_OFFLOAD, model, &own);
    if (!paired->name || !has_peer(paired->plugin))
        return false;
    paired->peer = tree_text(params, "peer");
    paired->at = tree_text(params, "at");
    paired->where = tree_get(params, "peer");
    return paired->peer && paired->at;
}

/* The device that is named as the peer, which exists; it may be incomplete. */
static struct paired peer_of(const struct scope *scope, const struct tree_node *offloads,
                             const struct paired *paired)
{
    struct paired peer = {0};

    for (guint i = 0; i < tree_count(offloads); i++) {
        paired_read(scope, tree_entry(offloads, i)->node, &peer);
        if (peer.name && strcmp(peer.name, paired->peer) == 0)
            break;
    }
    return peer;
}

static void report_absent(const struct scope *scope, const struct paired *paired,
                          GPtrArray *devices)
{
    char *hint = nearest_hint(paired->peer, devices);

    scenario_errors_add(scope->errors, paired->where->at, "peer names no device \"%s\"%s",
                        paired->peer, hint);
    g_free(hint);
}

/* What an incomplete peer lacks is said where it is read. */
static void check_pair(const struct scope *scope, const struct paired *paired,
                       const struct paired *peer)
{
    if (peer->plugin != paired->plugin)
        scenario_errors_add(scope->errors, paired->where->at, "peer names \"%s\", which is no %s",
                            paired->peer, paired->plugin->name);
    else if (peer->peer && strcmp(peer->peer, paired->name) != 0)
        scenario_errors_add(scope->errors, paired->where->at,
                            "peer names \"%s\", whose peer is \"%s\", not \"%s\"", paired->peer,
                            peer->peer, paired->name);
    else if (peer->at && strcmp(peer->at, paired->at) == 0)
        scenario_errors_add(scope->errors, paired->where->at,
                            "peer names \"%s\", which is at the same switch, \"%s\"", paired->peer,
                            paired->at);
}

static void check_peer(const struct scope *scope, const struct tree_node *offloads,
                       const struct paired *paired, GPtrArray *devices)
{
    if (!g_ptr_array_find_with_equal_func(devices, paired->peer, g_str_equal, NULL)) {
        report_absent(scope, paired, devices);
        return;
    }
    struct paired peer = peer_of(scope, offloads, paired);
    check_pair(scope, paired, &peer);
}

void peers_check(const struct scope *scope, const struct tree_node *offloads, GPtrArray *devices)
{
    struct paired paired;

    for (guint i = 0; offloads && i < tree_count(offloads); i++)
        if (paired_read(scope, tree_entry(offloads, i)->node, &paired))
            check_peer(scope, offloads, &paired, devices);
}
