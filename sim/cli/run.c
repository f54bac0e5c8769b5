/* run: the verb that simulates.
 *
 * What can be wrong is found before anything runs: the scenario, the names in its expectations, the
 * place for the result. Then every (point, system, seed) is a job; then the result is written
 * aside, put in place, and printed.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli/exit_status.h"
#include "cli/expectations.h"
#include "cli/jobs.h"
#include "cli/json_text.h"
#include "cli/manifest.h"
#include "cli/points.h"
#include "cli/rank_jobs.h"
#include "cli/report.h"
#include "cli/result_dir.h"
#include "cli/summary.h"
#include "cli/verbs.h"
#include "cli/warnings.h"
#include "core/signals.h"
#include "scenario/units.h"

#define RUN_THREADS_MOST 256
#define RUN_JOBS_MOST    65536

struct run {
    const struct verb_call *call;
    bool quiet;
    uint32_t threads; /* of each run */
    struct jobs_limits limits;
    struct registry *registry;
    struct scenario *scenario;
    struct points *points;
    GDateTime *start;
    char *destination;
    struct result_dir *result;
    struct job *jobs; /* point by point */
    guint job_count;
    struct jobs_outcome outcome;
    JsonNode *summary;
};

/* ---- options ---- */

/* A whole number from 1 to `most`; 0 and a complaint when it is not. */
static guint run_count_option(const struct options *options, const char *name, guint most,
                              guint fallback)
{
    const char *text = options_value(options, name);
    guint64 value;

    if (!text)
        return fallback;
    if (g_ascii_string_to_unsigned(text, 10, 1, most, &value, NULL))
        return (guint)value;
    verb_complain("--%s is \"%s\"; allowed: a whole number from 1 to %u", name, text, most);
    return 0;
}

/* Unless told otherwise, all runs together have as many threads as there are cores. */
static bool run_read_parallelism(struct run *run, const struct options *options)
{
    guint at_once;

    run->threads = run_count_option(options, "threads", RUN_THREADS_MOST, 1);
    if (!run->threads)
        return false;
    at_once = MAX(1, g_get_num_processors() / run->threads);
    run->limits.at_once = run_count_option(options, "jobs", RUN_JOBS_MOST, at_once);
    if (!run->call->ranks || run->limits.at_once <= 1 || !options_has(options, "jobs"))
        return run->limits.at_once;
    verb_complain("--jobs is %u; several processes of MPI do the runs one after another",
                  run->limits.at_once);
    return false;
}

static bool run_read_wall_limit(const struct options *options, struct jobs_limits *limits)
{
    const char *text = options_value(options, "wall-limit");
    struct quantity quantity;
    g_autofree char *wrong = NULL;

    if (!text)
        return true;
    wrong = units_parse(SIM_PARAM_TIME, text, &quantity);
    if (wrong)
        verb_complain("--wall-limit is \"%s\"%s", text, wrong);
    limits->wall_us = wrong ? 0 : MAX(1, (gint64)(quantity.base / (uint64_t)SIM_US));
    return !wrong;
}

static bool run_read_options(struct run *run)
{
    const struct options *options = run->call->options;

    if (options_has(options, "seed") && options_has(options, "seeds")) {
        verb_complain("--seed and --seeds exclude each other");
        return false;
    }
    run->quiet = options_has(options, "quiet");
    return run_read_parallelism(run, options) && run_read_wall_limit(options, &run->limits);
}

/* ---- jobs ---- */

/* SYSTEM, or SYSTEM/seed-N when there are several seeds, in the point's folder. */
static char *run_folder(const struct run *run, const struct point *point, const struct spec *spec)
{
    const struct scenario *scenario = point->scenario;
    g_autofree char *of_point = point_folder(point);
    g_autofree char *seed = NULL;

    if (scenario->first_seed != scenario->last_seed)
        seed = g_strdup_printf("seed-%" G_GUINT64_FORMAT, spec->seed);
    return g_build_filename(result_dir_path(run->result), of_point, spec->system, seed, NULL);
}

static bool run_make_job(struct run *run, const struct point *point, struct job *job, guint number)
{
    job->spec = point_spec(point, number);
    job->spec.threads = run->threads;
    job->spec.ranks = run->call->ranks;
    job->point = point->name;
    job->folder = run_folder(run, point, &job->spec);
    if (!g_mkdir_with_parents(job->folder, 0777))
        return true;
    verb_complain("cannot make a folder for the result of system %s", job->spec.system);
    return false;
}

static bool run_make_jobs(struct run *run)
{
    guint made = 0;

    for (guint i = 0; i < run->points->count; i++) {
        struct point *point = &run->points->items[i];

        point->job_count = point_run_count(point);
        run->job_count += point->job_count;
    }
    run->jobs = g_new0(struct job, run->job_count);
    for (guint i = 0; i < run->points->count; i++) {
        struct point *point = &run->points->items[i];

        point->jobs = run->jobs + made;
        for (guint j = 0; j < point->job_count; j++)
            if (!run_make_job(run, point, &run->jobs[made++], j))
                return false;
    }
    return true;
}

static void run_jobs(struct run *run)
{
    struct progress progress;
    sim_time duration = 0;

    for (guint i = 0; i < run->job_count; i++)
        duration += run->jobs[i].spec.duration;
    progress_begin(&progress, run->quiet, run->job_count, duration);
    run->outcome = run->call->ranks
                       ? rank_jobs_run(run->call->ranks, run->points, &run->limits, &progress)
                       : jobs_run(run->jobs, run->job_count, &run->limits, &progress);
    progress_end(&progress);
}

/* ---- the result ---- */

static const char *run_status_text(const struct run *run)
{
    if (run->outcome.end == JOBS_INTERRUPTED)
        return "interrupted";
    if (run->outcome.end == JOBS_LIMIT)
        return "stopped";
    return run->outcome.crashed ? "incomplete" : "done";
}

static void run_summarise(struct run *run)
{
    struct points *points = run->points;
    const char *status = run_status_text(run);

    for (guint i = 0; i < points->count; i++) {
        struct point *point = &points->items[i];

        point->summary = summary_make(point->scenario, status, point->jobs, point->job_count);
    }
    run->summary = points->swept ? summary_make_sweep(run->scenario, status, points)
                                 : json_node_ref(points->items[0].summary);
}

/* Writes a JSON file of the result. */
static gboolean run_write_json(struct run *run, const char *name, JsonNode *node, GError **error)
{
    g_autofree char *text = json_text(node);

    return result_dir_write(run->result, name, text, error);
}

static gboolean run_write_manifest(struct run *run, GError **error)
{
    g_autoptr(JsonNode) manifest =
        manifest_make(run->scenario, run->call->arguments, run->start, run->jobs, run->job_count);

    return run_write_json(run, "manifest.json", manifest, error);
}

static gboolean run_write_seeds(struct run *run, GError **error)
{
    g_autofree char *text = NULL;

    if (run->scenario->first_seed == run->scenario->last_seed)
        return TRUE;
    text = summary_seeds_csv(run->points);
    return result_dir_write(run->result, "seeds.csv", text, error);
}

/* The folder of a point is a result by itself: its scenario runs, its figures can be drawn. */
static gboolean run_write_point(struct run *run, const struct point *point, GError **error)
{
    g_autofree char *folder = point_folder(point);
    g_autofree char *scenario = g_build_filename(folder, "scenario.yaml", NULL);
    g_autofree char *summary = g_build_filename(folder, "summary.json", NULL);

    return result_dir_write(run->result, scenario, point->scenario->effective->str, error) &&
           run_write_json(run, summary, point->summary, error);
}

static gboolean run_write_sweep(struct run *run, GError **error)
{
    g_autofree char *table = NULL;

    if (!run->points->swept)
        return TRUE;
    for (guint i = 0; i < run->points->count; i++)
        if (!run_write_point(run, &run->points->items[i], error))
            return FALSE;
    table = summary_points_csv(run->points);
    return result_dir_write(run->result, "points.csv", table, error);
}

static gboolean run_write_result(struct run *run, GError **error)
{
    return run_write_manifest(run, error) &&
           result_dir_write(run->result, "scenario.yaml", run->scenario->effective->str, error) &&
           run_write_json(run, "summary.json", run->summary, error) &&
           run_write_seeds(run, error) && run_write_sweep(run, error) &&
           result_dir_commit(run->result, error);
}

static void run_print(const struct run *run)
{
    g_autofree char *text = NULL;
    bool colours = isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR");

    text = options_has(run->call->options, "json") ? json_text(run->summary)
                                                   : report_text(run->summary, colours);
    fputs(text, stdout);
}

static void run_print_cost(const struct run *run)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    double cpu_seconds = 0, packet_hops = 0;

    for (guint i = 0; i < run->job_count; i++)
        if (run->jobs[i].summary) {
            cpu_seconds += json_number(json_child(run->jobs[i].summary, "cpu_seconds"));
            packet_hops += json_number(json_child(run->jobs[i].summary, "packet_hops"));
        }
    fprintf(stderr, "mtpsim: %u %s in %.2f s", run->job_count, run->job_count == 1 ? "run" : "runs",
            (double)g_date_time_difference(now, run->start) / (double)G_USEC_PER_SEC);
    if (cpu_seconds > 0)
        fprintf(stderr, ", %.1f M packet-hops per CPU second", packet_hops / cpu_seconds / 1e6);
    fprintf(stderr, "; results in %s\n", run->destination);
}

static int run_exit_status(const struct run *run)
{
    JsonNode *expectations = json_child(run->summary, "expectations");

    if (run->outcome.end == JOBS_INTERRUPTED)
        return EXIT_STATUS_SIGNAL + run->outcome.signal;
    if (run->outcome.crashed)
        return EXIT_STATUS_INTERNAL;
    if (run->outcome.end == JOBS_LIMIT)
        return EXIT_STATUS_LIMIT;
    return expectations_failed(json_node_get_array(expectations)) ? EXIT_STATUS_EXPECTATION
                                                                  : EXIT_STATUS_DONE;
}

static int run_finish(struct run *run)
{
    g_autoptr(GError) error = NULL;

    run_summarise(run);
    if (!run_write_result(run, &error)) {
        verb_complain("%s", error->message);
        return EXIT_STATUS_RESULTS;
    }
    if (run->outcome.end != JOBS_DONE && !run->quiet)
        verb_complain("%s before the end; what was measured is written", run_status_text(run));
    run_print(run);
    fflush(stdout);
    if (!run->quiet)
        run_print_cost(run);
    return verb_end_output(run_exit_status(run));
}

/* ---- the verb ---- */

static void run_complain_of(const struct job *job)
{
    verb_complain("%s%ssystem %s, seed %" G_GUINT64_FORMAT ": %s", job->point ? job->point : "",
                  job->point ? ": " : "", job->spec.system, job->spec.seed, job->message);
}

/* Names the jobs that crashed, and gives whether any other is left. */
static bool run_survives(const struct run *run)
{
    guint left = 0;

    for (guint i = 0; i < run->job_count; i++) {
        const struct job *job = &run->jobs[i];

        if (job->message)
            run_complain_of(job);
        left += job->summary != NULL;
    }
    if (left)
        verb_complain("the results of the others are written");
    return left;
}

static int run_end_of_jobs(struct run *run)
{
    switch (run->outcome.end) {
    case JOBS_KILLED:
        verb_complain("interrupted twice; nothing is written");
        return EXIT_STATUS_SIGNAL + run->outcome.signal;
    case JOBS_FAILED:
        run_complain_of(run->outcome.failed);
        return run->outcome.failed->status;
    default:
        if (run->outcome.crashed && !run_survives(run))
            return EXIT_STATUS_INTERNAL;
        return run_finish(run);
    }
}

/* With a scenario: makes the place for the result, runs, writes. */
static int run_scenario(struct run *run)
{
    const char *out = options_value(run->call->options, "out");
    g_autoptr(GError) error = NULL;

    run->destination = out ? g_strdup(out) : g_build_filename("results", run->scenario->name, NULL);
    run->result = result_dir_begin(run->destination, &error);
    if (!run->result) {
        verb_complain("%s", error->message);
        return EXIT_STATUS_RESULTS;
    }
    if (!run_make_jobs(run))
        return EXIT_STATUS_RESULTS;
    run_jobs(run);
    return run_end_of_jobs(run);
}

static void run_clear(struct run *run)
{
    for (guint i = 0; i < run->job_count; i++)
        job_clear(&run->jobs[i]);
    g_free(run->jobs);
    g_clear_pointer(&run->summary, json_node_unref);
    result_dir_free(run->result);
    points_free(run->points);
    if (run->scenario)
        scenario_free(run->scenario);
    registry_free(run->registry);
    g_date_time_unref(run->start);
    g_free(run->destination);
}

int verb_run(const struct verb_call *call)
{
    struct run run = {.call = call};
    sigset_t taken, before;
    int status = EXIT_STATUS_USAGE;

    if (!run_read_options(&run))
        return EXIT_STATUS_USAGE;
    run.start = g_date_time_new_now_utc();
    run.registry = registry_new();
    run.scenario = verb_load(call, run.registry);
    run.points = run.scenario ? points_load(run.scenario) : NULL;
    if (run.points)
        warnings_print(run.points);
    /* Until the result is in place: a signal must not leave a temporary folder behind. */
    signals_of_ending(&taken);
    sigprocmask(SIG_BLOCK, &taken, &before);
    if (run.points)
        status = run_scenario(&run);
    run_clear(&run);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
