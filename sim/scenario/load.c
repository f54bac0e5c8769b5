/* libcyaml as the loader of plain members.
 *
 * libcyaml 1.3.1 accepts "100Gbps" as the float 100, "3abc" as 3, "-3" as 2^64-3 and "maybe" as
 * true, gives success and NULL for an empty file, names an unknown key at the place of the previous
 * value, and stops at the first error. So it sees a mapping only after all checks, in a normal form
 * on one line: every member present, quantities as integers of their base unit, references as
 * indexes. Its schema is made from the same table that was checked. A failure here is a programming
 * error.
 *
 * Chosen models (SIM_PARAM_MODEL) are no plain members: their type depends on the choice. They are
 * loaded by a schema of their own and put in afterwards.
 */
#include "scenario/load.h"

#include <cyaml/cyaml.h>
#include <math.h>
#include <string.h>

#include "scenario/references.h"
#include "scenario/units.h"
#include "scenario/value.h"

/* ---- the schema ---- */

static const cyaml_schema_value_t index_value = {.type = CYAML_UINT, .data_size = sizeof(uint32_t)};

static const cyaml_schema_field_t length_fields[] = {
    CYAML_FIELD_UINT("value", CYAML_FLAG_DEFAULT, struct sim_length, value),
    CYAML_FIELD_BOOL("packets", CYAML_FLAG_DEFAULT, struct sim_length, packets),
    CYAML_FIELD_BOOL("set", CYAML_FLAG_DEFAULT, struct sim_length, set),
    CYAML_FIELD_END,
};

static cyaml_schema_value_t plain_schema(enum cyaml_type type, uint32_t size)
{
    return (cyaml_schema_value_t){.type = type, .flags = CYAML_FLAG_OPTIONAL, .data_size = size};
}

/* `strings` of a choice lives as long as the schema. */
static cyaml_schema_value_t choice_schema(const struct sim_param *param, GPtrArray *strings)
{
    cyaml_schema_value_t schema = plain_schema(CYAML_ENUM, sizeof(uint32_t));
    guint count = g_strv_length((char **)param->choices);
    cyaml_strval_t *values = g_new0(cyaml_strval_t, count);

    for (guint i = 0; i < count; i++)
        values[i] = (cyaml_strval_t){param->choices[i], i};
    g_ptr_array_add(strings, values);
    schema.flags |= CYAML_FLAG_STRICT;
    schema.enumeration.strings = values;
    schema.enumeration.count = count;
    return schema;
}

static cyaml_schema_value_t value_schema(const struct sim_param *param, GPtrArray *strings)
{
    cyaml_schema_value_t schema;

    switch (param->type) {
    case SIM_PARAM_BOOL:
        return plain_schema(CYAML_BOOL, sizeof(bool));
    case SIM_PARAM_TIME:
        return plain_schema(CYAML_INT, sizeof(sim_time));
    case SIM_PARAM_REAL:
    case SIM_PARAM_FRACTION:
        return plain_schema(CYAML_FLOAT, sizeof(double));
    case SIM_PARAM_HOST:
    case SIM_PARAM_SWITCH:
        return plain_schema(CYAML_UINT, sizeof(uint32_t));
    case SIM_PARAM_CHOICE:
        return choice_schema(param, strings);
    case SIM_PARAM_LENGTH:
        schema = plain_schema(CYAML_MAPPING, sizeof(struct sim_length));
        schema.mapping.fields = length_fields;
        return schema;
    case SIM_PARAM_STRING:
    case SIM_PARAM_FILE:
        schema = plain_schema(CYAML_STRING, sizeof(char));
        schema.flags |= CYAML_FLAG_POINTER;
        schema.string.max = CYAML_UNLIMITED;
        return schema;
    case SIM_PARAM_HOSTS:
    case SIM_PARAM_LINKS:
    case SIM_PARAM_NODES:
        schema = plain_schema(CYAML_SEQUENCE, sizeof(uint32_t));
        schema.flags |= CYAML_FLAG_POINTER;
        schema.sequence.entry = &index_value;
        schema.sequence.max = CYAML_UNLIMITED;
        return schema;
    default:
        return plain_schema(CYAML_UINT, sizeof(uint64_t));
    }
}

static bool is_list(const struct sim_param *param)
{
    return param->type == SIM_PARAM_HOSTS || param->type == SIM_PARAM_LINKS ||
           param->type == SIM_PARAM_NODES;
}

static void add_field(GArray *fields, const struct sim_param *param, GPtrArray *strings)
{
    cyaml_schema_field_t field = {.key = param->name,
                                  .data_offset = (uint32_t)param->offset,
                                  .value = value_schema(param, strings)};

    if (is_list(param)) {
        field.data_offset += offsetof(struct sim_list, items);
        field.count_offset = (uint32_t)(param->offset + offsetof(struct sim_list, count));
        field.count_size = sizeof(((struct sim_list *)0)->count);
    }
    g_array_append_val(fields, field);
}

/* ---- the normal form ---- */

/* Everything but plain ASCII is escaped: YAML folds line breaks, of which Unicode has several. */
static void write_string(GString *text, const char *string)
{
    g_string_append_c(text, '"');
    for (; *string; string = g_utf8_next_char(string)) {
        gunichar letter = g_utf8_get_char(string);

        if (letter >= 0x20 && letter < 0x7f && !strchr("\"\\", (int)letter))
            g_string_append_c(text, (char)letter);
        else
            g_string_append_printf(text, "\\U%08x", letter);
    }
    g_string_append_c(text, '"');
}

static void write_list(GString *text, const struct scope *scope, const struct sim_param *param,
                       const struct tree_node *node)
{
    GArray *list = references_list(scope->names, param, node);

    g_string_append_c(text, '[');
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(text, "%s%u", i ? ", " : "", g_array_index(list, uint32_t, i));
    g_array_unref(list);
    g_string_append_c(text, ']');
}

static void write_quantity(GString *text, const struct sim_param *param,
                           const struct tree_node *node)
{
    struct quantity quantity;
    char *problem = units_parse(param->type, node->text, &quantity);

    SIM_CHECK(!problem, "%s is %s%s", param->name, node->text, problem);
    if (param->type == SIM_PARAM_REAL || param->type == SIM_PARAM_FRACTION) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append(text, g_ascii_dtostr(buffer, sizeof buffer, quantity.real));
    } else if (param->type == SIM_PARAM_LENGTH) {
        g_string_append_printf(text, "{value: %" G_GUINT64_FORMAT ", packets: %s, set: true}",
                               quantity.base, quantity.packets ? "true" : "false");
    } else {
        g_string_append_printf(text, "%" G_GUINT64_FORMAT, quantity.base);
    }
}

/* What "none" stands for is what a zeroed struct does not say already. */
static void write_none(GString *text, const struct sim_param *param)
{
    if (param->type == SIM_PARAM_REAL || param->type == SIM_PARAM_FRACTION)
        g_string_append_printf(text, "\"%s\": nan, ", param->name);
    else if (param->type == SIM_PARAM_HOST || param->type == SIM_PARAM_SWITCH)
        g_string_append_printf(text, "\"%s\": %u, ", param->name, NAME_ABSENT);
}

static bool is_reference(const struct sim_param *param)
{
    return is_list(param) || param->type == SIM_PARAM_HOST || param->type == SIM_PARAM_SWITCH;
}

static void write_member(GString *text, const struct scope *scope, const struct sim_param *param,
                         const struct tree_node *node)
{
    if (value_is_none(param, node)) {
        write_none(text, param);
        return;
    }
    if (is_reference(param) && !scope->names)
        return;
    g_string_append_printf(text, "\"%s\": ", param->name);
    if (is_list(param))
        write_list(text, scope, param, node);
    else if (is_reference(param))
        g_string_append_printf(text, "%u", names_index(scope->names, param->type, node->text));
    else if (units_is_quantity(param->type))
        write_quantity(text, param, node);
    else if (param->type == SIM_PARAM_BOOL)
        g_string_append(text, node->text);
    else
        write_string(text, node->text);
    g_string_append(text, ", ");
}

/* ---- loading ---- */

static void *load_by(const GArray *fields, const GString *text, size_t size, struct memory *memory)
{
    const cyaml_config_t config = {.mem_fn = memory_resize,
                                   .mem_ctx = memory,
                                   .log_level = CYAML_LOG_ERROR,
                                   .log_fn = cyaml_log};
    const cyaml_schema_value_t schema = {
        .type = CYAML_MAPPING,
        .flags = CYAML_FLAG_POINTER,
        .data_size = (uint32_t)size,
        .mapping = {.fields = (const cyaml_schema_field_t *)(const void *)fields->data}};
    cyaml_data_t *data = NULL;
    cyaml_err_t error =
        cyaml_load_data((const uint8_t *)text->str, text->len, &config, &schema, &data, NULL);

    SIM_CHECK(error == CYAML_OK && data, "libcyaml: %s, of %s", cyaml_strerror(error), text->str);
    return data;
}

static void *load_plain(const struct scope *scope, const struct block *block,
                        const struct tree_node *mapping, struct memory *memory)
{
    GArray *fields = g_array_new(TRUE, TRUE, sizeof(cyaml_schema_field_t));
    GPtrArray *strings = g_ptr_array_new_with_free_func(g_free);
    GString *text = g_string_new("{");

    for (const struct sim_param *param = block->params; param && param->name; param++) {
        if (param->type == SIM_PARAM_MODEL)
            continue;
        add_field(fields, param, strings);
        write_member(text, scope, param, tree_get(mapping, param->name));
    }
    g_string_append(text, "}");
    void *params = fields->len ? load_by(fields, text, block->params_size, memory)
                               : memory_take_zeroed(memory, block->params_size);
    g_string_free(text, TRUE);
    g_ptr_array_unref(strings);
    g_array_unref(fields);
    return params;
}

void *load_block(const struct scope *scope, const struct block *block,
                 const struct tree_node *mapping, struct memory *memory)
{
    char *params = load_plain(scope, block, mapping, memory);

    for (const struct sim_param *param = block->params; param && param->name; param++) {
        if (param->type != SIM_PARAM_MODEL)
            continue;
        struct sim_model model =
            load_model(scope, param->kind, tree_get(mapping, param->name), memory);
        memcpy(params + param->offset, &model, sizeof model);
    }
    return params;
}

struct sim_model load_model(const struct scope *scope, enum sim_kind kind,
                            const struct tree_node *node, struct memory *memory)
{
    struct tree_node *mapping;
    struct sim_model model = {.plugin = model_of(scope->registry, kind, node, &mapping)};

    if (!model.plugin)
        return model;
    const struct block block = block_of_model(model.plugin);
    model.params = load_block(scope, &block, mapping, memory);
    return model;
}
