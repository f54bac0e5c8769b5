/* report: the table that a run prints.
 *
 * A column is there when a system has a value in it; counts of what should not happen are there
 * when one of them is not 0.
 */
#include "cli/report.h"

#include <math.h>

#include "cli/expectations.h"
#include "cli/json_text.h"
#include "cli/points.h"
#include "cli/table.h"
#include "core/number.h"

struct report_column {
    const char *header;
    const char *path;
    int decimals;
    bool hide_zero;
};

static const struct report_column report_columns[] = {
    {"goodput Gbps", "goodput_gbps", 3, false},
    {"normalised", "goodput_normalised_gbps", 3, false},
    {"of ideal", "share_of_ideal", 3, false},
    {"samples to recover", "recovery.samples_median", 1, false},
    {"most", "recovery.samples_max", 0, false},
    {"never", "recovery.never", 0, true},
    {"messages", "messages.completed", 0, true},
    {"unfinished", "messages.unfinished", 0, true},
    {"fct p50 us", "messages.fct_us.p50", 2, false},
    {"p99 us", "messages.fct_us.p99", 2, false},
    {"drops", "drops", 0, false},
    {"retransmitted", "retransmissions", 0, false},
    {"spuriously", "spurious_retransmissions", 0, true},
    {"timeouts", "timeouts", 0, true},
    {"pauses", "pauses", 0, true},
};

/* A system, at a point of a sweep if there is one. */
struct report_row {
    GPtrArray *keys; /* the point's values, and the system's name */
    JsonNode *system;
};

static bool report_shows(const struct report_column *column, GArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        JsonNode *system = g_array_index(rows, struct report_row, i).system;
        double value = json_number(json_at(system, column->path));

        if (!isnan(value) && (value != 0 || !column->hide_zero))
            return true;
    }
    return false;
}

/* "52.100", with several seeds "52.100 [51.800, 52.400]", "-" for what does not exist. */
static char *report_cell(const struct report_column *column, JsonNode *system)
{
    g_autofree char *low_path = g_strdup_printf("range.%s.0", column->path);
    g_autofree char *high_path = g_strdup_printf("range.%s.1", column->path);
    double value = json_number(json_at(system, column->path));
    double low = json_number(json_at(system, low_path));
    double high = json_number(json_at(system, high_path));
    GString *text = g_string_new(NULL);

    if (isnan(value))
        g_string_append_c(text, '-');
    else
        g_string_append_printf(text, "%.*f", column->decimals, value);
    if (low == high)
        return g_string_free(text, FALSE);
    if (!isnan(low) && !isnan(high))
        g_string_append_printf(text, " [%.*f, %.*f]", column->decimals, low, column->decimals,
                               high);
    else if (!isnan(low))
        g_string_append_printf(text, " [%.*f, -]", column->decimals, low);
    return g_string_free(text, FALSE);
}

static const char *report_digest(JsonNode *system)
{
    JsonNode *digest = json_child(system, "digest");

    return JSON_NODE_HOLDS_VALUE(digest) ? json_node_get_string(digest) : "in seeds.csv";
}

static void report_clear_row(gpointer row)
{
    g_ptr_array_unref(((struct report_row *)row)->keys);
}

static GArray *report_rows_new(void)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct report_row));

    g_array_set_clear_func(rows, report_clear_row);
    return rows;
}

/* A number as it was written, or the text. */
static char *report_value(JsonNode *value)
{
    double number = json_number(value);

    return isnan(number) ? g_strdup(json_node_get_string(value)) : number_text(number);
}

/* A row for each system; `values` (may be NULL) are those of their point. */
static void report_add_rows(GArray *rows, JsonNode *values, JsonNode *systems)
{
    JsonObjectIter systems_iter, values_iter;
    const char *system_name, *path;
    JsonNode *system, *value;

    json_object_iter_init_ordered(&systems_iter, json_node_get_object(systems));
    while (json_object_iter_next_ordered(&systems_iter, &system_name, &system)) {
        struct report_row row = {g_ptr_array_new_with_free_func(g_free), system};

        if (values) {
            json_object_iter_init_ordered(&values_iter, json_node_get_object(values));
            while (json_object_iter_next_ordered(&values_iter, &path, &value))
                g_ptr_array_add(row.keys, report_value(value));
        }
        g_ptr_array_add(row.keys, g_strdup(system_name));
        g_array_append_val(rows, row);
    }
}

/* `keys` are the headers of the rows' keys. A sweep's digests are in points.csv. */
static struct table *report_systems_table(GArray *rows, GPtrArray *keys, bool digests)
{
    g_autoptr(GPtrArray) headers = g_ptr_array_new();

    for (guint i = 0; i < keys->len; i++)
        g_ptr_array_add(headers, keys->pdata[i]);
    for (guint i = 0; i < G_N_ELEMENTS(report_columns); i++)
        if (report_shows(&report_columns[i], rows))
            g_ptr_array_add(headers, (gpointer)report_columns[i].header);
    if (digests)
        g_ptr_array_add(headers, (gpointer) "digest");
    g_ptr_array_add(headers, NULL);
    return table_new((const char *const *)headers->pdata, keys->len);
}

static void report_append_rows(GString *text, GArray *rows, GPtrArray *keys, bool digests,
                               bool colours)
{
    struct table *table = report_systems_table(rows, keys, digests);
    g_autofree char *lines = NULL;

    for (guint i = 0; i < rows->len; i++) {
        const struct report_row *row = &g_array_index(rows, struct report_row, i);

        for (guint j = 0; j < row->keys->len; j++)
            table_add(table, row->keys->pdata[j], TABLE_PLAIN);
        for (guint j = 0; j < G_N_ELEMENTS(report_columns); j++)
            if (report_shows(&report_columns[j], rows)) {
                g_autofree char *cell = report_cell(&report_columns[j], row->system);

                table_add(table, cell, TABLE_PLAIN);
            }
        if (digests)
            table_add(table, report_digest(row->system), TABLE_PLAIN);
    }
    lines = table_text(table, colours);
    g_string_append(text, lines);
    table_free(table);
}

static void report_append_systems(GString *text, JsonNode *systems, bool colours)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autoptr(GArray) rows = report_rows_new();

    g_ptr_array_add(keys, (gpointer) "system");
    report_add_rows(rows, NULL, systems);
    report_append_rows(text, rows, keys, true, colours);
}

static char **report_short_names(JsonNode *values)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    JsonObjectIter iter;
    const char *path;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, json_node_get_object(values));
    while (json_object_iter_next_ordered(&iter, &path, &value))
        g_ptr_array_add(paths, (gpointer)path);
    g_ptr_array_add(paths, NULL);
    return points_short_names((const char *const *)paths->pdata);
}

static void report_append_points(GString *text, JsonArray *points, bool colours)
{
    g_autoptr(GArray) rows = report_rows_new();
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_auto(GStrv) names = NULL;

    if (!json_array_get_length(points))
        return;
    names = report_short_names(json_child(json_array_get_element(points, 0), "values"));
    for (char **name = names; *name; name++)
        g_ptr_array_add(keys, *name);
    g_ptr_array_add(keys, (gpointer) "system");
    for (guint i = 0; i < json_array_get_length(points); i++) {
        JsonNode *point = json_array_get_element(points, i);

        report_add_rows(rows, json_child(point, "values"), json_child(point, "systems"));
    }
    report_append_rows(text, rows, keys, false, colours);
}

/* ---- expectations ---- */

/* A number of up to 5 digits; "-" when there is none. */
static char *report_number(JsonNode *node)
{
    double value = json_number(node);

    return isnan(value) ? g_strdup("-") : g_strdup_printf("%.5g", value);
}

static char *report_bound(JsonNode *expectation)
{
    g_autofree char *least = report_number(json_child(expectation, "at_least"));
    g_autofree char *most = report_number(json_child(expectation, "at_most"));

    if (*least == '-' && !least[1])
        return g_strdup_printf("<= %s", most);
    if (*most == '-' && !most[1])
        return g_strdup_printf(">= %s", least);
    return g_strdup_printf("%s .. %s", least, most);
}

static void report_add_expectation(struct table *table, JsonNode *expectation)
{
    g_autofree char *value = report_number(json_child(expectation, "value"));
    g_autofree char *bound = report_bound(expectation);
    g_autofree char *paper = report_number(json_child(expectation, "paper"));
    JsonNode *holds = json_child(expectation, "holds");

    table_add(table, json_node_get_string(json_child(expectation, "that")), TABLE_PLAIN);
    table_add(table, value, TABLE_PLAIN);
    table_add(table, bound, TABLE_PLAIN);
    table_add(table, paper, TABLE_PLAIN);
    if (!JSON_NODE_HOLDS_VALUE(holds))
        table_add(table, "not judged", TABLE_PLAIN);
    else if (json_node_get_boolean(holds))
        table_add(table, "yes", TABLE_GOOD);
    else
        table_add(table, "NO", TABLE_BAD);
}

static void report_append_expectations(GString *text, JsonNode *expectations, bool colours)
{
    static const char *const headers[] = {"expectation", "value", "bound", "paper", "holds", NULL};
    JsonArray *array = json_node_get_array(expectations);
    struct table *table = table_new(headers, 1);
    g_autofree char *rows = NULL;

    for (guint i = 0; i < json_array_get_length(array); i++)
        report_add_expectation(table, json_array_get_element(array, i));
    rows = table_text(table, colours);
    g_string_append_printf(text, "\n%s", rows);
    table_free(table);
}

/* Those of a sweep that do not hold, with their point, and how many there are. */
static void report_append_failed(GString *text, JsonArray *expectations, bool colours)
{
    static const char *const headers[] = {"at",    "expectation", "value", "bound",
                                          "paper", "holds",       NULL};
    struct table *table = table_new(headers, 2);
    guint count = json_array_get_length(expectations), failed = expectations_failed(expectations);
    g_autofree char *rows = NULL;

    for (guint i = 0; i < count; i++) {
        JsonNode *expectation = json_array_get_element(expectations, i);
        JsonNode *holds = json_child(expectation, "holds");

        if (!JSON_NODE_HOLDS_VALUE(holds) || json_node_get_boolean(holds))
            continue;
        table_add(table, json_node_get_string(json_child(expectation, "point")), TABLE_PLAIN);
        report_add_expectation(table, expectation);
    }
    rows = table_text(table, colours);
    if (failed)
        g_string_append_printf(text, "\n%s", rows);
    table_free(table);
    if (JSON_NODE_HOLDS_NULL(json_child(json_array_get_element(expectations, 0), "holds")))
        g_string_append_printf(text, "\nexpectations: %u, not judged\n", count);
    else
        g_string_append_printf(text, "\nexpectations: %u, of which %u %s\n", count, failed,
                               failed == 1 ? "does not hold" : "do not hold");
}

char *report_text(JsonNode *summary, bool colours)
{
    JsonNode *expectations = json_child(summary, "expectations");
    JsonNode *points = json_child(summary, "points");
    bool some = json_array_get_length(json_node_get_array(expectations));
    GString *text = g_string_new(NULL);

    if (points) {
        report_append_points(text, json_node_get_array(points), colours);
        if (some)
            report_append_failed(text, json_node_get_array(expectations), colours);
    } else {
        report_append_systems(text, json_child(summary, "systems"), colours);
        if (some)
            report_append_expectations(text, expectations, colours);
    }
    return g_string_free(text, FALSE);
}
