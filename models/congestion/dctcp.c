/* dctcp: the window goes down in proportion to the share of marked bytes.
 *
 * RFC 8257; Alizadeh et al., "Data Center TCP (DCTCP)", SIGCOMM 2010. Paper: 3.1.3, 4 ("a single
 * pathlet behaves as TCP, DCTCP, DCQCN") and every run of 5.
 *
 * Network half: the port's mark, one byte of feedback. TCP carries it as CE and ECE instead; either
 * way the transport hands over how many of the acknowledged bytes were marked, so one end-host
 * half serves both.
 *
 * End-host half: alpha is the moving average of the marked share, updated once a window of data
 * (RFC 8257, 3.3); the window is multiplied by 1 - alpha/2 at the first mark of each window.
 * Alpha starts at 1, so that the first mark of a flow halves its window, as RFC 8257 recommends.
 * Slow start ends at the first mark or loss; a loss or a timeout is answered as in conventional
 * TCP (3.5), see window.h, where the least window is told too.
 *
 * The common acknowledgement costs three compares and three additions; the only division is once a
 * window.
 */
#include "window.h"

struct dctcp_params {
    double g;
};

struct dctcp {
    struct window window;
    uint64_t acked_bytes, marked_bytes; /* of the window of data under observation */
    uint64_t observed_at; /* value of `sent` when the observation began: it ends with the first
                             acknowledgement of a packet sent later */
    double alpha;
    double g;
};

static void dctcp_feedback(void *state, const struct sim_port_view *port,
                           struct sim_feedback *entry)
{
    (void)state;
    window_feedback(port, entry);
}

static void dctcp_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    struct dctcp *dctcp = state;
    const struct dctcp_params *p = params;
    *dctcp = (struct dctcp){.alpha = 1, .g = p->g};
    window_init(&dctcp->window, env, control);
}

static void dctcp_update_alpha(struct dctcp *dctcp, uint64_t sent)
{
    double share = (double)dctcp->marked_bytes / (double)dctcp->acked_bytes;
    dctcp->alpha += dctcp->g * (share - dctcp->alpha);
    dctcp->acked_bytes = 0;
    dctcp->marked_bytes = 0;
    dctcp->observed_at = sent;
}

static void dctcp_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct dctcp *dctcp = state;
    dctcp->acked_bytes += sample->acked_bytes;
    dctcp->marked_bytes += sample->marked_bytes;
    if (sample->position >= dctcp->observed_at && dctcp->acked_bytes)
        dctcp_update_alpha(dctcp, sample->sent);
    if (!sample->marked_bytes) {
        window_grow(&dctcp->window, control, sample);
    } else if (window_is_current(&dctcp->window, sample->position)) {
        double bytes = (double)control->window_bytes * (1 - dctcp->alpha / 2);
        window_reduce(&dctcp->window, control, (uint64_t)bytes, sample->sent);
    }
}

static void dctcp_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    struct dctcp *dctcp = state;
    window_lost(&dctcp->window, control, sample);
}

static void dctcp_timeout(void *state, struct sim_congestion *control,
                          const struct sim_loss_sample *sample)
{
    struct dctcp *dctcp = state;
    window_timeout(&dctcp->window, control, sample);
}

static void dctcp_undo(void *state, struct sim_congestion *control)
{
    struct dctcp *dctcp = state;
    window_undo(&dctcp->window, control);
}

static const struct sim_param dctcp_table[] = {
    {
        .name = "g",
        .help = "weight of the newest window's marked share in alpha",
        .fallback = "0.0625",
        .offset = offsetof(struct dctcp_params, g),
        .min = 1e-9,
        .max = 1,
        .type = SIM_PARAM_REAL,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops dctcp_congestion;
SIM_API const struct sim_congestion_ops dctcp_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "dctcp",
            .summary = "window reduced in proportion to the marked share (ECN)",
            .source = "RFC 8257",
            .state_size = sizeof(struct dctcp),
            .params_size = sizeof(struct dctcp_params),
            .params = dctcp_table,
        },
    .reads = SIM_FEEDBACK_ECN,
    .marks_only = true,
    .feedback = dctcp_feedback,
    .init = dctcp_init,
    .acked = dctcp_acked,
    .lost = dctcp_lost,
    .timeout = dctcp_timeout,
    .undo = dctcp_undo,
};
