/* What a balancer must not tear apart: blobs, of which each packet is a message, and connections,
 * also when there is no room to remember them. */
#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

static const struct balance_case {
    const char *name, *transport, *device, *workload;
    uint32_t messages;
    uint64_t placed; /* at least */
} cases[] = {
    {"blobs", "mtp", "algorithm: round_robin",
     "messages: {from: c1, to: s1, bytes: 100KB, count: 4, every: 50us, blob: true}", 4, 0},
    {"connections without room", "tcp", "pins: 1",
     "messages: {from: [c1, c2], to: s1, bytes: 10KB, count: 20, burst: 10, every: 20us}", 40, 1},
    {"connections one after the other", "tcp", "pins: 4, algorithm: round_robin",
     "closed_loop: {from: [c1, c2], to: s1, bytes: 2KB, outstanding: 2, count: 50}", 100, 80},
    {"one connection", "tcp", "pins: 1",
     "messages: {from: c1, to: s1, bytes: 10KB, count: 20, every: 20us, persistent: true}", 20, 1},
};

static uint64_t placed(const struct simulation *simulation)
{
    struct device_record record;
    simulation_device(simulation, 0, &record);
    ck_assert_str_eq(record.counters[0].name, "placed");
    return record.counters[0].value;
}

START_TEST(l7_balancer__nothing_is_torn_apart)
{
    const struct balance_case *c = &cases[_i];
    g_autofree char *text =
        g_strdup_printf("name: balance\nduration: 1s\n"
                        "topology:\n  hosts: [c1, c2, s1, s2]\n  switches: [tor]\n  links:\n"
                        "    - {name: c1, ends: [c1, tor], rate: 10Gbps, delay: 1us}\n"
                        "    - {name: c2, ends: [c2, tor], rate: 10Gbps, delay: 1us}\n"
                        "    - {name: s1, ends: [tor, s1], rate: 10Gbps, delay: 1us}\n"
                        "    - {name: s2, ends: [tor, s2], rate: 10Gbps, delay: 1us}\n"
                        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\ntransport: %s\n"
                        "offloads: {l7_balancer: {at: tor, servers: [s1, s2], rate: 40Gbps, %s}}\n"
                        "workload:\n  - %s\n",
                        c->transport, c->device, c->workload);
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    struct outcome outcome = outcome_of(run.simulation);
    ck_assert_msg(outcome.messages == c->messages, "%s: %u messages", c->name, outcome.messages);
    ck_assert_msg(!outcome.undelivered, "%s: %u undelivered", c->name, outcome.undelivered);
    ck_assert_msg(!outcome.twice, "%s: %u twice", c->name, outcome.twice);
    ck_assert_msg(placed(run.simulation) >= c->placed, "%s: %llu placed", c->name,
                  (unsigned long long)placed(run.simulation));
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, l7_balancer__nothing_is_torn_apart, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("l7_balancer", add);
}
