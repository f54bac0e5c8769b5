/* summary.json of a scenario, from the summaries of its runs, and the tables beside it. */
#ifndef SIM_CLI_SUMMARY_H
#define SIM_CLI_SUMMARY_H

#include <json-glib/json-glib.h>

#include "cli/jobs.h"
#include "cli/points.h"
#include "scenario/scenario.h"

/* `status` is "done", "interrupted" or "stopped"; only a run that is done is judged. Runs without a
 * summary are left out. */
JsonNode *summary_make(const struct scenario *scenario, const char *status, const struct job *jobs,
                       guint job_count);

/* Of a sweep, from the summaries of its points, each as summary_make gives it: `points`, in their
 * order, with their values, systems and expectations; `expectations` has those of all points. */
JsonNode *summary_make_sweep(const struct scenario *scenario, const char *status,
                             const struct points *points);

/* seeds.csv: a row for each run. Free with g_free. */
char *summary_seeds_csv(const struct points *points);

/* points.csv: a row for each system at each point, over its seeds. Free with g_free. */
char *summary_points_csv(const struct points *points);

#endif
