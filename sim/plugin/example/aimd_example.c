/* aimd_example: additive increase, multiplicative decrease, on ECN marks. An example of a model
 * that is built outside the simulator's tree; copy this folder and change it.
 *
 * Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance", 1989;
 * the reaction to a mark is that of RFC 3168: as to a loss, once a round trip.
 *
 * What is here, in the order in which the simulator uses it:
 *   1. the parameters: a struct, and a table that says how they are written, their ranges and
 *      defaults. The simulator checks the scenario against it and fills the struct.
 *   2. the network half: what a pathlet's port writes into MTP's path feedback.
 *   3. the end-host half: how the window moves. MTP keeps one state for each (pathlet, TC), TCP one
 *      for each connection; the model does not see which.
 *   4. the table of operations, and the one symbol that a shared object exports.
 *
 * Not modelled: slow start. The window grows by `increase` packets a round trip from the beginning.
 */
#include <mtpsim/congestion.h>

/* ---- 1. parameters ---- */

struct aimd_example_params {
    double increase; /* packets a round trip */
    double decrease; /* share of the window that a mark takes away */
    uint64_t least;  /* packets */
    uint64_t most;   /* packets */
};

static const struct sim_param aimd_example_table[] = {
    {.name = "increase",
     .help = "packets that the window grows by in a round trip",
     .fallback = "1",
     .offset = offsetof(struct aimd_example_params, increase),
     .min = 0.001,
     .max = 1000,
     .type = SIM_PARAM_REAL},
    {.name = "decrease",
     .help = "share of the window that a mark or a loss takes away",
     .fallback = "50%",
     .offset = offsetof(struct aimd_example_params, decrease),
     .min = 0.01,
     .max = 0.99,
     .type = SIM_PARAM_FRACTION},
    {.name = "least",
     .help = "smallest window, in packets",
     .fallback = "2",
     .offset = offsetof(struct aimd_example_params, least),
     .min = 1,
     .max = 1000,
     .type = SIM_PARAM_COUNT},
    {.name = "most",
     .help = "largest window, in packets",
     .fallback = "100000",
     .offset = offsetof(struct aimd_example_params, most),
     .min = 1,
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

/* What a range cannot say: the message goes to the user, at the model's place in the scenario. */
static const char *aimd_example_check(const void *params)
{
    const struct aimd_example_params *p = params;

    return p->least > p->most ? "least is above most" : NULL;
}

/* ---- 2. the network half ---- */

/* Called for every packet that passes a port with a pathlet of this model. */
static void aimd_example_feedback(void *state, const struct sim_port_view *port,
                                  struct sim_feedback *entry)
{
    (void)state;
    entry->type = SIM_FEEDBACK_ECN;
    entry->length = 1;
    entry->value = port->marked;
}

/* ---- 3. the end-host half ---- */

struct aimd_example {
    const struct aimd_example_params *params; /* outlive the state */
    double window_bytes;                      /* with its fraction of a byte */
    double packet_bytes;
    uint64_t reduced_at; /* value of `sent` at the last reduction */
};

static void aimd_example_limit(struct aimd_example *aimd, struct sim_congestion *control)
{
    double least = (double)aimd->params->least * aimd->packet_bytes;
    double most = (double)aimd->params->most * aimd->packet_bytes;

    if (aimd->window_bytes < least)
        aimd->window_bytes = least;
    if (aimd->window_bytes > most)
        aimd->window_bytes = most;
    control->window_bytes = (uint64_t)aimd->window_bytes;
}

static void aimd_example_init(void *state, const void *params, const struct sim_congestion_env *env,
                              struct sim_congestion *control)
{
    struct aimd_example *aimd = state;

    aimd->params = params;
    aimd->packet_bytes = env->packet_bytes;
    aimd->window_bytes = (double)env->initial_window_bytes;
    aimd->reduced_at = 0;
    control->rate_bps = 0;
    aimd_example_limit(aimd, control);
}

/* A packet that was sent before the last reduction says nothing about the window since then. */
static void aimd_example_reduce(struct aimd_example *aimd, struct sim_congestion *control,
                                uint64_t position, uint64_t sent)
{
    if (position < aimd->reduced_at)
        return;
    aimd->window_bytes *= 1 - aimd->params->decrease;
    aimd->reduced_at = sent;
    aimd_example_limit(aimd, control);
}

static void aimd_example_acked(void *state, struct sim_congestion *control,
                               const struct sim_ack_sample *sample)
{
    struct aimd_example *aimd = state;

    if (sample->marked_bytes) {
        aimd_example_reduce(aimd, control, sample->position, sample->sent);
        return;
    }
    if (!sample->window_limited)
        return;
    /* A whole window is acknowledged in a round trip: each byte adds its share of the increase. */
    aimd->window_bytes += aimd->params->increase * aimd->packet_bytes *
                          (double)sample->acked_bytes / aimd->window_bytes;
    aimd_example_limit(aimd, control);
}

static void aimd_example_lost(void *state, struct sim_congestion *control,
                              const struct sim_loss_sample *sample)
{
    struct aimd_example *aimd = state;

    aimd_example_reduce(aimd, control, sample->position, sample->sent);
}

static void aimd_example_timeout(void *state, struct sim_congestion *control,
                                 const struct sim_loss_sample *sample)
{
    struct aimd_example *aimd = state;

    aimd->window_bytes = 0;
    aimd->reduced_at = sample->sent;
    aimd_example_limit(aimd, control);
}

/* ---- 4. the table ---- */

static const struct sim_congestion_ops aimd_example_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "aimd_example",
            .summary = "additive increase, multiplicative decrease on ECN marks (an example)",
            .source = "Chiu and Jain, 1989",
            .state_size = sizeof(struct aimd_example),
            .params_size = sizeof(struct aimd_example_params),
            .params = aimd_example_table,
            .check = aimd_example_check,
        },
    .feedback = aimd_example_feedback,
    .init = aimd_example_init,
    .acked = aimd_example_acked,
    .lost = aimd_example_lost,
    .timeout = aimd_example_timeout,
};

SIM_API const struct sim_plugin *const mtpsim_models[] = {&aimd_example_congestion.plugin, NULL};
