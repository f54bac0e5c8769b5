/* A chosen model: which one, its parameters, and what its kind demands of them. */
#include <string.h>

#include <mtpsim/congestion.h>
#include <mtpsim/transport.h>

#include "core/nearest.h"
#include "scenario/block.h"
#include "scenario/load.h"

static bool unknown_model(const struct scope *scope, enum sim_kind kind, const char *name,
                          struct position at)
{
    GPtrArray *models = registry_list(scope->registry, kind);
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < models->len; i++)
        g_ptr_array_add(names,
                        (char *)((const struct sim_plugin *)g_ptr_array_index(models, i))->name);
    char *hint = nearest_hint(name, names);
    scenario_errors_add(scope->errors, at, "unknown %s model \"%s\"%s", sim_kind_name(kind), name,
                        hint);
    g_free(hint);
    g_ptr_array_unref(names);
    g_ptr_array_unref(models);
    return false;
}

/* Makes `name` into `{name: {}}`; whether there is one model now. */
static bool normalise(const struct scope *scope, const char *key, enum sim_kind kind,
                      struct tree_node *node)
{
    if (node->kind == TREE_SCALAR && !tree_is_null(node)) {
        const char *name = node->text;

        tree_become_mapping(scope->tree, node);
        tree_append(scope->tree, node, node->at, name, tree_mapping(scope->tree, node->at));
    }
    if (node->kind != TREE_MAPPING || tree_count(node) == 0) {
        scenario_errors_add(scope->errors, node->at,
                            "%s must be %s %s model: its name, or {name: {parameters}}, not %s",
                            key, kind == SIM_OFFLOAD ? "an" : "a", sim_kind_name(kind),
                            node->kind == TREE_MAPPING ? "an empty mapping" : tree_kind_name(node));
        return false;
    }
    if (tree_count(node) > 1) {
        scenario_errors_add(scope->errors, tree_entry(node, 1)->at,
                            "%s must be one %s model; \"%s\" is there already", key,
                            sim_kind_name(kind), tree_entry(node, 0)->key);
        return false;
    }
    return true;
}

/* ---- what the engine knows of parameters by their name ---- */

static const struct sim_list *list_param(const struct sim_plugin *plugin, const void *params,
                                         const char *name, struct sim_list *single)
{
    const struct block block = block_of_model(plugin);
    const struct sim_param *param = block_param(&block, name);

    if (!param)
        return NULL;
    const char *member = (const char *)params + param->offset;
    if (param->type == SIM_PARAM_HOSTS || param->type == SIM_PARAM_LINKS)
        return (const struct sim_list *)(const void *)member;
    if (param->type != SIM_PARAM_HOST && param->type != SIM_PARAM_SWITCH)
        return NULL;
    *single = (struct sim_list){(uint32_t *)(uintptr_t)member, 1};
    return single;
}

/* A source whose only destination is itself. */
static bool check_workload(const struct scope *scope, const struct sim_plugin *plugin,
                           const void *params, const struct tree_node *mapping)
{
    struct sim_list one_from, one_to;
    const struct sim_list *from = list_param(plugin, params, "from", &one_from);
    const struct sim_list *to = list_param(plugin, params, "to", &one_to);

    if (!from || !to || to->count != 1)
        return true;
    for (uint32_t i = 0; i < from->count; i++) {
        if (from->items[i] != to->items[0])
            continue;
        const char *host = g_ptr_array_index(scope->names->hosts, to->items[0]);
        scenario_errors_add(scope->errors, tree_get(mapping, "to")->at,
                            "to is \"%s\", which is in from: a host does not send to itself", host);
        return false;
    }
    return true;
}

/* Links that a selector spreads over, or that a policy stands before, and that do not end at its
 * switch. */
static bool check_links(const struct scope *scope, const struct sim_plugin *plugin, const char *key,
                        const void *params, const struct tree_node *mapping)
{
    struct sim_list one_at, one_over;
    const struct sim_list *at = list_param(plugin, params, "at", &one_at);
    const struct sim_list *over = list_param(plugin, params, key, &one_over);
    bool right = true;

    if (!at || !over || at->count != 1 || at->items[0] == NAME_ABSENT)
        return true;
    for (uint32_t i = 0; i < over->count; i++) {
        const uint32_t *ends =
            &g_array_index(scope->names->ends, uint32_t, 2 * (size_t)over->items[i]);
        const char *link = g_ptr_array_index(scope->names->links, over->items[i]);
        const char *node = g_ptr_array_index(scope->names->nodes, at->items[0]);

        if (ends[0] == at->items[0] || ends[1] == at->items[0])
            continue;
        scenario_errors_add(scope->errors, tree_get(mapping, key)->at,
                            "%s names link \"%s\", which does not end at \"%s\"", key, link, node);
        right = false;
    }
    return right;
}

/* Congestion models that need what the transport does not give them. */
static bool check_congestion(const struct scope *scope, const struct sim_plugin *transport,
                             const struct tree_node *mapping)
{
    bool right = true;

    if (((const struct sim_transport_ops *)transport)->path_feedback)
        return true;
    for (const struct sim_param *param = transport->params; param && param->name; param++) {
        struct tree_node *node = tree_get(mapping, param->name), *params;

        if (param->type != SIM_PARAM_MODEL || param->kind != SIM_CONGESTION)
            continue;
        const struct sim_plugin *model = model_of(scope->registry, SIM_CONGESTION, node, &params);
        if (!model || !((const struct sim_congestion_ops *)model)->needs_feedback)
            continue;
        scenario_errors_add(scope->errors, node->at,
                            "%s is \"%s\", which needs path feedback; %s has none", param->name,
                            model->name, transport->name);
        right = false;
    }
    return right;
}

struct files_report {
    struct sim_report report; /* first: `wrong` finds the rest */
    struct scenario_errors *errors;
    bool right;
};

static void file_wrong(struct sim_report *report, const char *file, uint32_t line, uint32_t column,
                       const char *message)
{
    struct files_report *self = (struct files_report *)report;

    scenario_errors_add_text(self->errors, (struct position){file, SOURCE_OTHER_FILE, line, column},
                             message);
    self->right = false;
}

static bool check_own(const struct scope *scope, const struct sim_plugin *plugin,
                      const void *params, struct position at)
{
    const char *problem = plugin->check ? plugin->check(params) : NULL;
    struct files_report files = {{file_wrong}, scope->errors, true};

    if (problem)
        scenario_errors_add(scope->errors, at, "%s: %s", plugin->name, problem);
    else if (plugin->check_files)
        plugin->check_files(params, &files.report);
    return !problem && files.right;
}

/* Between parameters that are each right. */
static bool check_together(const struct scope *scope, const struct sim_plugin *plugin,
                           const struct tree_entry *entry)
{
    const struct block block = block_of_model(plugin);
    bool refers =
        plugin->kind == SIM_WORKLOAD || plugin->kind == SIM_SELECTOR || plugin->kind == SIM_POLICY;

    /* With hosts and links unknown there is nothing to look at. */
    if (refers && !scope->names)
        return true;
    struct memory *memory = memory_new();
    const void *params = load_block(scope, &block, entry->node, memory);
    bool right = true;
    if (plugin->kind == SIM_WORKLOAD)
        right = check_workload(scope, plugin, params, entry->node);
    if (plugin->kind == SIM_SELECTOR)
        right = check_links(scope, plugin, "over", params, entry->node);
    if (plugin->kind == SIM_POLICY)
        right = check_links(scope, plugin, "links", params, entry->node);
    if (plugin->kind == SIM_TRANSPORT)
        right = check_congestion(scope, plugin, entry->node);
    right = right && check_own(scope, plugin, params, entry->at);
    memory_free(memory);
    return right;
}

bool model_check(const struct scope *scope, const char *key, enum sim_kind kind,
                 struct tree_node *node)
{
    if (!normalise(scope, key, kind, node))
        return false;
    const struct tree_entry *entry = tree_entry(node, 0);
    const struct sim_plugin *plugin = registry_find(scope->registry, kind, entry->key);
    if (!plugin)
        return unknown_model(scope, kind, entry->key, entry->at);
    const struct block block = block_of_model(plugin);
    if (!block_check_entries(scope, &block, entry->node) |
        !block_fill(scope, &block, entry->node, entry->at))
        return false;
    return check_together(scope, plugin, entry);
}

const struct sim_plugin *model_of(const struct registry *registry, enum sim_kind kind,
                                  const struct tree_node *node, struct tree_node **params)
{
    *params = NULL;
    if (node->kind != TREE_MAPPING || tree_count(node) != 1)
        return NULL;
    *params = tree_entry(node, 0)->node;
    return registry_find(registry, kind, tree_entry(node, 0)->key);
}
