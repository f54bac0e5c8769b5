/* Figure 6's reasons, on a short run of its network: where spraying's penalty comes from (it must
 * vanish with the difference in delay, or when that is less than the duplicate-ACK threshold in
 * packets), how close MTP comes to a bound, and that all systems see one arrival trace. */
#include <stdio.h>
#include <string.h>

#include "measure/quantile.h"
#include "support/run.h"
#include "support/suite.h"

static const char *const scenario =
    "name: spraying\n"
    "duration: 20ms\n"
    "seed: 3\n"
    "topology:\n"
    "  mtu: %s\n"
    "  hosts: [sender, receiver]\n"
    "  switches: [first, last]\n"
    "  links:\n"
    "    - {name: access, ends: [sender, first], rate: 400Gbps, delay: 1us}\n"
    "    - {name: short, ends: [first, last], rate: 100Gbps, delay: 1us, pathlet: 1}\n"
    "    - {name: long, ends: [first, last], rate: 100Gbps, delay: %s, pathlet: 2}\n"
    "    - {name: egress, ends: [last, receiver], rate: 400Gbps, delay: 1us}\n"
    "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
    "workload:\n"
    "  - poisson: {from: sender, to: receiver, load: 0.5, of: 200Gbps,\n"
    "      sizes: {bounded_pareto: {min: 10KB, max: 3MB, shape: 1.1}}}\n"
    "systems:\n"
    "  spray: {transport: {tcp: {}}, selector: {spray: {order: round_robin}}}\n"
    "  mtp: {transport: {mtp: {}}, selector: {message_aware: {}}}\n";

enum { SPRAY, MTP };

struct outcome {
    uint32_t messages;
    uint64_t bytes;
    uint64_t spurious, reordered, retransmissions;
    double p99_us;
    double p99_bound_us; /* of the sizes alone: nothing in the way, payload at 100 Gbps */
};

static struct outcome outcome_of(const char *mtu, const char *delay, guint system)
{
    char text[2000];
    struct run run;
    struct sim_transport_counts counts;
    snprintf(text, sizeof text, scenario, mtu, delay);
    run_init(&run, text, system);
    simulation_run(run.simulation, 20 * SIM_MS, NULL);
    simulation_counts(run.simulation, &counts);
    GArray *messages = simulation_messages(run.simulation);
    sim_time *times = g_new(sim_time, messages->len), *bounds = g_new(sim_time, messages->len);
    struct outcome outcome = {.messages = messages->len,
                              .spurious = counts.spurious_retransmissions,
                              .reordered = counts.reordered,
                              .retransmissions = counts.retransmissions};
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *m = &g_array_index(messages, struct message_record, i);
        times[i] = m->delivered == SIM_NEVER ? SIM_NEVER : m->delivered - m->submitted;
        bounds[i] = (sim_time)m->bytes * 80;
        outcome.bytes += m->bytes;
    }
    quantile_sort(times, messages->len);
    quantile_sort(bounds, messages->len);
    outcome.p99_us = (double)quantile_nearest_rank(times, messages->len, 990) / (double)SIM_US;
    outcome.p99_bound_us =
        (double)quantile_nearest_rank(bounds, messages->len, 990) / (double)SIM_US;
    g_free(times);
    g_free(bounds);
    g_array_unref(messages);
    run_clear(&run);
    return outcome;
}

/* clang-format off */
START_TEST(spraying__its_penalty_is_that_of_the_skew)
{
    struct outcome skewed = outcome_of("1500B", "2us", SPRAY);
    struct outcome equal = outcome_of("1500B", "1us", SPRAY);
    struct outcome jumbo = outcome_of("9000B", "2us", SPRAY);
    ck_assert_uint_gt(skewed.spurious, 1000);
    ck_assert_uint_lt(equal.spurious, skewed.spurious / 5);
    ck_assert_double_gt(skewed.p99_us, 1.8 * equal.p99_us);
    ck_assert_double_gt(skewed.p99_us, 1.8 * jumbo.p99_us);
}
END_TEST

/* A path's payload share is at least 0.9; behind shorter ones a message of the 99th percentile waits less than as long again. */
START_TEST(spraying__mtp_is_between_its_bounds_and_keeps_the_order)
{
    struct outcome mtp = outcome_of("1500B", "2us", MTP);
    ck_assert_uint_eq(mtp.spurious + mtp.reordered + mtp.retransmissions, 0);
    ck_assert_double_gt(mtp.p99_us, mtp.p99_bound_us);
    ck_assert_double_lt(mtp.p99_us, 2 * mtp.p99_bound_us / 0.9);
}
END_TEST

START_TEST(spraying__all_systems_see_the_same_arrivals)
{
    struct outcome spray = outcome_of("1500B", "2us", SPRAY);
    struct outcome mtp = outcome_of("1500B", "2us", MTP);
    ck_assert_uint_eq(spray.messages, mtp.messages);
    ck_assert_uint_eq(spray.bytes, mtp.bytes);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, spraying__its_penalty_is_that_of_the_skew);
    tcase_add_test(tcase, spraying__mtp_is_between_its_bounds_and_keeps_the_order);
    tcase_add_test(tcase, spraying__all_systems_see_the_same_arrivals);
}

int main(void)
{
    return suite_run("spraying", add_cases);
}
