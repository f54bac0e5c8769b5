/* The runs of one system with several seeds, as one summary. */
#ifndef SIM_CLI_SEEDS_H
#define SIM_CLI_SEEDS_H

#include <json-glib/json-glib.h>
#include <stdint.h>

/* The summary of a system from those of its seeds (JsonNode *, at least one). Of one seed it is
 * that seed's. Of several, every number is the median, what does not exist counting as infinite;
 * `range` has the least and the greatest of each, in the same shape; `digest` is the list of the
 * digests, in the order of the seeds. */
JsonNode *seeds_combine(GPtrArray *summaries);

#endif
