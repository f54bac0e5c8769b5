/* What summary.json says about requests and their answers. */
#ifndef SIM_CLI_REQUEST_SUMMARY_H
#define SIM_CLI_REQUEST_SUMMARY_H

#include <json-glib/json-glib.h>

#include "cli/system_summary.h"

/* What the requests that were sent after `after` took, ascending; one without an answer is
 * SIM_NEVER. `messages`: struct message_record. */
GArray *request_latencies(const GArray *messages, sim_time after);

/* Adds the member `requests`. */
void request_summary_add(JsonObject *system, const struct measurement *measurement,
                         const struct spec *spec);

#endif
