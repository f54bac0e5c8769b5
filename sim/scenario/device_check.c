#include "scenario/device_check.h"

#include <mtpsim/queue.h>
#include <string.h>

#include "scenario/system.h"

static bool is_listed(GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL);
}

/* Results name who answered: a host, or a device. */
static void check_name(const struct scope *scope, const struct tree_node *model, GPtrArray *before,
                       const char *name)
{
    if (name[strspn(name, G_CSET_a_2_z G_CSET_DIGITS "_")] || *name == '\0')
        scenario_errors_add(scope->errors, model->at,
                            "device name \"%s\" is not allowed; use a-z, digits and \"_\"", name);
    else if (is_listed(before, name))
        scenario_errors_add(scope->errors, model->at, "a second device \"%s\": give it a name",
                            name);
    else if (scope->names && is_listed(scope->names->hosts, name))
        scenario_errors_add(scope->errors, model->at, "the device \"%s\" has the name of a host",
                            name);
}

/* Its own queue, or the scenario's. */
static void check_queue(const struct scope *scope, const struct tree_node *blocks,
                        const struct tree_node *params, const char *name)
{
    const struct tree_node *own = tree_get(params, "queue"), *all = tree_get(blocks, "queue");
    const struct tree_node *queue = own && own->kind == TREE_MAPPING ? own : all;
    struct tree_node *queue_params;
    const struct sim_plugin *plugin =
        queue ? model_of(scope->registry, SIM_QUEUE, queue, &queue_params) : NULL;

    if (plugin && ((const struct sim_queue_ops *)plugin)->take)
        scenario_errors_add(scope->errors, queue->at,
                            "the device \"%s\" needs a queue that is a FIFO, and %s is none", name,
                            plugin->name);
}

GPtrArray *devices_check(const struct scope *scope, const struct tree_node *blocks)
{
    const struct tree_node *offloads = tree_get(blocks, "offloads");
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; offloads && i < tree_count(offloads); i++) {
        const struct tree_node *params, *model = tree_entry(offloads, i)->node;
        const char *name = system_device_name(scope, model, &params);

        if (!name)
            continue;
        check_name(scope, model, names, name);
        check_queue(scope, blocks, params, name);
        g_ptr_array_add(names, (char *)name);
    }
    return names;
}
