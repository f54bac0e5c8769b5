/* The registry: every model, built-in or loaded, comes through registry_add and its checks. */
#include "plugin/registry.h"

#include <string.h>

#include "plugin/plugin_private.h"

static const char *const kind_names[SIM_KINDS] = {
    [SIM_QUEUE] = "queue",         [SIM_SELECTOR] = "selector", [SIM_CONGESTION] = "congestion",
    [SIM_TRANSPORT] = "transport", [SIM_WORKLOAD] = "workload", [SIM_POLICY] = "policy",
    [SIM_SIZES] = "sizes",         [SIM_OFFLOAD] = "offload",
};

G_DEFINE_QUARK(plugin_error, plugin_error)

const char *sim_kind_name(enum sim_kind kind)
{
    SIM_CHECK(kind < SIM_KINDS, "kind %d", (int)kind);
    return kind_names[kind];
}

enum sim_kind sim_kind_of(const char *name)
{
    for (guint kind = 0; kind < SIM_KINDS; kind++)
        if (strcmp(kind_names[kind], name) == 0)
            return (enum sim_kind)kind;
    return SIM_KINDS;
}

struct registry *registry_new(void)
{
    struct registry *registry = g_new0(struct registry, 1);

    registry->models = g_array_new(FALSE, FALSE, sizeof(struct registered));
    registry->objects = g_ptr_array_new_with_free_func(loaded_object_free);
    for (guint i = 0; sim_builtin_models[i]; i++) {
        GError *error = NULL;

        registry_add(registry, sim_builtin_models[i], "built-in", &error);
        SIM_CHECK(!error, "%s", error->message);
    }
    return registry;
}

void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    g_array_unref(registry->models);
    g_ptr_array_unref(registry->objects);
    g_free(registry);
}

gboolean registry_add(struct registry *registry, const struct sim_plugin *plugin,
                      const char *origin, GError **error)
{
    char *problem = plugin_problem(plugin);

    if (!problem) {
        const struct sim_plugin *other = registry_find(registry, plugin->kind, plugin->name);

        if (other)
            problem =
                g_strdup_printf("%s \"%s\" is there already (%s)", sim_kind_name(plugin->kind),
                                plugin->name, registry_origin(registry, other));
        else if (plugin_defaults_to_itself(registry, plugin))
            problem = g_strdup_printf("%s \"%s\" is its own parameter's default",
                                      sim_kind_name(plugin->kind), plugin->name);
    }
    if (problem) {
        g_set_error(error, plugin_error_quark(), 0, "%s: %s", origin, problem);
        g_free(problem);
        return FALSE;
    }
    struct registered entry = {plugin, g_intern_string(origin)};
    g_array_append_val(registry->models, entry);
    return TRUE;
}

const struct sim_plugin *registry_find(const struct registry *registry, enum sim_kind kind,
                                       const char *name)
{
    for (guint i = 0; i < registry->models->len; i++) {
        const struct sim_plugin *plugin =
            g_array_index(registry->models, struct registered, i).plugin;

        if (plugin->kind == kind && strcmp(plugin->name, name) == 0)
            return plugin;
    }
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    const struct sim_plugin *const *first = a, *const *second = b;

    return strcmp((*first)->name, (*second)->name);
}

GPtrArray *registry_list(const struct registry *registry, enum sim_kind kind)
{
    GPtrArray *list = g_ptr_array_new();

    for (guint i = 0; i < registry->models->len; i++) {
        const struct sim_plugin *plugin =
            g_array_index(registry->models, struct registered, i).plugin;

        if (plugin->kind == kind)
            g_ptr_array_add(list, (void *)(uintptr_t)plugin);
    }
    g_ptr_array_sort(list, compare_names);
    return list;
}

const char *registry_origin(const struct registry *registry, const struct sim_plugin *plugin)
{
    for (guint i = 0; i < registry->models->len; i++) {
        const struct registered *entry = &g_array_index(registry->models, struct registered, i);

        if (entry->plugin == plugin)
            return entry->origin;
    }
    return NULL;
}
