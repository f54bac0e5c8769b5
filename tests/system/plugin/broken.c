/* Plug-ins that must be refused: NO_SYMBOL, FOREIGN_ABI, MISSING or TAKEN says which. */
#include <mtpsim/congestion.h>

static void broken_init(void *state, const void *params, const struct sim_congestion_env *env,
                        struct sim_congestion *control)
{
    (void)state;
    (void)params;
    (void)env;
    (void)control;
}

static void broken_acked(void *state, struct sim_congestion *control,
                         const struct sim_ack_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static void broken_lost(void *state, struct sim_congestion *control,
                        const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

#ifdef TAKEN
#define NAME "newreno"
#else
#define NAME "broken"
#endif

static const struct sim_congestion_ops broken = {
#ifdef FOREIGN_ABI
    .plugin = {.abi = SIM_ABI + 1, .kind = SIM_CONGESTION, .name = NAME, .summary = "broken"},
#else
    .plugin = {.abi = SIM_ABI, .kind = SIM_CONGESTION, .name = NAME, .summary = "broken"},
#endif
    .init = broken_init,
    .acked = broken_acked,
    .lost = broken_lost,
#ifndef MISSING
    .timeout = broken_lost,
#endif
};

#ifdef NO_SYMBOL
SIM_API const struct sim_plugin *const other_name[] = {&broken.plugin, NULL};
#else
SIM_API const struct sim_plugin *const mtpsim_models[] = {&broken.plugin, NULL};
#endif
