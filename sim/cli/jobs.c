/* jobs: the parent's side of the runs.
 *
 * Processes, not threads: a run is a pure function of its system and seed, needs nothing from the
 * others, and a crash of one (a faulty plug-in) is reported with its name and takes no other along.
 * One job goes the same way, so that there is one way.
 *
 * Signals arrive as reads of a signalfd beside the children's pipes: no handler, no global flag. A
 * terminal sends Ctrl-C to the children too, where it is blocked and has the same meaning as the
 * SIGTERM that they get from here.
 */
#include "cli/jobs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/signals.h"

#define JOBS_POLL_MS 200

struct jobs {
    struct job *items;
    guint count, started, running, at_once;
    gint64 deadline_us; /* 0: none */
    int signals;        /* signalfd */
    struct progress *progress;
    struct jobs_outcome outcome;
};

/* ---- the child ---- */

static _Noreturn void jobs_child(struct jobs *jobs, struct job *job, int pipe)
{
    int status;

    /* The read ends of the others would keep them writing after the parent's death. */
    for (guint i = 0; i < jobs->started; i++)
        if (jobs->items[i].pid)
            close(jobs->items[i].pipe);
    close(jobs->signals);
    status = job_work(&job->spec, job->folder, pipe);
    close(pipe);
    exit(status);
}

/* ---- starting and ending ---- */

static void jobs_fail(struct jobs *jobs, struct job *job, enum exit_status status, char *message)
{
    job->status = status;
    job->message = message;
    if (jobs->outcome.end == JOBS_FAILED || jobs->outcome.end == JOBS_KILLED)
        return;
    jobs->outcome.end = JOBS_FAILED;
    jobs->outcome.failed = job;
}

static void jobs_start(struct jobs *jobs)
{
    struct job *job = &jobs->items[jobs->started];
    int ends[2];

    fflush(NULL); /* or the child would write it again */
    if (pipe(ends)) {
        jobs_fail(jobs, job, EXIT_STATUS_INTERNAL,
                  g_strdup_printf("cannot make a pipe: %s", g_strerror(errno)));
        return;
    }
    job->pid = fork();
    if (job->pid == 0) {
        close(ends[0]);
        jobs_child(jobs, job, ends[1]);
    }
    close(ends[1]);
    if (job->pid < 0) {
        job->pid = 0;
        close(ends[0]);
        jobs_fail(jobs, job, EXIT_STATUS_INTERNAL,
                  g_strdup_printf("cannot start a process: %s", g_strerror(errno)));
        return;
    }
    job->pipe = ends[0];
    job->received = g_byte_array_new();
    jobs->started++;
    jobs->running++;
}

static void jobs_signal_all(struct jobs *jobs, int signal)
{
    for (guint i = 0; i < jobs->started; i++)
        if (jobs->items[i].pid)
            kill(jobs->items[i].pid, signal);
}

/* How a process ended that has not sent what it should have. */
static char *jobs_crash_text(int status)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("its process was ended by signal %d (%s)", WTERMSIG(status),
                               strsignal(WTERMSIG(status)));
    return g_strdup_printf("its process ended with status %d", WEXITSTATUS(status));
}

/* The pipe of a job has ended, and so does its process. */
static void jobs_reap(struct jobs *jobs, struct job *job)
{
    int status;

    close(job->pipe);
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        ;
    job->pid = 0;
    jobs->running--;
    g_clear_pointer(&job->received, g_byte_array_unref);
    if (job->message) {
        jobs_fail(jobs, job, job->status, job->message);
    } else if (!job->summary || !WIFEXITED(status) || WEXITSTATUS(status)) {
        g_clear_pointer(&job->summary, json_node_unref);
        job->status = EXIT_STATUS_INTERNAL;
        job->message = jobs_crash_text(status);
        jobs->outcome.crashed++;
    }
}

/* ---- frames ---- */

static void jobs_take_summary(struct job *job, const guint8 *data, gsize length)
{
    g_autofree char *text = NULL;

    if (length < sizeof job->usage)
        return;
    memcpy(&job->usage, data, sizeof job->usage);
    text = g_strndup((const char *)data + sizeof job->usage, length - sizeof job->usage);
    job->summary = json_from_string(text, NULL);
}

static void jobs_take_error(struct job *job, const guint8 *data, gsize length)
{
    int32_t status;

    if (length < sizeof status || job->message)
        return;
    memcpy(&status, data, sizeof status);
    job->status = status;
    job->message = g_strndup((const char *)data + sizeof status, length - sizeof status);
}

static void jobs_take_frames(struct job *job)
{
    struct job_frame frame;

    while (job->received->len >= sizeof frame) {
        const guint8 *data = job->received->data + sizeof frame;

        memcpy(&frame, job->received->data, sizeof frame);
        if (job->received->len - sizeof frame < frame.length)
            return;
        if (frame.type == JOB_FRAME_PROGRESS && frame.length == sizeof job->progress)
            memcpy(&job->progress, data, sizeof job->progress);
        else if (frame.type == JOB_FRAME_SUMMARY)
            jobs_take_summary(job, data, frame.length);
        else if (frame.type == JOB_FRAME_ERROR)
            jobs_take_error(job, data, frame.length);
        g_byte_array_remove_range(job->received, 0, (guint)sizeof frame + frame.length);
    }
}

static void jobs_receive(struct jobs *jobs, struct job *job)
{
    guint8 buffer[4096];
    ssize_t length = read(job->pipe, buffer, sizeof buffer);

    if (length < 0 && errno == EINTR)
        return;
    if (length <= 0) {
        jobs_reap(jobs, job);
        return;
    }
    g_byte_array_append(job->received, buffer, (guint)length);
    jobs_take_frames(job);
}

/* ---- the loop ---- */

static void jobs_take_signal(struct jobs *jobs)
{
    struct signalfd_siginfo info;

    if (read(jobs->signals, &info, sizeof info) != sizeof info)
        return;
    if (jobs->outcome.end == JOBS_INTERRUPTED) {
        jobs->outcome.end = JOBS_KILLED;
        jobs_signal_all(jobs, SIGKILL);
        return;
    }
    if (jobs->outcome.end != JOBS_DONE && jobs->outcome.end != JOBS_LIMIT)
        return;
    jobs->outcome.end = JOBS_INTERRUPTED;
    jobs->outcome.signal = (int)info.ssi_signo;
    jobs_signal_all(jobs, SIGTERM);
}

static void jobs_check_limit(struct jobs *jobs)
{
    if (!jobs->deadline_us || jobs->outcome.end != JOBS_DONE ||
        g_get_monotonic_time() < jobs->deadline_us)
        return;
    jobs->outcome.end = JOBS_LIMIT;
    jobs_signal_all(jobs, SIGTERM);
}

static void jobs_show_progress(struct jobs *jobs)
{
    struct progress_state state = {0};

    for (guint i = 0; i < jobs->started; i++) {
        state.simulated += jobs->items[i].progress.now;
        state.packet_hops += jobs->items[i].progress.packet_hops;
    }
    progress_update(jobs->progress, &state);
}

/* Waits for a signal or news of a job, and takes what there is. */
static void jobs_wait(struct jobs *jobs)
{
    g_autofree struct pollfd *polled = g_new(struct pollfd, jobs->running + 1);
    g_autofree struct job **owners = g_new(struct job *, jobs->running + 1);
    guint count = 0;

    for (guint i = 0; i < jobs->started; i++) {
        if (!jobs->items[i].pid)
            continue;
        owners[count] = &jobs->items[i];
        polled[count++] = (struct pollfd){.fd = jobs->items[i].pipe, .events = POLLIN};
    }
    polled[count] = (struct pollfd){.fd = jobs->signals, .events = POLLIN};
    if (poll(polled, count + 1, JOBS_POLL_MS) <= 0)
        return;
    if (polled[count].revents)
        jobs_take_signal(jobs);
    for (guint i = 0; i < count; i++)
        if (polled[i].revents)
            jobs_receive(jobs, owners[i]);
}

static void jobs_loop(struct jobs *jobs)
{
    bool ended = false;

    for (;;) {
        while (jobs->outcome.end == JOBS_DONE && jobs->started < jobs->count &&
               jobs->running < jobs->at_once)
            jobs_start(jobs);
        if (!jobs->running)
            return;
        if (jobs->outcome.end == JOBS_FAILED && !ended) {
            jobs_signal_all(jobs, SIGKILL);
            ended = true;
        }
        jobs_wait(jobs);
        jobs_check_limit(jobs);
        jobs_show_progress(jobs);
    }
}

struct jobs_outcome jobs_run(struct job *items, guint count, const struct jobs_limits *limits,
                             struct progress *progress)
{
    struct jobs jobs = {
        .items = items, .count = count, .at_once = limits->at_once, .progress = progress};
    sigset_t taken;

    signals_of_ending(&taken);
    jobs.signals = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
    if (limits->wall_us)
        jobs.deadline_us = g_get_monotonic_time() + limits->wall_us;
    jobs_loop(&jobs);
    close(jobs.signals);
    return jobs.outcome;
}

void job_clear(struct job *job)
{
    g_clear_pointer(&job->folder, g_free);
    g_clear_pointer(&job->summary, json_node_unref);
    g_clear_pointer(&job->message, g_free);
}
