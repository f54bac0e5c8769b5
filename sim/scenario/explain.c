/* Explanations, from the same tables that check and load. */
#include "scenario/explain.h"

#include <math.h>
#include <string.h>

#include "core/nearest.h"
#include "scenario/blocks.h"
#include "scenario/generators.h"
#include "scenario/units.h"
#include "scenario/value.h"

/* Blocks by the names under which they are explained. */
static const struct {
    const char *name;
    const struct block *block;
} named_blocks[] = {
    {"scenario", &scenario_block},
    {"systems", &system_block},
    {"topology", &topology_block},
    {"topology.links", &link_block},
    {"links", &link_block},
    {"dumbbell", &dumbbell_block},
    {"bottleneck", &bottleneck_block},
    {"leaf_spine", &leaf_spine_block},
    {"fat_tree", &fat_tree_block},
    {"pathlets", &pathlet_block},
    {"tenants", &tenant_block},
    {"measure", &measure_block},
    {"throughput", &throughput_block},
    {"queues", &queues_block},
    {"windows", &windows_block},
    {"packets", &packets_block},
    {"buffers", &buffers_block},
    {"measure.throughput", &throughput_block},
    {"measure.queues", &queues_block},
    {"measure.windows", &windows_block},
    {"measure.packets", &packets_block},
    {"measure.buffers", &buffers_block},
    {"engine", &engine_block},
    {"events", &event_block},
    {"pfc", &pfc_block},
    {"expect", &expectation_block},
};

/* ---- a parameter ---- */

static void append_type(GString *text, const struct sim_param *param)
{
    switch (param->type) {
    case SIM_PARAM_BOOL:
        g_string_append(text, "true or false");
        break;
    case SIM_PARAM_STRING:
        g_string_append(text, "a text");
        break;
    case SIM_PARAM_CHOICE:
        for (guint i = 0; param->choices[i]; i++)
            g_string_append_printf(text, "%s%s", i ? " | " : "", param->choices[i]);
        break;
    case SIM_PARAM_HOST:
        g_string_append(text, "a host");
        break;
    case SIM_PARAM_HOSTS:
        g_string_append(text, "a host, a list of hosts and patterns (s*), or all");
        break;
    case SIM_PARAM_SWITCH:
        g_string_append(text, "a switch");
        break;
    case SIM_PARAM_LINKS:
        g_string_append(text, "a link, a list of links and patterns (s*), or all");
        break;
    case SIM_PARAM_NODES:
        g_string_append(text, "a list of hosts or switches");
        break;
    case SIM_PARAM_FILE:
        g_string_append(text, "a file, relative to the scenario's folder");
        break;
    case SIM_PARAM_MODEL:
        g_string_append_printf(text, "a %s model: see `mtpsim list %s`", sim_kind_name(param->kind),
                               sim_kind_name(param->kind));
        break;
    default:
        g_string_append(text, units_describe(param->type));
        break;
    }
}

static void append_bounds(GString *text, const struct sim_param *param)
{
    double low, high;

    if (!units_is_quantity(param->type))
        return;
    value_bounds(param, &low, &high);
    if (param->min == 0 && param->max == 0 && param->type != SIM_PARAM_FRACTION)
        return;
    char *least = units_format_bound(param->type, low);
    char *most = isfinite(high) ? units_format_bound(param->type, high) : NULL;
    if (most)
        g_string_append_printf(text, "; %s to %s", least, most);
    else
        g_string_append_printf(text, "; at least %s", least);
    g_free(least);
    g_free(most);
}

/* What may be written. */
static void append_form(GString *text, const struct sim_param *param)
{
    append_type(text, param);
    append_bounds(text, param);
    if (param->fallback)
        g_string_append_printf(text, "; default %s\n", param->fallback);
    else
        g_string_append(text, "; required\n");
}

static void append_param(GString *text, const struct sim_param *param)
{
    g_string_append_printf(text, "  %-16s %s\n  %-16s ", param->name, param->help, "");
    append_form(text, param);
}

/* ---- a block ---- */

static void append_shape(GString *text, const struct block_part *part)
{
    static const char *const shapes[] = {
        [BLOCK_MAPPING] = "a block",
        [BLOCK_LIST] = "a list of blocks",
        [BLOCK_NAMED] = "blocks by name",
        [BLOCK_MODELS] = "a model or a list of models",
        [BLOCK_NAMES] = "a list of names",
        [BLOCK_STRINGS] = "a text or a list of texts",
        [BLOCK_SWEEP] = "lists of values by path",
        [BLOCK_UNSUPPORTED] = "not supported by this version",
    };

    g_string_append(text, shapes[part->shape]);
    if (part->shape == BLOCK_MODELS)
        g_string_append_printf(text, ": see `mtpsim list %s`", sim_kind_name(part->kind));
    g_string_append(text, part->presence == PART_REQUIRED ? "; required\n" : "\n");
}

static void append_part(GString *text, const struct block_part *part)
{
    g_string_append_printf(text, "  %-16s %s\n  %-16s ", part->name, part->help, "");
    append_shape(text, part);
}

static void append_block(GString *text, const struct block *block)
{
    for (const struct sim_param *param = block->params; param && param->name; param++)
        append_param(text, param);
    for (const struct block_part *part = block->parts; part && part->name; part++)
        append_part(text, part);
}

static void append_named_block(GString *text, const char *name, const struct block *block)
{
    g_string_append_printf(text, "%s: %s\n\n", name, block->summary);
    append_block(text, block);
    if (block == &scenario_block)
        append_block(text, &system_block);
}

static void append_model(GString *text, const struct registry *registry,
                         const struct sim_plugin *plugin)
{
    const struct block block = block_of_model(plugin);

    if (text->len)
        g_string_append_c(text, '\n');
    g_string_append_printf(text, "%s %s: %s\n", sim_kind_name(plugin->kind), plugin->name,
                           plugin->summary);
    if (plugin->source)
        g_string_append_printf(text, "source: %s\n", plugin->source);
    g_string_append_printf(text, "from: %s\n", registry_origin(registry, plugin));
    if (!plugin->params || !plugin->params->name) {
        g_string_append(text, "\n  no parameters\n");
        return;
    }
    g_string_append_c(text, '\n');
    append_block(text, &block);
}

static void append_list(GString *text, const struct registry *registry, enum sim_kind kind,
                        const char *indent)
{
    GPtrArray *models = registry_list(registry, kind);

    for (guint i = 0; i < models->len; i++) {
        const struct sim_plugin *plugin = g_ptr_array_index(models, i);

        g_string_append_printf(text, "%s%-16s %s\n", indent, plugin->name, plugin->summary);
    }
    g_ptr_array_unref(models);
}

/* ---- a key of the scenario ---- */

static void append_models(GString *text, const struct registry *registry, enum sim_kind kind)
{
    g_string_append(text, "\nModels, whose parameters `mtpsim explain MODEL` prints:\n");
    append_list(text, registry, kind, "  ");
}

/* A key that is no block: a value, or a place for models, which are listed. */
static void append_key(GString *text, const struct registry *registry, const struct block *block,
                       const char *name)
{
    const struct sim_param *param = block_param(block, name);
    const struct block_part *part = block_part(block, name);

    if (param) {
        g_string_append_printf(text, "%s: %s\n\n  ", name, param->help);
        append_form(text, param);
        if (param->type == SIM_PARAM_MODEL)
            append_models(text, registry, param->kind);
    } else if (part) {
        g_string_append_printf(text, "%s: %s\n\n  ", name, part->help);
        append_shape(text, part);
        if (part->shape == BLOCK_MODELS)
            append_models(text, registry, part->kind);
    }
}

static void append_kind(GString *text, const struct registry *registry, const char *name)
{
    enum sim_kind kind = sim_kind_of(name);

    if (kind == SIM_KINDS)
        return;
    g_string_append_printf(text, "%s: a kind of model\n", name);
    append_models(text, registry, kind);
}

/* ---- by name ---- */

static void report_unknown(const struct registry *registry, const char *name, GError **error)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < SIM_KINDS; i++) {
        GPtrArray *models = registry_list(registry, (enum sim_kind)i);

        g_ptr_array_add(names, (char *)sim_kind_name((enum sim_kind)i));
        for (guint j = 0; j < models->len; j++)
            g_ptr_array_add(
                names, (char *)((const struct sim_plugin *)g_ptr_array_index(models, j))->name);
        g_ptr_array_unref(models);
    }
    for (guint i = 0; i < G_N_ELEMENTS(named_blocks); i++)
        g_ptr_array_add(names, (char *)named_blocks[i].name);
    block_keys(&scenario_block, names);
    block_keys(&system_block, names);
    const char *near = nearest_name(name, names);
    /* All names would be a screenful, and in no order that helps. */
    g_autofree char *hint = near ? g_strdup_printf("did you mean \"%s\"?", near)
                                 : g_strdup("see `mtpsim list` and `mtpsim explain scenario`");
    g_set_error(error, g_quark_from_static_string("mtpsim-explain"), 0,
                "no model or block \"%s\"; %s", name, hint);
    g_ptr_array_unref(names);
}

char *explain_model(const struct registry *registry, const char *name, GError **error)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < SIM_KINDS; i++) {
        const struct sim_plugin *plugin = registry_find(registry, (enum sim_kind)i, name);

        if (plugin)
            append_model(text, registry, plugin);
    }
    for (guint i = 0; text->len == 0 && i < G_N_ELEMENTS(named_blocks); i++)
        if (strcmp(named_blocks[i].name, name) == 0)
            append_named_block(text, name, named_blocks[i].block);
    if (text->len == 0)
        append_key(text, registry, &scenario_block, name);
    if (text->len == 0)
        append_key(text, registry, &system_block, name);
    if (text->len == 0)
        append_kind(text, registry, name);
    if (text->len)
        return g_string_free(text, FALSE);
    g_string_free(text, TRUE);
    report_unknown(registry, name, error);
    return NULL;
}

char *list_models(const struct registry *registry, enum sim_kind kind)
{
    GString *text = g_string_new(NULL);

    if (kind != SIM_KINDS) {
        append_list(text, registry, kind, "");
        return g_string_free(text, FALSE);
    }
    for (guint i = 0; i < SIM_KINDS; i++) {
        g_string_append_printf(text, "%s:\n", sim_kind_name((enum sim_kind)i));
        append_list(text, registry, (enum sim_kind)i, "  ");
    }
    return g_string_free(text, FALSE);
}
