/* A test of modelname through its table, as the simulator drives it. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/congestion.h>
#include <stdio.h>

extern const struct sim_plugin *const mtpsim_models[];
#define MODEL ((const struct sim_congestion_ops *)mtpsim_models[0])

/* The parameters, in the order of the model's struct. */
struct params {
    double increase, decrease;
};

static const struct params params = {2, 0.25};
static const struct sim_congestion_env env = {.packet_bytes = 1000, .initial_window_bytes = 10000};

static void modelname__grows_while_the_window_limits(void)
{
    struct sim_congestion control = {0};
    _Alignas(16) char state[256] = {0};
    struct sim_ack_sample acked = {.acked_bytes = 1000, .sent = 20000};
    MODEL->init(state, &params, &env, &control);
    MODEL->acked(state, &control, &acked);
    assert(control.window_bytes == 10000);
    acked.window_limited = true;
    for (int i = 0; i < 10; i++) /* a window's worth: two packets more, a little less as it grows */
        MODEL->acked(state, &control, &acked);
    assert(control.window_bytes > 11700 && control.window_bytes <= 12000);
}

static void modelname__is_cut_once_a_round_trip(void)
{
    struct sim_congestion control = {0};
    _Alignas(16) char state[256] = {0};
    struct sim_ack_sample marked = {.acked_bytes = 1000, .marked_bytes = 1000, .sent = 20000};
    MODEL->init(state, &params, &env, &control);
    MODEL->acked(state, &control, &marked);
    MODEL->acked(state, &control, &marked);
    assert(control.window_bytes == 7500);
    marked.position = 20000;
    MODEL->acked(state, &control, &marked);
    assert(control.window_bytes == 5625);
}

static void modelname__has_a_least_window(void)
{
    struct sim_congestion control = {0};
    _Alignas(16) char state[256] = {0};
    MODEL->init(state, &params, &env, &control);
    MODEL->timeout(state, &control, &(struct sim_loss_sample){.sent = 20000});
    assert(control.window_bytes == 2000);
}

int main(void)
{
    modelname__grows_while_the_window_limits();
    modelname__is_cut_once_a_round_trip();
    modelname__has_a_least_window();
    puts("modelname: all tests passed");
    return 0;
}
