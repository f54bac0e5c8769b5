/* The runs of a scenario, several at once, each in a process of its own. */
#ifndef SIM_CLI_JOBS_H
#define SIM_CLI_JOBS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "cli/job.h"
#include "cli/progress.h"

struct job {
    struct spec spec;  /* of its system, with its seed */
    const char *point; /* of a sweep; NULL: none */
    char *folder;      /* for its files; there already */
    /* the outcome */
    JsonNode *summary; /* NULL: it did not run, or failed */
    struct job_usage usage;
    /* while it runs */
    pid_t pid; /* 0: not running */
    int pipe;
    GByteArray *received; /* frames that are not yet complete */
    struct job_progress progress;
    int status;    /* enum exit_status, of an error */
    char *message; /* of an error */
};

struct jobs_limits {
    guint at_once;
    gint64 wall_us; /* stop after this much wall-clock time; 0: never */
};

enum jobs_end {
    JOBS_DONE,
    JOBS_FAILED,      /* a job cannot be run, or written; the others were ended */
    JOBS_INTERRUPTED, /* by a signal; the jobs that ran have their summary */
    JOBS_LIMIT,       /* by wall_us; as above */
    JOBS_KILLED,      /* by a second signal: nothing is left to write */
};

struct jobs_outcome {
    enum jobs_end end;
    int signal;               /* JOBS_INTERRUPTED, JOBS_KILLED */
    const struct job *failed; /* JOBS_FAILED: its status and message say why */
    guint crashed; /* jobs whose processes ended by themselves, which have a message and no summary:
                      the others went on */
};

/* Runs them all in their order. The progress has begun. The caller has blocked the signals of
 * core/signals.h, which are read here. */
struct jobs_outcome jobs_run(struct job *jobs, guint count, const struct jobs_limits *limits,
                             struct progress *progress);

void job_clear(struct job *job);

#endif
