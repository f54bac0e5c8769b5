#include "support/suite.h"

#include <mtpsim/congestion.h>

#include <string.h>

extern const struct sim_congestion_ops rcp_congestion;

/* As in models/congestion/rcp.c. */
struct params {
    sim_time rtt;
    double alpha, beta;
    double start;
};

static const struct params params = {50 * SIM_US, 0.4, 0.226, 0.1};

#define LINK_BPS UINT64_C(100000000000)

/* ---- the network half ---- */

union port {
    char bytes[128];
    uint64_t align;
};

/* Evenly arriving packets of 1500 bytes for one interval. Gives the rate told with the last. */
static uint64_t interval(union port *port, sim_time *now, double gbps, uint64_t queue_bytes)
{
    struct sim_feedback entry = {0};
    double gap = 1500 * 8000 / gbps;
    sim_time begin = *now;
    for (int i = 0; begin + (sim_time)(i * gap) < begin + params.rtt; i++) {
        struct sim_port_view view = {.now = begin + (sim_time)(i * gap),
                                     .rate_bps = LINK_BPS,
                                     .queue_bytes = queue_bytes,
                                     .packet_bytes = 1500};
        rcp_congestion.feedback(port, &view, &entry);
        ck_assert_uint_eq(entry.type, SIM_FEEDBACK_RATE);
        ck_assert_uint_eq(entry.length, 8);
    }
    *now = begin + params.rtt;
    return entry.value;
}

/* clang-format off */
START_TEST(rcp_feedback__begins_with_a_part_of_the_link)
{
    union port port = {{0}}; /* as the engine gives it */
    sim_time now = 0;
    ck_assert_uint_le(rcp_congestion.pathlet_state_size, sizeof port);
    rcp_congestion.pathlet_init(&port, &params, LINK_BPS);
    ck_assert_uint_eq(interval(&port, &now, 10, 0), LINK_BPS / 10);
}
END_TEST

/* One interval's step by the law: 1 + (0.4 (C - y) - 0.226 q/rtt) / C. */
static const struct step_case {
    double gbps;
    uint64_t queue_bytes;
    double factor;
} steps[] = {
    {50, 0, 1.2},
    {100, 0, 1.0},
    {150, 0, 0.8},
    {100, 625000, 0.774}, /* a queue of C x rtt */
    {400, 3125000, 0.5},  /* never less than half at once */
};

START_TEST(rcp_feedback__steps_by_the_law)
{
    union port port = {{0}}; /* as the engine gives it */
    sim_time now = 0;
    rcp_congestion.pathlet_init(&port, &params, LINK_BPS);
    interval(&port, &now, steps[_i].gbps, steps[_i].queue_bytes);
    double told = (double)interval(&port, &now, steps[_i].gbps, steps[_i].queue_bytes);
    ck_assert_double_eq_tol(told / 1e10, steps[_i].factor, 0.01);
}
END_TEST

START_TEST(rcp_feedback__obedient_senders_come_to_equal_parts)
{
    union port port = {{0}}; /* as the engine gives it */
    sim_time now = 0;
    uint64_t told = LINK_BPS / 10;
    rcp_congestion.pathlet_init(&port, &params, LINK_BPS);
    for (int i = 0; i < 100; i++)
        told = interval(&port, &now, 4 * (double)told / 1e9, 0);
    ck_assert_double_eq_tol((double)told / 1e9, 25, 0.5);
}
END_TEST

/* ---- the end-host half ---- */

struct host {
    uint64_t state[32];
    struct sim_congestion control;
};

static void host_init(struct host *host)
{
    const struct sim_congestion_env env = {.packet_bytes = 1500, .initial_window_bytes = 15000};
    ck_assert_uint_le(rcp_congestion.plugin.state_size, sizeof host->state);
    memset(host, 0, sizeof *host);
    rcp_congestion.init(host->state, &params, &env, &host->control);
}

static void host_told(struct host *host, uint8_t type, uint64_t value)
{
    struct sim_feedback entry = {.type = type, .value = value};
    struct sim_ack_sample sample = {.acked_bytes = 1500, .rtt = 20 * SIM_US,
                                    .marked_bytes =
                                        type == SIM_FEEDBACK_ECN && value ? 1500 : 0,
                                    .position = 100000,
                                    .sent = 200000,
                                    .window_limited = true,
                                    .feedback = &entry};
    rcp_congestion.acked(host->state, &host->control, &sample);
}

START_TEST(rcp_acked__obeys_the_rate)
{
    struct host host;
    host_init(&host);
    ck_assert_uint_eq(host.control.window_bytes, 15000);
    ck_assert_uint_eq(host.control.rate_bps, 0);
    host_told(&host, SIM_FEEDBACK_RATE, 5000000000u);
    ck_assert_uint_eq(host.control.rate_bps, 5000000000u);
    ck_assert_uint_eq(host.control.window_bytes, 2 * (12500 + 1500)); /* 5 Gbps x 20 us */
    host_told(&host, SIM_FEEDBACK_RATE, 7000000000u);
    ck_assert_uint_eq(host.control.rate_bps, 7000000000u);
    host_told(&host, SIM_FEEDBACK_RATE, 0); /* it must be able to hear of a better one */
    ck_assert_uint_eq(host.control.rate_bps, 1000000);
}
END_TEST

START_TEST(rcp_lost__keeps_the_rate)
{
    const struct sim_loss_sample loss = {.position = 100000, .sent = 200000};
    struct host host;
    host_init(&host);
    host_told(&host, SIM_FEEDBACK_RATE, 5000000000u);
    rcp_congestion.lost(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.rate_bps, 5000000000u);
    ck_assert_uint_eq(host.control.window_bytes, 2 * (12500 + 1500));
    rcp_congestion.timeout(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 1500);
    host_told(&host, SIM_FEEDBACK_RATE, 5000000000u);
    ck_assert_uint_eq(host.control.window_bytes, 2 * (12500 + 1500));
}
END_TEST

START_TEST(rcp_acked__without_rates_a_window)
{
    const struct sim_loss_sample loss = {.position = 300000, .sent = 300000};
    struct host host;
    host_init(&host);
    host_told(&host, SIM_FEEDBACK_ECN, 0);
    ck_assert_uint_eq(host.control.window_bytes, 16500);
    host_told(&host, SIM_FEEDBACK_ECN, 1);
    ck_assert_uint_eq(host.control.window_bytes, 8250);
    rcp_congestion.lost(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 4125);
    rcp_congestion.timeout(host.state, &host.control, &loss);
    ck_assert_uint_eq(host.control.window_bytes, 1500);
    ck_assert_uint_eq(host.control.rate_bps, 0);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, rcp_feedback__begins_with_a_part_of_the_link);
    tcase_add_loop_test(tcase, rcp_feedback__steps_by_the_law, 0, sizeof steps / sizeof *steps);
    tcase_add_test(tcase, rcp_feedback__obedient_senders_come_to_equal_parts);
    tcase_add_test(tcase, rcp_acked__obeys_the_rate);
    tcase_add_test(tcase, rcp_lost__keeps_the_rate);
    tcase_add_test(tcase, rcp_acked__without_rates_a_window);
}

int main(void)
{
    return suite_run("rcp", add_cases);
}
