/* metrics_csv: the leaves of summaries, a row a summary. Quoted as RFC 4180 has it. */
#include "cli/metrics_csv.h"

#include <math.h>
#include <string.h>

#include "cli/json_text.h"
#include "core/number.h"

#define METRICS_RANGE "range."

/* ---- columns ---- */

struct metrics_columns {
    GPtrArray *paths; /* owns them */
    GHashTable *known;
};

static void metrics_add_paths(struct metrics_columns *columns, JsonNode *node, const char *path);

static void metrics_add_path(struct metrics_columns *columns, JsonNode *node, const char *parent,
                             const char *name)
{
    g_autofree char *path = *parent ? g_strdup_printf("%s.%s", parent, name) : g_strdup(name);

    metrics_add_paths(columns, node, path);
}

static void metrics_add_leaf(struct metrics_columns *columns, const char *path)
{
    char *copy;

    if (!strcmp(path, "cpu_seconds") || g_hash_table_contains(columns->known, path))
        return;
    copy = g_strdup(path);
    g_ptr_array_add(columns->paths, copy);
    g_hash_table_add(columns->known, copy);
}

static void metrics_add_paths(struct metrics_columns *columns, JsonNode *node, const char *path)
{
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        JsonObjectIter iter;
        const char *name;
        JsonNode *member;

        json_object_iter_init_ordered(&iter, json_node_get_object(node));
        while (json_object_iter_next_ordered(&iter, &name, &member))
            metrics_add_path(columns, member, path, name);
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);

        for (guint i = 0; i < json_array_get_length(array); i++) {
            g_autofree char *name = g_strdup_printf("%u", i);

            metrics_add_path(columns, json_array_get_element(array, i), path, name);
        }
    } else {
        metrics_add_leaf(columns, path);
    }
}

/* ---- text ---- */

static void metrics_append_text(GString *line, const char *text)
{
    g_string_append_c(line, ',');
    if (!strpbrk(text, ",\"\r\n")) {
        g_string_append(line, text);
        return;
    }
    g_string_append_c(line, '"');
    for (; *text; text++)
        g_string_append(line, *text == '"' ? "\"\"" : (char[]){*text, 0});
    g_string_append_c(line, '"');
}

/* "range.goodput_gbps.0" is the column goodput_gbps.low. */
static void metrics_append_header(GString *line, const char *path)
{
    g_autofree char *name = NULL;
    size_t length = strlen(path);

    if (!g_str_has_prefix(path, METRICS_RANGE)) {
        metrics_append_text(line, path);
        return;
    }
    name =
        g_strdup_printf("%.*s%s", (int)(length - strlen(METRICS_RANGE) - 2),
                        path + strlen(METRICS_RANGE), path[length - 1] == '0' ? ".low" : ".high");
    metrics_append_text(line, name);
}

static void metrics_append_cell(GString *line, JsonNode *node)
{
    double value = json_number(node);

    if (!isnan(value)) {
        g_autofree char *number = number_text(value);

        metrics_append_text(line, number);
    } else if (node && JSON_NODE_HOLDS_VALUE(node)) {
        metrics_append_text(line, json_node_get_string(node));
    } else {
        metrics_append_text(line, "");
    }
}

/* Every cell has a comma before it: the first one's is left out. */
static void metrics_append_line(GString *text, GString *line)
{
    g_string_append_printf(text, "%s\n", line->str + 1);
    g_string_truncate(line, 0);
}

char *metrics_csv(const char *const *headers, const struct metrics_row *rows, guint count)
{
    struct metrics_columns columns = {g_ptr_array_new_with_free_func(g_free),
                                      g_hash_table_new(g_str_hash, g_str_equal)};
    GString *text = g_string_new(NULL), *line = g_string_new(NULL);

    for (guint i = 0; i < count; i++)
        metrics_add_paths(&columns, rows[i].summary, "");
    for (; *headers; headers++)
        metrics_append_text(line, *headers);
    for (guint i = 0; i < columns.paths->len; i++)
        metrics_append_header(line, columns.paths->pdata[i]);
    metrics_append_line(text, line);
    for (guint i = 0; i < count; i++) {
        for (const char *const *key = rows[i].keys; *key; key++)
            metrics_append_text(line, *key);
        for (guint j = 0; j < columns.paths->len; j++)
            metrics_append_cell(line, json_at(rows[i].summary, columns.paths->pdata[j]));
        metrics_append_line(text, line);
    }
    g_string_free(line, TRUE);
    g_hash_table_unref(columns.known);
    g_ptr_array_unref(columns.paths);
    return g_string_free(text, FALSE);
}
