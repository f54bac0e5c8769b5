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

/* A table row of a summary of each seed. */
struct seeds_row {
    const char *system;
    uint64_t seed;
    JsonNode *summary;
};

/* seeds.csv: a row for each, a column for each number that any of them has, under its dotted path
 * (units are in the names). `cpu_seconds` is left out: the file is the same for equal runs. Free
 * with g_free. */
char *seeds_csv(const struct seeds_row *rows, guint count);

#endif
