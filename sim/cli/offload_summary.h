/* What summary.json says about what offloads hold. */
#ifndef SIM_CLI_OFFLOAD_SUMMARY_H
#define SIM_CLI_OFFLOAD_SUMMARY_H

#include <json-glib/json-glib.h>

#include "net/simulation.h"

/* Bytes that were received and not yet sent on; NAN for what does not exist. */
struct offload_measurement {
    double max_bytes;  /* that one offload held at any time: exact, not of the samples */
    double slope_gbps; /* how fast all of them together filled, from the first to the last sample of
                          the measured time */
};

extern const struct offload_measurement offload_measurement_none;

struct offload_measurement offload_measure(const struct spec *spec,
                                           const struct simulation *simulation);
/* Adds the member `buffer`. */
void offload_summary_add(JsonObject *system, const struct offload_measurement *measurement);

#endif
