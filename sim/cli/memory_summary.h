/* What summary.json says about memory: struct simulation_memory when the run ends, as sums and for
 * one host, port and flow. The resident size of the process, which depends on the machine and on
 * threads, is in manifest.json. */
#ifndef SIM_CLI_MEMORY_SUMMARY_H
#define SIM_CLI_MEMORY_SUMMARY_H

#include <json-glib/json-glib.h>

#include "net/simulation.h"

/* Adds "memory". */
void memory_summary_add(JsonObject *system, const struct simulation_memory *memory,
                        const struct spec *spec);

#endif
