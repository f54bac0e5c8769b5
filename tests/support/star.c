#include "support/star.h"

#include <check.h>

static char *star_text(const struct star *star)
{
    GString *text = g_string_new("name: star\n");
    g_string_append_printf(text, "duration: %ums\n", star->duration_ms);
    g_string_append(text, "topology:\n  hosts: [r");
    for (uint32_t i = 0; i < star->senders; i++)
        g_string_append_printf(text, ", s%u", i);
    g_string_append(text, "]\n  switches: [hub]\n  links:\n");
    const char *link = "    - {%s, rate: %uGbps, delay: %uns%s}\n";
    for (uint32_t i = 0; i < star->senders; i++) {
        g_autofree char *ends = g_strdup_printf("ends: [s%u, hub]", i);
        g_string_append_printf(text, link, ends, (unsigned)star->gbps, star->delay_ns, "");
    }
    g_string_append_printf(text, link, "name: out, ends: [hub, r]", (unsigned)star->gbps,
                           star->delay_ns, ", pathlet: 1");
    g_string_append_printf(text, "queue: %s\ntransport: %s\n", star->queue, star->transport);
    g_string_append(text, "workload: [{long_flow: {from: \"s*\", to: r, jitter: 100us}}]\n");
    g_string_append(text, "tenants:\n");
    for (uint32_t i = 0; i < star->senders; i++)
        g_string_append_printf(text, "  t%u: {from: [s%u]}\n", i, i);
    g_string_append_printf(text, "measure: {after: %uus, queues: {every: 2us, links: [out]}}\n",
                           star->duration_ms * 500);
    return g_string_free(text, FALSE);
}

static double jain(const struct run *run, uint32_t tenants)
{
    double sum = 0, squares = 0;
    for (uint32_t tenant = 0; tenant < tenants; tenant++) {
        double bytes = (double)simulation_measured_bytes(run->simulation, tenant);
        sum += bytes;
        squares += bytes * bytes;
    }
    return sum * sum / (tenants * squares);
}

static void queue_result(const struct run *run, sim_time after, struct star_result *result)
{
    GArray *records = simulation_queues(run->simulation);
    double sum = 0, count = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct queue_record *record = &g_array_index(records, struct queue_record, i);
        if (record->time < after)
            continue;
        sum += (double)record->bytes;
        count++;
        result->queue_max_bytes = MAX(result->queue_max_bytes, (double)record->bytes);
    }
    result->queue_bytes = sum / count;
    g_array_unref(records);
}

static uint64_t drops(const struct run *run)
{
    GArray *records = simulation_links(run->simulation);
    uint64_t sum = 0;
    for (guint i = 0; i < records->len; i++)
        sum += g_array_index(records, struct link_record, i).drops;
    g_array_unref(records);
    return sum;
}

struct star_result star_run(const struct star *star)
{
    struct run run;
    g_autofree char *text = star_text(star);
    run_init(&run, text, 0);
    simulation_run(run.simulation, star->duration_ms * SIM_MS, NULL);
    struct star_result result = {
        .goodput_gbps = run_goodput_gbps(&run),
        .jain = jain(&run, star->senders),
        .drops = drops(&run),
    };
    queue_result(&run, star->duration_ms * SIM_MS / 2, &result);
    run_clear(&run);
    return result;
}
