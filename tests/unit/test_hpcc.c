/* hpcc: what a port tells, and Algorithm 1 of the paper by hand-worked values. */
#include <math.h>
#include <string.h>

#include <mtpsim/congestion.h>

#include "models/congestion/telemetry.h"
#include "support/suite.h"

extern const struct sim_congestion_ops hpcc_congestion;

/* As in models/congestion/hpcc.c. */
struct params {
    sim_time rtt;
    double eta;
    uint64_t stages, increase_bytes;
};

/* B T is 125000 bytes. */
static const struct params params = {10 * SIM_US, 0.95, 5, 80};
#define LINK_BPS UINT64_C(100000000000)
#define FULL     125000.0

/* ---- telemetry ---- */

static const struct {
    uint64_t queue_bytes, rate_bps;
    sim_time now;
    uint64_t sent_bytes;
    struct telemetry told;
} values[] = {
    {0, LINK_BPS, 0, 0, {0, LINK_BPS, 0, 0}},
    {799, 10000000000, 1234567, 1300, {720, 10000000000, 1234, 10}},
    {6000000, 400000000000, 20 * SIM_MS, 140000000, {5242800, 400000000000, 3222784, 45174}},
    {0, 30000000000, 0, 0, {0, 25000000000, 0, 0}}, /* no code: the next lower rate */
    {0, 1000000, 0, 0, {0, 100000000, 0, 0}},
    {0, 1600000000000, 0, 0, {0, 1600000000000, 0, 0}},
};

START_TEST(telemetry__packs_into_a_value)
{
    struct sim_feedback entry = {0};
    const struct sim_port_view view = {.now = values[_i].now,
                                       .rate_bps = values[_i].rate_bps,
                                       .queue_bytes = values[_i].queue_bytes,
                                       .sent_bytes = values[_i].sent_bytes};
    hpcc_congestion.feedback(NULL, &view, &entry);
    struct telemetry told = telemetry_unpack(entry.value);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_TELEMETRY);
    ck_assert_uint_eq(entry.length, 8);
    ck_assert_uint_eq(told.queue_bytes, values[_i].told.queue_bytes);
    ck_assert_uint_eq(told.rate_bps, values[_i].told.rate_bps);
    ck_assert_uint_eq(told.time_ns, values[_i].told.time_ns);
    ck_assert_uint_eq(told.sent_units, values[_i].told.sent_units);
}
END_TEST

START_TEST(telemetry__differences_across_the_wrap)
{
    struct telemetry before =
        telemetry_unpack(telemetry_pack(0, LINK_BPS, 16777000 * SIM_NS, 134217600));
    struct telemetry after =
        telemetry_unpack(telemetry_pack(0, LINK_BPS, 16778000 * SIM_NS, 134217600 + 12800));
    ck_assert_int_eq(telemetry_elapsed_ns(&before, &after), 1000);
    ck_assert_int_eq(telemetry_elapsed_ns(&after, &before), -1000);
    ck_assert_uint_eq(telemetry_sent_bytes(&before, &after), 12800);
    ck_assert(telemetry_is_comparable(&before, 5 * SIM_MS));
    ck_assert(!telemetry_is_comparable(&before, 6 * SIM_MS)); /* 67 MB at 100 Gbps are 5.4 ms */
    before.rate_bps = 1000000000;
    ck_assert(telemetry_is_comparable(&before, 8 * SIM_MS));
    ck_assert(!telemetry_is_comparable(&before, 9 * SIM_MS)); /* 2^23 ns */
}
END_TEST

/* ---- the end-host half ---- */

struct host {
    uint64_t state[32];
    struct sim_congestion control;
    sim_time now;
    double sent_bytes; /* by the port */
    uint64_t position;
};

static void host_init(struct host *host, const struct params *p, uint64_t window_bytes)
{
    const struct sim_congestion_env env = {.packet_bytes = 1500,
                                           .initial_window_bytes = window_bytes};
    ck_assert_uint_le(hpcc_congestion.plugin.state_size, sizeof host->state);
    memset(host, 0, sizeof *host);
    host->now = SIM_US;
    host->position = 1;
    hpcc_congestion.init(host->state, p, &env, &host->control);
}

/* `gap` later the port has that queue, and has sent at `load` of its rate. */
static void told(struct host *host, sim_time gap, double load, uint64_t queue_bytes, bool new_round)
{
    host->now += gap;
    host->sent_bytes += load * (double)LINK_BPS / 8 * (double)gap / (double)SIM_S;
    host->position += new_round;
    struct sim_feedback entry = {
        .type = SIM_FEEDBACK_TELEMETRY,
        .length = 8,
        .value = telemetry_pack(queue_bytes, LINK_BPS, host->now, (uint64_t)host->sent_bytes)};
    const struct sim_ack_sample sample = {.now = host->now,
                                          .acked_bytes = 1500,
                                          .position = host->position,
                                          .sent = host->position + 1,
                                          .in_flight_bytes = host->control.window_bytes,
                                          .window_limited = true,
                                          .feedback = &entry};
    hpcc_congestion.acked(host->state, &host->control, &sample);
}

/* Each row: a first value, then one a whole T later, which replaces U. */
static const struct {
    double load;
    uint64_t queue_before, queue, window, next; /* bytes */
} laws[] = {
    {0.5, 0, 0, 50000, 50080},          /* below eta: additive */
    {0.94, 0, 0, 50000, 50080},         /* still */
    {1, 0, 0, 50000, 47580},            /* W eta / U + W_AI */
    {1, 125000, 125000, 50000, 23830},  /* a queue of B T doubles U */
    {1, 125000, 62480, 50000, 31737},   /* the lesser queue of two counts: U 1.49984 */
    {0.5, 250000, 62480, 50000, 47588}, /* U 0.99984 */
    {0.2, 0, 0, 125000, 125000},        /* never above B T */
};

START_TEST(hpcc__the_law)
{
    struct host host;
    host_init(&host, &params, laws[_i].window);
    told(&host, 0, 1, laws[_i].queue_before, true);
    ck_assert_uint_eq(host.control.window_bytes, laws[_i].window); /* one value says nothing */
    told(&host, 10 * SIM_US, laws[_i].load, laws[_i].queue, true);
    ck_assert_double_eq_tol((double)host.control.window_bytes, (double)laws[_i].next,
                            0.003 * (double)laws[_i].next); /* 128 bytes of 125000, and rounding */
    double rate = (double)host.control.window_bytes * 8 / 10e-6;
    ck_assert_double_eq_tol((double)host.control.rate_bps, rate, 1e-4 * rate);
}
END_TEST

/* U is an average over T: after a tenth of it, a tenth of the new value counts. */
START_TEST(hpcc__load_is_an_average)
{
    struct host host;
    host_init(&host, &params, 50000);
    told(&host, 0, 1, 0, true);
    told(&host, 10 * SIM_US, 1, 0, true);
    told(&host, SIM_US, 1, 625040, false); /* lesser queue: 0; U stays */
    ck_assert_uint_le((uint64_t)fabs((double)host.control.window_bytes - 45281), 200);
    told(&host, SIM_US, 1, 625040, false); /* u = 6, U = 0.9 + 0.6 */
    ck_assert_double_eq_tol((double)host.control.window_bytes, 47580 * 0.95 / 1.5 + 80, 300);
}
END_TEST

/* Within a round trip the window follows U from the same reference, so it does not compound. */
START_TEST(hpcc__reference_moves_once_a_round_trip)
{
    struct host host;
    host_init(&host, &params, 50000);
    told(&host, 0, 1, 0, true);
    told(&host, 10 * SIM_US, 1.0, 0, true); /* reference 47580 */
    for (int i = 0; i < 20; i++)
        told(&host, 10 * SIM_US, 1.0, 0, false);
    ck_assert_double_eq_tol((double)host.control.window_bytes, 47580 * 0.95 + 80, 150);
    told(&host, 10 * SIM_US, 1.0, 0, true);
    told(&host, 10 * SIM_US, 1.0, 0, true);
    ck_assert_double_eq_tol((double)host.control.window_bytes, (47580 * 0.95 + 80) * 0.95 + 80,
                            250);
}
END_TEST

/* After maxStage round trips of additive increase the window goes to eta at once. */
START_TEST(hpcc__stages)
{
    struct host host;
    host_init(&host, &params, 20000);
    told(&host, 0, 1, 0, true);
    for (int stage = 0; stage < 5; stage++)
        told(&host, 10 * SIM_US, 0.5, 0, true);
    ck_assert_uint_eq(host.control.window_bytes, 20400);
    told(&host, 10 * SIM_US, 0.5, 0, true);
    ck_assert_double_eq_tol((double)host.control.window_bytes, 20400 * 1.9 + 80, 100);
    uint64_t before = host.control.window_bytes;
    told(&host, 10 * SIM_US, 0.5, 0, true);
    ck_assert_uint_eq(host.control.window_bytes, before + 80);
}
END_TEST

START_TEST(hpcc__ignores_what_does_not_compare)
{
    struct host host;
    host_init(&host, &params, 50000);
    told(&host, 0, 1, 0, true);
    told(&host, 0, 1, 0, true); /* at the same time */
    ck_assert_uint_eq(host.control.window_bytes, 50000);
    told(&host, 20 * SIM_MS, 1, 125000, true); /* too old to compare with */
    ck_assert_uint_eq(host.control.window_bytes, 50000);
    told(&host, 10 * SIM_US, 1, 125000, true);
    ck_assert_double_eq_tol((double)host.control.window_bytes, 23830, 100);
}
END_TEST

START_TEST(hpcc__losses_change_nothing_a_timeout_leaves_a_packet)
{
    const struct sim_loss_sample loss = {.position = 100, .sent = 200};
    struct host host;
    host_init(&host, &params, 50000);
    told(&host, 0, 1, 0, true);
    told(&host, 10 * SIM_US, 1, 0, true);
    uint64_t before = host.control.window_bytes;
    hpcc_congestion.lost(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, before);
    hpcc_congestion.timeout(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 1500);
    told(&host, 10 * SIM_US, 0.95, 0, true);
    ck_assert_uint_gt(host.control.window_bytes, 1500);
}
END_TEST

START_TEST(hpcc__without_telemetry_a_window)
{
    const struct sim_loss_sample loss = {.position = 300000, .sent = 300000};
    struct sim_feedback entry = {.type = SIM_FEEDBACK_ECN, .length = 1};
    struct sim_ack_sample sample = {.acked_bytes = 1500,
                                    .position = 100,
                                    .sent = 200,
                                    .window_limited = true,
                                    .feedback = &entry};
    struct host host;
    host_init(&host, &params, 15000);
    hpcc_congestion.acked(host.state, &host.control, &sample);
    ck_assert_uint_eq(host.control.window_bytes, 16500);
    sample.marked_bytes = 1500;
    hpcc_congestion.acked(host.state, &host.control, &sample);
    ck_assert_uint_eq(host.control.window_bytes, 8250);
    hpcc_congestion.lost(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 4125);
    hpcc_congestion.timeout(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 1500);
    ck_assert_uint_eq(host.control.rate_bps, 0);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, telemetry__packs_into_a_value, 0, sizeof values / sizeof *values);
    tcase_add_test(tcase, telemetry__differences_across_the_wrap);
    tcase_add_loop_test(tcase, hpcc__the_law, 0, sizeof laws / sizeof *laws);
    tcase_add_test(tcase, hpcc__load_is_an_average);
    tcase_add_test(tcase, hpcc__reference_moves_once_a_round_trip);
    tcase_add_test(tcase, hpcc__stages);
    tcase_add_test(tcase, hpcc__ignores_what_does_not_compare);
    tcase_add_test(tcase, hpcc__losses_change_nothing_a_timeout_leaves_a_packet);
    tcase_add_test(tcase, hpcc__without_telemetry_a_window);
}

int main(void)
{
    return suite_run("hpcc", add_cases);
}
