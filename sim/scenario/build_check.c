/* The checks of a scenario as a whole: its own keys, its systems, its expectations. */
#include <math.h>
#include <string.h>

#include "core/nearest.h"
#include "measure/expression.h"
#include "scenario/blocks.h"
#include "scenario/build.h"
#include "scenario/generators.h"
#include "scenario/units.h"

#define SEEDS_MAX 10000

static struct scope scope_of(const struct build *build, const struct names *names)
{
    return (struct scope){build->tree, build->errors, build->registry, names};
}

static bool is_system_key(const char *key)
{
    return block_param(&system_block, key) || block_part(&system_block, key);
}

static bool is_scenario_key(const char *key)
{
    return block_param(&scenario_block, key) || block_part(&scenario_block, key);
}

static void unknown_key(const struct build *build, const struct tree_entry *entry, bool system)
{
    const struct scope scope = scope_of(build, NULL);
    GPtrArray *names = g_ptr_array_new();

    if (!system)
        block_keys(&scenario_block, names);
    block_keys(&system_block, names);
    block_unknown_key(&scope, "a scenario", names, entry);
    g_ptr_array_unref(names);
}

/* ---- the scenario's own keys ---- */

static void check_seeds(const struct build *build)
{
    const struct tree_entry *seed = tree_find(build->root, "seed");
    const struct tree_node *seeds = tree_get(build->root, "seeds");

    if (!seeds || seeds->kind != TREE_SCALAR || tree_is(seeds, "none"))
        return;
    if (seed)
        scenario_errors_add(build->errors, seed->at, "seed and seeds are both there");
    uint64_t first, last;
    if (!range_parse(seeds->text, &first, &last) || last - first >= SEEDS_MAX)
        scenario_errors_add(build->errors, seeds->at,
                            "seeds is \"%s\"; write FIRST..LAST, at most %d", seeds->text,
                            SEEDS_MAX);
}

static void check_own_keys(struct build *build)
{
    const struct scope scope = scope_of(build, NULL);
    const struct tree_node *name;

    check_seeds(build);
    for (guint i = 0; i < tree_count(build->root); i++) {
        const struct tree_entry *entry = tree_entry(build->root, i);

        if (is_scenario_key(entry->key) && strcmp(entry->key, "systems") != 0)
            block_check_entry(&scope, &scenario_block, entry);
        else if (!is_scenario_key(entry->key) && !is_system_key(entry->key))
            unknown_key(build, entry, false);
    }
    block_fill(&scope, &scenario_block, build->root, build->origin);
    name = tree_get(build->root, "name");
    if (name && name->kind == TREE_SCALAR && !tree_is_null(name))
        name_check(&scope, "scenario", name->text, name->at);

    const char *duration = tree_text(build->root, "duration");
    struct quantity quantity = {0};
    if (duration)
        g_free(units_parse(SIM_PARAM_TIME, duration, &quantity));
    build->duration = quantity.base;
}

/* ---- systems ---- */

/* Blocks that are always there are the scenario's, unless a system has its own. */
static void fill_shared_blocks(struct build *build)
{
    for (const struct block_part *part = system_block.parts; part->name; part++) {
        if (part->presence != PART_FILLED || tree_find(build->root, part->name))
            continue;
        struct tree_node *value = part->shape == BLOCK_MAPPING
                                      ? tree_mapping(build->tree, build->root->at)
                                      : tree_sequence(build->tree, build->root->at);
        tree_append(build->tree, build->root, build->root->at, part->name, value);
    }
}

/* The scenario's blocks with those of `own` (or NULL) instead. Values are shared: a default that
 * one check fills in is there for all. */
static struct tree_node *merge_blocks(const struct build *build, const struct tree_node *own)
{
    struct tree_node *blocks = tree_mapping(build->tree, own ? own->at : build->origin);
    const struct tree_node *parts[] = {build->root, own};

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        for (guint j = 0; j < tree_count(parts[i]); j++) {
            const struct tree_entry *entry = tree_entry(parts[i], j);

            if (is_system_key(entry->key))
                tree_put(build->tree, blocks, entry->at, entry->key, entry->node);
        }
    }
    return blocks;
}

/* Whether a topology's names can be told: else every reference would be an error. */
static bool has_names(const struct tree_node *topology)
{
    const struct tree_node *hosts = tree_get(topology, "hosts"),
                           *links = tree_get(topology, "links");
    const struct tree_node *switches = tree_get(topology, "switches");
    bool generated = generator_entry(topology) != NULL;

    return (hosts ? hosts->kind == TREE_SEQUENCE : generated) &&
           (links ? links->kind == TREE_SEQUENCE : generated) &&
           (!switches || switches->kind == TREE_SEQUENCE);
}

/* NULL when they cannot be told. */
static struct names *names_of(const struct build *build, struct tree_node *topology)
{
    const struct scope scope = scope_of(build, NULL);
    struct generated *generated;

    if (!has_names(topology) || !generator_run(&scope, topology, &generated))
        return NULL;
    return names_collect(build->tree, topology, generated);
}

static void add_system(struct build *build, const char *name, struct position at,
                       const struct tree_node *own)
{
    struct system system = {name, at, merge_blocks(build, own), NULL};

    system.names = names_of(build, tree_get(system.blocks, "topology"));
    g_array_append_val(build->systems, system);
}

static void check_override_keys(const struct build *build, const struct tree_node *own)
{
    for (guint i = 0; i < tree_count(own); i++) {
        const struct tree_entry *entry = tree_entry(own, i);

        if (is_scenario_key(entry->key))
            scenario_errors_add(build->errors, entry->at,
                                "%s belongs to the scenario, not to a system", entry->key);
        else if (!is_system_key(entry->key))
            unknown_key(build, entry, true);
    }
}

/* A result has a folder for each system, beside these. */
static const char *const result_names[] = {
    "manifest.json", "scenario.yaml", "summary.json", "seeds.csv", "points.csv", "sweep", NULL,
};

static void add_named_system(struct build *build, const struct tree_entry *entry)
{
    const struct scope scope = scope_of(build, NULL);

    name_check(&scope, "system", entry->key, entry->at);
    if (g_strv_contains(result_names, entry->key))
        scenario_errors_add(scope.errors, entry->at,
                            "system name \"%s\" is reserved for a file of the result", entry->key);
    if (tree_is_null(entry->node))
        tree_become_mapping(build->tree, entry->node);
    if (entry->node->kind != TREE_MAPPING) {
        scenario_errors_add(build->errors, entry->node->at,
                            "system \"%s\" must be a mapping of blocks, not %s", entry->key,
                            tree_kind_name(entry->node));
        return;
    }
    check_override_keys(build, entry->node);
    add_system(build, entry->key, entry->at, entry->node);
}

static void add_systems(struct build *build)
{
    const struct tree_node *systems = tree_get(build->root, "systems");

    if (!systems) {
        const char *name = tree_text(build->root, "name");
        add_system(build, name ? name : "scenario", build->origin, NULL);
    } else if (systems->kind != TREE_MAPPING || tree_count(systems) == 0) {
        scenario_errors_add(
            build->errors, systems->at, "systems must be a mapping of names to blocks, not %s",
            systems->kind == TREE_MAPPING ? "an empty one" : tree_kind_name(systems));
    } else {
        for (guint i = 0; i < tree_count(systems); i++)
            add_named_system(build, tree_entry(systems, i));
    }
}

static bool is_used(const struct build *build, const struct tree_node *block)
{
    for (guint i = 0; i < build->systems->len; i++) {
        const struct tree_node *blocks = g_array_index(build->systems, struct system, i).blocks;

        for (guint j = 0; j < tree_count(blocks); j++)
            if (tree_entry(blocks, j)->node == block)
                return true;
    }
    return false;
}

/* A block that every system overrides is still part of the file. */
static void check_unused(struct build *build)
{
    struct names *names = NULL;
    struct scope scope = scope_of(build, NULL);

    for (guint i = 0; i < tree_count(build->root); i++) {
        const struct tree_entry *entry = tree_entry(build->root, i);

        if (!is_system_key(entry->key) || is_used(build, entry->node))
            continue;
        if (!names)
            scope.names = names = names_of(build, tree_get(build->root, "topology"));
        block_check_entry(&scope, &system_block, entry);
    }
    names_free(names);
}

/* ---- expectations ---- */

static void check_expression(const struct build *build, const struct tree_node *that,
                             const char *const *systems, bool *foreign)
{
    struct expression_error error;
    struct expression *expression = expression_parse(that->text, systems, &error);

    if (!expression) {
        struct position at = that->at;

        if (that->shown)
            at.column += error.offset + !that->plain;
        scenario_errors_add_text(build->errors, at, error.message);
        g_free(error.message);
        return;
    }
    for (guint i = 0; systems[i]; i++)
        *foreign |= expression_uses(expression, systems[i]) && build->options->systems &&
                    !g_strv_contains(build->options->systems, systems[i]);
    expression_free(expression);
}

static void check_bounds(const struct build *build, const struct tree_node *item)
{
    const char *least = tree_text(item, "at_least"), *most = tree_text(item, "at_most");

    if (!least || !most)
        return;
    if (strcmp(least, "none") == 0 && strcmp(most, "none") == 0)
        scenario_errors_add(build->errors, item->at,
                            "an expectation needs at_least, at_most or both");
    else if (g_ascii_strtod(least, NULL) > g_ascii_strtod(most, NULL) && *most != 'n' &&
             *least != 'n')
        scenario_errors_add(build->errors, tree_get(item, "at_least")->at,
                            "at_least is %s, above at_most, %s", least, most);
}

/* Leaves out those that need a system which was not selected. */
static void check_expectations(struct build *build, const char *const *systems)
{
    struct tree_node *list = tree_get(build->root, "expect");

    for (guint i = 0; list && list->kind == TREE_SEQUENCE && i < tree_count(list);) {
        const struct tree_node *item = tree_entry(list, i)->node;
        const struct tree_node *that = tree_get(item, "that");
        bool foreign = false;

        if (that && that->kind == TREE_SCALAR && !tree_is_null(that))
            check_expression(build, that, systems, &foreign);
        check_bounds(build, item);
        if (foreign)
            g_array_remove_index(list->entries, i);
        else
            i++;
    }
}

static GPtrArray *system_names(const struct build *build)
{
    GPtrArray *names = g_ptr_array_new();
    const struct tree_node *systems = tree_get(build->root, "systems");
    const char *name = tree_text(build->root, "name");

    if (systems && systems->kind == TREE_MAPPING) {
        for (guint i = 0; i < tree_count(systems); i++)
            g_ptr_array_add(names, (char *)tree_entry(systems, i)->key);
    } else if (name) {
        g_ptr_array_add(names, (char *)name);
    }
    g_ptr_array_add(names, NULL);
    return names;
}

/* Only the systems of --system stay; `names` has all, and NULL at the end. */
static void select_systems(struct build *build, GPtrArray *names)
{
    const char *const *selected = build->options->systems;
    struct tree_node *systems = tree_get(build->root, "systems");
    struct position at = tree_source(build->tree, "--system");

    guint before = scenario_errors_count(build->errors);

    g_ptr_array_set_size(names, (gint)names->len - 1);
    for (guint i = 0; selected[i]; i++) {
        if (g_ptr_array_find_with_equal_func(names, selected[i], g_str_equal, NULL))
            continue;
        char *hint = nearest_hint(selected[i], names);
        scenario_errors_add(build->errors, at, "no system \"%s\"%s", selected[i], hint);
        g_free(hint);
    }
    if (scenario_errors_count(build->errors) > before || !systems || systems->kind != TREE_MAPPING)
        return;
    for (guint i = 0; i < names->len; i++)
        if (!g_strv_contains(selected, g_ptr_array_index(names, i)))
            tree_remove(systems, g_ptr_array_index(names, i));
}

/* ---- all ---- */

void build_check(struct build *build)
{
    const struct scope scope = scope_of(build, NULL);
    GPtrArray *names = system_names(build);

    check_own_keys(build);
    check_expectations(build, (const char *const *)names->pdata);
    if (build->options->systems)
        select_systems(build, names);
    g_ptr_array_unref(names);
    fill_shared_blocks(build);
    add_systems(build);
    for (guint i = 0; i < build->systems->len; i++)
        system_check(&scope, &g_array_index(build->systems, struct system, i), build->duration);
    check_unused(build);
}
