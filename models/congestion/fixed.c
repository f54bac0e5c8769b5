/* fixed: a window, a rate, or both, that nothing moves.
 *
 * Ours: the yardstick for models that do move, the model of a resource that is provisioned for its
 * senders (a circuit, a reserved slice), and the way to let a path be limited by its other pathlets
 * alone. MTP paper: 3.1.3, "each resource using its own type of congestion feedback", here none.
 *
 * Network half: none; the pathlet reports its presence. End-host half: the window is the
 * parameter, or the transport's initial window. Losses are repaired by the transport and change
 * nothing here.
 */
#include <mtpsim/congestion.h>

struct fixed_params {
    struct sim_length window;
    uint64_t rate_bps;
};

static void fixed_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    const struct fixed_params *p = params;
    (void)state;
    *control = (struct sim_congestion){
        .window_bytes = env->initial_window_bytes,
        .rate_bps = p->rate_bps,
    };
    if (p->window.set)
        control->window_bytes = p->window.value * (p->window.packets ? env->packet_bytes : 1);
}

static void fixed_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static void fixed_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static const struct sim_param fixed_table[] = {
    {
        .name = "window",
        .help = "in flight at most; none: the transport's initial window",
        .fallback = "none",
        .offset = offsetof(struct fixed_params, window),
        .min = 1,
        .max = 1e12,
        .type = SIM_PARAM_LENGTH,
    },
    {
        .name = "rate",
        .help = "sent at most; none: no limit",
        .fallback = "none",
        .offset = offsetof(struct fixed_params, rate_bps),
        .min = 1e6,
        .max = 1e14,
        .type = SIM_PARAM_RATE,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops fixed_congestion;
SIM_API const struct sim_congestion_ops fixed_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "fixed",
            .summary = "a window or a rate that nothing moves",
            .state_size = 0,
            .params_size = sizeof(struct fixed_params),
            .params = fixed_table,
        },
    .reads = SIM_FEEDBACK_ECN,
    .init = fixed_init,
    .acked = fixed_acked,
    .lost = fixed_lost,
    .timeout = fixed_lost,
};
