/* What summary.json says about requests and their answers. */
#ifndef SIM_CLI_REQUEST_SUMMARY_H
#define SIM_CLI_REQUEST_SUMMARY_H

#include <json-glib/json-glib.h>

#include "cli/system_summary.h"

/* Adds the member `requests`. */
void request_summary_add(JsonObject *system, const struct measurement *measurement,
                         const struct spec *spec);

#endif
