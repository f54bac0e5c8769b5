/* What a balancer must not tear apart: blobs, of which each packet is a message, and connections,
 * also when there is no room to remember them. And messages without a pin, that go by their hash.
 */
#include "support/bench.h"
#include "support/outcome.h"
#include "support/run.h"
#include "support/suite.h"

extern const struct sim_offload_ops l7_balancer_offload;

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

/* Where the first packet of a message of two goes; if it restarts, again. */
static uint32_t to(struct bench *bench, uint64_t message, bool restarts)
{
    struct bench_packet in = {
        .line = {.protocol = SIM_PROTOCOL_MTP,
                 .dst = BENCH_SERVER,
                 .mtp = {.flags = SIM_MTP_DATA | (restarts ? SIM_MTP_RESTART : 0),
                         .message = message,
                         .message_packets = 2}},
    };
    bench_pass(bench, &in, 0);
    return bench_next(bench, BENCH_FORWARDED)->line.dst;
}

/* The only pin is another's. A message goes where its hash says, but not to a replica that cannot
 * be reached, and back when it can. */
START_TEST(l7_balancer__pins_1_and_a_replica_down)
{
    struct bench bench;
    bench_init(&bench, &l7_balancer_offload);
    uint64_t *pins = bench_parameter(&bench, "pins", SIM_PARAM_COUNT);
    *pins = 1;
    bench_start(&bench);
    to(&bench, 0, false);
    uint32_t moved = 0, away = BENCH_SERVER + 1;
    for (uint64_t message = 1; message <= 64; message++) {
        bench.away = 0;
        uint32_t home = to(&bench, message, false);
        ck_assert_uint_eq(to(&bench, message, true), home);
        bench.away = 1u << 1;
        ck_assert_uint_eq(to(&bench, message, true), home == away ? away + 1 : home);
        ck_assert_uint_eq(to(&bench, message, false), home == away ? away + 1 : home);
        moved += home == away;
    }
    ck_assert_uint_gt(moved, 0);
    ck_assert_uint_eq(bench_count(&bench, "placed"), 1);
    bench_clear(&bench);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, l7_balancer__pins_1_and_a_replica_down);
    tcase_add_loop_test(tcase, l7_balancer__nothing_is_torn_apart, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("l7_balancer", add);
}
