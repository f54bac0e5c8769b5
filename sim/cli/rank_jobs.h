/* The runs of a scenario, one after another, each split over all ranks.
 *
 * Rank 0 is the program as it always is: it reads, checks, complains, writes and prints. The others
 * follow its orders until the last one, which is to end with the same exit status.
 */
#ifndef SIM_CLI_RANK_JOBS_H
#define SIM_CLI_RANK_JOBS_H

#include "cli/jobs.h"
#include "cli/options.h"
#include "cli/points.h"
#include "net/ranks.h"

/* As jobs_run, at rank 0, of all jobs of all points; limits->at_once is not asked. */
struct jobs_outcome rank_jobs_run(struct ranks *ranks, struct points *points,
                                  const struct jobs_limits *limits, struct progress *progress);

/* At rank 0: the others end with this exit status. */
void rank_jobs_end(struct ranks *ranks, int status);

/* All that another rank does, with the same options as rank 0; gives its exit status. */
int rank_jobs_follow(struct ranks *ranks, const struct options *options);

#endif
