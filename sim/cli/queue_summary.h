/* What summary.json says about the queues that `measure: queues` samples. */
#ifndef SIM_CLI_QUEUE_SUMMARY_H
#define SIM_CLI_QUEUE_SUMMARY_H

#include <json-glib/json-glib.h>

#include "net/simulation.h"

/* Of a link that has a sampled port: the port whose queue is longer in the mean. */
struct queue_measurement {
    const char *link;
    double mean_packets, p99_packets, max_packets; /* NAN: no sample in the measured time */
};

/* Of the samples in the measured time; struct queue_measurement, in the order of links. */
GArray *queue_measure(const struct spec *spec, const struct simulation *simulation);
/* The same with nothing measured. */
GArray *queue_measure_none(const struct spec *spec);

/* Adds "queues", a member a link; NULL: none. */
void queue_summary_add(JsonObject *system, const GArray *queues);

#endif
