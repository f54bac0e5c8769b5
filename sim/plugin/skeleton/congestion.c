/* modelname: a window that grows by packets a round trip and is cut by a share on marks and losses,
 * once a round trip. (Say here what yours is, where it is from, why it is so, and what it does not
 * model.)
 *
 * The commented example beside the installed headers, share/mtpsim/example, goes further.
 */
#include <mtpsim/congestion.h>

/* ---- parameters: filled from the scenario by the table ---- */

struct modelname_params {
    double increase, decrease;
};

static const struct sim_param modelname_table[] = {
    {.name = "increase",
     .help = "packets that the window grows by in a round trip",
     .fallback = "1",
     .offset = offsetof(struct modelname_params, increase),
     .min = 0.001,
     .max = 1000,
     .type = SIM_PARAM_REAL},
    {.name = "decrease",
     .help = "share of the window that a mark or a loss takes away",
     .fallback = "50%",
     .offset = offsetof(struct modelname_params, decrease),
     .min = 0.01,
     .max = 0.99,
     .type = SIM_PARAM_FRACTION},
    {.name = NULL},
};

/* ---- the network half: what a pathlet's port writes into a packet's feedback ---- */

static void modelname_feedback(void *state, const struct sim_port_view *port,
                               struct sim_feedback *entry)
{
    (void)state;
    entry->type = SIM_FEEDBACK_ECN;
    entry->length = 1;
    entry->value = port->marked;
}

/* ---- the end-host half: one state for each (pathlet, TC) of MTP, or connection of TCP ---- */

struct modelname {
    const struct modelname_params *params; /* outlive the state */
    double window_bytes, packet_bytes;
    uint64_t cut_at; /* bytes sent until the last cut */
};

static void modelname_tell(const struct modelname *model, struct sim_congestion *control)
{
    double least = 2 * model->packet_bytes;
    control->window_bytes = (uint64_t)(model->window_bytes > least ? model->window_bytes : least);
}

static void modelname_init(void *state, const void *params, const struct sim_congestion_env *env,
                           struct sim_congestion *control)
{
    struct modelname *model = state;
    *model = (struct modelname){.params = params,
                                .window_bytes = (double)env->initial_window_bytes,
                                .packet_bytes = env->packet_bytes};
    control->rate_bps = 0;
    modelname_tell(model, control);
}

/* What was sent before the last cut says nothing about the window since then. */
static void modelname_cut(struct modelname *model, struct sim_congestion *control,
                          uint64_t position, uint64_t sent)
{
    if (position < model->cut_at)
        return;
    model->cut_at = sent;
    model->window_bytes = (double)control->window_bytes * (1 - model->params->decrease);
    modelname_tell(model, control);
}

static void modelname_acked(void *state, struct sim_congestion *control,
                            const struct sim_ack_sample *sample)
{
    struct modelname *model = state;
    if (sample->marked_bytes) {
        modelname_cut(model, control, sample->position, sample->sent);
    } else if (sample->window_limited) {
        model->window_bytes += model->params->increase * model->packet_bytes *
                               (double)sample->acked_bytes / model->window_bytes;
        modelname_tell(model, control);
    }
}

static void modelname_lost(void *state, struct sim_congestion *control,
                           const struct sim_loss_sample *sample)
{
    modelname_cut(state, control, sample->position, sample->sent);
}

static void modelname_timeout(void *state, struct sim_congestion *control,
                              const struct sim_loss_sample *sample)
{
    struct modelname *model = state;
    model->cut_at = sample->sent;
    model->window_bytes = model->packet_bytes;
    modelname_tell(model, control);
}

/* ---- the model ---- */

static const struct sim_congestion_ops modelname_congestion = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_CONGESTION,
               .name = "modelname",
               .summary = "additive increase, multiplicative decrease",
               .state_size = sizeof(struct modelname),
               .params_size = sizeof(struct modelname_params),
               .params = modelname_table},
    .feedback = modelname_feedback,
    .init = modelname_init,
    .acked = modelname_acked,
    .lost = modelname_lost,
    .timeout = modelname_timeout,
};

/* outside the tree */
SIM_API const struct sim_plugin *const mtpsim_models[] = {&modelname_congestion.plugin, NULL};
