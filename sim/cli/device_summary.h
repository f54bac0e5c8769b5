/* What summary.json says about devices in the network. */
#ifndef SIM_CLI_DEVICE_SUMMARY_H
#define SIM_CLI_DEVICE_SUMMARY_H

#include <json-glib/json-glib.h>

#include "net/simulation.h"

/* The member `devices`, an object for each: from a simulation, or of one in which nothing happened.
 * Owned by the caller. */
JsonObject *device_summary(const struct simulation *simulation);
JsonObject *device_summary_empty(const struct spec *spec);

#endif
