/* One run of one system with one seed, in a process of its own, or over ranks (rank_jobs.h).
 *
 * A child tells its parent in frames over a pipe: how far it is, at last its summary or what went
 * wrong. It writes its CSV files itself.
 */
#ifndef SIM_CLI_JOB_H
#define SIM_CLI_JOB_H

#include <glib.h>
#include <stdint.h>

#include "cli/exit_status.h"
#include "net/simulation.h"
#include "scenario/spec.h"

enum job_frame_type {
    JOB_FRAME_PROGRESS, /* struct job_progress */
    JOB_FRAME_SUMMARY,  /* struct job_usage, then the summary as JSON */
    JOB_FRAME_ERROR,    /* int32_t exit status, then the message */
};

struct job_frame {
    uint32_t type;   /* enum job_frame_type */
    uint32_t length; /* bytes that follow */
};

struct job_progress {
    sim_time now;
    uint64_t packet_hops;
};

struct job_usage {
    uint64_t peak_memory_bytes; /* resident, of its process; of ranks, summed */
    double wall_seconds;        /* of the event loop, set-up and output apart */
};

/* Who looks after a run while it goes on. */
struct job_watch {
    struct stop stop; /* first: what it asks finds the watch. Within a slice: whether to end it */
    /* Before each slice of simulated time: its end is *until, and may be changed. False: no more.
     */
    bool (*slice)(struct job_watch *watch, const struct simulation *simulation, sim_time *until);
};

/* Runs a simulation in slices, each about so many seconds of wall clock. Slices never change a
 * result, so their length may follow the clock. */
#define JOB_SLICE_SECONDS 0.05
void job_simulate(struct simulation *simulation, sim_time duration, struct job_watch *watch);

/* The summary of a simulation as JSON; free with g_free. */
char *job_summary(const struct spec *spec, const struct simulation *simulation);

/* The most that this process had in memory. */
uint64_t job_peak_memory_bytes(void);

double job_clock_seconds(void);

/* Whether a signal of core/signals.h is pending: a question for struct stop. */
bool job_is_signalled(const struct stop *stop);

/* What a child does: builds the simulation, runs it to its end or until it is signalled (the signals
 * are blocked), writes the files into `folder` and the frames into `pipe`. Gives the exit status of
 * the process. */
int job_work(const struct spec *spec, const char *folder, int pipe);

#endif
