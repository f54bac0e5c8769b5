/* A congestion model that only its own plug-in knows: the port tells a level of feedback type 200,
 * in 3 bytes; the end-host half keeps its window. */
#include <mtpsim/congestion.h>

static void level_feedback(void *state, const struct sim_port_view *port,
                           struct sim_feedback *entry)
{
    (void)state;
    entry->type = 200;
    entry->length = 3;
    entry->value = port->queue_bytes & 0xffffff;
}

static void level_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    (void)state;
    (void)params;
    *control = (struct sim_congestion){.window_bytes = env->initial_window_bytes};
}

static void level_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static void level_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

extern const struct sim_congestion_ops level_congestion;
const struct sim_congestion_ops level_congestion = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_CONGESTION,
               .name = "level",
               .summary = "feedback of a type of its own"},
    .reads = 200,
    .feedback = level_feedback,
    .init = level_init,
    .acked = level_acked,
    .lost = level_lost,
    .timeout = level_lost,
};

SIM_API const struct sim_plugin *const mtpsim_models[] = {&level_congestion.plugin, NULL};
