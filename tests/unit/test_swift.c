/* swift: Algorithm 1 and the target's scaling against values worked out by hand. */
#include <math.h>
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops swift_congestion;

#define PACKET UINT64_C(1000)
#define RTT    (20 * SIM_US)

/* As the model's own. */
struct params {
    uint32_t part;
    sim_time base_target, per_hop;
    uint64_t hops;
    sim_time fs_range;
    double fs_min_cwnd, fs_max_cwnd;
    sim_time endpoint_target;
    double ai, beta, max_mdf;
    double min_cwnd;
    uint64_t retx_reset;
};

/* A target of 10 us, without scaling. */
static const struct params plain = {
    .base_target = 10 * SIM_US,
    .fs_min_cwnd = 0.25,
    .fs_max_cwnd = 100,
    .endpoint_target = 50 * SIM_US,
    .ai = 1,
    .beta = 0.8,
    .max_mdf = 0.5,
    .min_cwnd = 0.01,
    .retx_reset = 3,
};

struct flow {
    struct params params;
    uint64_t state[32];
    struct sim_congestion control;
    sim_time now;
};

static void flow_init(struct flow *flow, struct params params, double window)
{
    memset(flow, 0, sizeof *flow);
    struct sim_congestion_env env = {
        .packet_bytes = PACKET,
        .initial_window_bytes = (uint64_t)(window * (double)PACKET),
    };
    flow->params = params;
    flow->now = SIM_MS;
    ck_assert_uint_le(swift_congestion.plugin.state_size, sizeof flow->state);
    swift_congestion.init(flow->state, &flow->params, &env, &flow->control);
}

static void ack(struct flow *flow, uint64_t delay_ns, uint32_t hops, bool limited)
{
    struct sim_feedback told = {.type = SIM_FEEDBACK_DELAY, .length = 4, .value = delay_ns};
    struct sim_ack_sample sample = {.now = flow->now,
                                    .rtt = RTT,
                                    .acked_bytes = PACKET,
                                    .window_limited = limited,
                                    .feedback = &told,
                                    .hops = hops};
    swift_congestion.acked(flow->state, &flow->control, &sample);
}

static double window_of(const struct flow *flow)
{
    return (double)flow->control.window_bytes / (double)PACKET;
}

/* ---- Algorithm 1 ---- */

START_TEST(swift__additive_increase)
{
    struct flow flow;
    flow_init(&flow, plain, 10);
    for (int i = 0; i < 10; i++)
        ack(&flow, 9999, 1, true);
    double window = 10;
    for (int i = 0; i < 10; i++)
        window += 1 / window;
    ck_assert_double_eq_tol(window_of(&flow), window, 0.001);
    ack(&flow, 0, 1, false);
    ck_assert_double_eq_tol(window_of(&flow), window, 0.001);
    ck_assert_uint_eq(flow.control.rate_bps, 0);
}
END_TEST

START_TEST(swift__multiplicative_decrease)
{
    static const struct {
        uint64_t delay_ns;
        double factor;
    } rows[] = {{10000, 1},
                {12500, 1 - 0.8 * 2.5 / 12.5},
                {20000, 1 - 0.8 * 0.5},
                {26000, 1 - 0.8 * 16 / 26},
                {30000, 0.5}, /* max_mdf */
                {1000000, 0.5}};
    struct flow flow;
    flow_init(&flow, plain, 100);
    ack(&flow, rows[_i].delay_ns, 1, true);
    ck_assert_double_eq_tol(window_of(&flow), 100 * fmax(rows[_i].factor, 0.5), 0.001);
    /* Once a round trip. */
    flow.now += RTT - 1;
    ack(&flow, 1000000, 1, true);
    ck_assert_double_eq_tol(window_of(&flow), 100 * fmax(rows[_i].factor, 0.5), 0.001);
    flow.now += 1;
    ack(&flow, 1000000, 1, true);
    ck_assert_double_eq_tol(window_of(&flow), 50 * fmax(rows[_i].factor, 0.5), 0.001);
}
END_TEST

/* Below one packet: a rate of window / round trip; growth by ai a packet, whatever limits. */
START_TEST(swift__below_one_packet)
{
    struct flow flow;
    flow_init(&flow, plain, 1);
    double window = 1;
    for (int i = 0; i < 4; i++) {
        flow.now += RTT;
        ack(&flow, 1000000, 1, true);
        window /= 2;
        ck_assert_uint_eq(flow.control.window_bytes, PACKET);
        ck_assert_double_eq_tol((double)flow.control.rate_bps, window * 8000 / 20e-6, 2);
    }
    struct flow least = flow;
    for (int i = 0; i < 10; i++) {
        least.now += RTT;
        ack(&least, 1000000, 1, true);
    }
    ck_assert_double_eq_tol((double)least.control.rate_bps, 0.01 * 8000 / 20e-6, 2);
    ack(&flow, 0, 1, false);
    ck_assert_uint_eq(flow.control.rate_bps, 0);
    ck_assert_double_eq_tol(window_of(&flow), 1.0625, 0.001);
}
END_TEST

START_TEST(swift__losses_and_timeouts)
{
    struct flow flow;
    flow_init(&flow, plain, 64);
    ack(&flow, 0, 1, false); /* the round trip is known */
    struct sim_loss_sample loss = {.now = flow.now};
    swift_congestion.lost(flow.state, &flow.control, &loss);
    swift_congestion.lost(flow.state, &flow.control, &loss);
    ck_assert_double_eq_tol(window_of(&flow), 32, 0.001);
    for (int i = 0; i < 2; i++) {
        loss.now += RTT;
        swift_congestion.timeout(flow.state, &flow.control, &loss);
        ck_assert_double_eq_tol(window_of(&flow), i ? 8 : 16, 0.001);
    }
    struct flow heard = flow;
    heard.now = loss.now;
    ack(&heard, 9999999, 1, true); /* an acknowledgement: the next timeout is a first one */
    swift_congestion.timeout(heard.state, &heard.control, &loss);
    ck_assert_double_eq_tol(window_of(&heard), 8, 0.001);
    swift_congestion.timeout(flow.state, &flow.control, &loss);
    ck_assert_uint_eq(flow.control.window_bytes, PACKET);
    ck_assert_double_eq_tol((double)flow.control.rate_bps, 0.01 * 8000 / 20e-6, 2);
}
END_TEST

/* ---- 3.5: the target ---- */

/* The delay at which growth ends, by bisection, to 1 ns. */
static double target_ns(const struct flow *flow, uint32_t hops)
{
    uint64_t low = 0, high = 1000000;
    while (high - low > 1) {
        struct flow copy = *flow;
        uint64_t middle = (low + high) / 2;
        ack(&copy, middle, hops, true);
        bool grew = copy.control.window_bytes > flow->control.window_bytes;
        *(grew ? &low : &high) = middle;
    }
    return (double)high;
}

START_TEST(swift__target)
{
    static const struct {
        double window;
        uint32_t hops;
        sim_time per_hop, fs_range;
        double target_us;
    } rows[] = {
        {10, 1, 0, 0, 10},
        {10, 1, 2 * SIM_US, 0, 12},
        {10, 5, 2 * SIM_US, 0, 20},
        {100, 1, 0, 30 * SIM_US, 10},
        {200, 1, 0, 30 * SIM_US, 10},
        /* 1 / sqrt(0.25) = 2, 1 / sqrt(100) = 0.1: a = 30 / 1.9, b = -3 / 1.9 */
        {16, 1, 0, 30 * SIM_US, 10 + 30 / 1.9 * (0.25 - 0.1)},
        {4, 3, 2 * SIM_US, 30 * SIM_US, 16 + 30 / 1.9 * (0.5 - 0.1)},
        {1, 1, 0, 30 * SIM_US, 10 + 30 / 1.9 * 0.9},
    };
    struct params params = plain;
    struct flow flow;
    params.per_hop = rows[_i].per_hop;
    params.fs_range = rows[_i].fs_range;
    flow_init(&flow, params, rows[_i].window);
    ck_assert_double_eq_tol(target_ns(&flow, rows[_i].hops), rows[_i].target_us * 1000, 1.5);
}
END_TEST

/* At fs_min_cwnd and below it is fs_range: a window of 0.125 shrinks above 40 us only. */
START_TEST(swift__target_of_the_least_windows)
{
    struct params params = plain;
    struct flow flow;
    params.fs_range = 30 * SIM_US;
    flow_init(&flow, params, 1);
    for (int i = 0; i < 3; i++) {
        flow.now += RTT;
        ack(&flow, 1000000, 1, true);
    }
    flow.now += RTT;
    uint64_t before = flow.control.rate_bps;
    struct flow above = flow;
    ack(&above, 40100, 1, true);
    ck_assert_uint_lt(above.control.rate_bps, before);
    ack(&flow, 39900, 1, true);
    ck_assert_uint_eq(flow.control.rate_bps, 0); /* 1.125 packets */
}
END_TEST

/* Without the pathlet's word: the round trip, and `hops`. */
START_TEST(swift__round_trips_for_tcp)
{
    struct params params = plain;
    struct flow flow;
    params.per_hop = 2 * SIM_US;
    params.hops = 4;
    flow_init(&flow, params, 10);
    struct sim_ack_sample sample = {
        .now = flow.now, .rtt = 17999 * SIM_NS, .acked_bytes = PACKET, .window_limited = true};
    swift_congestion.acked(flow.state, &flow.control, &sample);
    ck_assert_double_eq_tol(window_of(&flow), 10.1, 0.001);
    sample.rtt = 36 * SIM_US;
    swift_congestion.acked(flow.state, &flow.control, &sample);
    ck_assert_double_eq_tol(window_of(&flow), 10.1 * 0.6, 0.001);
    sample.rtt = 0; /* of a packet sent twice: says nothing */
    sample.now += SIM_MS;
    swift_congestion.acked(flow.state, &flow.control, &sample);
    ck_assert_double_eq_tol(window_of(&flow), 10.1 * 0.6, 0.001);
}
END_TEST

/* A smoothed delay, no scaling. */
START_TEST(swift__endpoint)
{
    struct params params = plain;
    struct flow flow;
    params.part = 1;
    params.per_hop = SIM_MS;
    params.fs_range = SIM_MS;
    flow_init(&flow, params, 10);
    for (int i = 0; i < 5; i++) /* 100 us, smoothed: 12.5, 23.4, 33.0, 41.4, 48.7 */
        ack(&flow, 100000, 1, true);
    ck_assert_double_gt(window_of(&flow), 10.4);
    double before = window_of(&flow), delay = 100 * (1 - pow(7.0 / 8, 6));
    ack(&flow, 100000, 1, true);
    ck_assert_double_eq_tol(window_of(&flow), before * (1 - 0.8 * (delay - 50) / delay), 0.002);
}
END_TEST

START_TEST(swift__feedback)
{
    struct sim_port_view port = {.queue_delay = 12345678};
    struct sim_feedback entry = {.path = 3};
    swift_congestion.feedback(NULL, &port, &entry);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_DELAY);
    ck_assert_uint_eq(entry.length, 4);
    ck_assert_uint_eq(entry.value, 12345);
    port.queue_delay = 10 * SIM_S;
    swift_congestion.feedback(NULL, &port, &entry);
    ck_assert_uint_eq(entry.value, UINT32_MAX);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, swift__additive_increase);
    tcase_add_loop_test(tcase, swift__multiplicative_decrease, 0, 6);
    tcase_add_test(tcase, swift__below_one_packet);
    tcase_add_test(tcase, swift__losses_and_timeouts);
    tcase_add_loop_test(tcase, swift__target, 0, 8);
    tcase_add_test(tcase, swift__target_of_the_least_windows);
    tcase_add_test(tcase, swift__round_trips_for_tcp);
    tcase_add_test(tcase, swift__endpoint);
    tcase_add_test(tcase, swift__feedback);
}

int main(void)
{
    return suite_run("swift", add);
}
