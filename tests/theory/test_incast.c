/* Incast: many long flows into one 10 Gbps link. When each has no more than a packet or two in
 * flight the queue cannot come down to the marking threshold of 20 packets, for either transport:
 * DCTCP's own queue is the bound for MTP's. No packet is dropped: a probe of MTP would be a packet
 * more than the windows allow. */
#include "support/run.h"
#include "support/suite.h"

static const uint32_t flows[] = {8, 32, 64};

static char *incast_text(uint32_t count, const char *transport)
{
    GString *text = g_string_new("name: incast\nduration: 20ms\ntopology:\n  hosts: [r");
    for (uint32_t i = 0; i < count; i++)
        g_string_append_printf(text, ", s%u", i);
    g_string_append(text, "]\n  switches: [a]\n  links:\n");
    for (uint32_t i = 0; i < count; i++)
        g_string_append_printf(
            text, "    - {name: s%u, ends: [s%u, a], rate: 10Gbps, delay: 1us}\n", i, i);
    g_string_append(text, "    - {name: r, ends: [a, r], rate: 10Gbps, delay: 1us, pathlet: 1}\n"
                          "queue: {ecn_threshold: {capacity: 1000p, mark_at: 20p}}\n"
                          "workload:\n  - long_flow: {from: [s0");
    for (uint32_t i = 1; i < count; i++)
        g_string_append_printf(text, ", s%u", i);
    g_string_append_printf(text,
                           "], to: [r]}\n"
                           "transport: {%s: {}}\n"
                           "measure: {after: 5ms, queues: {every: 10us, links: [r]}}\n",
                           transport);
    return g_string_free(text, FALSE);
}

/* Mean length of the queue, packets. */
static double mean_queue(uint32_t count, const char *transport)
{
    struct run run;
    g_autofree char *text = incast_text(count, transport);
    run_init(&run, text, 0);
    simulation_run(run.simulation, 20 * SIM_MS, NULL);
    GArray *records = simulation_queues(run.simulation);
    double sum = 0, samples = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct queue_record *record = &g_array_index(records, struct queue_record, i);
        if (record->time < 5 * SIM_MS)
            continue;
        sum += (double)record->packets;
        samples++;
    }
    ck_assert_double_gt(samples, 1000);
    g_array_unref(records);
    run_clear(&run);
    return sum / samples;
}

START_TEST(incast__mtp_queues_as_dctcp)
{
    double mtp = mean_queue(flows[_i], "mtp"), dctcp = mean_queue(flows[_i], "tcp");
    g_print("%u flows: mean queue %.1f packets with MTP, %.1f with DCTCP\n", flows[_i], mtp, dctcp);
    ck_assert_double_lt(mtp, 1.2 * dctcp);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, incast__mtp_queues_as_dctcp, 0, G_N_ELEMENTS(flows));
}

int main(void)
{
    return suite_run("incast", add_cases);
}
