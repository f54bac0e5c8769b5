/* The summary as text for people. */
#ifndef SIM_CLI_REPORT_H
#define SIM_CLI_REPORT_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* One table that compares the systems, and one of the expectations when there are any; of a sweep,
 * a row a system at each point, and only the expectations that do not hold. Free with g_free. */
char *report_text(JsonNode *summary, bool colours);

#endif
