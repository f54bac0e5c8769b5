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

#include "cli/json_text.h"
#include "measure/quantile.h"

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
    for (uint32_t bin = 0; bin < measurement->bins; bin++)
        for (uint32_t row = 0; row <= spec->tenant_count; row++)
            measurement->bin_bytes[bin] += simulation_throughput(simulation, row, bin);
}

void measurement_collect(struct measurement *measurement, const struct spec *spec,
                         const struct simulation *simulation)
{
    *measurement = (struct measurement){.measure_after = spec->measure_after};
    simulation_totals(simulation, &measurement->totals);
    simulation_counts(simulation, &measurement->counts);
    measurement->tenant_bytes = g_new0(uint64_t, spec->tenant_count + 1);
    for (uint32_t row = 0; row <= spec->tenant_count; row++)
        measurement->tenant_bytes[row] = simulation_measured_bytes(simulation, row);
    measurement_collect_bins(measurement, spec, simulation);
    measurement->messages = simulation_messages(simulation);
    measurement->alternates = simulation_alternation(simulation, &measurement->alternation);
}

void measurement_init_empty(struct measurement *measurement, const struct spec *spec)
{
    /* One message, so that the bins by size are there. */
    struct message_record message = {.delivered = SIM_NEVER};

    *measurement = (struct measurement){0};
    measurement->tenant_bytes = g_new0(uint64_t, spec->tenant_count + 1);
    measurement->messages = g_array_new(FALSE, FALSE, sizeof message);
    g_array_append_val(measurement->messages, message);
}

void measurement_clear(struct measurement *measurement)
{
    g_free(measurement->tenant_bytes);
    g_free(measurement->bin_bytes);
    g_array_unref(measurement->messages);
}

/* ---- goodput ---- */

/* Headers as sent, and the path feedback that data packets collected on their way: MTP's packets grow
 * on the wire. */
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

static void summary_add_goodput(JsonObject *system, const struct measurement *measurement,
                                const struct spec *spec)
{
    double goodput = summary_goodput(measurement, spec);
    double share = summary_payload_share(measurement);
    JsonObject *tenants = json_object_new();

    json_set_real(system, "goodput_gbps", goodput);
    json_set_real(system, "goodput_normalised_gbps", goodput / share);
    json_set_real(system, "payload_share", share);
    json_set_real(system, "header_share",
                  (double)summary_header_bytes(measurement) / summary_data_bytes(measurement));
    for (uint32_t row = 0; row < spec->tenant_count; row++)
        json_set_real(tenants, spec->tenants[row].name,
                      summary_gbps(measurement, measurement->tenant_bytes[row]));
    if (spec->tenant_count)
        json_set_real(tenants, "others",
                      summary_gbps(measurement, measurement->tenant_bytes[spec->tenant_count]));
    json_object_set_object_member(system, "goodput_gbps_by_tenant", tenants);
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

/* Upper ends of the bins by size, bytes; the last has none. */
static const uint64_t summary_size_ends[] = {10000,    100000,    1000000,
                                             10000000, 100000000, UINT64_MAX};

/* Completion times of the messages of the measured time of from <= size < end, ascending;
 * unfinished ones are SIM_NEVER. */
static GArray *summary_completion_times(const struct measurement *measurement, uint64_t from_bytes,
                                        uint64_t end_bytes)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(sim_time));

    for (guint i = 0; i < measurement->messages->len; i++) {
        const struct message_record *message =
            &g_array_index(measurement->messages, struct message_record, i);
        sim_time time =
            message->delivered == SIM_NEVER ? SIM_NEVER : message->delivered - message->submitted;

        if (message->submitted >= measurement->measure_after && message->bytes >= from_bytes &&
            message->bytes < end_bytes)
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
        summary_add_times(bin, summary_completion_times(measurement, from, end));
        json_array_add_object_element(bins, bin);
        from = end;
    }
    return bins;
}

static void summary_add_messages(JsonObject *system, const struct measurement *measurement)
{
    JsonObject *messages = json_object_new();

    summary_add_times(messages, summary_completion_times(measurement, 0, UINT64_MAX));
    json_object_set_array_member(messages, "by_size", summary_by_size(measurement));
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
    json_set_count(system, "data_packets", counts->data_packets);
    json_set_count(system, "retransmissions", counts->retransmissions);
    json_set_count(system, "spurious_retransmissions", counts->spurious_retransmissions);
    json_set_count(system, "timeouts", counts->timeouts);
    json_set_count(system, "given_up", counts->given_up);
    json_set_count(system, "reordered", counts->reordered);
    json_set_count(system, "probes", counts->probes);
    json_set_count(system, "nacks", counts->nacks);
    json_set_count(system, "feedback_bytes", counts->feedback_bytes);
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
    summary_add_alternation(system, measurement, spec);
    summary_add_messages(system, measurement);
    summary_add_drops(system, &measurement->totals);
    summary_add_counts(system, measurement);
    summary_add_engine(system, &measurement->totals);
    json_node_take_object(node, system);
    return node;
}
