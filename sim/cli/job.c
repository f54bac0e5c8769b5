/* job: the child's side of a run.
 *
 * The run is cut into slices of simulated time, each about SLICE_SECONDS of wall clock: between two
 * slices the child says how far it is and looks whether it should stop. Slices never change a
 * result, so their length may follow the clock.
 *
 * Signals are blocked and looked at between slices, not handled: no handler, no global flag.
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
#include "net/simulation.h"

#define SLICE_SECONDS 0.05
#define SLICE_FIRST   SIM_US

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

static bool job_should_stop(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

static double job_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void job_report(const struct simulation *simulation, int pipe)
{
    struct simulation_totals totals;
    struct job_progress progress;

    simulation_totals(simulation, &totals);
    progress = (struct job_progress){totals.now, totals.packet_hops};
    job_send(pipe, JOB_FRAME_PROGRESS, &progress, sizeof progress, "");
}

static void job_run(struct simulation *simulation, sim_time duration, int pipe)
{
    sim_time now = 0, slice = SLICE_FIRST;

    while (now < duration && !job_should_stop()) {
        double start = job_seconds(), taken;

        now = simulation_run(simulation, now + MIN(slice, duration - now), NULL);
        taken = job_seconds() - start;
        if (taken < SLICE_SECONDS / 2)
            slice *= 2;
        else if (taken > SLICE_SECONDS)
            slice = MAX(slice / 2, SLICE_FIRST);
        if (taken > SLICE_SECONDS / 4)
            job_report(simulation, pipe);
    }
    job_report(simulation, pipe);
}

static void job_send_summary(const struct spec *spec, const struct simulation *simulation, int pipe)
{
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) summary = NULL;
    struct measurement measurement;
    struct job_usage usage;
    struct rusage resources;

    measurement_collect(&measurement, spec, simulation);
    summary = system_summary(&measurement, spec);
    text = json_text(summary);
    measurement_clear(&measurement);
    getrusage(RUSAGE_SELF, &resources);
    usage.peak_memory_bytes = (uint64_t)resources.ru_maxrss * 1024;
    job_send(pipe, JOB_FRAME_SUMMARY, &usage, sizeof usage, text);
}

int job_work(const struct spec *spec, const char *folder, int pipe)
{
    g_autoptr(GError) error = NULL;
    struct simulation *simulation = simulation_new(spec, &error);
    int status = EXIT_STATUS_DONE;

    if (!simulation)
        return job_fail(pipe, EXIT_STATUS_USAGE, error->message);
    job_run(simulation, spec->duration, pipe);
    simulation_check_conservation(simulation);
    if (series_write(folder, spec, simulation, &error))
        job_send_summary(spec, simulation, pipe);
    else
        status = job_fail(pipe, EXIT_STATUS_RESULTS, error->message);
    simulation_free(simulation);
    return status;
}
