/* Requests through a proxy that balances: each is answered once, by the replica that the balance
 * says, and the answer comes back through the proxy, whatever is lost on the way. */
#include "support/run.h"
#include "support/suite.h"

enum { REQUESTS = 300, CLIENTS = 2 };

static const struct balance_case {
    const char *balance;
    double least, most; /* share of the requests that server s2 answers */
} cases[] = {
    {"as_addressed", 0, 0},
    {"round_robin", 0.5, 0.5},
    {"least_outstanding", 0.25, 0.75},
};

static void check_outcome(const struct run *run, const struct balance_case *c)
{
    uint32_t s2 = 4, answered_by_s2 = 0, asked = 0;
    g_autoptr(GArray) messages = simulation_messages(run->simulation);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        ck_assert_msg(message->delivered != SIM_NEVER && message->times == 1, "%s: message %u",
                      c->balance, i);
        asked += message->asks;
        ck_assert(!message->asks || message->answered != SIM_NEVER);
        answered_by_s2 += message->asks && message->answered_by == s2;
    }
    double share = (double)answered_by_s2 / (REQUESTS * CLIENTS);
    ck_assert_uint_eq(asked, REQUESTS * CLIENTS);
    ck_assert_uint_eq(messages->len, 2 * asked);
    ck_assert_msg(share >= c->least && share <= c->most, "%s: share %g", c->balance, share);
    struct simulation_faults faults;
    simulation_faults(run->simulation, &faults);
    ck_assert(!faults.corrupt && !faults.wrong && !faults.repeated && !faults.unasked);
}

/* Messages of several packets, so that pieces of them pass the proxy. */
START_TEST(proxy_requests__each_answered_once)
{
    const struct balance_case *c = &cases[_i / 4];
    const char *persistent = _i & 1 ? "true" : "false", *loss = _i & 2 ? "0.01" : "0";
    g_autofree char *text = g_strdup_printf(
        "name: test\nduration: 300ms\n"
        "topology:\n  hosts: [a, b, proxy, s1, s2]\n  switches: [s]\n  links:\n"
        "    - {ends: [a, s], rate: 10Gbps, delay: 1us, loss: %s}\n"
        "    - {ends: [b, s], rate: 10Gbps, delay: 1us}\n"
        "    - {ends: [proxy, s], rate: 40Gbps, delay: 1us}\n"
        "    - {ends: [s1, s], rate: 10Gbps, delay: 1us, loss: %s}\n"
        "    - {ends: [s2, s], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
        "transport: {tcp: {}}\n"
        "workload: [requests: {from: [a, b], servers: [s1, s2], to: s1, outstanding: 4, count: %d, "
        "request: 5KB, response: 9KB, service: 2us, persistent: %s}]\n"
        "offloads: {proxy: {at: proxy, servers: [s1, s2], persistent: %s, balance: %s}}\n",
        loss, loss, REQUESTS, persistent, persistent, c->balance);
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    check_outcome(&run, c);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, proxy_requests__each_answered_once, 0, 4 * G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("proxy_requests", add);
}
