/* Requests of one client through a balancer of packets, with every transport: who can be spread
 * over two replicas, by message or by connection, and what becomes of a stream whose messages are
 * redirected. And whether those to a fast replica wait for those to a slow one. */
#include "net/network.h"
#include "support/run.h"
#include "support/suite.h"

enum { REQUESTS = 400, S1 = 1, S2 = 2 };

static const char text_format[] =
    "name: test\nduration: 100ms\n"
    "topology:\n  mtu: 1500B\n  hosts: [client, s1, s2]\n  switches: [s]\n  links:\n"
    "    - {ends: [client, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [s, s1], rate: 100Gbps, delay: 1us, pathlet: 1}\n"
    "    - {ends: [s, s2], rate: %s, delay: 1us, pathlet: 2}\n"
    "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
    "transport: %s\n"
    "workload: [requests: {from: client, servers: [s1, s2], to: s1, interval: 10us, count: %d, "
    "request: 10KB, response: 64B, persistent: %s}]\n"
    "offloads: {l7_balancer: {at: s, servers: [s1, s2], rate: 400Gbps, algorithm: round_robin, "
    "streams: %s}}\n";

static void balanced_run(struct run *run, const char *transport, const char *slow, bool persistent,
                         bool by_message)
{
    g_autofree char *text =
        g_strdup_printf(text_format, slow, transport, REQUESTS, persistent ? "true" : "false",
                        by_message ? "message" : "connection");
    run_init(run, text, 0);
    simulation_run(run->simulation, scenario_spec(run->scenario, 0)->duration, NULL);
}

struct outcome {
    uint32_t answered, by[3], late; /* later than 2 us more than what an idle way to s1 takes */
};

static struct outcome outcome_of(const struct run *run)
{
    struct outcome outcome = {0};
    g_autoptr(GArray) messages = simulation_messages(run->simulation);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        if (!message->asks || message->answered == SIM_NEVER)
            continue;
        outcome.answered++;
        outcome.by[message->answered_by]++;
        outcome.late += message->answered_by == S1 && message->submitted > SIM_MS / 2 &&
                        message->answered - message->submitted > 7 * SIM_US;
    }
    struct simulation_faults faults;
    simulation_faults(run->simulation, &faults);
    ck_assert(!faults.corrupt && !faults.wrong && !faults.repeated && !faults.unasked);
    return outcome;
}

enum spread { BOTH, ONE, BROKEN };

static const struct spread_case {
    const char *transport;
    bool persistent, by_message;
    enum spread spread;
} cases[] = {
    {"mtp", true, false, BOTH},
    {"udp", true, false, BOTH},
    {"{rdma: {mode: ud}}", true, false, BOTH},
    {"tcp", true, false, ONE},
    {"tcp", false, false, BOTH},
    {"swift", true, false, ONE},
    {"quic", true, false, ONE},
    {"{mptcp: {subflows: 4}}", true, false, ONE},
    {"{rdma: {mode: rc}}", true, false, ONE},
    {"{rdma: {mode: uc}}", true, false, ONE},
    {"tcp", true, true, BROKEN},
    {"{rdma: {mode: rc}}", true, true, BROKEN},
    /* a connection without acknowledgements does not notice what went elsewhere */
    {"{rdma: {mode: uc}}", true, true, BOTH},
    /* cannot be told apart, and are not */
    {"quic", true, true, ONE},
    {"mptcp", true, true, ONE},
};

START_TEST(balancer__spread)
{
    const struct spread_case *c = &cases[_i];
    struct run run;
    balanced_run(&run, c->transport, "100Gbps", c->persistent, c->by_message);
    struct outcome outcome = outcome_of(&run);
    struct sim_transport_counts counts;
    simulation_counts(run.simulation, &counts);
    if (c->spread == BROKEN) {
        ck_assert_uint_lt(outcome.answered, REQUESTS / 2);
        ck_assert_uint_eq(outcome.by[S2], 0);
    } else {
        ck_assert_msg(outcome.answered == REQUESTS, "%s: %u", c->transport, outcome.answered);
        ck_assert_uint_eq(counts.given_up, 0);
    }
    if (c->spread == ONE)
        ck_assert(outcome.by[S1] == REQUESTS || outcome.by[S2] == REQUESTS);
    if (c->spread == BOTH)
        ck_assert_msg(outcome.by[S2] >= REQUESTS / 3 && outcome.by[S2] <= REQUESTS * 2 / 3,
                      "%s: %u of %u", c->transport, outcome.by[S2], REQUESTS);
    run_clear(&run);
}
END_TEST

/* The way to s2 is at 80 % load. MTP's windows know it as a pathlet of its own, and a message is
 * not stopped by it that goes to s1. */
START_TEST(balancer__slow_replica)
{
    static const char *const transports[] = {"mtp", "udp", "{rdma: {mode: ud}}"};
    struct run run;
    balanced_run(&run, transports[_i], "5Gbps", true, false);
    struct outcome outcome = outcome_of(&run);
    ck_assert_uint_eq(outcome.answered, REQUESTS);
    ck_assert_uint_ge(outcome.by[S1], REQUESTS / 3);
    ck_assert_msg(outcome.late <= REQUESTS / 100, "%s: %u late", transports[_i], outcome.late);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, balancer__spread, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, balancer__slow_replica, 0, 3);
}

int main(void)
{
    return suite_run("balancer", add);
}
