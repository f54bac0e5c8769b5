/* fixed: what it sets, and that nothing moves it. */
#include <string.h>

#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops fixed_congestion;

/* As in models/congestion/fixed.c. */
struct params {
    struct sim_length window;
    uint64_t rate_bps;
};

static const struct {
    struct params params;
    uint64_t window_bytes;
} rows[] = {
    {{{.set = false}, 0}, 15000},
    {{{.value = 7, .packets = true, .set = true}, 0}, 10500},
    {{{.value = 64000, .set = true}, 0}, 64000},
    {{{.set = false}, 5000000000}, 15000},
};

START_TEST(fixed__stays_as_it_is_told)
{
    const struct sim_congestion_env env = {.packet_bytes = 1500, .initial_window_bytes = 15000};
    const struct sim_feedback mark = {.type = SIM_FEEDBACK_ECN, .length = 1, .value = 1};
    const struct sim_ack_sample ack = {.acked_bytes = 1500,
                                       .marked_bytes = 1500,
                                       .position = 1,
                                       .sent = 2,
                                       .window_limited = true,
                                       .feedback = &mark};
    const struct sim_loss_sample loss = {.position = 1, .sent = 2};
    struct sim_congestion control, before;
    fixed_congestion.init(NULL, &rows[_i].params, &env, &control);
    ck_assert_uint_eq(control.window_bytes, rows[_i].window_bytes);
    ck_assert_uint_eq(control.rate_bps, rows[_i].params.rate_bps);
    before = control;
    fixed_congestion.acked(NULL, &control, &ack);
    fixed_congestion.lost(NULL, &control, &loss);
    fixed_congestion.timeout(NULL, &control, &loss);
    ck_assert_uint_eq(control.window_bytes, before.window_bytes);
    ck_assert_uint_eq(control.rate_bps, before.rate_bps);
    ck_assert_ptr_null(fixed_congestion.feedback);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, fixed__stays_as_it_is_told, 0, sizeof rows / sizeof *rows);
}

int main(void)
{
    return suite_run("fixed", add_cases);
}
