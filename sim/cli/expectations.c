/* expectations: bounds on metrics of the summary, judged after the run. */
#include "cli/expectations.h"

#include <math.h>
#include <string.h>

#include "cli/json_text.h"
#include "cli/system_summary.h"
#include "core/nearest.h"
#include "measure/expression.h"

/* The system's summary that a path is about, and the rest of the path; NULL when there is none.
 * Names of systems may contain a point: the longest one that fits counts. */
static JsonNode *expectations_system(JsonNode *systems, const char *path, const char **metric)
{
    JsonNode *found = NULL, *member;
    JsonObjectIter iter;
    const char *name;
    size_t longest = 0;

    json_object_iter_init_ordered(&iter, json_node_get_object(systems));
    while (json_object_iter_next_ordered(&iter, &name, &member)) {
        size_t length = strlen(name);

        if (length < longest || strncmp(path, name, length) || path[length] != '.')
            continue;
        longest = length;
        found = member;
        *metric = path + length + 1;
    }
    return found;
}

static double expectations_lookup(void *context, const char *path)
{
    const char *metric = NULL;
    JsonNode *system = expectations_system(context, path, &metric);

    return system ? json_number(json_at(system, metric)) : NAN;
}

static struct expression *expectations_parse(const struct scenario *scenario,
                                             const struct spec_expectation *expectation)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    struct expression_error error = {0};
    struct expression *expression;

    for (guint i = 0; i < scenario_system_count(scenario); i++)
        g_ptr_array_add(names, (gpointer)scenario_spec(scenario, i)->system);
    g_ptr_array_add(names, NULL);
    expression = expression_parse(expectation->that, (const char *const *)names->pdata, &error);
    SIM_CHECK(expression, "the scenario accepted \"%s\": %s", expectation->that, error.message);
    return expression;
}

static double expectations_value(struct expression *expression, JsonNode *systems)
{
    return expression_evaluate(expression, expectations_lookup, systems);
}

/* ---- names ---- */

struct expectations_check {
    JsonNode *systems; /* summaries of runs in which nothing happened */
    const struct spec_expectation *expectation;
    struct scenario_errors *errors;
};

static GPtrArray *expectations_members(JsonNode *node)
{
    GPtrArray *names = g_ptr_array_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *member;

    json_object_iter_init_ordered(&iter, json_node_get_object(node));
    while (json_object_iter_next_ordered(&iter, &name, &member))
        g_ptr_array_add(names, (gpointer)name);
    return names;
}

static void expectations_report(const struct expectations_check *check, const char *format,
                                const char *what, const char *hint)
{
    const struct spec_expectation *expectation = check->expectation;
    struct position at = {
        .file = expectation->file, .line = expectation->line, .column = expectation->column};
    g_autofree char *message = g_strdup_printf("expectation: %s \"%s\"%s", format, what, hint);

    scenario_errors_add_text(check->errors, at, message);
}

/* Walks a metric's path down the summary and says where it leaves it. */
static void expectations_check_metric(const struct expectations_check *check, JsonNode *node,
                                      const char *metric)
{
    g_auto(GStrv) names = g_strsplit(metric, ".", -1);

    for (char **name = names; *name; name++) {
        JsonNode *next = json_child(node, *name);

        if (!next) {
            g_autoptr(GPtrArray) known =
                JSON_NODE_HOLDS_OBJECT(node) ? expectations_members(node) : g_ptr_array_new();
            g_autofree char *hint = nearest_hint(*name, known);

            expectations_report(check, "unknown metric", *name, hint);
            return;
        }
        node = next;
    }
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        g_autoptr(GPtrArray) members = expectations_members(node);
        g_autofree char *hint = nearest_hint("", members);

        expectations_report(check, "no number, but several:", metric, hint);
    }
}

static double expectations_check_path(void *context, const char *path)
{
    const struct expectations_check *check = context;
    const char *metric = NULL;
    JsonNode *system = expectations_system(check->systems, path, &metric);

    if (system)
        expectations_check_metric(check, system, metric);
    return NAN;
}

static JsonNode *expectations_empty_systems(const struct scenario *scenario)
{
    JsonObject *systems = json_object_new();

    for (guint i = 0; i < scenario_system_count(scenario); i++) {
        const struct spec *spec = scenario_spec(scenario, i);
        struct measurement measurement;

        measurement_init_empty(&measurement, spec);
        json_object_set_member(systems, spec->system, system_summary(&measurement, spec));
        measurement_clear(&measurement);
    }
    return json_node_init_object(json_node_alloc(), systems);
}

void expectations_check_names(const struct scenario *scenario, struct scenario_errors *errors)
{
    g_autoptr(JsonNode) systems = expectations_empty_systems(scenario);

    for (guint i = 0; i < scenario->expectations->len; i++) {
        const struct spec_expectation *expectation =
            &g_array_index(scenario->expectations, struct spec_expectation, i);
        struct expectations_check check = {systems, expectation, errors};
        struct expression *expression = expectations_parse(scenario, expectation);

        expression_evaluate(expression, expectations_check_path, &check);
        expression_free(expression);
    }
}

/* ---- judging ---- */

static bool expectations_within(const struct spec_expectation *expectation, double value)
{
    if (isnan(value))
        return false;
    return (isnan(expectation->at_least) || value >= expectation->at_least) &&
           (isnan(expectation->at_most) || value <= expectation->at_most);
}

/* Whether it holds; adds the values of the seeds when there are several. */
static bool expectations_holds(const struct spec_expectation *expectation,
                               struct expression *expression, GPtrArray *seeds, double value,
                               JsonObject *object)
{
    JsonArray *values;
    bool every = true;

    if (seeds->len < 2)
        return expectations_within(expectation, value);
    values = json_array_new();
    for (guint i = 0; i < seeds->len; i++) {
        double of_seed = expectations_value(expression, seeds->pdata[i]);

        every = every && expectations_within(expectation, of_seed);
        if (isfinite(of_seed))
            json_array_add_double_element(values, of_seed);
        else
            json_array_add_null_element(values);
    }
    json_object_set_array_member(object, "values", values);
    json_object_set_boolean_member(object, "every_seed", expectation->every_seed);
    return expectation->every_seed ? every : expectations_within(expectation, value);
}

static JsonObject *expectations_judge_one(const struct scenario *scenario,
                                          const struct spec_expectation *expectation,
                                          JsonNode *systems, GPtrArray *seeds, bool judge)
{
    struct expression *expression = expectations_parse(scenario, expectation);
    double value = expectations_value(expression, systems);
    JsonObject *object = json_object_new();
    bool holds;

    json_object_set_string_member(object, "that", expectation->that);
    json_set_real(object, "value", value);
    json_set_real(object, "at_least", expectation->at_least);
    json_set_real(object, "at_most", expectation->at_most);
    json_set_real(object, "paper", expectation->paper);
    holds = expectations_holds(expectation, expression, seeds, value, object);
    if (judge)
        json_object_set_boolean_member(object, "holds", holds);
    else
        json_object_set_null_member(object, "holds");
    expression_free(expression);
    return object;
}

JsonArray *expectations_judge(const struct scenario *scenario, JsonNode *systems, GPtrArray *seeds,
                              bool judge)
{
    JsonArray *judged = json_array_new();

    for (guint i = 0; i < scenario->expectations->len; i++)
        json_array_add_object_element(
            judged,
            expectations_judge_one(
                scenario, &g_array_index(scenario->expectations, struct spec_expectation, i),
                systems, seeds, judge));
    return judged;
}

guint expectations_failed(JsonArray *expectations)
{
    guint failed = 0;

    for (guint i = 0; i < json_array_get_length(expectations); i++) {
        JsonNode *holds =
            json_object_get_member(json_array_get_object_element(expectations, i), "holds");

        failed += JSON_NODE_HOLDS_VALUE(holds) && !json_node_get_boolean(holds);
    }
    return failed;
}
