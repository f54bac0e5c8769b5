/* manifest.json: how a result was made. Everything that may differ between two equal runs is here,
 * and nothing of it but `cpu_seconds` in summary.json. */
#ifndef SIM_CLI_MANIFEST_H
#define SIM_CLI_MANIFEST_H

#include <json-glib/json-glib.h>

#include "cli/jobs.h"
#include "scenario/scenario.h"

/* `arguments` are the program's, NULL at the end. */
JsonNode *manifest_make(const struct scenario *scenario, char *const *arguments, GDateTime *start,
                        const struct job *jobs, guint job_count);

#endif
