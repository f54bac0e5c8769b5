/* lia: alone as newreno, coupled as RFC 6356 says, and one TCP's share of a bottleneck. */
#include <math.h>
#include <mtpsim/congestion.h>
#include <mtpsim/rng.h>

#include "support/suite.h"

extern const struct sim_congestion_ops lia_congestion;
extern const struct sim_congestion_ops newreno_congestion;

#define PACKET 1000u

/* A window and its model, packets sent one round trip at a time. */
struct flow {
    const struct sim_congestion_ops *ops;
    struct sim_congestion control;
    _Alignas(16) char state[512];
    uint64_t sent;
};

static void flow_init(struct flow *flow, const struct sim_congestion_ops *ops,
                      struct sim_congestion_group *group, uint64_t window_pkts)
{
    const struct sim_congestion_env env = {
        .packet_bytes = PACKET, .initial_window_bytes = window_pkts * PACKET, .group = group};
    *flow = (struct flow){.ops = ops};
    ck_assert_uint_le(ops->plugin.state_size, sizeof flow->state);
    ops->init(flow->state, NULL, &env, &flow->control);
}

/* Slow start is over. */
static void flow_lose(struct flow *flow)
{
    const struct sim_loss_sample sample = {.position = flow->sent, .sent = flow->sent};
    flow->ops->lost(flow->state, &flow->control, &sample);
}

/* A full window is sent and acknowledged, packet by packet; `lost` at its end. */
static void flow_round(struct flow *flow, sim_time rtt, bool lost)
{
    uint64_t packets = flow->control.window_bytes / PACKET, begin = flow->sent;
    flow->sent += packets * PACKET;
    if (lost)
        flow_lose(flow);
    for (uint64_t i = 0; i < packets; i++) {
        const struct sim_ack_sample sample = {.rtt = rtt,
                                              .acked_bytes = PACKET,
                                              .position = begin + i * PACKET,
                                              .sent = flow->sent,
                                              .in_flight_bytes = packets * PACKET,
                                              .window_limited = true};
        flow->ops->acked(flow->state, &flow->control, &sample);
    }
}

START_TEST(lia__alone_is_newreno)
{
    struct flow lia, newreno;
    flow_init(&lia, &lia_congestion, NULL, 10);
    flow_init(&newreno, &newreno_congestion, NULL, 10);
    for (int round = 0; round < 200; round++) {
        bool lost = round % 23 == 3;
        flow_round(&lia, 10 * SIM_US, lost);
        flow_round(&newreno, 10 * SIM_US, lost);
        ck_assert_uint_eq(lia.control.window_bytes, newreno.control.window_bytes);
    }
}
END_TEST

/* Growth in a round trip, in packets, against the formula. */
static const struct {
    uint64_t windows[2]; /* packets */
    sim_time rtts[2];
} couplings[] = {
    {{20, 20}, {10 * SIM_US, 10 * SIM_US}},
    {{40, 10}, {10 * SIM_US, 10 * SIM_US}},
    {{20, 20}, {10 * SIM_US, 50 * SIM_US}},
    {{10, 40}, {10 * SIM_US, 100 * SIM_US}},
};

START_TEST(lia__coupled_increase)
{
    struct sim_congestion_group group = {0};
    struct flow flows[2];
    double windows[2], rtts[2], best = 0, sum = 0;
    for (uint32_t i = 0; i < 2; i++) {
        flow_init(&flows[i], &lia_congestion, &group, 2 * couplings[_i].windows[i]);
        flow_lose(&flows[i]);
        group.members[i].rtt = couplings[_i].rtts[i];
        windows[i] = (double)couplings[_i].windows[i];
        rtts[i] = (double)couplings[_i].rtts[i];
        best = fmax(best, windows[i] / (rtts[i] * rtts[i]));
        sum += windows[i] / rtts[i];
    }
    ck_assert_uint_eq(group.count, 2);
    double total = windows[0] + windows[1], alpha = total * best / (sum * sum);
    for (uint32_t i = 0; i < 2; i++) {
        struct flow grown = flows[i]; /* the other window stays as it was meanwhile */
        flow_round(&grown, couplings[_i].rtts[i], false);
        double growth = ((double)grown.control.window_bytes - windows[i] * PACKET) / PACKET;
        double expected = windows[i] * fmin(alpha / total, 1 / windows[i]);
        ck_assert_double_eq_tol(growth, expected, 0.03 * expected + 0.001);
    }
}
END_TEST

/* A bottleneck of 100 packets a round trip, shared by newreno and two windows more; who loses when
 * it overflows is drawn in proportion to the windows. Coupled, the two together take about as much
 * as newreno; not coupled, about twice. */
static double share_of_two(const struct sim_congestion_ops *ops, bool coupled)
{
    struct sim_congestion_group group = {0};
    struct sim_rng rng;
    struct flow flows[3];
    double taken[3] = {0};
    sim_rng_init(&rng, 1, "bottleneck");
    flow_init(&flows[0], &newreno_congestion, NULL, 10);
    for (uint32_t i = 1; i < 3; i++)
        flow_init(&flows[i], ops, coupled ? &group : NULL, 10);
    for (int round = 0; round < 50000; round++) {
        uint64_t all = 0, over;
        for (uint32_t i = 0; i < 3; i++)
            all += flows[i].control.window_bytes / PACKET;
        over = all > 100 ? all - 100 : 0;
        for (uint32_t i = 0; i < 3; i++) {
            double windows = (double)(flows[i].control.window_bytes / PACKET);
            double spared = pow(1 - (double)over / (double)all, windows);
            taken[i] += windows;
            flow_round(&flows[i], 10 * SIM_US, over && sim_rng_uniform(&rng) > spared);
        }
    }
    return (taken[1] + taken[2]) / taken[0];
}

START_TEST(lia__does_no_harm)
{
    double coupled = share_of_two(&lia_congestion, true);
    double uncoupled = share_of_two(&newreno_congestion, false);
    ck_assert_double_ge(coupled, 0.8);
    ck_assert_double_le(coupled, 1.25);
    ck_assert_double_ge(uncoupled, 1.8);
    ck_assert_double_le(uncoupled, 2.2);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, lia__alone_is_newreno);
    tcase_add_loop_test(tcase, lia__coupled_increase, 0, sizeof couplings / sizeof *couplings);
    tcase_add_test(tcase, lia__does_no_harm);
}

int main(void)
{
    return suite_run("lia", add);
}
