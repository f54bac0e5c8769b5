/* Requests through a proxy that balances, or changes lengths: each is answered once, by the replica
 * that the balance says, and the answer comes back through the proxy, whatever is lost on the way,
 * and however messages of several connections are interleaved on one. */
#include "net/network.h"
#include "support/run.h"
#include "support/suite.h"

enum { REQUESTS = 100, CLIENTS = 2 };

static const struct balance_case {
    const char *balance;
    double least, most; /* share of the requests that server s2 answers */
} cases[] = {
    {"as_addressed", 0, 0},
    {"round_robin", 0.5, 0.5},
    {"least_outstanding", 0.25, 0.9}, /* the way to s1 loses packets */
};

static void check_no_fault(const struct run *run)
{
    struct simulation_faults faults;
    simulation_faults(run->simulation, &faults);
    ck_assert_uint_eq(faults.corrupt, 0);
    ck_assert(!faults.wrong && !faults.repeated && !faults.unasked);
}

/* Gives the share of requests that server s2 answered. */
static double check_answered_once(const struct run *run, uint32_t expected)
{
    uint32_t s2 = 4, answered_by_s2 = 0, asked = 0;
    g_autoptr(GArray) messages = simulation_messages(run->simulation);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        ck_assert_msg(message->delivered != SIM_NEVER && message->times == 1, "message %u", i);
        asked += message->asks;
        ck_assert(!message->asks || message->answered != SIM_NEVER);
        answered_by_s2 += message->asks && message->answered_by == s2;
    }
    ck_assert_uint_eq(asked, expected);
    ck_assert_uint_eq(messages->len, 2 * asked);
    return (double)answered_by_s2 / expected;
}

static const char text_format[] =
    "name: test\nduration: 300ms\n"
    "topology:\n  hosts: [a, b, proxy, s1, s2]\n  switches: [s]\n  links:\n"
    "    - {ends: [a, s], rate: 10Gbps, delay: 1us, loss: %s}\n"
    "    - {ends: [b, s], rate: 10Gbps, delay: 1us}\n"
    "    - {ends: [proxy, s], rate: 40Gbps, delay: 1us}\n"
    "    - {ends: [s1, s], rate: 10Gbps, delay: 1us, loss: %s}\n"
    "    - {ends: [s2, s], rate: 10Gbps, delay: 1us}\n"
    "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
    "transport: {tcp: {}}\n"
    "workload: [requests: {from: [a, b], servers: [s1, s2], %s, service: 2us, persistent: %s}]\n"
    "offloads: {proxy: {at: proxy, servers: [s1, s2], persistent: %s, %s}}\n";

struct proxied {
    const char *loss, *workload, *offload;
    bool own_connections, proxy_keeps;
};

static void proxied_run(struct run *run, const struct proxied *proxied)
{
    g_autofree char *text =
        g_strdup_printf(text_format, proxied->loss, proxied->loss, proxied->workload,
                        proxied->own_connections ? "false" : "true",
                        proxied->proxy_keeps ? "true" : "false", proxied->offload);
    run_init(run, text, 0);
    simulation_run(run->simulation, scenario_spec(run->scenario, 0)->duration, NULL);
}

/* Messages of several packets, so that pieces of them pass the proxy. */
START_TEST(proxy_requests__each_answered_once)
{
    const struct balance_case *c = &cases[_i / 8];
    g_autofree char *offload = g_strdup_printf("balance: %s", c->balance);
    const struct proxied proxied = {
        .loss = _i & 2 ? "0.01" : "0",
        .workload = "to: s1, outstanding: 4, count: 100, request: 5KB, response: 9KB",
        .offload = offload,
        .own_connections = _i & 1,
        .proxy_keeps = _i & 4,
    };
    struct run run;
    proxied_run(&run, &proxied);
    double share = check_answered_once(&run, REQUESTS * CLIENTS);
    ck_assert_msg(share >= c->least && share <= c->most, "%s: share %g", c->balance, share);
    check_no_fault(&run);
    run_clear(&run);
}
END_TEST

/* Payload that arrived at some hosts' applications. */
static uint64_t received_at(const struct run *run, uint32_t first, uint32_t second)
{
    return run->simulation->hosts[first].measured[0] + run->simulation->hosts[second].measured[0];
}

/* Messages larger than the proxy's window, of six connections of each client at a time, which share
 * the proxy's one connection to each server, and the same on the way back. */
START_TEST(proxy_requests__interleaved_and_changed)
{
    static const struct {
        const char *workload, *offload;
        uint64_t request, response; /* as they arrive */
    } sizes[] = {
        {"request: 50KB, response: 30KB", "receive_window: 10KB", 50000, 30000},
        {"request: 50001B, response: 30003B", "receive_window: 10KB, ratio: 1.5, ratio_back: 0.5",
         75001, 15001},
        {"request: 50001B, response: 30003B", "receive_window: 64KB, ratio: 0.5, ratio_back: 1.5",
         25000, 45004},
        {"request: 30B, response: 1B", "ratio: 0.03125, ratio_back: 32", 1, 32},
        {"request: 7B, response: 64KB", "balance: round_robin, ratio: 32, ratio_back: 0.03125", 224,
         2000},
    };
    enum { COUNT = 30 };
    g_autofree char *workload =
        g_strdup_printf("outstanding: 6, count: %d, %s", COUNT, sizes[_i / 8].workload);
    const struct proxied proxied = {
        .loss = _i & 2 ? "0.01" : "0",
        .workload = workload,
        .offload = sizes[_i / 8].offload,
        .own_connections = _i & 1,
        .proxy_keeps = _i & 4,
    };
    struct run run;
    proxied_run(&run, &proxied);
    check_answered_once(&run, COUNT * CLIENTS);
    check_no_fault(&run);
    ck_assert_uint_eq(received_at(&run, 3, 4), COUNT * CLIENTS * sizes[_i / 8].request);
    ck_assert_uint_eq(received_at(&run, 0, 1), COUNT * CLIENTS * sizes[_i / 8].response);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, proxy_requests__each_answered_once, 0, 8 * G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, proxy_requests__interleaved_and_changed, 0, 8 * 5);
}

int main(void)
{
    return suite_run("proxy_requests", add);
}
