/* schema: JSON Schema (draft 7) from the tables that check and load.
 *
 * It says less than the checks do: which keys there are, what their values look like, ranges of
 * numbers without units. Names of hosts and links, ranges of quantities, and what must hold between
 * parameters are left to `mtpsim validate`.
 *
 * Blocks and kinds of models are definitions of their own: models nest.
 */
#include "scenario/schema.h"

#include <math.h>
#include <string.h>

#include "scenario/blocks.h"
#include "scenario/value.h"

#define NUMBER "([0-9]+(\\.[0-9]+)?|\\.[0-9]+)"

struct schema {
    const struct registry *registry;
    JsonObject *definitions;
};

static JsonObject *schema_of_block(struct schema *schema, const struct block *block);

/* ---- small pieces ---- */

static JsonObject *schema_typed(const char *type)
{
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "type", type);
    return object;
}

static JsonObject *schema_pattern(const char *pattern)
{
    JsonObject *object = schema_typed("string");

    json_object_set_string_member(object, "pattern", pattern);
    return object;
}

static JsonObject *schema_either(JsonObject *one, JsonObject *other)
{
    JsonObject *object = json_object_new();
    JsonArray *all = json_array_new();

    json_array_add_object_element(all, one);
    json_array_add_object_element(all, other);
    json_object_set_array_member(object, "anyOf", all);
    return object;
}

static JsonObject *schema_list(JsonObject *item)
{
    JsonObject *object = schema_typed("array");

    json_object_set_object_member(object, "items", item);
    return object;
}

static JsonObject *schema_words(const GPtrArray *words)
{
    JsonObject *object = json_object_new();
    JsonArray *array = json_array_new();

    for (guint i = 0; i < words->len; i++)
        json_array_add_string_element(array, g_ptr_array_index(words, i));
    json_object_set_array_member(object, "enum", array);
    return object;
}

static JsonObject *schema_reference(const char *name)
{
    JsonObject *object = json_object_new();
    g_autofree char *path = g_strconcat("#/definitions/", name, NULL);

    json_object_set_string_member(object, "$ref", path);
    return object;
}

/* A text, or what YAML reads as something else: a name may be 1 or true. */
static JsonObject *schema_text(void)
{
    static const char *const types[] = {"string", "number", "boolean"};
    JsonObject *object = json_object_new();
    JsonArray *array = json_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        json_array_add_string_element(array, types[i]);
    json_object_set_array_member(object, "type", array);
    return object;
}

/* ---- parameters ---- */

static JsonObject *schema_number(const struct sim_param *param, const char *type)
{
    JsonObject *object = schema_typed(type);
    double low, high;

    value_bounds(param, &low, &high);
    if (isfinite(low))
        json_object_set_double_member(object, "minimum", low);
    if (isfinite(high))
        json_object_set_double_member(object, "maximum", high);
    return object;
}

static JsonObject *schema_choice(const struct sim_param *param)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (const char *const *choice = param->choices; *choice; choice++)
        g_ptr_array_add(words, (char *)*choice);
    return schema_words(words);
}

static JsonObject *schema_model(enum sim_kind kind)
{
    return schema_reference(sim_kind_name(kind));
}

static JsonObject *schema_value(const struct sim_param *param)
{
    switch (param->type) {
    case SIM_PARAM_BOOL:
        return schema_typed("boolean");
    case SIM_PARAM_COUNT:
        return schema_number(param, "integer");
    case SIM_PARAM_REAL:
        return schema_number(param, "number");
    case SIM_PARAM_FRACTION:
        return schema_either(schema_number(param, "number"), schema_pattern("^" NUMBER "%$"));
    case SIM_PARAM_TIME:
        return schema_pattern("^" NUMBER "(ps|ns|us|ms|s)$");
    case SIM_PARAM_RATE:
        return schema_pattern("^" NUMBER "(k|M|G|T)?bps$");
    case SIM_PARAM_BYTES:
        return schema_pattern("^" NUMBER "([KMGT]i?)?B$");
    case SIM_PARAM_LENGTH:
        return schema_pattern("^" NUMBER "(p|([KMGT]i?)?B)$");
    case SIM_PARAM_CHOICE:
        return schema_choice(param);
    case SIM_PARAM_MODEL:
        return schema_model(param->kind);
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        return schema_either(schema_text(), schema_list(schema_text()));
    default:
        return schema_text();
    }
}

static bool schema_may_be_none(const struct sim_param *param)
{
    const struct tree_node none = {.kind = TREE_SCALAR, .text = "none", .plain = true};

    return value_is_none(param, &none);
}

static JsonObject *schema_of_param(const struct sim_param *param)
{
    JsonObject *object = schema_value(param);

    if (schema_may_be_none(param)) {
        JsonObject *none = json_object_new();

        json_object_set_string_member(none, "const", "none");
        object = schema_either(none, object);
    }
    json_object_set_string_member(object, "description", param->help);
    return object;
}

/* ---- blocks ---- */

/* Makes the definition unless it is there, and gives a reference to it. */
static JsonObject *schema_refer(struct schema *schema, const struct block *block)
{
    g_autofree char *name = g_strdelimit(g_strdup(block->name), " ", '_');

    if (!json_object_has_member(schema->definitions, name))
        json_object_set_object_member(schema->definitions, name, schema_of_block(schema, block));
    return schema_reference(name);
}

static JsonObject *schema_by_name(JsonObject *item)
{
    JsonObject *object = schema_typed("object");

    json_object_set_object_member(object, "additionalProperties", item);
    return object;
}

static JsonObject *schema_of_part(struct schema *schema, const struct block_part *part)
{
    switch (part->shape) {
    case BLOCK_MAPPING:
        return schema_refer(schema, part->block);
    case BLOCK_LIST:
        return schema_list(schema_refer(schema, part->block));
    case BLOCK_NAMED:
        return schema_by_name(schema_refer(schema, part->block));
    case BLOCK_MODELS:
        return schema_either(schema_model(part->kind), schema_list(schema_model(part->kind)));
    case BLOCK_NAMES:
        return schema_list(schema_text());
    case BLOCK_STRINGS:
        return schema_either(schema_text(), schema_list(schema_text()));
    default:
        return schema_by_name(schema_list(json_object_new()));
    }
}

/* Adds the keys of a block; those that must be there to `required`, unless it is NULL. */
static void schema_add_keys(struct schema *schema, const struct block *block, JsonObject *keys,
                            JsonArray *required)
{
    for (const struct sim_param *param = block->params; param && param->name; param++) {
        json_object_set_object_member(keys, param->name, schema_of_param(param));
        if (required && !param->fallback)
            json_array_add_string_element(required, param->name);
    }
    for (const struct block_part *part = block->parts; part && part->name; part++) {
        if (part->shape == BLOCK_UNSUPPORTED)
            continue;
        json_object_set_object_member(keys, part->name, schema_of_part(schema, part));
        if (required && part->presence == PART_REQUIRED)
            json_array_add_string_element(required, part->name);
    }
}

/* A mapping with these keys and no others; one that needs none may be left empty. */
static JsonObject *schema_mapping(JsonObject *keys, JsonArray *required, const char *summary)
{
    JsonObject *object = json_object_new();
    JsonArray *types = json_array_new();

    json_array_add_string_element(types, "object");
    if (json_array_get_length(required) == 0)
        json_array_add_string_element(types, "null");
    json_object_set_array_member(object, "type", types);
    json_object_set_string_member(object, "description", summary);
    json_object_set_object_member(object, "properties", keys);
    json_object_set_array_member(object, "required", required);
    json_object_set_boolean_member(object, "additionalProperties", FALSE);
    return object;
}

/* A system need not have what the scenario has. */
static JsonObject *schema_of_block(struct schema *schema, const struct block *block)
{
    JsonObject *keys = json_object_new();
    JsonArray *required = json_array_new();

    schema_add_keys(schema, block, keys, block == &system_block ? NULL : required);
    return schema_mapping(keys, required, block->summary);
}

/* ---- models ---- */

/* A model by its name alone, when all its parameters have defaults; or {name: {parameters}}. */
static JsonObject *schema_of_kind(struct schema *schema, enum sim_kind kind)
{
    g_autoptr(GPtrArray) models = registry_list(schema->registry, kind);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    JsonObject *keys = json_object_new(), *mapping;

    for (guint i = 0; i < models->len; i++) {
        const struct sim_plugin *plugin = g_ptr_array_index(models, i);
        const struct block block = block_of_model(plugin);
        JsonObject *model = schema_of_block(schema, &block);

        if (json_array_get_length(json_object_get_array_member(model, "required")) == 0)
            g_ptr_array_add(words, (char *)plugin->name);
        json_object_set_string_member(model, "description", plugin->summary);
        json_object_set_object_member(keys, plugin->name, model);
    }
    mapping = schema_mapping(keys, json_array_new(), sim_kind_name(kind));
    json_object_set_string_member(mapping, "type", "object");
    json_object_set_int_member(mapping, "minProperties", 1);
    json_object_set_int_member(mapping, "maxProperties", 1);
    return schema_either(schema_words(words), mapping);
}

/* ---- all ---- */

JsonNode *schema_make(const struct registry *registry)
{
    struct schema schema = {registry, json_object_new()};
    JsonObject *keys = json_object_new(), *root;
    JsonArray *required = json_array_new();
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    for (guint kind = 0; kind < SIM_KINDS; kind++)
        json_object_set_object_member(schema.definitions, sim_kind_name((enum sim_kind)kind),
                                      schema_of_kind(&schema, (enum sim_kind)kind));
    schema_add_keys(&schema, &scenario_block, keys, required);
    schema_add_keys(&schema, &system_block, keys, NULL);
    root = schema_mapping(keys, required, scenario_block.summary);
    json_object_set_string_member(root, "$schema", "http://json-schema.org/draft-07/schema#");
    json_object_set_string_member(root, "title", "a scenario of mtpsim");
    json_object_set_object_member(root, "definitions", schema.definitions);
    json_node_take_object(node, root);
    return node;
}
