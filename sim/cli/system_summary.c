/* system_summary: from the counts of a run to its summary.
 *
 * The measured time is from `measure: after` to the end of the run. Goodput is payload that first
 * arrived at applications in it; messages are those submitted in it. Everything else counts from
 * time 0.
 *
 * The normalised goodput is goodput divided by the payload's share of the data bytes as sent: what
 * the transport would deliver if its headers were free, so that transports with different headers
 * can be compared (TCP carries 1460 bytes in a packet of 1500, MTP fewer).
 */
#include "cli/system_summary.h"

#include <math.h>

#include "cli/device_summary.h"
#include "cli/json_text.h"
#include "cli/memory_summary.h"
#include "cli/request_summary.h"
#include "measure/convergence.h"
#include "measure/quantile.h"
#include "measure/variation.h"

/* ---- collecting ---- */

static void measurement_collect_bins(struct measurement *measurement, const struct spec *spec,
                                     const struct simulation *simulation)
{
    measurement->bin_width = spec->throughput_every;
    if (!spec->throughput_every)
        return;
    /* An interrupted run has no more bins than its time, a finished one may end within a bin. */
    measurement->bins = (uint32_t)MIN(simulation_throughput_bins(simulation),
                                      measurement->totals.now / spec->throughput_every);
    measurement->bin_bytes = g_new0(uint64_t, measurement->bins);
    measurement->tenant_bins =
        g_new0(uint64_t, (gsize)measurement->bins * (spec->tenant_count + 1));
    for (uint32_t row = 0; row <= spec->tenant_count; row++)
        for (uint32_t bin = 0; bin < measurement->bins; bin++) {
            uint64_t bytes = simulation_throughput(simulation, row, bin);

            measurement->tenant_bins[(gsize)row * measurement->bins + bin] = bytes;
            measurement->bin_bytes[bin] += bytes;
        }
}

void measurement_collect(struct measurement *measurement, const struct spec *spec,
                         const struct simulation *simulation)
{
    *measurement = (struct measurement){.measure_after = spec->measure_after};
    simulation_totals(simulation, &measurement->totals);
    simulation_counts(simulation, &measurement->counts);
    simulation_memory(simulation, &measurement->memory);
    measurement->tenant_bytes = g_new0(uint64_t, spec->tenant_count + 1);
    for (uint32_t row = 0; row <= spec->tenant_count; row++)
        measurement->tenant_bytes[row] = simulation_measured_bytes(simulation, row);
    measurement_collect_bins(measurement, spec, simulation);
    measurement->messages = simulation_messages(simulation);
    measurement->alternates = simulation_alternation(simulation, &measurement->alternation);
    measurement->offloads = offload_measure(spec, simulation);
    measurement->queues = queue_measure(spec, simulation);
    simulation_faults(simulation, &measurement->faults);
    measurement->devices = device_summary(simulation);
}

void measurement_init_empty(struct measurement *measurement, const struct spec *spec)
{
    /* One message to each host, so that the bins by size and by destination are there. */
    struct message_record message = {.delivered = SIM_NEVER};

    *measurement = (struct measurement){.offloads = offload_measurement_none};
    measurement->devices = device_summary_empty(spec);
    measurement->tenant_bytes = g_new0(uint64_t, spec->tenant_count + 1);
    measurement->queues = queue_measure_none(spec);
    measurement->messages = g_array_new(FALSE, FALSE, sizeof message);
    do
        g_array_append_val(measurement->messages, message);
    while (++message.dst < spec->host_count);
}

void measurement_clear(struct measurement *measurement)
{
    g_free(measurement->tenant_bytes);
    g_free(measurement->bin_bytes);
    g_free(measurement->tenant_bins);
    g_array_unref(measurement->messages);
    if (measurement->queues)
        g_array_unref(measurement->queues);
    json_object_unref(measurement->devices);
}

/* ---- goodput ---- */

/* Headers as sent, and the path feedback that data packets collected on their way: MTP's packets
 * grow on the wire. */
static uint64_t summary_header_bytes(const struct measurement *measurement)
{
    return measurement->counts.data_header_bytes + measurement->counts.feedback_bytes;
}

static double summary_data_bytes(const struct measurement *measurement)
{
    return (double)(measurement->counts.data_payload_bytes + summary_header_bytes(measurement));
}

static double summary_payload_share(const struct measurement *measurement)
{
    return (double)measurement->counts.data_payload_bytes / summary_data_bytes(measurement);
}

static double summary_gbps(const struct measurement *measurement, uint64_t bytes)
{
    sim_time measured = measurement->totals.now - measurement->measure_after;

    return measured > 0 ? (double)bytes * 8000 / (double)measured : NAN;
}

static double summary_goodput(const struct measurement *measurement, const struct spec *spec)
{
    uint64_t bytes = 0;

    for (uint32_t row = 0; row <= spec->tenant_count; row++)
        bytes += measurement->tenant_bytes[row];
    return summary_gbps(measurement, bytes);
}

/* A member for each tenant, and one for the rest; divided by `share`. */
static void summary_add_by_tenant(JsonObject *system, const char *name,
                                  const struct measurement *measurement, const struct spec *spec,
                                  double share)
{
    JsonObject *tenants = json_object_new();

    for (uint32_t row = 0; row < spec->tenant_count; row++)
        json_set_real(tenants, spec->tenants[row].name,
                      summary_gbps(measurement, measurement->tenant_bytes[row]) / share);
    if (spec->tenant_count)
        json_set_real(tenants, "others",
                      summary_gbps(measurement, measurement->tenant_bytes[spec->tenant_count]) /
                          share);
    json_object_set_object_member(system, name, tenants);
}

static void summary_add_goodput(JsonObject *system, const struct measurement *measurement,
                                const struct spec *spec)
{
    double goodput = summary_goodput(measurement, spec);
    double share = summary_payload_share(measurement);

    json_set_real(system, "goodput_gbps", goodput);
    json_set_real(system, "goodput_normalised_gbps", goodput / share);
    json_set_real(system, "payload_share", share);
    json_set_real(system, "header_share",
                  (double)summary_header_bytes(measurement) / summary_data_bytes(measurement));
    summary_add_by_tenant(system, "goodput_gbps_by_tenant", measurement, spec, 1);
    summary_add_by_tenant(system, "goodput_normalised_gbps_by_tenant", measurement, spec, share);
}

/* ---- variation ---- */

/* Of the samples that lie in the measured time as a whole. */
static void summary_add_variation(JsonObject *system, const struct measurement *measurement)
{
    uint32_t first = 0;

    while (first < measurement->bins &&
           (sim_time)first * measurement->bin_width < measurement->measure_after)
        first++;
    json_set_real(system, "throughput_cv",
                  variation_coefficient(measurement->bin_bytes + first, measurement->bins - first));
}

/* ---- tenants' shares ---- */

/* Jain's index of what tenants got in proportion to their weights: 1 is equal, 1/n one took all. */
static double summary_fairness(const struct measurement *measurement, const struct spec *spec)
{
    double sum = 0, squares = 0;

    for (uint32_t tenant = 0; tenant < spec->tenant_count; tenant++) {
        double got =
            (double)measurement->tenant_bytes[tenant] / spec_tenant_weight(&spec->tenants[tenant]);

        sum += got;
        squares += got * got;
    }
    return sum * sum / (spec->tenant_count * squares);
}

/* Long against round trips and the saw-teeth of congestion control in a data centre, short against
 * what operators would call a disturbance. */
#define SUMMARY_FAIR_WINDOW    (500 * SIM_US)
#define SUMMARY_FAIR_TOLERANCE 0.2

static void summary_add_convergence(JsonObject *system, const struct measurement *measurement,
                                    const struct spec *spec)
{
    double *weights = g_new0(double, spec->tenant_count + 1);
    struct convergence_series series = {measurement->tenant_bins, weights, spec->tenant_count,
                                        measurement->bins, measurement->bin_width};
    sim_time time = SIM_NEVER;

    for (uint32_t tenant = 0; tenant < spec->tenant_count; tenant++)
        weights[tenant] = spec_tenant_weight(&spec->tenants[tenant]);
    if (spec->tenant_count > 1 && series.width && series.width <= SUMMARY_FAIR_WINDOW)
        time = convergence_time(&series, (uint32_t)(SUMMARY_FAIR_WINDOW / series.width),
                                SUMMARY_FAIR_TOLERANCE, measurement->measure_after);
    json_set_real(system, "convergence_us",
                  time == SIM_NEVER ? NAN : (double)time / (double)SIM_US);
    g_free(weights);
}

/* ---- alternating paths ---- */

static void summary_add_recovery(JsonObject *system, const struct measurement *measurement,
                                 double share)
{
    struct alternation_series series = {measurement->bin_bytes, measurement->bins,
                                        measurement->bin_width};
    struct alternation_recovery recovery = {0, 0, NAN, NAN};
    bool known = measurement->alternates && measurement->bin_width && isfinite(share);
    JsonObject *object = json_object_new();

    if (known)
        alternation_recovery(&measurement->alternation, &series, share, measurement->measure_after,
                             measurement->totals.now, &recovery);
    json_set_real(object, "switches", known ? recovery.switches : NAN);
    json_set_real(object, "samples_median", recovery.samples_median);
    json_set_real(object, "samples_max", recovery.samples_max);
    json_set_real(object, "never", known ? recovery.never : NAN);
    json_object_set_object_member(system, "recovery", object);
}

static void summary_add_alternation(JsonObject *system, const struct measurement *measurement,
                                    const struct spec *spec)
{
    double share = summary_payload_share(measurement);
    double ideal = NAN;

    if (measurement->alternates && measurement->measure_after < measurement->totals.now)
        ideal = share *
                alternation_ideal_bps(&measurement->alternation, measurement->measure_after,
                                      measurement->totals.now) /
                1e9;
    json_set_real(system, "fluid_ideal_gbps", ideal);
    json_set_real(system, "share_of_ideal", summary_goodput(measurement, spec) / ideal);
    summary_add_recovery(system, measurement, share);
}

/* ---- messages ---- */

#define ANYWHERE UINT32_MAX
/* With more hosts than that, times by destination would be most of the summary. */
#define SUMMARY_DESTINATIONS_MAX 64

/* Upper ends of the bins by size, bytes; the last has none. */
static const uint64_t summary_size_ends[] = {10000,    100000,    1000000,
                                             10000000, 100000000, UINT64_MAX};

/* Completion times of the messages of the measured time of from <= size < end, to `dst` (ANYWHERE:
 * all), ascending; unfinished ones are SIM_NEVER. */
static GArray *summary_completion_times(const struct measurement *measurement, uint64_t from_bytes,
                                        uint64_t end_bytes, uint32_t dst)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(sim_time));

    for (guint i = 0; i < measurement->messages->len; i++) {
        const struct message_record *message =
            &g_array_index(measurement->messages, struct message_record, i);
        sim_time time =
            message->delivered == SIM_NEVER ? SIM_NEVER : message->delivered - message->submitted;

        if (message->submitted >= measurement->measure_after && message->bytes >= from_bytes &&
            message->bytes < end_bytes && (dst == ANYWHERE || message->dst == dst))
            g_array_append_val(times, time);
    }
    quantile_sort((sim_time *)times->data, times->len);
    return times;
}

static double summary_percentile_us(GArray *times, uint32_t per_mille)
{
    sim_time time = quantile_nearest_rank((sim_time *)times->data, times->len, per_mille);

    return time == SIM_NEVER ? NAN : (double)time / (double)SIM_US;
}

/* Takes the times. */
static void summary_add_times(JsonObject *object, GArray *times)
{
    JsonObject *fct = json_object_new();
    guint completed = 0;

    while (completed < times->len && g_array_index(times, sim_time, completed) != SIM_NEVER)
        completed++;
    json_set_count(object, "completed", completed);
    json_set_count(object, "unfinished", times->len - completed);
    json_set_real(fct, "p50", summary_percentile_us(times, 500));
    json_set_real(fct, "p99", summary_percentile_us(times, 990));
    json_set_real(fct, "p999", summary_percentile_us(times, 999));
    json_set_real(fct, "max", summary_percentile_us(times, 1000));
    json_object_set_object_member(object, "fct_us", fct);
    g_array_unref(times);
}

static JsonArray *summary_by_size(const struct measurement *measurement)
{
    JsonArray *bins = json_array_new();
    uint64_t from = 0;

    for (guint i = 0; i < G_N_ELEMENTS(summary_size_ends) && measurement->messages->len; i++) {
        JsonObject *bin = json_object_new();
        uint64_t end = summary_size_ends[i];

        json_set_count(bin, "from_bytes", from);
        json_set_real(bin, "below_bytes", end == UINT64_MAX ? NAN : (double)end);
        summary_add_times(bin, summary_completion_times(measurement, from, end, ANYWHERE));
        json_array_add_object_element(bins, bin);
        from = end;
    }
    return bins;
}

/* By the name of the host; only of hosts that were sent a message. */
static JsonObject *summary_by_destination(const struct measurement *measurement,
                                          const struct spec *spec)
{
    JsonObject *destinations = json_object_new();

    for (uint32_t dst = 0; dst < spec->host_count && spec->host_count <= SUMMARY_DESTINATIONS_MAX;
         dst++) {
        GArray *times = summary_completion_times(measurement, 0, UINT64_MAX, dst);
        JsonObject *object = json_object_new();

        summary_add_times(object, g_array_ref(times));
        if (times->len)
            json_object_set_object_member(destinations, spec->node_names[dst], object);
        else
            json_object_unref(object);
        g_array_unref(times);
    }
    return destinations;
}

/* What applications wanted to send: payload of the messages submitted in the measured time. The
 * load that a run realises is this over the capacity. */
static double summary_offered(const struct measurement *measurement)
{
    uint64_t bytes = 0;

    for (guint i = 0; i < measurement->messages->len; i++)
        bytes += g_array_index(measurement->messages, struct message_record, i).bytes;
    return measurement->messages->len ? summary_gbps(measurement, bytes) : NAN;
}

/* Deliveries of one message at several hosts, or at one after another. */
static uint64_t summary_duplicates(const struct measurement *measurement)
{
    uint64_t duplicates = 0;

    for (guint i = 0; i < measurement->messages->len; i++) {
        uint32_t times = g_array_index(measurement->messages, struct message_record, i).times;
        duplicates += times > 1 ? times - 1 : 0;
    }
    return duplicates;
}

static void summary_add_messages(JsonObject *system, const struct measurement *measurement,
                                 const struct spec *spec)
{
    JsonObject *messages = json_object_new();

    summary_add_times(messages, summary_completion_times(measurement, 0, UINT64_MAX, ANYWHERE));
    json_set_real(messages, "offered_gbps", summary_offered(measurement));
    json_set_count(messages, "duplicates", summary_duplicates(measurement));
    json_set_count(messages, "corrupt", measurement->faults.corrupt);
    json_set_count(messages, "unasked", measurement->faults.unasked);
    json_object_set_array_member(messages, "by_size", summary_by_size(measurement));
    json_object_set_object_member(messages, "by_destination",
                                  summary_by_destination(measurement, spec));
    json_object_set_object_member(system, "messages", messages);
}

/* ---- counts ---- */

static void summary_add_drops(JsonObject *system, const struct simulation_totals *totals)
{
    JsonObject *reasons = json_object_new();
    uint64_t drops = 0;

    for (int reason = 0; reason < DROP_REASONS; reason++) {
        drops += totals->drops[reason];
        json_set_count(reasons, drop_reason_names[reason], totals->drops[reason]);
    }
    json_set_count(system, "drops", drops);
    json_object_set_object_member(system, "drops_by_reason", reasons);
}

static void summary_add_counts(JsonObject *system, const struct measurement *measurement)
{
    const struct sim_transport_counts *counts = &measurement->counts;

    json_set_count(system, "marks", measurement->totals.marks);
    json_set_count(system, "pauses", measurement->totals.pauses);
    json_set_real(system, "paused_us", (double)measurement->totals.paused_time / (double)SIM_US);
    json_set_count(system, "data_packets", counts->data_packets);
    json_set_count(system, "retransmissions", counts->retransmissions);
    json_set_count(system, "spurious_retransmissions", counts->spurious_retransmissions);
    json_set_count(system, "timeouts", counts->timeouts);
    json_set_count(system, "given_up", counts->given_up);
    json_set_count(system, "reordered", counts->reordered);
    json_set_count(system, "discarded", counts->discarded);
    json_set_count(system, "held_messages", counts->held_messages);
    json_set_real(system, "held_us", (double)counts->held_time / (double)SIM_US);
    json_set_count(system, "probes", counts->probes);
    json_set_count(system, "nacks", counts->nacks);
    json_set_count(system, "feedback_bytes", counts->feedback_bytes);
    json_set_count(system, "feedback_withheld_bytes", counts->withheld_bytes);
    json_set_count(system, "feedback_no_room", measurement->totals.no_room);
    json_set_count(system, "feedback_unknown", counts->unknown_feedback);
}

static void summary_add_engine(JsonObject *system, const struct simulation_totals *totals)
{
    json_set_count(system, "injected", totals->injected);
    json_set_count(system, "delivered", totals->delivered);
    json_set_count(system, "in_flight", totals->in_flight);
    json_set_count(system, "events", totals->events);
    json_set_count(system, "packet_hops", totals->packet_hops);
    json_set_real(system, "simulated_us", (double)totals->now / (double)SIM_US);
    json_set_real(system, "cpu_seconds", totals->cpu_seconds);
    json_set_hash(system, "digest", totals->digest);
}

JsonNode *system_summary(const struct measurement *measurement, const struct spec *spec)
{
    JsonObject *system = json_object_new();
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    summary_add_goodput(system, measurement, spec);
    json_set_real(system, "fairness", summary_fairness(measurement, spec));
    summary_add_convergence(system, measurement, spec);
    summary_add_alternation(system, measurement, spec);
    summary_add_variation(system, measurement);
    summary_add_messages(system, measurement, spec);
    request_summary_add(system, measurement, spec);
    offload_summary_add(system, &measurement->offloads);
    queue_summary_add(system, measurement->queues);
    json_object_set_object_member(system, "devices", json_object_ref(measurement->devices));
    summary_add_drops(system, &measurement->totals);
    summary_add_counts(system, measurement);
    memory_summary_add(system, &measurement->memory, spec);
    summary_add_engine(system, &measurement->totals);
    json_node_take_object(node, system);
    return node;
}
