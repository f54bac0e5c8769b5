/* dcqcn: the reaction point's laws, step by step, against SIGCOMM 2015, 3.3, and alpha's fixed
 * point. */
#include <math.h>
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops dcqcn_congestion;

#define LINE  40e9
#define TIMER (55 * SIM_US)
#define AI    40e6
#define HAI   400e6

/* As the model's own. */
struct params {
    double g;
    sim_time cnp_interval, alpha_interval, rate_interval;
    uint64_t rate_bytes, r_ai_bps, r_hai_bps, min_bps;
};

static const struct params published = {
    .g = 1.0 / 256,
    .cnp_interval = 50 * SIM_US,
    .alpha_interval = TIMER,
    .rate_interval = TIMER,
    .rate_bytes = 10000000,
    .r_ai_bps = (uint64_t)AI,
    .r_hai_bps = (uint64_t)HAI,
    .min_bps = 10000000,
};

struct flow {
    struct params params;
    uint64_t state[32];
    struct sim_congestion control;
    sim_time now;
};

static void flow_init(struct flow *flow, struct params params)
{
    memset(flow, 0, sizeof *flow);
    struct sim_congestion_env env = {.packet_bytes = 1000, .line_bps = (uint64_t)LINE};
    flow->params = params;
    ck_assert_uint_le(dcqcn_congestion.plugin.state_size, sizeof flow->state);
    dcqcn_congestion.init(flow->state, &flow->params, &env, &flow->control);
    ck_assert_uint_eq(flow->control.rate_bps, (uint64_t)LINE); /* begins at line rate */
}

static double ack(struct flow *flow, uint64_t bytes, bool marked)
{
    struct sim_ack_sample sample = {
        .now = flow->now, .acked_bytes = bytes, .marked_bytes = marked ? bytes : 0};
    dcqcn_congestion.acked(flow->state, &flow->control, &sample);
    return (double)flow->control.rate_bps;
}

/* Alpha, from what a mark after the next 50 us does. */
static double alpha_of(struct flow flow)
{
    double before = ack(&flow, 0, false);
    return 2 * (1 - ack(&flow, 1, true) / before);
}

START_TEST(dcqcn__a_mark_cuts_once_in_50_us)
{
    struct flow flow;
    flow_init(&flow, published);
    flow.now = SIM_US;
    ck_assert_double_eq_tol(ack(&flow, 1000, true), LINE / 2, 1); /* alpha is 1 at first */
    flow.now += 50 * SIM_US - 1;
    ck_assert_double_eq_tol(ack(&flow, 1000, true), LINE / 2, 1);
    flow.now += 1;
    ck_assert_double_eq_tol(ack(&flow, 1000, true), LINE / 4, 1);
    struct sim_loss_sample loss = {.now = flow.now};
    dcqcn_congestion.lost(flow.state, &flow.control, &loss); /* a loss is one too */
    ck_assert_double_eq_tol((double)flow.control.rate_bps, LINE / 4, 1);
    loss.now += 50 * SIM_US;
    dcqcn_congestion.lost(flow.state, &flow.control, &loss);
    ck_assert_double_eq_tol((double)flow.control.rate_bps, LINE / 8, 1);
}
END_TEST

/* Alpha is 1 at the first mark, however late it comes: timers run from there. */
START_TEST(dcqcn__first_cut_is_a_half_at_any_time)
{
    static const sim_time rows[] = {0, SIM_US, 3 * TIMER, 100 * SIM_MS, SIM_S};
    struct flow flow;
    flow_init(&flow, published);
    flow.now = rows[_i];
    ck_assert_double_eq_tol(ack(&flow, 1000, false), LINE, 1);
    ck_assert_double_eq_tol(ack(&flow, 1000, true), LINE / 2, 1);
    flow.now += TIMER;
    ck_assert_double_eq_tol(ack(&flow, 1000, false), 0.75 * LINE, 1);
}
END_TEST

START_TEST(dcqcn__not_below_the_least_rate)
{
    struct flow flow;
    flow_init(&flow, published);
    for (int i = 0; i < 30; i++) {
        flow.now += 50 * SIM_US;
        ack(&flow, 1000, true);
    }
    ck_assert_uint_eq(flow.control.rate_bps, 10000000);
}
END_TEST

/* Halves the way to the rate before in each of the first steps, then goes up by r_ai. */
START_TEST(dcqcn__recovery_and_additive_increase)
{
    struct flow flow;
    flow_init(&flow, published);
    for (int i = 0; i < 2; i++) { /* to 20 Gbps, then 10 */
        flow.now += 50 * SIM_US;
        ack(&flow, 1000, true);
    }
    double target = LINE / 2, current = LINE / 4;
    for (int step = 1; step < 12; step++) {
        flow.now += TIMER - 1;
        ck_assert_double_eq_tol(ack(&flow, 1, false), current, 1);
        flow.now += 1;
        if (step >= 5)
            target += AI;
        current = (current + target) / 2;
        ck_assert_double_eq_tol(ack(&flow, 1, false), current, 1);
    }
}
END_TEST

/* The byte counter makes steps of its own. When both are beyond five: i r_hai. */
START_TEST(dcqcn__hyper_increase)
{
    struct flow flow;
    flow_init(&flow, published);
    for (int i = 0; i < 3; i++) { /* to 5 Gbps */
        flow.now += 50 * SIM_US;
        ack(&flow, 1000, true);
    }
    double target = LINE / 4, current = LINE / 8;
    for (int step = 1; step <= 9; step++) {
        if (step >= 5)
            target += AI;
        current = (current + target) / 2;
        ck_assert_double_eq_tol(ack(&flow, 10000000, false), current, 2);
    }
    for (int step = 1; step <= 9; step++) { /* the timer follows: the lesser of both counts */
        flow.now += TIMER;
        target += step > 5 ? (step - 5) * HAI : AI;
        current = (current + target) / 2;
        ck_assert_double_eq_tol(ack(&flow, 1, false), current, 2);
    }
    flow.now += SIM_MS * 20;
    ck_assert_double_eq_tol(ack(&flow, 1, false), LINE, 1); /* and no further */
}
END_TEST

/* With a notification each X: alpha returns to itself after 1 - g for each whole 55 us in between
 * and once at the notification, alpha* = g / (1 - (1 - g)^(1 + n)); about 1 / (1 + n). */
START_TEST(dcqcn__alpha_settles)
{
    static const struct {
        sim_time every;
        int n;
    } rows[] = {{50 * SIM_US, 0}, {60 * SIM_US, 1}, {165 * SIM_US, 3}, {1000 * SIM_US, 18}};
    struct flow flow;
    const double g = published.g;
    flow_init(&flow, published);
    for (int i = 0; i < 4000; i++) {
        flow.now += rows[_i].every;
        ack(&flow, 1000, true);
        for (int j = 0; j < 200; j++) /* bring the rate back, so that it can be seen shrinking */
            ack(&flow, 10000000, false);
    }
    double settled = g / (1 - pow(1 - g, 1 + rows[_i].n));
    flow.now += rows[_i].every;
    double before = alpha_of(flow);
    ck_assert_double_eq_tol(before, settled * pow(1 - g, rows[_i].n), 1e-6);
    ck_assert_double_eq_tol(before, 1.0 / (1 + rows[_i].n), 0.05 / (1 + rows[_i].n));
}
END_TEST

/* Timers are caught up with when a packet is sent, as with an acknowledgement. */
START_TEST(dcqcn__sending_catches_up)
{
    struct flow flow, same;
    flow_init(&flow, published);
    flow.now = 50 * SIM_US;
    ack(&flow, 1000, true);
    same = flow;
    flow.now += 7 * TIMER;
    struct sim_send_sample sample = {.now = flow.now, .packet_bytes = 1000};
    dcqcn_congestion.sending(flow.state, &flow.control, &sample);
    for (int i = 0; i < 7; i++) {
        same.now += TIMER;
        ack(&same, 0, false);
    }
    ck_assert_uint_eq(flow.control.rate_bps, same.control.rate_bps);
    ck_assert_uint_gt(flow.control.rate_bps, (uint64_t)(0.9 * LINE));
}
END_TEST

/* Ten days of silence are 2 10^10 steps of the timer: they are not made one by one, and count. */
START_TEST(dcqcn__a_long_silence)
{
    struct flow flow;
    flow_init(&flow, published);
    flow.now = 50 * SIM_US;
    ack(&flow, 1000, true);
    flow.now += 1000000 * SIM_S + TIMER / 2;
    ck_assert_double_eq_tol(ack(&flow, 0, false), LINE, 1);
    ck_assert_double_eq_tol(ack(&flow, 1000, true), LINE, 1); /* alpha is gone */
    flow.now += TIMER;
    ck_assert_double_eq_tol(ack(&flow, 0, false), LINE, 1);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, dcqcn__a_mark_cuts_once_in_50_us);
    tcase_add_loop_test(tcase, dcqcn__first_cut_is_a_half_at_any_time, 0, 5);
    tcase_add_test(tcase, dcqcn__not_below_the_least_rate);
    tcase_add_test(tcase, dcqcn__recovery_and_additive_increase);
    tcase_add_test(tcase, dcqcn__hyper_increase);
    tcase_add_loop_test(tcase, dcqcn__alpha_settles, 0, 4);
    tcase_add_test(tcase, dcqcn__sending_catches_up);
    tcase_add_test(tcase, dcqcn__a_long_silence);
}

int main(void)
{
    return suite_run("dcqcn", add);
}
