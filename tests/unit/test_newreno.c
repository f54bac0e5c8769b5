/* newreno, and with it what models/congestion/window.h gives to dctcp too: a script of
 * acknowledgements, losses and timeouts, and the window after each. */
#include <mtpsim/congestion.h>

#include "support/suite.h"

extern const struct sim_congestion_ops newreno_congestion;
extern const struct sim_congestion_ops dctcp_congestion;

#define PACKET UINT64_C(1000)

enum what { END, ACK, MARK, IDLE_ACK, LOSS, TIMEOUT, UNDO };

/* Positions, `sent` and the window are in packets; the window times 1000 to show parts. */
struct step {
    enum what what;
    uint64_t packets; /* acknowledged, each by an acknowledgement of its own */
    uint64_t position, sent;
    uint64_t window; /* afterwards, bytes */
};

static const struct step scripts[][12] = {
    /* Slow start: a packet more for each acknowledged, while the window is what limits. */
    {{ACK, 10, 0, 20, 20000}, {IDLE_ACK, 10, 10, 30, 20000}, {ACK, 20, 20, 60, 40000}},
    /* A mark halves, once for all packets sent before; then avoidance: a packet a window. */
    {{MARK, 1, 0, 10, 5000},
     {MARK, 1, 9, 10, 5000},
     {ACK, 1, 9, 15, 5000}, /* sent before the reduction: no growth either */
     {ACK, 4, 10, 15, 5000},
     {ACK, 1, 14, 20, 6000},
     {ACK, 5, 15, 25, 6000},
     {ACK, 1, 20, 25, 7000},
     {MARK, 1, 20, 30, 3500}},
    /* Never below two packets. */
    {{MARK, 1, 0, 1, 5000},
     {MARK, 1, 1, 2, 2500},
     {MARK, 1, 2, 3, 2000},
     {MARK, 1, 3, 4, 2000},
     {LOSS, 1, 4, 5, 2000}},
    /* Losses of one round trip count once. */
    {{LOSS, 1, 0, 10, 5000}, {LOSS, 1, 5, 11, 5000}, {LOSS, 1, 10, 12, 2500}},
    /* A timeout: one packet, slow start to half, then avoidance. A second one in a row leaves the
     * threshold alone. */
    {{TIMEOUT, 1, 0, 10, 1000},
     {TIMEOUT, 1, 10, 11, 1000},
     {ACK, 4, 11, 20, 5000},
     {ACK, 4, 15, 20, 5000},
     {ACK, 1, 19, 20, 6000}},
    /* What was sent before the timeout does not open the window again. */
    {{TIMEOUT, 1, 0, 10, 1000}, {ACK, 5, 4, 12, 1000}, {ACK, 1, 10, 12, 2000}},
    /* The way back, and growth goes on as before. */
    {{LOSS, 1, 0, 10, 5000}, {UNDO, 0, 0, 0, 10000}, {ACK, 2, 5, 12, 12000}},
    {{TIMEOUT, 1, 0, 10, 1000}, {ACK, 2, 10, 12, 3000}, {UNDO, 0, 0, 0, 10000}},
    {{LOSS, 1, 0, 10, 5000}, {UNDO, 0, 0, 0, 10000}, {LOSS, 1, 3, 10, 5000}},
    /* Nothing to undo: nothing happens; and each reduction is undone once. */
    {{UNDO, 0, 0, 0, 10000},
     {LOSS, 1, 0, 10, 5000},
     {UNDO, 0, 0, 0, 10000},
     {MARK, 1, 1, 10, 5000},
     {UNDO, 0, 0, 0, 5000}},
};

static void play(const struct sim_congestion_ops *ops, const void *params,
                 const struct step *script)
{
    uint64_t state[32];
    struct sim_congestion control;
    struct sim_congestion_env env = {.packet_bytes = PACKET, .initial_window_bytes = 10 * PACKET};
    ck_assert_uint_le(ops->plugin.state_size, sizeof state);
    ops->init(state, params, &env, &control);
    ck_assert_uint_eq(control.window_bytes, 10 * PACKET);
    for (const struct step *step = script; step->what != END; step++) {
        struct sim_ack_sample ack = {.acked_bytes = PACKET,
                                     .marked_bytes = step->what == MARK ? PACKET : 0,
                                     .position = step->position * PACKET,
                                     .sent = step->sent * PACKET,
                                     .window_limited = step->what != IDLE_ACK};
        struct sim_loss_sample loss = {.position = ack.position, .sent = ack.sent};
        if (step->what == LOSS)
            ops->lost(state, &control, &loss);
        else if (step->what == TIMEOUT)
            ops->timeout(state, &control, &loss);
        else if (step->what == UNDO)
            ops->undo(state, &control);
        else
            for (uint64_t i = 0; i < step->packets; i++, ack.position += PACKET)
                ops->acked(state, &control, &ack);
        ck_assert_msg(control.window_bytes == step->window, "step %d: window %llu, not %llu",
                      (int)(step - script), (unsigned long long)control.window_bytes,
                      (unsigned long long)step->window);
        ck_assert_uint_eq(control.rate_bps, 0);
    }
}

START_TEST(newreno__window)
{
    play(&newreno_congestion, NULL, scripts[_i]);
}
END_TEST

/* With g so small that alpha stays 1, dctcp is newreno. */
START_TEST(newreno__dctcp_with_alpha_one)
{
    double g = 1e-15;
    play(&dctcp_congestion, &g, scripts[_i]);
}
END_TEST

START_TEST(newreno__feedback)
{
    struct sim_port_view port = {.marked = true};
    struct sim_feedback entry = {0};
    newreno_congestion.feedback(NULL, &port, &entry);
    ck_assert_uint_eq(entry.type, SIM_FEEDBACK_ECN);
    ck_assert_uint_eq(entry.value, 1);
}
END_TEST

static void add(TCase *tcase)
{
    const int count = sizeof scripts / sizeof *scripts;
    tcase_add_loop_test(tcase, newreno__window, 0, count);
    tcase_add_loop_test(tcase, newreno__dctcp_with_alpha_one, 0, count);
    tcase_add_test(tcase, newreno__feedback);
}

int main(void)
{
    return suite_run("newreno", add);
}
