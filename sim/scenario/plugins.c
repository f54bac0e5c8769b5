#include "scenario/plugins.h"

#include <string.h>

#include "scenario/value.h"

/* Whether the file is there is another question than whether the default is right. */
static bool can_be_read(const struct sim_param *param)
{
    return param->fallback && param->type != SIM_PARAM_FILE;
}

/* The first message alone, without its place. */
static char *first_message(struct scenario_errors *errors)
{
    g_autofree char *text = scenario_errors_text(errors);
    const char *message = strstr(text, ": ");

    message = message ? message + 2 : text;
    return g_strndup(message, strcspn(message, "\n"));
}

/* What is wrong with one default; names of hosts and links are not known and not checked. */
static char *default_problem(const struct registry *registry, const struct sim_param *param)
{
    struct tree *tree = tree_new();
    struct scenario_errors *errors = scenario_errors_new();
    const struct scope scope = {tree, errors, registry, NULL};
    char *problem = NULL;

    struct tree_node *node = value_fallback(&scope, param, tree_source(tree, "default"));
    if (!value_check(&scope, param, node) || scenario_errors_count(errors))
        problem = first_message(errors);
    scenario_errors_free(errors);
    tree_free(tree);
    return problem;
}

char *plugin_default_problem(const struct registry *registry, const struct sim_plugin *plugin)
{
    for (const struct sim_param *param = plugin->params; param && param->name; param++) {
        g_autofree char *problem = can_be_read(param) ? default_problem(registry, param) : NULL;

        if (problem)
            return g_strdup_printf("%s \"%s\", parameter \"%s\": its default is wrong: %s",
                                   sim_kind_name(plugin->kind), plugin->name, param->name, problem);
    }
    return NULL;
}

/* Of the models that come from there. */
static char *defaults_problem(const struct registry *registry, const char *origin)
{
    char *problem = NULL;

    for (guint kind = 0; kind < SIM_KINDS && !problem; kind++) {
        GPtrArray *models = registry_list(registry, (enum sim_kind)kind);

        for (guint i = 0; i < models->len && !problem; i++)
            if (strcmp(registry_origin(registry, g_ptr_array_index(models, i)), origin) == 0)
                problem = plugin_default_problem(registry, g_ptr_array_index(models, i));
        g_ptr_array_unref(models);
    }
    return problem;
}

bool plugins_load(struct registry *registry, const char *path, GError **error)
{
    if (!registry_load(registry, path, error))
        return false;
    g_autofree char *problem = defaults_problem(registry, path);
    if (!problem)
        return true;
    g_set_error(error, g_quark_from_static_string("mtpsim-plugins"), 0, "%s: %s", path, problem);
    return false;
}
