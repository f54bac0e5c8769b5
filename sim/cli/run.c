/* run: the verb that simulates.
 *
 * What can be wrong is found before anything runs: the scenario, the names in its expectations, the
 * place for the result. Then every (system, seed) is a job; then the result is written aside, put
 * in place, and printed.
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
#include "cli/report.h"
#include "cli/result_dir.h"
#include "cli/summary.h"
#include "cli/verbs.h"
#include "scenario/units.h"

struct run {
    const struct verb_call *call;
    bool quiet;
    struct jobs_limits limits;
    struct registry *registry;
    struct scenario *scenario;
    GDateTime *start;
    char *destination;
    struct result_dir *result;
    struct job *jobs; /* system by system, its seeds in order */
    guint job_count;
    struct jobs_outcome outcome;
    JsonNode *summary;
};

/* ---- options ---- */

/* A whole number from 1; 0 and a complaint when it is not. */
static guint run_count_option(const struct options *options, const char *name, guint fallback)
{
    const char *text = options_value(options, name);
    guint64 value;

    if (!text)
        return fallback;
    if (g_ascii_string_to_unsigned(text, 10, 1, 65536, &value, NULL))
        return (guint)value;
    verb_complain("--%s is \"%s\"; allowed: a whole number from 1 to 65536", name, text);
    return 0;
}

static bool run_read_threads(const struct options *options)
{
    guint threads = run_count_option(options, "threads", 1);

    if (threads > 1)
        verb_complain("--threads is %u; this version runs each simulation on 1 thread (systems "
                      "and seeds run at once, see --jobs)",
                      threads);
    return threads == 1;
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

    if (options_has(options, "vary")) {
        verb_complain("--vary is not supported by this version; run once for each value, with "
                      "--set and --out");
        return false;
    }
    if (options_has(options, "seed") && options_has(options, "seeds")) {
        verb_complain("--seed and --seeds exclude each other");
        return false;
    }
    run->quiet = options_has(options, "quiet");
    run->limits.at_once = run_count_option(options, "jobs", g_get_num_processors());
    return run->limits.at_once && run_read_threads(options) &&
           run_read_wall_limit(options, &run->limits);
}

/* ---- jobs ---- */

/* SYSTEM, or SYSTEM/seed-N when there are several seeds. */
static char *run_folder(const struct run *run, const struct spec *spec)
{
    g_autofree char *seed = NULL;

    if (run->scenario->first_seed == run->scenario->last_seed)
        return g_build_filename(result_dir_path(run->result), spec->system, NULL);
    seed = g_strdup_printf("seed-%" G_GUINT64_FORMAT, spec->seed);
    return g_build_filename(result_dir_path(run->result), spec->system, seed, NULL);
}

static bool run_make_jobs(struct run *run)
{
    const struct scenario *scenario = run->scenario;
    guint systems = scenario_system_count(scenario);
    guint seeds = (guint)(scenario->last_seed - scenario->first_seed + 1);

    run->job_count = systems * seeds;
    run->jobs = g_new0(struct job, run->job_count);
    for (guint i = 0; i < run->job_count; i++) {
        struct job *job = &run->jobs[i];

        job->spec = scenario_spec_with_seed(scenario, i / seeds, scenario->first_seed + i % seeds);
        job->folder = run_folder(run, &job->spec);
        if (g_mkdir_with_parents(job->folder, 0777)) {
            verb_complain("cannot make a folder for the result of system %s", job->spec.system);
            return false;
        }
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
    run->outcome = jobs_run(run->jobs, run->job_count, &run->limits, &progress);
    progress_end(&progress);
}

/* ---- the result ---- */

static const char *run_status_text(const struct run *run)
{
    if (run->outcome.end == JOBS_INTERRUPTED)
        return "interrupted";
    return run->outcome.end == JOBS_LIMIT ? "stopped" : "done";
}

/* Writes a JSON file of the result; takes the node. */
static gboolean run_write_json(struct run *run, const char *name, JsonNode *node, GError **error)
{
    g_autofree char *text = json_text(node);
    gboolean written = result_dir_write(run->result, name, text, error);

    json_node_unref(node);
    return written;
}

static gboolean run_write_seeds(struct run *run, GError **error)
{
    g_autofree char *text = NULL;

    if (run->scenario->first_seed == run->scenario->last_seed)
        return TRUE;
    text = summary_seeds_csv(run->jobs, run->job_count);
    return result_dir_write(run->result, "seeds.csv", text, error);
}

static gboolean run_write_result(struct run *run, GError **error)
{
    JsonNode *manifest =
        manifest_make(run->scenario, run->call->arguments, run->start, run->jobs, run->job_count);

    return run_write_json(run, "manifest.json", manifest, error) &&
           result_dir_write(run->result, "scenario.yaml", run->scenario->effective->str, error) &&
           run_write_json(run, "summary.json", json_node_ref(run->summary), error) &&
           run_write_seeds(run, error) && result_dir_commit(run->result, error);
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
    if (run->outcome.end == JOBS_LIMIT)
        return EXIT_STATUS_LIMIT;
    return expectations_failed(json_node_get_array(expectations)) ? EXIT_STATUS_EXPECTATION
                                                                  : EXIT_STATUS_DONE;
}

static int run_finish(struct run *run)
{
    g_autoptr(GError) error = NULL;

    run->summary = summary_make(run->scenario, run_status_text(run), run->jobs, run->job_count);
    if (!run_write_result(run, &error)) {
        verb_complain("%s", error->message);
        return EXIT_STATUS_RESULTS;
    }
    if (strcmp(run_status_text(run), "done") && !run->quiet)
        verb_complain("%s before the end; what was measured is written", run_status_text(run));
    run_print(run);
    fflush(stdout);
    if (!run->quiet)
        run_print_cost(run);
    return verb_end_output(run_exit_status(run));
}

/* ---- the verb ---- */

static int run_end_of_jobs(struct run *run)
{
    const struct job *failed = run->outcome.failed;

    switch (run->outcome.end) {
    case JOBS_KILLED:
        verb_complain("interrupted twice; nothing is written");
        return EXIT_STATUS_SIGNAL + run->outcome.signal;
    case JOBS_FAILED:
        verb_complain("system %s, seed %" G_GUINT64_FORMAT ": %s", failed->spec.system,
                      failed->spec.seed, failed->message);
        return failed->status;
    default:
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
    /* Until the result is in place: a signal must not leave a temporary folder behind. */
    sigemptyset(&taken);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGTERM);
    sigprocmask(SIG_BLOCK, &taken, &before);
    if (run.scenario)
        status = run_scenario(&run);
    run_clear(&run);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
