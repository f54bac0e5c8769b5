/* Summaries as a table: seeds.csv, points.csv. */
#ifndef SIM_CLI_METRICS_CSV_H
#define SIM_CLI_METRICS_CSV_H

#include <json-glib/json-glib.h>

struct metrics_row {
    const char *const *keys; /* as many as there are headers */
    JsonNode *summary;
};

/* A column for each of `headers` (NULL at the end), then one for each number or text that any row's
 * summary has, under its dotted path (units are in the names); where seeds were combined, the
 * least and the greatest value follow as PATH.low and PATH.high. `cpu_seconds` is left out: the
 * table is the same for equal runs. Free with g_free. */
char *metrics_csv(const char *const *headers, const struct metrics_row *rows, guint count);

#endif
