/* The `expect:` block against what came out. */
#ifndef SIM_CLI_EXPECTATIONS_H
#define SIM_CLI_EXPECTATIONS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "scenario/errors.h"
#include "scenario/scenario.h"

/* Looks every metric up that an expectation names, before anything runs: a mistyped one must not
 * cost a whole run. Adds to the errors. */
void expectations_check_names(const struct scenario *scenario, struct scenario_errors *errors);

/* The `expectations` of summary.json, a list of objects. `systems` is an object of the systems'
 * summaries; `seeds` are such objects, one of each seed (JsonNode *). Where `judge` is false (the
 * run was cut short), `holds` is null. A value that does not exist does not hold. */
JsonArray *expectations_judge(const struct scenario *scenario, JsonNode *systems, GPtrArray *seeds,
                              bool judge);

/* How many do not hold. */
guint expectations_failed(JsonArray *expectations);

#endif
