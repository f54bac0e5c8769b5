/* The baseline transports against closed forms. */
#include "support/run.h"
#include "support/suite.h"

static struct run run_of(const char *transport, const char *links, const char *queue,
                         const char *workload)
{
    struct run run;
    char *text = g_strdup_printf("name: baseline\n"
                                 "duration: 20ms\n"
                                 "topology:\n"
                                 "  hosts: [a, b]\n"
                                 "  switches: [s, t]\n"
                                 "  links:\n%s"
                                 "queue: {%s}\n"
                                 "workload: [%s]\n"
                                 "transport: {%s}\n"
                                 "measure: {after: 5ms}\n",
                                 links, queue, workload, transport);
    run_init(&run, text, 0);
    simulation_run(run.simulation, 20 * SIM_MS, NULL);
    g_free(text);
    return run;
}

/* ---- udp ---- */

/* A paced flow over a slower link: what is too much is lost, and nothing else. */
static const double overloads[] = {0.9, 1.25, 2};

START_TEST(udp__loses_the_overload)
{
    double offered_gbps = 10 * overloads[_i];
    char *transport = g_strdup_printf("udp: {rate: %gGbps}", offered_gbps);
    struct run run = run_of(transport,
                            "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                            "    - {ends: [s, t], rate: 10Gbps, delay: 1us}\n"
                            "    - {ends: [t, b], rate: 100Gbps, delay: 1us}\n",
                            "droptail: {capacity: 100p}", "{long_flow: {from: a, to: b}}");
    struct simulation_totals totals;
    struct sim_transport_counts counts;
    simulation_totals(run.simulation, &totals);
    simulation_counts(run.simulation, &counts);
    double through = offered_gbps < 10 ? offered_gbps : 10;
    ck_assert_double_eq_tol(run_goodput_gbps(&run), through * 1456 / 1500, 0.005);
    /* The queue holds 100 packets of what is not lost. */
    double lost = (double)totals.drops[DROP_QUEUE_FULL] + (offered_gbps > 10 ? 100 : 0);
    ck_assert_double_eq_tol(lost / (double)counts.data_packets, 1 - through / offered_gbps, 1e-3);
    run_clear(&run);
    g_free(transport);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, udp__loses_the_overload, 0, sizeof overloads / sizeof *overloads);
}

int main(void)
{
    return suite_run("baselines", add);
}
