/* DCTCP's steady state against the analysis of its paper (Alizadeh et al., SIGCOMM'10, 3.3).
 *
 * N synchronised flows over a bottleneck of C packets a second with threshold K: a window that has
 * reached W* = (C RTT + K) / N grows by one more packet before the marks come back, and alpha^2 (1
 * - alpha / 4) = (2 W* + 1) / (W* + 1)^2. The queue swings between K + N and K + N - A, A = N (W* +
 * 1) alpha / 2, once every (W* + 1) alpha / 2 round trips.
 */
#include <math.h>

#include "support/run.h"
#include "support/suite.h"

/* An MTP packet on the bottleneck: the sender leaves headroom for 8 entries of path feedback; one
 * of 8 bytes, and the list's head, are on it. */
#define MTP_PACKET  1444.0
#define MTP_PAYLOAD 1352.0

struct swing {
    double low, high; /* packets: mean of the local extremes */
    double period;    /* seconds */
    double mean;
};

/* Extremes are taken between crossings of the mean. */
static struct swing measure_swing(const GArray *records, sim_time after)
{
    double sum = 0, count = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct queue_record *record = &g_array_index(records, struct queue_record, i);
        if (record->time < after)
            continue;
        sum += (double)record->packets;
        count++;
    }
    struct swing swing = {.mean = sum / count};
    double low = 1e9, high = 0, lows = 0, highs = 0, cycles = 0;
    bool above = false;
    sim_time first = 0, last = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct queue_record *record = &g_array_index(records, struct queue_record, i);
        double packets = (double)record->packets;
        if (record->time < after)
            continue;
        if (!above && packets > swing.mean + 1.5) { /* a cycle begins */
            if (first) {
                lows += low;
                highs += high;
                cycles++;
            } else {
                first = record->time;
            }
            last = record->time;
            low = 1e9;
            high = 0;
        }
        above = packets > swing.mean + 1.5 || (above && packets > swing.mean - 1.5);
        low = fmin(low, packets);
        high = fmax(high, packets);
    }
    ck_assert_double_gt(cycles, 5);
    swing.low = lows / cycles;
    swing.high = highs / cycles;
    swing.period = (double)(last - first) / (double)SIM_S / cycles;
    return swing;
}

/* alpha of the fixed point, by bisection. */
static double theory_alpha(double critical_window)
{
    double target = (2 * critical_window + 1) / pow(critical_window + 1, 2);
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(middle * middle * (1 - middle / 4) < target ? &low : &high) = middle;
    }
    return low;
}

/* One flow over 10 Gbps and 80 us; the label makes the bottleneck MTP's only pathlet (paper, 4: a
 * single pathlet behaves as DCTCP). */
static const char one_flow[] =
    "name: sawtooth\n"
    "duration: 200ms\n"
    "topology:\n"
    "  hosts: [a, b]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {name: in, ends: [a, s], rate: 100Gbps, delay: 20us}\n"
    "    - {name: out, ends: [s, b], rate: 10Gbps, delay: 20us, pathlet: 1}\n"
    "queue: {ecn_threshold: {capacity: 1000p, mark_at: %dp}}\n"
    "workload: [{long_flow: {from: a, to: b}}]\n"
    "transport: {%s: {congestion: {dctcp: {g: 0.0625}}}}\n"
    "measure: {after: 50ms, queues: {every: 1us, links: [out]}}\n";

static const struct {
    const char *transport;
    int threshold;
    double packet_bytes, payload_bytes, answer_bytes;
} sawtooth_cases[] = {
    {"tcp", 30, 1500, 1460, 40},
    {"tcp", 40, 1500, 1460, 40},
    {"tcp", 65, 1500, 1460, 40},
    {"mtp", 30, MTP_PACKET, MTP_PAYLOAD, 120},
    {"mtp", 40, MTP_PACKET, MTP_PAYLOAD, 120},
    {"mtp", 65, MTP_PACKET, MTP_PAYLOAD, 120},
};

static const char four_flows[] =
    "name: fairness\n"
    "duration: 60ms\n"
    "topology:\n"
    "  hosts: [a, b, c, d, r]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {ends: [a, s], rate: 100Gbps, delay: 5us}\n"
    "    - {ends: [b, s], rate: 100Gbps, delay: 5us}\n"
    "    - {ends: [c, s], rate: 100Gbps, delay: 5us}\n"
    "    - {ends: [d, s], rate: 100Gbps, delay: 5us}\n"
    "    - {name: out, ends: [s, r], rate: 40Gbps, delay: 5us, pathlet: 1}\n"
    "queue: {ecn_threshold: {capacity: 1000p, mark_at: 40p}}\n"
    "workload:\n"
    "  - long_flow: {from: a, to: r, start: 0us}\n"
    "  - long_flow: {from: b, to: r, start: 3ms}\n"
    "  - long_flow: {from: c, to: r, start: 6ms}\n"
    "  - long_flow: {from: d, to: r, start: 9ms}\n"
    "tenants: {a: {from: [a]}, b: {from: [b]}, c: {from: [c]}, d: {from: [d]}}\n"
    "transport: {%s: {congestion: {%s: {}}}}\n"
    "measure: {after: 30ms}\n";

static const struct {
    const char *transport, *congestion;
} fairness_cases[] = {{"tcp", "dctcp"}, {"tcp", "newreno"}, {"tcp", "cubic"},
                      {"mtp", "dctcp"}, {"mtp", "newreno"}, {"mtp", "cubic"}};

/* Jain's index of the tenants' goodputs. */
static double fairness(const struct run *run, uint32_t tenants)
{
    double sum = 0, squares = 0;
    for (uint32_t tenant = 0; tenant < tenants; tenant++) {
        double bytes = (double)simulation_measured_bytes(run->simulation, tenant);
        sum += bytes;
        squares += bytes * bytes;
    }
    return sum * sum / (tenants * squares);
}

/* clang-format off */
START_TEST(dctcp_sawtooth__one_flow)
{
    struct run run;
    int threshold = sawtooth_cases[_i].threshold;
    g_autofree char *text = g_strdup_printf(one_flow, threshold, sawtooth_cases[_i].transport);
    run_init(&run, text, 0);
    simulation_run(run.simulation, 200 * SIM_MS, NULL);
    GArray *records = simulation_queues(run.simulation);
    struct swing swing = measure_swing(records, 50 * SIM_MS);
    double packet = sawtooth_cases[_i].packet_bytes * 8 / 10e9;
    double round_trip = 80e-6 + packet * 1.1 + sawtooth_cases[_i].answer_bytes * 8 * 1.1 / 10e9;
    double window = round_trip / packet + threshold;
    double amplitude = (window + 1) * theory_alpha(window) / 2;
    double measured = swing.high - swing.low;
    double cycle = swing.period / (round_trip + swing.mean * packet);
    double full = 10 * sawtooth_cases[_i].payload_bytes / sawtooth_cases[_i].packet_bytes;
    g_print("%s, K = %d: queue %.1f to %.1f, swing %.2f (theory %.2f), cycle %.2f round trips, goodput %.3f of %.3f\n",
            sawtooth_cases[_i].transport, threshold, swing.low, swing.high, measured, amplitude,
            cycle, run_goodput_gbps(&run), full);
    ck_assert_double_eq_tol(run_goodput_gbps(&run), full, 0.005 * full);
    ck_assert_msg(fabs(swing.high - threshold - 1) <= 2, "queue rises to %g packets", swing.high);
    ck_assert_msg(fabs(measured - amplitude) < 0.15 * amplitude, "queue swings by %g packets, not %g",
                  measured, amplitude);
    ck_assert_msg(fabs(cycle - amplitude) < 0.15 * amplitude, "a cycle takes %g round trips, not %g",
                  cycle, amplitude);
    g_array_unref(records);
    run_clear(&run);
}
END_TEST

START_TEST(fairness__four_flows_that_start_one_after_the_other)
{
    struct run run;
    g_autofree char *text = g_strdup_printf(four_flows, fairness_cases[_i].transport, fairness_cases[_i].congestion);
    run_init(&run, text, 0);
    simulation_run(run.simulation, 60 * SIM_MS, NULL);
    g_print("%s/%s: Jain's index %.4f\n", fairness_cases[_i].transport, fairness_cases[_i].congestion, fairness(&run, 4));
    ck_assert_double_gt(fairness(&run, 4), 0.98);
    run_clear(&run);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, dctcp_sawtooth__one_flow, 0, G_N_ELEMENTS(sawtooth_cases));
    tcase_add_loop_test(tcase, fairness__four_flows_that_start_one_after_the_other, 0,
                        G_N_ELEMENTS(fairness_cases));
}

int main(void)
{
    return suite_run("DCTCP's sawtooth", add_cases);
}
