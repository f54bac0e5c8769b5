/* A test of the example: a model receives facts and moves a window, so it needs no simulator. It is
 * driven through its table, as the simulator does. */
#undef NDEBUG
#include <assert.h>
#include <mtpsim/congestion.h>
#include <stdio.h>
#include <string.h>

extern const struct sim_plugin *const mtpsim_models[];

/* The parameters, in the order of the model's struct. */
struct params {
    double increase, decrease;
    uint64_t least, most;
};

int main(void)
{
    const struct sim_congestion_ops *model = (const struct sim_congestion_ops *)mtpsim_models[0];
    const struct params params = {.increase = 2, .decrease = 0.25, .least = 2, .most = 1000};
    const struct params crossed = {.increase = 2, .decrease = 0.25, .least = 9, .most = 8};
    const struct sim_congestion_env env = {.packet_bytes = 1000, .initial_window_bytes = 10000};
    struct sim_congestion control = {0};
    _Alignas(16) char state[256] = {0};

    assert(model->plugin.abi == SIM_ABI && model->plugin.state_size <= sizeof state);
    assert(strcmp(model->plugin.check(&crossed), "least is above most") == 0);
    assert(!model->plugin.check(&params));

    model->init(state, &params, &env, &control);
    assert(control.window_bytes == 10000);

    /* A window's worth of acknowledgements adds two packets, a little less as the window grows. */
    struct sim_ack_sample acked = {.acked_bytes = 1000, .window_limited = true, .sent = 20000};
    for (int i = 0; i < 10; i++)
        model->acked(state, &control, &acked);
    assert(control.window_bytes > 11700 && control.window_bytes <= 12000);

    /* Unless the window is not what limits. */
    uint64_t before = control.window_bytes;
    acked.window_limited = false;
    model->acked(state, &control, &acked);
    assert(control.window_bytes == before);

    /* A mark takes a quarter, once for all that was sent before. */
    acked.marked_bytes = 1000;
    model->acked(state, &control, &acked);
    model->acked(state, &control, &acked);
    assert(control.window_bytes >= before * 3 / 4 - 1 && control.window_bytes <= before * 3 / 4);

    /* A timeout leaves the least window. */
    model->timeout(state, &control, &(struct sim_loss_sample){.position = 30000, .sent = 40000});
    assert(control.window_bytes == 2000);

    puts("aimd_example: all tests passed");
    return 0;
}
