/* Plug-ins that must be refused; a macro says in which way they are broken. */
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

#ifdef UNRESOLVED
void is_nowhere(void);
#endif

static void broken_lost(void *state, struct sim_congestion *control,
                        const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
#ifdef UNRESOLVED
    is_nowhere();
#endif
}

#ifdef TAKEN
#define NAME "newreno"
#else
#define NAME "broken"
#endif
#ifdef FOREIGN_ABI
#define ABI (SIM_ABI + 1)
#else
#define ABI SIM_ABI
#endif

struct broken_params {
    double gain;
    uint64_t least;
    struct sim_model other;
};

static const struct sim_param broken_table[] = {
#ifdef DEFAULT_TEXT
    {.name = "gain", .help = "a gain", .fallback = "fast", .type = SIM_PARAM_REAL},
#endif
#ifdef DEFAULT_RANGE
    {.name = "least",
     .help = "packets",
     .fallback = "0",
     .offset = 8,
     .min = 1,
     .max = 9,
     .type = SIM_PARAM_COUNT},
#endif
#ifdef DEFAULT_MODEL
    {.name = "other",
     .help = "another",
     .fallback = "dctpc",
     .offset = 16,
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
#endif
#ifdef CIRCLE
    {.name = "other",
     .help = "another",
     .fallback = "{broken: {}}",
     .offset = 16,
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
#endif
#ifdef BEYOND
    {.name = "gain",
     .help = "a gain",
     .fallback = "1",
     .offset = (size_t)-4,
     .type = SIM_PARAM_REAL},
#endif
    {.name = NULL},
};

static const struct sim_congestion_ops broken = {
    .plugin = {.abi = ABI,
               .kind = SIM_CONGESTION,
               .name = NAME,
               .summary = "broken",
#ifdef HUGE
               .state_size = (size_t)-1,
#endif
               .params_size = sizeof(struct broken_params),
               .params = broken_table},
    .init = broken_init,
    .acked = broken_acked,
    .lost = broken_lost,
#ifndef MISSING
    .timeout = broken_lost,
#endif
};

#if defined(NO_SYMBOL)
SIM_API const struct sim_plugin *const other_name[] = {&broken.plugin, NULL};
#elif defined(FUNCTION)
SIM_API int mtpsim_models(void)
{
    return broken.plugin.name[0];
}
#elif defined(NO_END)
SIM_API const struct sim_plugin *const mtpsim_models[] = {&broken.plugin};
#elif defined(EMPTY)
SIM_API const struct sim_plugin *const mtpsim_models[] = {NULL};
#elif defined(GARBAGE)
SIM_API const struct sim_plugin *const mtpsim_models[] = {(const struct sim_plugin *)42,
                                                          &broken.plugin, NULL};
#elif defined(TWICE)
SIM_API const struct sim_plugin *const mtpsim_models[] = {&broken.plugin, &broken.plugin, NULL};
#else
SIM_API const struct sim_plugin *const mtpsim_models[] = {&broken.plugin, NULL};
#endif
