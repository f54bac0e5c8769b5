/* What summary.json says about one run of one system. */
#ifndef SIM_CLI_SYSTEM_SUMMARY_H
#define SIM_CLI_SYSTEM_SUMMARY_H

#include <json-glib/json-glib.h>

#include "cli/offload_summary.h"
#include "cli/queue_summary.h"
#include "measure/alternation.h"
#include "net/simulation.h"

/* The numbers of a run, read from its simulation. */
struct measurement {
    struct simulation_totals totals;
    struct sim_transport_counts counts;
    struct simulation_memory memory;
    sim_time measure_after;
    uint64_t *tenant_bytes; /* payload in the measured time; tenant_count + 1 rows */
    uint64_t *bin_bytes;    /* payload of all tenants and others, of each complete bin */
    uint64_t *tenant_bins;  /* the same of each tenant: bin b of tenant t at [t * bins + b] */
    uint32_t bins;
    sim_time bin_width;
    GArray *messages; /* struct message_record, all of the run */
    bool alternates;
    struct alternation alternation;
    struct offload_measurement offloads;
    GArray *queues; /* struct queue_measurement; NULL: none */
    struct simulation_faults faults;
    JsonObject *devices;
};

void measurement_collect(struct measurement *measurement, const struct spec *spec,
                         const struct simulation *simulation);
/* That of a run in which nothing has happened: its summary has every member that any run's has. */
void measurement_init_empty(struct measurement *measurement, const struct spec *spec);
void measurement_clear(struct measurement *measurement);

/* The summary of a system: an object. Every member is always there; null when it does not exist.
 * Only `cpu_seconds` differs between two runs of the same (scenario, seed, binary). */
JsonNode *system_summary(const struct measurement *measurement, const struct spec *spec);

#endif
