/* request_summary: how many requests were answered, how fast, by whom, and what was wrong.
 *
 * Rate and shares count answers that came in the measured time; latency is of requests that were
 * sent in it, from submission to the whole answer, and a request without an answer is among them as
 * one that never ends.
 */
#include "cli/request_summary.h"

#include <mtpsim/offload.h>
#include <mtpsim/workload.h>

#include <math.h>

#include "cli/json_text.h"
#include "measure/quantile.h"

static double request_us(sim_time time)
{
    return time == SIM_NEVER ? NAN : (double)time / (double)SIM_US;
}

GArray *request_latencies(const GArray *messages, sim_time after)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(sim_time));

    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        sim_time time =
            message->answered == SIM_NEVER ? SIM_NEVER : message->answered - message->submitted;

        if (message->asks && message->submitted >= after)
            g_array_append_val(times, time);
    }
    quantile_sort((sim_time *)times->data, times->len);
    return times;
}

static void request_add_latency(JsonObject *requests, const struct measurement *measurement)
{
    g_autoptr(GArray) times = request_latencies(measurement->messages, measurement->measure_after);
    const sim_time *sorted = (const sim_time *)times->data;
    JsonObject *latency = json_object_new();
    guint answered = 0;
    double sum = 0;

    for (; answered < times->len && sorted[answered] != SIM_NEVER; answered++)
        sum += (double)sorted[answered];
    json_set_count(requests, "unanswered", times->len - answered);
    json_set_real(latency, "mean", sum / (double)answered / (double)SIM_US);
    json_set_real(latency, "p50", request_us(quantile_nearest_rank(sorted, times->len, 500)));
    json_set_real(latency, "p99", request_us(quantile_nearest_rank(sorted, times->len, 990)));
    json_set_real(latency, "p999", request_us(quantile_nearest_rank(sorted, times->len, 999)));
    json_set_real(latency, "max", request_us(quantile_nearest_rank(sorted, times->len, 1000)));
    json_object_set_object_member(requests, "latency_us", latency);
}

/* Of each host that serves, and of each device. */
static void request_add_answerers(JsonObject *requests, const struct spec *spec,
                                  const uint64_t *answers)
{
    JsonObject *by = json_object_new();
    uint32_t device = spec->host_count;

    for (uint32_t i = 0; i < spec->workload_count; i++) {
        const struct sim_model *model = &spec->workloads[i];
        const struct sim_list *servers = sim_model_param(model, "servers", SIM_PARAM_HOSTS);
        bool serves = ((const struct sim_workload_ops *)model->plugin)->server != NULL;

        for (uint32_t s = 0; serves && s < servers->count; s++)
            json_set_count(by, spec->node_names[servers->items[s]], answers[servers->items[s]]);
    }
    for (uint32_t i = 0; i < spec->offload_count; i++) {
        const struct sim_plugin *plugin = spec->offloads[i].plugin;
        const struct sim_device_params *params = spec->offloads[i].params;

        if (((const struct sim_offload_ops *)plugin)->device)
            json_set_count(by, params->name ? params->name : plugin->name, answers[device++]);
    }
    json_object_set_object_member(requests, "answered_by", by);
}

void request_summary_add(JsonObject *system, const struct measurement *measurement,
                         const struct spec *spec)
{
    JsonObject *requests = json_object_new();
    g_autofree uint64_t *answers = g_new0(uint64_t, spec->host_count + spec->offload_count + 1);
    sim_time measured = measurement->totals.now - measurement->measure_after;
    uint64_t answered = 0;

    for (guint i = 0; i < measurement->messages->len; i++) {
        const struct message_record *message =
            &g_array_index(measurement->messages, struct message_record, i);

        if (!message->asks || message->answered == SIM_NEVER ||
            message->answered < measurement->measure_after)
            continue;
        answered++;
        answers[message->answered_by]++;
    }
    json_set_count(requests, "answered", answered);
    json_set_real(requests, "per_second",
                  measured > 0 ? (double)answered * (double)SIM_S / (double)measured : NAN);
    request_add_latency(requests, measurement);
    json_set_count(requests, "wrong", measurement->faults.wrong);
    json_set_count(requests, "repeated", measurement->faults.repeated);
    request_add_answerers(requests, spec, answers);
    json_object_set_object_member(system, "requests", requests);
}
