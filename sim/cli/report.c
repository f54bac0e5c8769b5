/* report: the table that a run prints.
 *
 * A column is there when a system has a value in it; counts of what should not happen are there
 * when one of them is not 0.
 */
#include "cli/report.h"

#include <math.h>

#include "cli/json_text.h"
#include "cli/table.h"

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
};

static bool report_shows(const struct report_column *column, JsonNode *systems)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *system;

    json_object_iter_init_ordered(&iter, json_node_get_object(systems));
    while (json_object_iter_next_ordered(&iter, &name, &system)) {
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

static void report_append_systems(GString *text, JsonNode *systems, bool colours)
{
    g_autoptr(GPtrArray) headers = g_ptr_array_new();
    g_autofree char *rows = NULL;
    JsonObjectIter iter;
    const char *name;
    JsonNode *system;
    struct table *table;

    g_ptr_array_add(headers, (gpointer) "system");
    for (guint i = 0; i < G_N_ELEMENTS(report_columns); i++)
        if (report_shows(&report_columns[i], systems))
            g_ptr_array_add(headers, (gpointer)report_columns[i].header);
    g_ptr_array_add(headers, (gpointer) "digest");
    g_ptr_array_add(headers, NULL);
    table = table_new((const char *const *)headers->pdata);
    json_object_iter_init_ordered(&iter, json_node_get_object(systems));
    while (json_object_iter_next_ordered(&iter, &name, &system)) {
        table_add(table, name, TABLE_PLAIN);
        for (guint i = 0; i < G_N_ELEMENTS(report_columns); i++)
            if (report_shows(&report_columns[i], systems)) {
                g_autofree char *cell = report_cell(&report_columns[i], system);

                table_add(table, cell, TABLE_PLAIN);
            }
        table_add(table, report_digest(system), TABLE_PLAIN);
    }
    rows = table_text(table, colours);
    g_string_append(text, rows);
    table_free(table);
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
    struct table *table = table_new(headers);
    g_autofree char *rows = NULL;

    for (guint i = 0; i < json_array_get_length(array); i++)
        report_add_expectation(table, json_array_get_element(array, i));
    rows = table_text(table, colours);
    g_string_append_printf(text, "\n%s", rows);
    table_free(table);
}

char *report_text(JsonNode *summary, bool colours)
{
    JsonNode *expectations = json_child(summary, "expectations");
    GString *text = g_string_new(NULL);

    report_append_systems(text, json_child(summary, "systems"), colours);
    if (json_array_get_length(json_node_get_array(expectations)))
        report_append_expectations(text, expectations, colours);
    return g_string_free(text, FALSE);
}
