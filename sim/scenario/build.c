/* The steps before and after the checks. */
#include "scenario/build.h"

#include <string.h>

#include "scenario/blocks.h"
#include "scenario/overrides.h"
#include "scenario/plugins.h"
#include "scenario/sweep.h"
#include "scenario/units.h"

struct build *build_new(const char *name, const struct scenario_options *options,
                        struct registry *registry, struct scenario_errors *errors)
{
    struct build *build = g_new0(struct build, 1);

    build->options = options;
    build->registry = registry;
    build->tree = tree_new();
    build->errors = errors;
    build->origin = tree_source(build->tree, name);
    build->folder = g_path_get_dirname(name);
    build->systems = g_array_new(FALSE, TRUE, sizeof(struct system));
    return build;
}

void build_free(struct build *build)
{
    for (guint i = 0; i < build->systems->len; i++)
        names_free(g_array_index(build->systems, struct system, i).names);
    g_array_unref(build->systems);
    g_free(build->folder);
    tree_free(build->tree);
    g_free(build);
}

void build_read(struct build *build, const char *text, size_t length)
{
    struct tree_node *root = tree_parse(build->tree, build->origin, text, length, build->errors);

    if (root && root->kind == TREE_MAPPING)
        build->root = root;
    else if (root)
        scenario_errors_add(build->errors, root->at,
                            "a scenario is a mapping with name, duration, topology, ...; "
                            "this is %s",
                            tree_kind_name(root));
}

/* ---- overrides ---- */

void build_override(struct build *build)
{
    const struct scenario_options *options = build->options;

    for (guint i = 0; options->sets && options->sets[i]; i++)
        override_apply(build->tree, build->root, options->sets[i], build->errors);
    if (options->seed || options->seeds) {
        tree_remove(build->root, "seed");
        tree_remove(build->root, "seeds");
    }
    if (options->seed)
        override_key(build->tree, build->root, "--seed", "seed", options->seed);
    if (options->seeds)
        override_key(build->tree, build->root, "--seeds", "seeds", options->seeds);
    if (options->duration)
        override_key(build->tree, build->root, "--duration", "duration", options->duration);
    build->vary = sweep_read(build);
    if (build->vary)
        sweep_apply(build, build->vary, build->point);
    if (build->only_point) {
        tree_remove(build->root, "vary");
        build->vary = NULL;
    }
}

/* ---- plug-ins ---- */

static void load_plugin(struct build *build, const char *path, struct position at)
{
    GError *error = NULL;

    /* It is written into the effective scenario, and YAML is UTF-8. */
    if (!g_utf8_validate(path, -1, NULL)) {
        scenario_errors_add_text(build->errors, at, "the plug-in's path is not valid UTF-8");
        return;
    }
    if (plugins_load(build->registry, path, &error))
        return;
    scenario_errors_add_text(build->errors, at, error->message);
    g_error_free(error);
}

/* The effective scenario names them by their whole path: it is written elsewhere. */
static void load_listed(struct build *build, struct tree_node *list)
{
    for (guint i = 0; list->kind == TREE_SEQUENCE && i < tree_count(list); i++) {
        struct tree_node *item = tree_entry(list, i)->node;

        if (item->kind != TREE_SCALAR || *item->text == '\0')
            continue;
        char *path = g_canonicalize_filename(item->text, NULL);
        if (!g_path_is_absolute(item->text)) {
            char *folder = g_canonicalize_filename(build->folder, NULL);
            g_free(path);
            path = g_canonicalize_filename(item->text, folder);
            g_free(folder);
        }
        item->text = tree_string(build->tree, path);
        g_free(path);
        load_plugin(build, item->text, item->at);
    }
}

void build_load_plugins(struct build *build)
{
    const char *const *options = build->options->plugins;
    struct tree_node *list = tree_get(build->root, "plugins");

    if (list && list->kind == TREE_SCALAR && !tree_is_null(list))
        tree_wrap(build->tree, list);
    if (list)
        load_listed(build, list);
    if (!options || !options[0])
        return;
    struct position at = tree_source(build->tree, "--plugin");
    if (!list) {
        list = tree_sequence(build->tree, at);
        tree_put(build->tree, build->root, at, "plugins", list);
    }
    for (guint i = 0; options[i]; i++) {
        char *path = g_canonicalize_filename(options[i], NULL);

        load_plugin(build, path, at);
        if (list->kind == TREE_SEQUENCE)
            tree_append(build->tree, list, at, NULL, tree_scalar(build->tree, at, path));
        g_free(path);
    }
}

/* ---- the result ---- */

static void finish_seeds(struct build *build, struct scenario *scenario,
                         const struct scenario_params *params)
{
    scenario->first_seed = scenario->last_seed = params->seed;
    if (params->seeds)
        range_parse(params->seeds, &scenario->first_seed, &scenario->last_seed);
    /* The one that was not chosen has a default, and both together are an error. */
    tree_remove(build->root, params->seeds ? "seed" : "seeds");
}

static void finish_expectations(struct build *build, const struct scope *scope,
                                struct scenario *scenario)
{
    const struct tree_node *list = tree_get(build->root, "expect");

    for (guint i = 0; i < tree_count(list); i++) {
        const struct tree_node *item = tree_entry(list, i)->node;
        const struct expectation_params *params =
            load_block(scope, &expectation_block, item, scenario->owned->memory);
        struct spec_expectation expectation = {
            .that = params->that,
            .at_least = params->at_least,
            .at_most = params->at_most,
            .paper = params->paper,
            .every_seed = params->every_seed,
            .file = item->at.file,
            .line = item->at.line,
            .column = item->at.column,
        };
        g_array_append_val(scenario->expectations, expectation);
    }
}

struct scenario *build_finish(struct build *build)
{
    struct scenario *scenario = g_new0(struct scenario, 1);
    const struct scope scope = {build->tree, build->errors, build->registry, NULL};

    scenario->owned = g_new0(struct scenario_private, 1);
    scenario->owned->memory = memory_new();
    const struct scenario_params *params =
        load_block(&scope, &scenario_block, build->root, scenario->owned->memory);
    scenario->name = params->name;
    scenario->paper = params->paper;
    finish_seeds(build, scenario, params);
    scenario->systems = g_ptr_array_new();
    for (guint i = 0; i < build->systems->len; i++) {
        const struct system *system = &g_array_index(build->systems, struct system, i);
        struct spec *spec = system_spec(&scope, system, scenario->owned->memory);

        spec->duration = params->duration;
        spec->seed = scenario->first_seed;
        g_ptr_array_add(scenario->systems, spec);
    }
    scenario->expectations = g_array_new(FALSE, FALSE, sizeof(struct spec_expectation));
    finish_expectations(build, &scope, scenario);
    char *text = tree_write(build->root);
    scenario->effective = g_string_new(text);
    g_free(text);
    scenario->owned->vary = build->vary;
    scenario->owned->tree = build->tree;
    build->tree = NULL;
    return scenario;
}

void scenario_private_free(struct scenario_private *owned)
{
    tree_free(owned->tree);
    memory_free(owned->memory);
    g_free(owned->name);
    g_string_free(owned->text, TRUE);
    g_free(owned);
}
