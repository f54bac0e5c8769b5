/* summary: systems in the order of the scenario, seeds combined, expectations judged; points in the
 * order of the sweep. */
#include "cli/summary.h"

#include <string.h>

#include "cli/expectations.h"
#include "cli/json_text.h"
#include "cli/metrics_csv.h"
#include "cli/seeds.h"

/* The summaries of a system's runs, in the order of the seeds; borrowed. */
static GPtrArray *summary_of_system(const struct job *jobs, guint count, const char *system)
{
    GPtrArray *summaries = g_ptr_array_new();

    for (guint i = 0; i < count; i++)
        if (jobs[i].summary && !strcmp(jobs[i].spec.system, system))
            g_ptr_array_add(summaries, jobs[i].summary);
    return summaries;
}

static JsonNode *summary_systems(const struct scenario *scenario, const struct job *jobs,
                                 guint count)
{
    JsonObject *systems = json_object_new();

    for (guint i = 0; i < scenario_system_count(scenario); i++) {
        const char *name = scenario_spec(scenario, i)->system;
        g_autoptr(GPtrArray) summaries = summary_of_system(jobs, count, name);

        if (summaries->len)
            json_object_set_member(systems, name, seeds_combine(summaries));
    }
    return json_node_init_object(json_node_alloc(), systems);
}

/* An object of all systems' summaries for each seed. */
static GPtrArray *summary_by_seed(const struct scenario *scenario, const struct job *jobs,
                                  guint count)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);

    for (uint64_t seed = scenario->first_seed;; seed++) {
        JsonObject *systems = json_object_new();

        for (guint i = 0; i < count; i++)
            if (jobs[i].summary && jobs[i].spec.seed == seed)
                json_object_set_member(systems, jobs[i].spec.system,
                                       json_node_copy(jobs[i].summary));
        g_ptr_array_add(seeds, json_node_init_object(json_node_alloc(), systems));
        if (seed == scenario->last_seed)
            return seeds;
    }
}

static void summary_add_seeds(JsonObject *summary, const struct scenario *scenario)
{
    JsonArray *seeds;

    json_set_count(summary, "seed", scenario->first_seed);
    if (scenario->first_seed == scenario->last_seed)
        return;
    seeds = json_array_new();
    for (uint64_t seed = scenario->first_seed; seed < scenario->last_seed; seed++)
        json_array_add_int_element(seeds, (gint64)seed);
    json_array_add_int_element(seeds, (gint64)scenario->last_seed);
    json_object_set_array_member(summary, "seeds", seeds);
}

static JsonObject *summary_head(const struct scenario *scenario, const char *status)
{
    JsonObject *summary = json_object_new();

    json_set_count(summary, "schema", 1);
    json_object_set_string_member(summary, "scenario", scenario->name);
    json_object_set_string_member(summary, "status", status);
    summary_add_seeds(summary, scenario);
    return summary;
}

JsonNode *summary_make(const struct scenario *scenario, const char *status, const struct job *jobs,
                       guint job_count)
{
    g_autoptr(GPtrArray) seeds = summary_by_seed(scenario, jobs, job_count);
    JsonNode *systems = summary_systems(scenario, jobs, job_count);
    JsonObject *summary = summary_head(scenario, status);

    json_object_set_member(summary, "systems", systems);
    json_object_set_array_member(
        summary, "expectations",
        expectations_judge(scenario, systems, seeds, !strcmp(status, "done")));
    return json_node_init_object(json_node_alloc(), summary);
}

/* ---- sweeps ---- */

static bool summary_has_systems(const struct point *point)
{
    return json_object_get_size(json_node_get_object(json_child(point->summary, "systems")));
}

/* A number where it is one, else text: 0.5, "20p". */
static void summary_set_value(JsonObject *values, const char *label)
{
    g_autofree char *path = point_label_path(label);
    const char *text = point_label_value(label);
    char *end;
    double number = g_ascii_strtod(text, &end);

    if (*text && !*end && !text[strspn(text, "+-.0123456789eE")])
        json_set_real(values, path, number);
    else
        json_object_set_string_member(values, path, text);
}

static JsonObject *summary_point(const struct point *point)
{
    JsonObject *object = json_object_new(), *values = json_object_new();
    g_autofree char *folder = point_folder(point);

    for (char **label = point->labels; *label; label++)
        summary_set_value(values, *label);
    json_object_set_object_member(object, "values", values);
    json_object_set_string_member(object, "folder", folder);
    json_object_set_member(object, "systems",
                           json_node_copy(json_child(point->summary, "systems")));
    json_object_set_member(object, "expectations",
                           json_node_copy(json_child(point->summary, "expectations")));
    return object;
}

static void summary_add_expectations(JsonArray *all, const struct point *point)
{
    JsonArray *own = json_node_get_array(json_child(point->summary, "expectations"));

    for (guint i = 0; i < json_array_get_length(own); i++) {
        JsonObject *object = json_object_new();
        JsonObjectIter iter;
        const char *name;
        JsonNode *member;

        json_object_set_string_member(object, "point", point->name);
        json_object_iter_init_ordered(&iter, json_array_get_object_element(own, i));
        while (json_object_iter_next_ordered(&iter, &name, &member))
            json_object_set_member(object, name, json_node_copy(member));
        json_array_add_object_element(all, object);
    }
}

JsonNode *summary_make_sweep(const struct scenario *scenario, const char *status,
                             const struct points *points)
{
    JsonObject *summary = summary_head(scenario, status);
    JsonArray *list = json_array_new(), *expectations = json_array_new();

    for (guint i = 0; i < points->count; i++) {
        if (!summary_has_systems(&points->items[i]))
            continue;
        json_array_add_object_element(list, summary_point(&points->items[i]));
        summary_add_expectations(expectations, &points->items[i]);
    }
    json_object_set_array_member(summary, "points", list);
    json_object_set_array_member(summary, "expectations", expectations);
    return json_node_init_object(json_node_alloc(), summary);
}

/* ---- tables ---- */

/* Rows of metrics_csv that own their keys: the values of a point, then what the caller adds. */
static GArray *summary_rows_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct metrics_row));
}

static void summary_add_row(GArray *rows, const struct point *point, JsonNode *summary,
                            const char *system, const char *seed)
{
    GStrvBuilder *keys = g_strv_builder_new();
    struct metrics_row row = {.summary = summary};

    for (char **label = point->labels; *label; label++)
        g_strv_builder_add(keys, point_label_value(*label));
    g_strv_builder_add(keys, system);
    if (seed)
        g_strv_builder_add(keys, seed);
    row.keys = (const char *const *)g_strv_builder_end(keys);
    g_strv_builder_unref(keys);
    g_array_append_val(rows, row);
}

/* The text of the table; frees the rows. */
static char *summary_rows_text(GArray *rows, const struct points *points, bool seeds)
{
    g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func(g_free);
    char *text;

    for (char **label = points->items[0].labels; *label; label++)
        g_ptr_array_add(headers, point_label_path(*label));
    g_ptr_array_add(headers, g_strdup("system"));
    if (seeds)
        g_ptr_array_add(headers, g_strdup("seed"));
    g_ptr_array_add(headers, NULL);
    text = metrics_csv((const char *const *)headers->pdata, (const struct metrics_row *)rows->data,
                       rows->len);
    for (guint i = 0; i < rows->len; i++)
        g_strfreev((char **)g_array_index(rows, struct metrics_row, i).keys);
    g_array_unref(rows);
    return text;
}

char *summary_seeds_csv(const struct points *points)
{
    GArray *rows = summary_rows_new();

    for (guint i = 0; i < points->count; i++) {
        const struct point *point = &points->items[i];

        for (guint j = 0; j < point->job_count; j++) {
            const struct job *job = &point->jobs[j];
            g_autofree char *seed = g_strdup_printf("%" G_GUINT64_FORMAT, job->spec.seed);

            if (job->summary)
                summary_add_row(rows, point, job->summary, job->spec.system, seed);
        }
    }
    return summary_rows_text(rows, points, true);
}

char *summary_points_csv(const struct points *points)
{
    GArray *rows = summary_rows_new();

    for (guint i = 0; i < points->count; i++) {
        JsonObjectIter iter;
        const char *name;
        JsonNode *system, *systems = json_child(points->items[i].summary, "systems");

        json_object_iter_init_ordered(&iter, json_node_get_object(systems));
        while (json_object_iter_next_ordered(&iter, &name, &system))
            summary_add_row(rows, &points->items[i], system, name, NULL);
    }
    return summary_rows_text(rows, points, false);
}
