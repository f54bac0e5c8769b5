/* Models of explicit feedback against what their papers say and what follows from their laws: RCP
 * (Dukkipati 2008), XCP (Katabi et al. 2002), HPCC (Li et al. 2019), and occupancy8.
 *
 * A bottleneck of 40 Gbps, 13 us of round trip, hosts of 100 Gbps; B T is 65000 bytes or 45
 * packets. Flows of different hosts start 1 ms apart. No packet is lost anywhere.
 */
#include <math.h>

#include "support/run.h"
#include "support/suite.h"

#define CAPACITY_GBPS 40.0
#define ROUND_TRIP    (13 * SIM_US)
#define FULL_BYTES    65000.0
#define STAGGER       SIM_MS
#define PAYLOAD       1352.0
#define FLOWS_MAX     8u

/* ---- runs ---- */

static char *scenario_text(const char *congestion, uint32_t flows, sim_time stagger,
                           sim_time duration, sim_time after)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "name: explicit\nduration: %dus\n"
        "topology: {dumbbell: {senders: %u, receivers: %u, rate: 100Gbps, delay: 1us, "
        "bottleneck: {rate: 40Gbps, delay: 4us}}}\n"
        "queue: {droptail: {capacity: 1000p}}\n"
        "measure: {after: %dus, queues: {every: 1us, links: bottleneck}, throughput: {every: "
        "13us}}\n"
        "transport: {mtp: {congestion: {%s}}}\nworkload:\n",
        (int)(duration / SIM_US), flows, flows, (int)(after / SIM_US), congestion);
    for (uint32_t i = 0; i < flows; i++)
        g_string_append_printf(text, "  - long_flow: {from: s%u, to: r%u, start: %dus}\n", i, i,
                               (int)(i * stagger / SIM_US));
    g_string_append(text, "tenants:\n");
    for (uint32_t i = 0; i < flows; i++)
        g_string_append_printf(text, "  t%u: {from: [s%u]}\n", i, i);
    return g_string_free(text, FALSE);
}

static void run_flows(struct run *run, const char *congestion, uint32_t flows, sim_time stagger,
                      sim_time duration, sim_time after)
{
    g_autofree char *text = scenario_text(congestion, flows, stagger, duration, after);
    struct simulation_totals totals;
    run_init(run, text, 0);
    simulation_run(run->simulation, duration, NULL);
    simulation_totals(run->simulation, &totals);
    for (int reason = 0; reason < DROP_REASONS; reason++)
        ck_assert_uint_eq(totals.drops[reason], 0);
}

/* Goodput of a flow around a bin of one round trip: the mean of three. */
static double rate_gbps(const struct run *run, uint32_t flow, uint32_t bin)
{
    double bytes = 0;
    for (uint32_t i = bin; i < bin + 3; i++)
        bytes += (double)simulation_throughput(run->simulation, flow, i);
    return bytes * 8000 / (3 * (double)ROUND_TRIP);
}

/* Round trips from the start of a flow until it has 90 % of `share`. */
static double trips_to(const struct run *run, uint32_t flow, sim_time start, double share_gbps)
{
    uint32_t first = (uint32_t)(start / ROUND_TRIP), bin = first;
    uint32_t bins = simulation_throughput_bins(run->simulation);
    while (bin + 3 < bins && rate_gbps(run, flow, bin) < 0.9 * share_gbps)
        bin++;
    return bin + 1 - first; /* the middle one of the three */
}

static double mean_queue(const struct run *run, sim_time after, double *longest)
{
    GArray *records = simulation_queues(run->simulation);
    double sum = 0, count = 0;
    *longest = 0;
    for (guint i = 0; i < records->len; i++) {
        const struct queue_record *record = &g_array_index(records, struct queue_record, i);
        if (record->time < after || record->end != 0)
            continue;
        sum += (double)record->packets;
        count++;
        *longest = fmax(*longest, (double)record->packets);
    }
    g_array_unref(records);
    return sum / count;
}

static double fairness(const struct run *run, uint32_t flows)
{
    double sum = 0, squares = 0;
    for (uint32_t flow = 0; flow < flows; flow++) {
        double bytes = (double)simulation_measured_bytes(run->simulation, flow);
        sum += bytes;
        squares += bytes * bytes;
    }
    return sum * sum / (flows * squares);
}

/* ---- RCP and XCP: a fair rate within a few round trips, without loss ---- */

/* R <- R (1 + alpha (1 - R' / C)) once a round trip, with R' as it was a round trip ago, until 90
 * %. */
static double rcp_trips(double start)
{
    double rate = start, before = start, trips = 1;
    for (; before < 0.9; trips++) {
        double next = rate * (1 + 0.4 * (1 - before));
        before = rate;
        rate = next;
    }
    return trips;
}

/* The spare bandwidth shrinks by alpha a round trip: from 10 packets of 45. */
static double xcp_trips(double start)
{
    return log(0.1 / (1 - start)) / log(1 - 0.4) + 1;
}

/* What a new flow lacks of its share shrinks by gamma a round trip. It begins with 10 packets. */
static double xcp_fair_trips(uint32_t flows)
{
    double lacks = 1 - 10 * flows / 45.0;
    return lacks > 0.1 ? log(0.1 / lacks) / log(1 - 0.1) + 1 : 1;
}

START_TEST(rcp__fills_the_link)
{
    double longest;
    struct run run;
    run_flows(&run, "rcp: {rtt: 13us, start: 10%}", 1, 0, SIM_MS, SIM_MS / 2);
    double full = CAPACITY_GBPS * PAYLOAD / 1451;
    double trips = trips_to(&run, 0, 0, full), theory = rcp_trips(0.1);
    double queue = mean_queue(&run, SIM_MS / 2, &longest);
    g_print(
        "rcp, one flow: 90 %% after %.0f round trips (law: %.0f), %.2f of %.2f Gbps, queue %.1f\n",
        trips, theory, run_goodput_gbps(&run), full, queue);
    ck_assert_double_le(fabs(trips - theory), 3);
    ck_assert_double_eq_tol(run_goodput_gbps(&run), full, 0.01 * full);
    ck_assert_double_lt(longest, 10);
    run_clear(&run);
}
END_TEST

/* All flows are told one rate: a new one has its share with the first answers. Until it knows its
 * path it has the initial window. */
START_TEST(rcp__a_new_flow_has_its_share_at_once)
{
    struct run run;
    run_flows(&run, "rcp: {rtt: 13us}", 4, STAGGER, 4 * STAGGER, 3 * STAGGER + STAGGER / 2);
    for (uint32_t flow = 1; flow < 4; flow++) {
        double share = CAPACITY_GBPS * PAYLOAD / 1451 / (flow + 1);
        double trips = trips_to(&run, flow, flow * STAGGER, share);
        g_print("rcp, flow %u: its share after %.0f round trips\n", flow + 1, trips);
        ck_assert_double_le(trips, 6);
    }
    g_print("rcp: Jain's index %.4f\n", fairness(&run, 4));
    ck_assert_double_gt(fairness(&run, 4), 0.999);
    run_clear(&run);
}
END_TEST

START_TEST(xcp__fills_the_link)
{
    double longest;
    struct run run;
    run_flows(&run, "xcp: {rtt: 13us}", 1, 0, SIM_MS, SIM_MS / 2);
    double full = CAPACITY_GBPS * PAYLOAD / 1462; /* a request of 15 bytes is still on the packet */
    double trips = trips_to(&run, 0, 0, full), theory = xcp_trips(10 / 45.0);
    double queue = mean_queue(&run, SIM_MS / 2, &longest);
    g_print(
        "xcp, one flow: 90 %% after %.0f round trips (law: %.1f), %.2f of %.2f Gbps, queue %.1f\n",
        trips, theory, run_goodput_gbps(&run), full, queue);
    ck_assert_double_le(fabs(trips - theory), 2);
    ck_assert_double_eq_tol(run_goodput_gbps(&run), full, 0.015 * full);
    ck_assert_double_lt(queue, 3);
    run_clear(&run);
}
END_TEST

START_TEST(xcp__shares_shuffle_into_equality)
{
    struct run run;
    run_flows(&run, "xcp: {rtt: 13us}", 4, STAGGER, 4 * STAGGER, 3 * STAGGER + STAGGER / 2);
    for (uint32_t flow = 1; flow < 4; flow++) {
        double share = CAPACITY_GBPS * PAYLOAD / 1462 / (flow + 1);
        double trips = trips_to(&run, flow, flow * STAGGER, share);
        double theory = xcp_fair_trips(flow + 1);
        g_print("xcp, flow %u: its share after %.0f round trips (law: %.1f)\n", flow + 1, trips,
                theory);
        ck_assert_double_le(trips, 1.3 * theory + 2);
    }
    g_print("xcp: Jain's index %.4f\n", fairness(&run, 4));
    ck_assert_double_gt(fairness(&run, 4), 0.99);
    run_clear(&run);
}
END_TEST

/* ---- HPCC: utilisation near eta, no queue ---- */

/* Windows stand still where W eta / U + W_AI = W: with U = W N / (B T), U = eta + N W_AI / (B T).
 */
static const struct {
    uint32_t flows, increase_bytes;
} hpcc_cases[] = {{1, 80}, {2, 80}, {4, 80}, {4, 400}};

START_TEST(hpcc__utilisation_near_eta)
{
    double longest;
    struct run run;
    uint32_t flows = hpcc_cases[_i].flows, increase = hpcc_cases[_i].increase_bytes;
    g_autofree char *model = g_strdup_printf("hpcc: {rtt: 13us, increase: %uB}", increase);
    run_flows(&run, model, flows, SIM_US, 3 * SIM_MS, 2 * SIM_MS);
    double load = run_goodput_gbps(&run) * 1451 / PAYLOAD / CAPACITY_GBPS;
    double theory = 0.95 + flows * increase / FULL_BYTES;
    double queue = mean_queue(&run, 2 * SIM_MS, &longest);
    g_print("hpcc, %u flows, W_AI %u: utilisation %.4f (law: %.4f), queue %.2f, at most %.0f\n",
            flows, increase, load, theory, queue, longest);
    ck_assert_double_eq_tol(load, theory, 0.012);
    ck_assert_double_lt(queue, 2.5);
    ck_assert_double_lt(longest, 2.0 + 2 * flows); /* a packet or two of each flow */
    run_clear(&run);
}
END_TEST

/* ---- occupancy8: where the queue stands ---- */

/* q = full (target + (1 - target) a / (beta W)), W = (C RTT + q) / N. */
static double occupancy_queue_bytes(uint32_t flows)
{
    double full = 192000, target = 0.15, beta = 0.5, step = 1500, pipe = 40e9 / 8 * 12.7e-6;
    double queue = 0;
    for (int i = 0; i < 200; i++)
        queue = full * (target + (1 - target) * step * flows / (beta * (pipe + queue)));
    return queue;
}

START_TEST(occupancy8__queue)
{
    static const uint32_t counts[] = {1, 2, 4, 8};
    double longest;
    struct run run;
    uint32_t flows = counts[_i];
    run_flows(&run, "occupancy8: {}", flows, SIM_US, 4 * SIM_MS, 3 * SIM_MS);
    double queue = mean_queue(&run, 3 * SIM_MS, &longest),
           theory = occupancy_queue_bytes(flows) / 1443;
    g_print("occupancy8, %u flows: queue %.1f packets (law: %.1f), at most %.0f\n", flows, queue,
            theory, longest);
    ck_assert_double_eq_tol(queue, theory, 0.08 * theory);
    ck_assert_double_lt(longest, 1.15 * queue + 2); /* it stands still */
    run_clear(&run);
}
END_TEST

/* ---- fairness ---- */

/* Flows that start 200 us apart; the last 2 of 6 ms count. HPCC with its authors' rule for W_AI, B
 * T (1
 * - eta) / N. */
static const struct {
    const char *congestion;
    double least;
} fair_cases[] = {{"rcp: {rtt: 13us}", 0.999},
                  {"xcp: {rtt: 13us}", 0.99},
                  {"hpcc: {rtt: 13us, increase: 406B}", 0.95},
                  {"occupancy8: {}", 0.99}};

START_TEST(fairness__eight_flows)
{
    double longest;
    struct run run;
    run_flows(&run, fair_cases[_i].congestion, FLOWS_MAX, 200 * SIM_US, 6 * SIM_MS, 4 * SIM_MS);
    double queue = mean_queue(&run, 4 * SIM_MS, &longest);
    g_print("%s: Jain's index of 8 flows %.4f, %.2f Gbps, queue %.1f, at most %.0f\n",
            fair_cases[_i].congestion, fairness(&run, FLOWS_MAX), run_goodput_gbps(&run), queue,
            longest);
    ck_assert_double_gt(fairness(&run, FLOWS_MAX), fair_cases[_i].least);
    run_clear(&run);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, rcp__fills_the_link);
    tcase_add_test(tcase, rcp__a_new_flow_has_its_share_at_once);
    tcase_add_test(tcase, xcp__fills_the_link);
    tcase_add_test(tcase, xcp__shares_shuffle_into_equality);
    tcase_add_loop_test(tcase, hpcc__utilisation_near_eta, 0, G_N_ELEMENTS(hpcc_cases));
    tcase_add_loop_test(tcase, occupancy8__queue, 0, 4);
    tcase_add_loop_test(tcase, fairness__eight_flows, 0, G_N_ELEMENTS(fair_cases));
}

int main(void)
{
    return suite_run("explicit feedback", add_cases);
}
