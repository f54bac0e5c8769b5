/* dctcp: alpha against values worked out by hand, and what only it does. The window's common part
 * is in test_newreno.c. */
#include <math.h>
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops dctcp_congestion;

#define PACKET UINT64_C(1000)
#define LARGE  UINT64_C(1000000000000) /* a window so large that its reduction shows alpha */

struct flow {
    uint64_t state[32];
    struct sim_congestion control;
    uint64_t sent;
};

static struct flow flow_new(double g, uint64_t window_bytes)
{
    struct flow flow = {.sent = 1};
    struct sim_congestion_env env = {.packet_bytes = PACKET, .initial_window_bytes = window_bytes};
    ck_assert_uint_le(dctcp_congestion.plugin.state_size, sizeof flow.state);
    dctcp_congestion.init(flow.state, &g, &env, &flow.control);
    return flow;
}

/* One window of data, of which `marked` of 1000 bytes are marked. */
static void window(struct flow *flow, uint64_t marked)
{
    struct sim_ack_sample sample = {.acked_bytes = 1000,
                                    .marked_bytes = marked,
                                    .position = flow->sent,
                                    .sent = flow->sent + 1000,
                                    .window_limited = true};
    flow->sent += 1000;
    dctcp_congestion.acked(flow->state, &flow->control, &sample);
}

/* Alpha, from what one more window with a mark on every byte does. */
static double reduction(struct flow flow)
{
    flow.control.window_bytes = LARGE;
    window(&flow, 1000);
    return 2 * (1 - (double)flow.control.window_bytes / (double)LARGE);
}

static const struct {
    double g;
    uint64_t marked[4]; /* of 1000 bytes, in each window */
    uint32_t windows;
    double alpha; /* after one more window with every byte marked */
} alphas[] = {
    /* The first mark: alpha 1 stays 1. */
    {0.0625, {0}, 0, 1},
    /* 15/16, then 15/16 * 15/16 + 1/16. */
    {0.0625, {0}, 1, 0.94140625},
    /* (15/16)^5 + 1/16. */
    {0.0625, {0, 0, 0, 0}, 4, 0.786696434020996},
    /* 1 -> 0.75 + 0.25 * 0.5 = 0.875 -> 0.65625 + 0.25 = 0.90625 */
    {0.25, {500}, 1, 0.90625},
    /* g 1: alpha is the share of the newest window. */
    {1, {0, 0}, 2, 1},
    /* 1 -> 0.5 -> 0.25 + 0.1 = 0.35 -> 0.175 + 0.5 */
    {0.5, {0, 200}, 2, 0.675},
};

START_TEST(dctcp__alpha)
{
    struct flow flow = flow_new(alphas[_i].g, LARGE);
    for (uint32_t i = 0; i < alphas[_i].windows; i++)
        window(&flow, alphas[_i].marked[i]);
    ck_assert_double_eq_tol(reduction(flow), alphas[_i].alpha, 1e-9);
}
END_TEST

/* With a constant share of marks, alpha goes there, and the error shrinks by 1 - g a window. */
START_TEST(dctcp__alpha_settles_at_the_marked_share)
{
    struct flow flow = flow_new(0.0625, LARGE);
    for (int i = 0; i < 200; i++)
        window(&flow, 300);
    double alpha = (reduction(flow) - 0.0625) / (1 - 0.0625);
    ck_assert_double_eq_tol(alpha, 0.3 + 0.7 * pow(1 - 0.0625, 200), 1e-9);
}
END_TEST

/* Alpha moves once a window of data, not once an acknowledgement. */
START_TEST(dctcp__alpha_moves_once_a_window)
{
    struct flow flow = flow_new(0.5, LARGE);
    struct sim_ack_sample sample = {.acked_bytes = 500, .position = 0, .sent = 2000};
    dctcp_congestion.acked(flow.state, &flow.control, &sample); /* ends the empty first window */
    for (sample.position = 500; sample.position < 2000; sample.position += 500)
        dctcp_congestion.acked(flow.state, &flow.control, &sample);
    flow.sent = 2000;
    /* 0.5 after the first; the rest and the last one together: 3 * 500 clean and 1000 marked. */
    ck_assert_double_eq_tol(reduction(flow), 0.5 + 0.5 * (1000.0 / 2500 - 0.5), 1e-9);
}
END_TEST

/* RFC 8257, 3.3: the window goes down at the first mark of a window of data only. */
START_TEST(dctcp__one_reduction_a_window)
{
    struct flow flow = flow_new(0.0625, 100 * PACKET);
    struct sim_ack_sample sample = {.acked_bytes = PACKET,
                                    .marked_bytes = PACKET,
                                    .position = 0,
                                    .sent = 100 * PACKET,
                                    .window_limited = true};
    dctcp_congestion.acked(flow.state, &flow.control, &sample);
    ck_assert_uint_eq(flow.control.window_bytes, 50 * PACKET);
    for (sample.position = PACKET; sample.position < 100 * PACKET; sample.position += PACKET)
        dctcp_congestion.acked(flow.state, &flow.control, &sample);
    ck_assert_uint_eq(flow.control.window_bytes, 50 * PACKET);
    sample.sent = 150 * PACKET;
    dctcp_congestion.acked(flow.state, &flow.control, &sample);
    ck_assert_uint_eq(flow.control.window_bytes, 25 * PACKET);
}
END_TEST

/* The queue's verdict is the feedback, whatever the port's length. */
START_TEST(dctcp__feedback)
{
    for (int marked = 0; marked < 2; marked++) {
        struct sim_port_view port = {.queue_bytes = 7777, .marked = marked};
        struct sim_feedback entry = {.path = 3};
        dctcp_congestion.feedback(NULL, &port, &entry);
        ck_assert_uint_eq(entry.type, SIM_FEEDBACK_ECN);
        ck_assert_uint_eq(entry.length, 1);
        ck_assert_uint_eq(entry.value, (uint64_t)marked);
        ck_assert_uint_eq(entry.path, 3);
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, dctcp__alpha, 0, sizeof alphas / sizeof *alphas);
    tcase_add_test(tcase, dctcp__alpha_settles_at_the_marked_share);
    tcase_add_test(tcase, dctcp__alpha_moves_once_a_window);
    tcase_add_test(tcase, dctcp__one_reduction_a_window);
    tcase_add_test(tcase, dctcp__feedback);
}

int main(void)
{
    return suite_run("dctcp", add);
}
