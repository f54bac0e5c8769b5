/* summary.json of a scenario, from the summaries of its runs. */
#ifndef SIM_CLI_SUMMARY_H
#define SIM_CLI_SUMMARY_H

#include <json-glib/json-glib.h>

#include "cli/jobs.h"
#include "scenario/scenario.h"

/* `status` is "done", "interrupted" or "stopped"; only a run that is done is judged. Runs without a
 * summary are left out. */
JsonNode *summary_make(const struct scenario *scenario, const char *status, const struct job *jobs,
                       guint job_count);

/* seeds.csv of the same runs; free with g_free. */
char *summary_seeds_csv(const struct job *jobs, guint job_count);

#endif
