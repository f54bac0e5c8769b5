/* The baseline transports against closed forms. */
#include <math.h>
#include <mtpsim/rng.h>

#include "support/run.h"
#include "support/suite.h"

static struct run run_of(sim_time duration, const char *transport, const char *links,
                         const char *queue, const char *workload)
{
    struct run run;
    char *text = g_strdup_printf("name: baseline\n"
                                 "duration: %ldms\n"
                                 "topology:\n"
                                 "  hosts: [a, b]\n"
                                 "  switches: [s, t]\n"
                                 "  links:\n%s"
                                 "queue: {%s}\n"
                                 "workload: [%s]\n"
                                 "transport: {%s}\n"
                                 "measure: {after: 5ms}\n",
                                 (long)(duration / SIM_MS), links, queue, workload, transport);
    run_init(&run, text, 0);
    simulation_run(run.simulation, duration, NULL);
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
    struct run run = run_of(20 * SIM_MS, transport,
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

/* ---- rdma ---- */

/* Go-back-N at a fixed pace, T from one packet to the next, over links that lose each packet, and
 * each acknowledgement, with probability p. A loss costs the packets sent until its NAK is there,
 * that of the lost one included: N of them, as the NAK waits for the packet behind. Without the NAK
 * it costs the timeout and a round trip; and a timeout as often as the retransmission is lost, as
 * no second NAK follows. */
static const double losses[] = {0, 0.001, 0.01, 0.03};

START_TEST(rdma__go_back_n)
{
    const double p = losses[_i], timeout_us = 100, packet_us = 1.2;
    const double rtt_us = 6 + 3 * (1500 + 48) * 8 / 100e3;
    char *links = g_strdup_printf("    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {ends: [s, t], rate: 100Gbps, delay: 1us, loss: %g%%}\n"
                                  "    - {ends: [t, b], rate: 100Gbps, delay: 1us}\n",
                                  100 * p);
    struct run run = run_of(150 * SIM_MS,
                            "rdma: {mode: rc, timeout: 100us, congestion: {fixed: {window: 1000p, "
                            "rate: 10Gbps}}}",
                            links, "droptail: {capacity: 1000p}", "{long_flow: {from: a, to: b}}");
    double nak_us = ceil((rtt_us + packet_us) / packet_us) * packet_us;
    double lost_us = (1 - p) * nak_us + p * (timeout_us + rtt_us) + timeout_us * p / (1 - p);
    double expected = 1456 * 8 / (packet_us + p * lost_us) / 1e3;
    ck_assert_double_eq_tol(run_goodput_gbps(&run), expected, 0.012 * expected);
    run_clear(&run);
    g_free(links);
}
END_TEST

/* ---- quic ---- */

/* DCTCP keeps a bottleneck busy: the rest is headers. */
START_TEST(quic__fills_a_bottleneck)
{
    struct run run =
        run_of(20 * SIM_MS, "quic: {congestion: dctcp}",
               "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
               "    - {ends: [s, t], rate: 10Gbps, delay: 1us}\n"
               "    - {ends: [t, b], rate: 100Gbps, delay: 1us}\n",
               "ecn_threshold: {capacity: 128p, mark_at: 20p}", "{long_flow: {from: a, to: b}}");
    struct simulation_totals totals;
    simulation_totals(run.simulation, &totals);
    ck_assert_double_eq_tol(run_goodput_gbps(&run), 10 * 1437 / 1500.0, 0.01);
    ck_assert_uint_gt(totals.marks, 100);
    ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
    run_clear(&run);
}
END_TEST

/* Windows of additive increase and multiplicative decrease under loss with probability p, round
 * trip by round trip: the mean of packets that arrive in one. Coupled windows grow in a round trip
 * by w_i max(w) / W^2 each instead of by one (RFC 6356 with equal round trips). (The square-root
 * law of Mathis et al., 1997, is one window with losses at equal distances; sqrt(2 / p) is the
 * fixed point of the means.) */
static double aimd_packets(double p, uint32_t count, bool coupled)
{
    enum { ROUNDS = 150000, MOST = 8 };
    struct sim_rng rng;
    double windows[MOST] = {10, 10}, arrived = 0;
    sim_rng_init(&rng, 1, "aimd");
    for (uint32_t round = 0; round < ROUNDS; round++) {
        double all = 0, most = 0;
        for (uint32_t i = 0; i < count; i++) {
            all += windows[i];
            most = fmax(most, windows[i]);
        }
        for (uint32_t i = 0; i < count; i++) {
            double sent = floor(windows[i]);
            double growth = coupled ? windows[i] * most / (all * all) : 1;
            bool lost = sim_rng_uniform(&rng) > pow(1 - p, sent);
            arrived += sent * (1 - p);
            windows[i] = lost ? fmax(2, windows[i] / 2) : windows[i] + growth;
        }
    }
    return arrived / ROUNDS;
}

/* Coupled subflows do no harm: on paths of equal loss and length, all of them are as one TCP, but
 * for its swings; two that are not coupled are as two. */
static const struct {
    const char *transport;
    double payload;
    uint32_t subflows;
    bool coupled;
} lossy[] = {
    {"quic: {congestion: newreno}", 1437, 1, false},
    {"tcp: {congestion: newreno}", 1460, 1, false},
    {"mptcp: {congestion: lia}", 1432, 2, true},
    {"mptcp: {congestion: lia, subflows: 1}", 1432, 1, true},
    {"mptcp: {congestion: newreno}", 1432, 2, false},
};

START_TEST(baselines__aimd_under_loss)
{
    const double p = 0.001, rtt_us = 206 + 3 * (1500 + 66) * 8 / 100e3;
    struct run run = run_of(1000 * SIM_MS, lossy[_i].transport,
                            "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                            "    - {ends: [s, t], rate: 100Gbps, delay: 101us, loss: 0.1%}\n"
                            "    - {ends: [t, b], rate: 100Gbps, delay: 1us}\n",
                            "droptail: {capacity: 1000p}", "{long_flow: {from: a, to: b}}");
    double packets = aimd_packets(p, lossy[_i].subflows, lossy[_i].coupled);
    double expected = packets * lossy[_i].payload * 8 / rtt_us / 1e3;
    ck_assert_double_eq_tol(run_goodput_gbps(&run), expected, 0.06 * expected);
    run_clear(&run);
}
END_TEST

/* ---- mptcp ---- */

/* Two paths of their own carry the sum of both, whatever their rates. */
static const double second_gbps[] = {10, 2.5};

START_TEST(mptcp__sums_disjoint_paths)
{
    char *links = g_strdup_printf("    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {name: one, ends: [s, t], rate: 10Gbps, delay: 1us}\n"
                                  "    - {name: two, ends: [s, t], rate: %gGbps, delay: 1us}\n"
                                  "    - {ends: [t, b], rate: 100Gbps, delay: 1us}\n",
                                  second_gbps[_i]);
    struct run run =
        run_of(30 * SIM_MS, "mptcp: {subflows: 8}", links,
               "ecn_threshold: {capacity: 200p, mark_at: 20p}", "{long_flow: {from: a, to: b}}");
    double expected = (10 + second_gbps[_i]) * 1432 / 1500;
    ck_assert_double_eq_tol(run_goodput_gbps(&run), expected, 0.02 * expected);
    run_clear(&run);
    g_free(links);
}
END_TEST

/* ---- what applications put into messages ---- */

/* Requests and responses of several packets arrive as they were sent, each once; where the
 * transport repairs losses, over links that lose packets. */
static const struct {
    const char *transport;
    bool lossy;
} carriers[] = {
    {"udp", false},
    {"rdma: {mode: rc}", true},
    {"rdma: {mode: uc}", false},
    {"rdma: {mode: ud}", false},
    {"quic", true},
    {"quic: {zero_rtt: true}", true},
    {"mptcp", true},
};

START_TEST(baselines__carry_requests)
{
    char *links = g_strdup_printf("    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {ends: [s, t], rate: 40Gbps, delay: 1us, loss: %g%%}\n"
                                  "    - {ends: [t, b], rate: 100Gbps, delay: 1us}\n",
                                  carriers[_i].lossy ? 0.5 : 0.0);
    const bool persistent = strstr(carriers[_i].transport, "zero") == NULL;
    char *workload = g_strdup_printf("{requests: {from: a, servers: b, outstanding: 4, count: 300, "
                                     "response: 5KB, writes: 20%%, write: 4KB, persistent: %s}}",
                                     persistent ? "true" : "false");
    struct run run = run_of(2000 * SIM_MS, carriers[_i].transport, links,
                            "ecn_threshold: {capacity: 1000p, mark_at: 65p}", workload);
    GArray *messages = simulation_messages(run.simulation);
    struct simulation_faults faults;
    uint32_t answered = 0;
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *record = &g_array_index(messages, struct message_record, i);
        ck_assert_uint_eq(record->times, 1);
        answered += record->asks && record->answered != SIM_NEVER;
    }
    simulation_faults(run.simulation, &faults);
    ck_assert_uint_eq(messages->len, 600);
    ck_assert_uint_eq(answered, 300);
    ck_assert_uint_eq(faults.corrupt + faults.wrong + faults.repeated + faults.unasked, 0);
    g_array_unref(messages);
    run_clear(&run);
    g_free(links);
    g_free(workload);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, udp__loses_the_overload, 0, sizeof overloads / sizeof *overloads);
    tcase_add_loop_test(tcase, baselines__carry_requests, 0, sizeof carriers / sizeof *carriers);
    tcase_add_loop_test(tcase, rdma__go_back_n, 0, sizeof losses / sizeof *losses);
    tcase_add_test(tcase, quic__fills_a_bottleneck);
    tcase_add_loop_test(tcase, baselines__aimd_under_loss, 0, sizeof lossy / sizeof *lossy);
    tcase_add_loop_test(tcase, mptcp__sums_disjoint_paths, 0,
                        sizeof second_gbps / sizeof *second_gbps);
}

int main(void)
{
    return suite_run("baselines", add);
}
