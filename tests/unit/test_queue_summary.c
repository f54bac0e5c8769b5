/* queue_summary: of the two ports of a link the fuller one, in the measured time. A fixed window of
 * 40 packets stands in the queue of a 10 Gbps link, but for what is on the way. */
#include "cli/queue_summary.h"

#include <math.h>

#include "cli/json_text.h"
#include "support/run.h"
#include "support/suite.h"

static const char text[] =
    "name: queue\n"
    "duration: 2ms\n"
    "topology:\n"
    "  hosts: [a, b]\n"
    "  switches: [s, t]\n"
    "  links:\n"
    "    - {name: in, ends: [a, s], rate: 100Gbps, delay: 1us}\n"
    "    - {name: middle, ends: [s, t], rate: 10Gbps, delay: 1us}\n"
    "    - {name: out, ends: [t, b], rate: 100Gbps, delay: 1us}\n"
    "queue: {droptail: {capacity: 1000p}}\n"
    "workload: [{long_flow: {from: a, to: b}}]\n"
    "transport: {tcp: {congestion: {fixed: {window: 40p}}}}\n"
    "measure: {after: %s, queues: {every: 1us, links: [middle, out]}}\n";

/* clang-format off */
START_TEST(queue_summary__the_fuller_port)
{
    struct run run;
    g_autofree char *scenario = g_strdup_printf(text, "1ms");
    run_init(&run, scenario, 0);
    const struct spec *spec = scenario_spec(run.scenario, 0);
    simulation_run(run.simulation, 2 * SIM_MS, NULL);
    g_autoptr(GArray) queues = queue_measure(spec, run.simulation);
    const struct queue_measurement *middle = &g_array_index(queues, struct queue_measurement, 0);
    const struct queue_measurement *out = &g_array_index(queues, struct queue_measurement, 1);
    /* 40 of 1500 bytes, less 6 us and the time on the faster wires, at 1.2 us a packet. */
    double on_the_way = (6 + 2 * 0.12 + 0.04) / 1.2;
    ck_assert_uint_eq(queues->len, 2);
    ck_assert_str_eq(middle->link, "middle");
    ck_assert_double_eq_tol(middle->mean_packets, 40 - on_the_way, 1);
    ck_assert_double_le(middle->max_packets - middle->mean_packets, 1);
    ck_assert_double_le(fabs(middle->p99_packets - middle->mean_packets), 1);
    ck_assert_double_le(out->max_packets, 1);
    run_clear(&run);
}
END_TEST

START_TEST(queue_summary__nothing_measured_is_null)
{
    struct run run;
    g_autofree char *scenario = g_strdup_printf(text, "1999500ns");
    run_init(&run, scenario, 0);
    const struct spec *spec = scenario_spec(run.scenario, 0);
    simulation_run(run.simulation, 2 * SIM_MS - SIM_US, NULL);
    g_autoptr(GArray) queues = queue_measure(spec, run.simulation);
    g_autoptr(JsonObject) system = json_object_new();
    queue_summary_add(system, queues);
    JsonObject *links = json_object_get_object_member(system, "queues");
    JsonObject *middle = json_object_get_object_member(links, "middle");
    ck_assert_uint_eq(json_object_get_size(links), 2);
    ck_assert(json_object_get_null_member(middle, "mean_packets"));
    ck_assert(json_object_get_null_member(middle, "p99_packets"));
    run_clear(&run);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, queue_summary__the_fuller_port);
    tcase_add_test(tcase, queue_summary__nothing_measured_is_null);
}

int main(void)
{
    return suite_run("queue_summary", add_cases);
}
