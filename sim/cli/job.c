/* job: the child's side of a run.
 *
 * The run is cut into slices of simulated time: between two of them the child says how far it is
 * and looks whether it should stop. It looks within a slice as well, since nothing bounds the work
 * of one: a workload may begin that sends a thousand times as much, and of which a single window
 * takes hours.
 *
 * Signals are blocked and looked at, not handled: no handler, no global flag.
 */
#include "cli/job.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cli/json_text.h"
#include "cli/series.h"
#include "cli/system_summary.h"

#define SLICE_FIRST SIM_US

/* ---- any run ---- */

double job_clock_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void job_simulate(struct simulation *simulation, sim_time duration, struct job_watch *watch)
{
    sim_time now = 0, slice = SLICE_FIRST;

    while (now < duration) {
        sim_time until = now + MIN(slice, duration - now);
        double start, taken;

        if (!watch->slice(watch, simulation, &until))
            return;
        start = job_clock_seconds();
        now = simulation_run(simulation, until, &watch->stop);
        taken = job_clock_seconds() - start;
        if (taken < JOB_SLICE_SECONDS / 2)
            slice *= 2;
        else if (taken > JOB_SLICE_SECONDS)
            slice = MAX(slice / 2, SLICE_FIRST);
    }
}

char *job_summary(const struct spec *spec, const struct simulation *simulation)
{
    g_autoptr(JsonNode) summary = NULL;
    struct measurement measurement;

    measurement_collect(&measurement, spec, simulation);
    summary = system_summary(&measurement, spec);
    measurement_clear(&measurement);
    return json_text(summary);
}

uint64_t job_peak_memory_bytes(void)
{
    struct rusage resources;

    getrusage(RUSAGE_SELF, &resources);
    return (uint64_t)resources.ru_maxrss * 1024;
}

/* ---- a child ---- */

struct job_child {
    struct job_watch watch; /* first: its slice finds the child */
    int pipe;
    double reported; /* when it last said how far it is */
};

static bool job_write(int pipe, const void *data, size_t length)
{
    const char *bytes = data;

    while (length) {
        ssize_t written = write(pipe, bytes, length);

        if (written < 0 && errno != EINTR)
            return false;
        bytes += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* A frame of a fixed part and a text. When the parent is gone there is nobody to tell: the signal
 * SIGPIPE ends the process. */
static void job_send(int pipe, enum job_frame_type type, const void *fixed, size_t fixed_length,
                     const char *text)
{
    struct job_frame frame = {type, (uint32_t)(fixed_length + strlen(text))};

    if (job_write(pipe, &frame, sizeof frame) && job_write(pipe, fixed, fixed_length))
        job_write(pipe, text, strlen(text));
}

static int job_fail(int pipe, enum exit_status status, const char *message)
{
    int32_t value = status;

    job_send(pipe, JOB_FRAME_ERROR, &value, sizeof value, message);
    return status;
}

bool job_is_signalled(const struct stop *stop)
{
    sigset_t pending;

    (void)stop;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
           sigismember(&pending, SIGHUP) == 1;
}

static void job_report(const struct simulation *simulation, int pipe)
{
    struct job_progress progress = {simulation_now(simulation), simulation_packet_hops(simulation)};

    job_send(pipe, JOB_FRAME_PROGRESS, &progress, sizeof progress, "");
}

static bool job_child_slice(struct job_watch *watch, const struct simulation *simulation,
                            sim_time *until)
{
    struct job_child *child = (struct job_child *)watch;
    double now = job_clock_seconds();

    (void)until;
    if (now - child->reported > JOB_SLICE_SECONDS / 4) {
        job_report(simulation, child->pipe);
        child->reported = now;
    }
    return !job_is_signalled(&watch->stop);
}

static void job_send_summary(const struct spec *spec, const struct simulation *simulation, int pipe)
{
    g_autofree char *text = job_summary(spec, simulation);
    struct job_usage usage = {job_peak_memory_bytes(), simulation_wall_seconds(simulation)};

    job_send(pipe, JOB_FRAME_SUMMARY, &usage, sizeof usage, text);
}

int job_work(const struct spec *spec, const char *folder, int pipe)
{
    g_autoptr(GError) error = NULL;
    struct simulation *simulation = simulation_new(spec, &error);
    struct job_child child = {
        .watch = {{job_is_signalled}, job_child_slice},
        .pipe = pipe,
        .reported = job_clock_seconds(),
    };
    int status = EXIT_STATUS_DONE;

    if (!simulation)
        return job_fail(pipe, EXIT_STATUS_USAGE, error->message);
    job_simulate(simulation, spec->duration, &child.watch);
    job_report(simulation, pipe);
    simulation_check_conservation(simulation);
    if (series_write(folder, spec, simulation, &error))
        job_send_summary(spec, simulation, pipe);
    else
        status = job_fail(pipe, EXIT_STATUS_RESULTS, error->message);
    simulation_free(simulation);
    return status;
}
