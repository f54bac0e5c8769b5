/* cubic: the window against RFC 9438's formulas, along the curve and at its reductions. What it
 * shares with newreno (slow start, one reduction a round trip) is in test_newreno.c. */
#include <math.h>
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops cubic_congestion;

#define PACKET UINT64_C(1000)

struct params {
    double c, beta;
    bool fast_convergence, friendly;
};

struct flow {
    uint64_t state[40];
    struct sim_congestion control;
    struct params params;
    sim_time now;
    uint64_t sent;
};

static void flow_init(struct flow *flow, struct params params, double window)
{
    memset(flow, 0, sizeof *flow);
    struct sim_congestion_env env = {
        .packet_bytes = PACKET,
        .initial_window_bytes = (uint64_t)(window * (double)PACKET),
    };
    flow->params = params;
    flow->sent = 1;
    ck_assert_uint_le(cubic_congestion.plugin.state_size, sizeof flow->state);
    cubic_congestion.init(flow->state, &flow->params, &env, &flow->control);
}

static double window_of(const struct flow *flow)
{
    return (double)flow->control.window_bytes / (double)PACKET;
}

static void ack(struct flow *flow, sim_time rtt, uint64_t marked, bool limited)
{
    struct sim_ack_sample sample = {.now = flow->now,
                                    .rtt = rtt,
                                    .acked_bytes = PACKET,
                                    .marked_bytes = marked,
                                    .position = flow->sent,
                                    .sent = flow->sent + PACKET,
                                    .window_limited = limited};
    flow->sent += PACKET;
    cubic_congestion.acked(flow->state, &flow->control, &sample);
}

/* A round trip's worth of acknowledgements, spread over it. */
static void round_trip(struct flow *flow, sim_time rtt)
{
    uint64_t packets = flow->control.window_bytes / PACKET;
    sim_time start = flow->now;
    for (uint64_t i = 1; i <= packets; i++) {
        flow->now = start + rtt * (sim_time)i / (sim_time)packets;
        ack(flow, rtt, 0, true);
    }
}

static void lose(struct flow *flow)
{
    struct sim_loss_sample sample = {.now = flow->now, .position = flow->sent, .sent = flow->sent};
    cubic_congestion.lost(flow->state, &flow->control, &sample);
}

/* ---- 4.1, 4.2: the curve ---- */

START_TEST(cubic__follows_the_curve)
{
    static const struct {
        double window;
        sim_time rtt;
    } rows[] = {{1000, 10 * SIM_MS}, {1000, 50 * SIM_MS}, {200, 10 * SIM_MS}};
    struct flow flow;
    const double max = rows[_i].window, c = 0.4;
    flow_init(&flow, (struct params){c, 0.7, true, false}, max);
    lose(&flow);
    ck_assert_double_eq_tol(window_of(&flow), 0.7 * max, 1e-9);
    ack(&flow, rows[_i].rtt, 0, true);
    sim_time epoch = flow.now;
    const double k = cbrt(max * 0.3 / c);
    double worst = 0, crossed = 0;
    while (flow.now < (sim_time)(1.4 * k * (double)SIM_S)) {
        round_trip(&flow, rows[_i].rtt);
        double t = (double)(flow.now - epoch) / (double)SIM_S;
        worst = fmax(worst, fabs(window_of(&flow) - (c * pow(t - k, 3) + max)));
        if (crossed == 0 && window_of(&flow) >= max - 0.5)
            crossed = t;
    }
    ck_assert_msg(worst < 0.004 * max + 0.5, "%.2f packets off the curve", worst);
    ck_assert_double_eq_tol(crossed, k, 1.2 * cbrt(0.5 / c) + 0.1); /* it is flat there */
}
END_TEST

/* The window grows by half a round trip at most. */
START_TEST(cubic__target_is_bounded)
{
    struct flow flow;
    flow_init(&flow, (struct params){1e9, 0.7, true, false}, 100);
    lose(&flow);
    for (int i = 0; i < 20; i++) {
        double before = window_of(&flow);
        round_trip(&flow, 50 * SIM_MS);
        ck_assert_double_le(window_of(&flow), 1.7 * before); /* 1.5, compounded within the round */
    }
    ck_assert_double_gt(window_of(&flow), 100000);
}
END_TEST

/* 4.2: a second in which the window is not what limits is no time. */
START_TEST(cubic__idle_time_does_not_count)
{
    struct flow flow, idle;
    flow_init(&flow, (struct params){0.4, 0.7, true, false}, 100);
    lose(&flow);
    for (int i = 0; i < 50; i++)
        round_trip(&flow, 10 * SIM_MS);
    idle = flow;
    for (int i = 0; i < 100; i++) {
        idle.now += 10 * SIM_MS;
        ack(&idle, 10 * SIM_MS, 0, false);
    }
    ck_assert_uint_eq(idle.control.window_bytes, flow.control.window_bytes);
    for (int i = 0; i < 50; i++) {
        round_trip(&flow, 10 * SIM_MS);
        round_trip(&idle, 10 * SIM_MS);
    }
    ck_assert_double_eq_tol(window_of(&idle), window_of(&flow), 0.1);
}
END_TEST

/* ---- 4.3: the Reno-friendly region ---- */

/* 3 (1 - 0.7) / (1 + 0.7) = 0.529 packets a round trip up to the window before, then 1. */
START_TEST(cubic__reno_friendly)
{
    struct flow flow;
    flow_init(&flow, (struct params){0.4, 0.7, true, true}, 100);
    lose(&flow);
    for (int i = 0; i < 20; i++)
        round_trip(&flow, 20 * SIM_US);
    ck_assert_double_eq_tol(window_of(&flow), 70 + 20 * 0.9 / 1.7, 0.2);
    while (window_of(&flow) < 100)
        round_trip(&flow, 20 * SIM_US);
    double before = window_of(&flow);
    for (int i = 0; i < 20; i++)
        round_trip(&flow, 20 * SIM_US);
    ck_assert_double_eq_tol(window_of(&flow), before + 20, 0.3);
}
END_TEST

/* ---- 4.6 to 4.9: reductions ---- */

/* Where the curve turns, from how fast the window grows when it begins. */
static double start_slope(struct flow flow)
{
    double before = window_of(&flow);
    for (int i = 0; i < 10; i++)
        round_trip(&flow, 10 * SIM_MS);
    return (window_of(&flow) - before) / 0.1;
}

/* With W(0) = beta w and Wmax: the slope at t = 0 is 3 C K^2 = 3 C^(1/3) (Wmax - beta w)^(2/3). */
START_TEST(cubic__fast_convergence)
{
    for (int fast = 0; fast < 2; fast++) {
        struct flow flow;
        flow_init(&flow, (struct params){0.4, 0.7, fast, false}, 10000);
        lose(&flow);
        round_trip(&flow, 10 * SIM_MS);
        double second = window_of(&flow); /* below Wmax: reduced again before it came back */
        lose(&flow);
        double max = fast ? second * 0.85 : second;
        double slope = 3 * cbrt(0.4) * pow(max - 0.7 * second, 2.0 / 3);
        ck_assert_double_eq_tol(start_slope(flow), slope, 0.03 * slope);
    }
}
END_TEST

START_TEST(cubic__marks_count_as_losses)
{
    struct flow flow;
    flow_init(&flow, (struct params){0.4, 0.7, true, true}, 100);
    ack(&flow, 10 * SIM_MS, PACKET, true);
    ck_assert_double_eq_tol(window_of(&flow), 70, 1e-9);
    struct sim_ack_sample stale = {.acked_bytes = PACKET,
                                   .marked_bytes = PACKET,
                                   .position = flow.sent - PACKET,
                                   .sent = flow.sent,
                                   .window_limited = true};
    cubic_congestion.acked(flow.state, &flow.control, &stale);
    ck_assert_double_eq_tol(window_of(&flow), 70, 1e-9);
}
END_TEST

/* 4.8: slow start to beta times the window, then the curve with K = 0: C t^3 above it. */
START_TEST(cubic__after_a_timeout)
{
    struct flow flow;
    flow_init(&flow, (struct params){0.4, 0.7, true, false}, 100);
    struct sim_loss_sample sample = {.position = flow.sent, .sent = flow.sent};
    cubic_congestion.timeout(flow.state, &flow.control, &sample);
    ck_assert_uint_eq(flow.control.window_bytes, PACKET);
    while (window_of(&flow) < 70)
        round_trip(&flow, 10 * SIM_MS);
    ck_assert_double_eq_tol(window_of(&flow), 70, 0.1);
    sim_time epoch = flow.now;
    while (flow.now - epoch < 3 * SIM_S)
        round_trip(&flow, 10 * SIM_MS);
    ck_assert_double_eq_tol(window_of(&flow), 70 + 0.4 * 27, 0.3);
}
END_TEST

/* 4.9: as if nothing had happened. */
START_TEST(cubic__undo)
{
    struct flow flow, same;
    flow_init(&flow, (struct params){0.4, 0.7, true, false}, 1000);
    lose(&flow);
    for (int i = 0; i < 100; i++)
        round_trip(&flow, 10 * SIM_MS);
    same = flow;
    lose(&flow);
    ck_assert_uint_lt(flow.control.window_bytes, same.control.window_bytes);
    cubic_congestion.undo(flow.state, &flow.control);
    for (int i = 0; i < 100; i++) {
        round_trip(&flow, 10 * SIM_MS);
        round_trip(&same, 10 * SIM_MS);
    }
    ck_assert_uint_eq(flow.control.window_bytes, same.control.window_bytes);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, cubic__follows_the_curve, 0, 3);
    tcase_add_test(tcase, cubic__target_is_bounded);
    tcase_add_test(tcase, cubic__idle_time_does_not_count);
    tcase_add_test(tcase, cubic__reno_friendly);
    tcase_add_test(tcase, cubic__fast_convergence);
    tcase_add_test(tcase, cubic__marks_count_as_losses);
    tcase_add_test(tcase, cubic__after_a_timeout);
    tcase_add_test(tcase, cubic__undo);
}

int main(void)
{
    return suite_run("cubic", add);
}
