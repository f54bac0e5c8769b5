/* rank_jobs: rank 0 and those that follow it.
 *
 * No process is forked: MPI does not bear it (the child has the memory of its connections, and not
 * the right to use them). So the runs go one after another.
 *
 * The text of the scenario travels, since only rank 0 has the standard input, and a file of another
 * machine might be another one. What it refers to (plug-ins, traces) must be there for all, under
 * the same names.
 *
 * Between two slices of simulated time all ranks tell each other how far they are, and rank 0 how
 * far to go. A signal that any of them gets is heard there by all: a launcher tells either all
 * ranks, or none. Within a slice each looks for a signal and at the clock, since rank 0 may have
 * nothing to do in a window that another does not finish: then the slice ends, and rank 0 decides.
 */
#include "cli/rank_jobs.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "cli/series.h"
#include "cli/verbs.h"
#include "core/signals.h"

/* ---- orders ---- */

enum order_type {
    ORDER_SCENARIO, /* load it: its name and its text follow */
    ORDER_RUN,
    ORDER_END,
};

struct order {
    uint32_t type; /* enum order_type */
    union {
        struct {
            uint32_t name_bytes, text_bytes;
        } scenario;
        struct {
            uint32_t point, run, threads;
            gint64 wall_us; /* what is left of the limit; 0: there is none */
        } run;
        int32_t status; /* ORDER_END */
    };
};

static void order_all(struct ranks *ranks, const struct order *order)
{
    ranks_tell(ranks, order, sizeof *order);
}

static struct order order_await(struct ranks *ranks)
{
    struct order order;

    ranks->ops->swap(ranks);
    bytes_get(&ranks->in[0], &order, sizeof order);
    return order;
}

void rank_jobs_end(struct ranks *ranks, int status)
{
    struct order order = {.type = ORDER_END, .status = status};

    order_all(ranks, &order);
}

/* ---- a run, at every rank ---- */

/* What ranks tell each other between two slices. */
struct slice_word {
    sim_time until; /* of rank 0: the end of the next slice; 0: there is none */
    uint64_t packet_hops;
    uint64_t signal; /* that it got; 0: none */
};

struct rank_watch {
    struct job_watch watch; /* first: its slice finds it */
    struct ranks *ranks;
    uint64_t packet_hops, signal; /* of all ranks, until the last slice */
    gint64 deadline_us;           /* 0: none */
    /* At rank 0: whether it ends here. */
    bool (*over)(struct rank_watch *watch, sim_time now);
};

/* Takes a signal that is pending. */
static uint64_t rank_signal(void)
{
    const struct timespec at_once = {0, 0};
    sigset_t taken;
    int signal;

    signals_of_ending(&taken);
    signal = sigtimedwait(&taken, NULL, &at_once);
    return signal > 0 ? (uint64_t)signal : 0;
}

/* Machines have different clocks: a limit travels as what is left of it. */
static gint64 rank_deadline(gint64 wall_us)
{
    return wall_us ? g_get_monotonic_time() + wall_us : 0;
}

static gint64 rank_wall_us(const struct rank_watch *watch)
{
    return watch->deadline_us ? MAX(1, watch->deadline_us - g_get_monotonic_time()) : 0;
}

static bool rank_is_late(const struct rank_watch *watch)
{
    return watch->deadline_us && g_get_monotonic_time() >= watch->deadline_us;
}

static bool rank_should_stop(const struct stop *stop)
{
    return job_is_signalled(stop) || rank_is_late((const struct rank_watch *)stop);
}

static void rank_hear(struct rank_watch *watch, const struct slice_word *word)
{
    watch->packet_hops += word->packet_hops;
    watch->signal = MAX(watch->signal, word->signal);
}

static bool rank_slice(struct job_watch *base, const struct simulation *simulation, sim_time *until)
{
    struct rank_watch *watch = (struct rank_watch *)base;
    struct ranks *ranks = watch->ranks;
    struct slice_word own = {.until = *until, .signal = rank_signal()}, other;

    own.packet_hops = simulation_packet_hops(simulation);
    watch->signal = MAX(watch->signal, own.signal);
    if (ranks_lead(ranks) && watch->over(watch, simulation_now(simulation)))
        own.until = 0;
    ranks_tell(ranks, &own, sizeof own);
    watch->packet_hops = 0;
    rank_hear(watch, &own);
    for (uint32_t rank = 0; rank < ranks->count; rank++) {
        if (rank == ranks->index)
            continue;
        bytes_get(&ranks->in[rank], &other, sizeof other);
        rank_hear(watch, &other);
        if (rank == 0)
            own.until = other.until;
    }
    *until = own.until;
    return own.until > 0;
}

/* Gives the simulation after its end, gathered; NULL when it cannot be built, at every rank. */
static struct simulation *rank_run(const struct spec *spec, struct rank_watch *watch,
                                   GError **error)
{
    struct simulation *simulation = simulation_new(spec, error);

    if (!ranks_agree(watch->ranks, simulation)) {
        simulation_free(simulation);
        return NULL;
    }
    job_simulate(simulation, spec->duration, &watch->watch);
    simulation_gather(simulation);
    return simulation;
}

/* ---- rank 0 ---- */

struct lead {
    struct rank_watch watch; /* first: its `over` finds it */
    struct progress *progress;
    sim_time earlier; /* simulated by earlier jobs */
    uint64_t earlier_hops;
    struct jobs_outcome outcome;
};

/* Whether something other than its own end ends the run. */
static bool lead_is_ended(struct lead *lead)
{
    if (lead->outcome.end != JOBS_DONE)
        return true;
    if (lead->watch.signal) {
        lead->outcome.end = JOBS_INTERRUPTED;
        lead->outcome.signal = (int)lead->watch.signal;
    } else if (rank_is_late(&lead->watch)) {
        lead->outcome.end = JOBS_LIMIT;
    }
    return lead->outcome.end != JOBS_DONE;
}

static bool lead_over(struct rank_watch *watch, sim_time now)
{
    struct lead *lead = (struct lead *)watch;
    struct progress_state state = {lead->earlier + now, lead->earlier_hops + watch->packet_hops};

    progress_update(lead->progress, &state);
    return lead_is_ended(lead);
}

static void lead_fail(struct lead *lead, struct job *job, enum exit_status status,
                      const char *message)
{
    job->status = status;
    job->message = g_strdup(message);
    lead->outcome.end = JOBS_FAILED;
    lead->outcome.failed = job;
}

/* Whether every rank has loaded it; those that cannot say why. */
static bool lead_scenario(struct ranks *ranks, const struct scenario *scenario)
{
    const char *name;
    const GString *text = scenario_source(scenario, &name);
    struct order order = {.type = ORDER_SCENARIO,
                          .scenario = {(uint32_t)strlen(name), (uint32_t)text->len}};

    for (uint32_t rank = 1; rank < ranks->count; rank++) {
        bytes_put(&ranks->out[rank], &order, sizeof order);
        bytes_put(&ranks->out[rank], name, order.scenario.name_bytes);
        bytes_put(&ranks->out[rank], text->str, order.scenario.text_bytes);
    }
    ranks->ops->swap(ranks);
    return ranks_agree(ranks, true);
}

static void lead_usage(struct lead *lead, struct job *job, const struct simulation *simulation)
{
    struct ranks *ranks = lead->watch.ranks;
    uint64_t others;

    job->usage.peak_memory_bytes = job_peak_memory_bytes();
    job->usage.wall_seconds = simulation_wall_seconds(simulation);
    ranks->ops->swap(ranks);
    for (uint32_t rank = 1; rank < ranks->count; rank++) {
        bytes_get(&ranks->in[rank], &others, sizeof others);
        job->usage.peak_memory_bytes += others;
    }
}

static void lead_results(struct lead *lead, struct job *job, const struct simulation *simulation)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    struct simulation_totals totals;

    simulation_check_conservation(simulation);
    if (!series_write(job->folder, &job->spec, simulation, &error)) {
        lead_fail(lead, job, EXIT_STATUS_RESULTS, error->message);
        return;
    }
    text = job_summary(&job->spec, simulation);
    job->summary = json_from_string(text, NULL);
    simulation_totals(simulation, &totals);
    lead->earlier += totals.now;
    lead->earlier_hops += totals.packet_hops;
}

static void lead_job(struct lead *lead, struct job *job, const struct order *order)
{
    g_autoptr(GError) error = NULL;
    struct simulation *simulation;

    order_all(lead->watch.ranks, order);
    lead->watch.packet_hops = 0;
    simulation = rank_run(&job->spec, &lead->watch, &error);
    if (!simulation) {
        lead_fail(lead, job, EXIT_STATUS_USAGE,
                  error ? error->message : "another rank cannot build the network");
        return;
    }
    lead_usage(lead, job, simulation);
    lead_results(lead, job, simulation);
    simulation_free(simulation);
}

static void lead_point(struct lead *lead, struct point *point, guint number)
{
    for (guint run = 0; run < point->job_count && !lead_is_ended(lead); run++) {
        struct job *job = &point->jobs[run];
        struct order order = {
            .type = ORDER_RUN,
            .run = {number, run, job->spec.threads, rank_wall_us(&lead->watch)},
        };

        lead_job(lead, job, &order);
    }
}

struct jobs_outcome rank_jobs_run(struct ranks *ranks, struct points *points,
                                  const struct jobs_limits *limits, struct progress *progress)
{
    struct lead lead = {
        .watch = {.watch = {{rank_should_stop}, rank_slice},
                  .ranks = ranks,
                  .deadline_us = rank_deadline(limits->wall_us),
                  .over = lead_over},
        .progress = progress,
    };

    if (!lead_scenario(ranks, points->items[0].scenario))
        lead_fail(&lead, &points->items[0].jobs[0], EXIT_STATUS_USAGE,
                  "not every rank can load the scenario");
    for (guint i = 0; i < points->count; i++)
        lead_point(&lead, &points->items[i], i);
    return lead.outcome;
}

/* ---- the others ---- */

struct follow {
    struct ranks *ranks;
    const struct options *options;
    struct registry *registry;
    struct scenario *scenario; /* NULL: not yet, or not possible */
    struct points *points;
};

static struct scenario *follow_load_text(struct follow *follow, const char *name, const char *text,
                                         gsize length)
{
    struct scenario_options overrides = verb_overrides(follow->options);
    struct scenario_errors *errors = NULL;
    struct scenario *scenario =
        scenario_load_text(name, text, length, &overrides, follow->registry, &errors);

    if (!scenario) {
        verb_complain("rank %u:", follow->ranks->index);
        scenario_errors_print(errors, stderr);
    }
    scenario_errors_free(errors);
    return scenario;
}

static void follow_load(struct follow *follow, const struct order *order)
{
    struct bytes *in = &follow->ranks->in[0];
    g_autofree char *name =
        g_strndup(bytes_take(in, order->scenario.name_bytes), order->scenario.name_bytes);
    const char *text = bytes_take(in, order->scenario.text_bytes);

    follow->registry = registry_new();
    follow->scenario = follow_load_text(follow, name, text, order->scenario.text_bytes);
    if (follow->scenario)
        follow->points = points_load(follow->scenario);
    ranks_agree(follow->ranks, follow->points);
}

static void follow_run(struct follow *follow, const struct order *order)
{
    struct rank_watch watch = {
        .watch = {{rank_should_stop}, rank_slice},
        .ranks = follow->ranks,
        .deadline_us = rank_deadline(order->run.wall_us),
    };
    struct spec spec = point_spec(&follow->points->items[order->run.point], order->run.run);
    struct simulation *simulation;
    uint64_t peak_memory_bytes;

    spec.threads = order->run.threads;
    spec.ranks = follow->ranks;
    simulation = rank_run(&spec, &watch, NULL);
    if (!simulation)
        return; /* rank 0 says why */
    peak_memory_bytes = job_peak_memory_bytes();
    bytes_put(&follow->ranks->out[0], &peak_memory_bytes, sizeof peak_memory_bytes);
    follow->ranks->ops->swap(follow->ranks);
    simulation_free(simulation);
}

static void follow_clear(struct follow *follow)
{
    points_free(follow->points);
    if (follow->scenario)
        scenario_free(follow->scenario);
    if (follow->registry)
        registry_free(follow->registry);
}

int rank_jobs_follow(struct ranks *ranks, const struct options *options)
{
    struct follow follow = {.ranks = ranks, .options = options};
    struct order order;
    sigset_t taken;

    /* Rank 0 hears of them through the next slice, and decides. */
    signals_of_ending(&taken);
    sigprocmask(SIG_BLOCK, &taken, NULL);
    while ((order = order_await(ranks)).type != ORDER_END) {
        if (order.type == ORDER_SCENARIO)
            follow_load(&follow, &order);
        else
            follow_run(&follow, &order);
    }
    follow_clear(&follow);
    return order.status;
}
