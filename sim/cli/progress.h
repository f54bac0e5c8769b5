/* How far a run is, on stderr: a bar on a terminal, else a line now and then. */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include <glib.h>
#include <stdbool.h>

#include <mtpsim/time.h>

struct progress {
    bool quiet;
    bool terminal;
    bool drawn;        /* there is a bar that must be wiped */
    guint jobs;        /* runs that are shown together */
    sim_time duration; /* of all of them, summed */
    gint64 start_us, next_us;
};

/* Simulated time and packet-hops until now, of all jobs, summed. */
struct progress_state {
    sim_time simulated;
    uint64_t packet_hops;
};

void progress_begin(struct progress *progress, bool quiet, guint jobs, sim_time duration);
void progress_update(struct progress *progress, const struct progress_state *state);
void progress_end(struct progress *progress);

/* "45 %, 9.000 of 20.000 ms, 25.3 M packet-hops/s, 3 s left"; free with g_free. */
char *progress_text(const struct progress *progress, const struct progress_state *state,
                    double elapsed_seconds);

#endif
