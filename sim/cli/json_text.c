/* json_text: JSON as text.
 *
 * json-glib's own generator writes doubles with 17 digits, so that 0.1 becomes
 * 0.10000000000000001; a summary is read by people and compared byte for byte.
 */
#include "cli/json_text.h"

#include <math.h>
#include <stdbool.h>

#include "core/number.h"

static void json_append_node(GString *text, JsonNode *node, guint depth);

static void json_append_string(GString *text, const char *string)
{
    g_string_append_c(text, '"');
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_c(text, '\\');
        if ((guchar)*c < 0x20)
            g_string_append_printf(text, "\\u%04x", (guchar)*c);
        else
            g_string_append_c(text, *c);
    }
    g_string_append_c(text, '"');
}

static void json_append_value(GString *text, JsonNode *node)
{
    GType type = json_node_get_value_type(node);

    if (type == G_TYPE_STRING) {
        json_append_string(text, json_node_get_string(node));
    } else if (type == G_TYPE_BOOLEAN) {
        g_string_append(text, json_node_get_boolean(node) ? "true" : "false");
    } else if (type == G_TYPE_DOUBLE) {
        g_autofree char *number = number_text(json_node_get_double(node));

        g_string_append(text, number);
    } else {
        g_string_append_printf(text, "%" G_GINT64_FORMAT, json_node_get_int(node));
    }
}

static void json_append_line(GString *text, guint depth)
{
    g_string_append_printf(text, "\n%*s", (int)(2 * depth), "");
}

static void json_append_object(GString *text, JsonObject *object, guint depth)
{
    JsonObjectIter iter;
    const char *name, *separator = "";
    JsonNode *member;

    g_string_append_c(text, '{');
    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &member)) {
        g_string_append(text, separator);
        json_append_line(text, depth + 1);
        json_append_string(text, name);
        g_string_append(text, ": ");
        json_append_node(text, member, depth + 1);
        separator = ",";
    }
    if (*separator)
        json_append_line(text, depth);
    g_string_append_c(text, '}');
}

static void json_append_array(GString *text, JsonArray *array, guint depth)
{
    guint length = json_array_get_length(array);
    bool lines = length && !JSON_NODE_HOLDS_VALUE(json_array_get_element(array, 0)) &&
                 !JSON_NODE_HOLDS_NULL(json_array_get_element(array, 0));

    g_string_append_c(text, '[');
    for (guint i = 0; i < length; i++) {
        if (lines)
            json_append_line(text, depth + 1);
        json_append_node(text, json_array_get_element(array, i), depth + 1);
        if (i + 1 < length)
            g_string_append(text, lines ? "," : ", ");
    }
    if (lines)
        json_append_line(text, depth);
    g_string_append_c(text, ']');
}

static void json_append_node(GString *text, JsonNode *node, guint depth)
{
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        json_append_object(text, json_node_get_object(node), depth);
        break;
    case JSON_NODE_ARRAY:
        json_append_array(text, json_node_get_array(node), depth);
        break;
    case JSON_NODE_VALUE:
        json_append_value(text, node);
        break;
    case JSON_NODE_NULL:
        g_string_append(text, "null");
        break;
    }
}

char *json_text(JsonNode *node)
{
    GString *text = g_string_new(NULL);

    json_append_node(text, node, 0);
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

void json_set_real(JsonObject *object, const char *name, double value)
{
    if (isfinite(value))
        json_object_set_double_member(object, name, value);
    else
        json_object_set_null_member(object, name);
}

void json_set_count(JsonObject *object, const char *name, uint64_t value)
{
    json_object_set_int_member(object, name, (gint64)value);
}

void json_set_hash(JsonObject *object, const char *name, uint64_t value)
{
    g_autofree char *text = g_strdup_printf("0x%016" G_GINT64_MODIFIER "x", value);

    json_object_set_string_member(object, name, text);
}

JsonNode *json_child(JsonNode *node, const char *name)
{
    if (JSON_NODE_HOLDS_OBJECT(node))
        return json_object_get_member(json_node_get_object(node), name);
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);
        guint64 index;

        if (g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT, &index, NULL) &&
            index < json_array_get_length(array))
            return json_array_get_element(array, (guint)index);
    }
    return NULL;
}

JsonNode *json_at(JsonNode *node, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);

    for (char **name = names; *name && node; name++)
        node = json_child(node, *name);
    return node;
}

double json_number(JsonNode *node)
{
    GType type;

    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return NAN;
    type = json_node_get_value_type(node);
    if (type == G_TYPE_DOUBLE)
        return json_node_get_double(node);
    return type == G_TYPE_INT64 ? (double)json_node_get_int(node) : NAN;
}
