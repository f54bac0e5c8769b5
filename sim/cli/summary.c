/* summary: systems in the order of the scenario, seeds combined, expectations judged. */
#include "cli/summary.h"

#include <string.h>

#include "cli/expectations.h"
#include "cli/json_text.h"
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

JsonNode *summary_make(const struct scenario *scenario, const char *status, const struct job *jobs,
                       guint job_count)
{
    g_autoptr(GPtrArray) seeds = summary_by_seed(scenario, jobs, job_count);
    JsonNode *systems = summary_systems(scenario, jobs, job_count);
    JsonObject *summary = json_object_new();

    json_set_count(summary, "schema", 1);
    json_object_set_string_member(summary, "scenario", scenario->name);
    json_object_set_string_member(summary, "status", status);
    summary_add_seeds(summary, scenario);
    json_object_set_member(summary, "systems", systems);
    json_object_set_array_member(
        summary, "expectations",
        expectations_judge(scenario, systems, seeds, !strcmp(status, "done")));
    return json_node_init_object(json_node_alloc(), summary);
}

char *summary_seeds_csv(const struct job *jobs, guint job_count)
{
    g_autofree struct seeds_row *rows = g_new(struct seeds_row, job_count);
    guint count = 0;

    for (guint i = 0; i < job_count; i++)
        if (jobs[i].summary)
            rows[count++] =
                (struct seeds_row){jobs[i].spec.system, jobs[i].spec.seed, jobs[i].summary};
    return seeds_csv(rows, count);
}
