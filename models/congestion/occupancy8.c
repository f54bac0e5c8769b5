/* occupancy8: one byte of feedback says how full the queue is; the window answers in proportion.
 *
 * The byte is what protocols that cannot afford a rate or telemetry can carry (MTP paper, 3.1.3:
 * feedback of any type; Ji et al., "MTP: Transport for In-Network Computing", NSDI 2025, has
 * resource-specific feedback from devices). The law is ours, and is DCTCP's with the average of a
 * measured quantity instead of the share of packets above a threshold: many bits where DCTCP has
 * one, so that nothing needs to swing for the feedback to be proportional.
 *
 * Network half: 255 q / `full`, rounded, at most 255 (feedback type 5).
 *
 * End-host half, once a window of data: o is the mean occupancy of the bytes acknowledged in it, as
 * a share of 255, and avg <- avg + g (o - avg). Then
 *
 *     W <- W (1 - beta (avg - target) / (1 - target)) + a    where avg is above the target
 *     W <- W + a                                             elsewhere
 *
 * with a one packet, and only while the window limits. Of N windows on one queue all shrink by the
 * same factor and grow by the same step, so they come to be equal; each then has W = C RTT / N + q
 * / N and the queue stands still at
 *
 *     q / full = target + (1 - target) a / (beta W).
 *
 * A new window doubles each round trip until the first occupancy above the target. Losses and
 * timeouts are answered as in conventional TCP. Where no port tells an occupancy the model is
 * additive-increase, multiplicative-decrease (window.h).
 */
#include "window.h"

#define OCCUPANCY_FULL 255.0

struct occupancy8_params {
    uint64_t full_bytes;
    double target, beta, g;
};

struct occupancy8_port {
    double scale; /* of a byte in the queue */
};

static void occupancy8_pathlet_init(void *state, const void *params, uint64_t rate_bps)
{
    struct occupancy8_port *port = state;
    const struct occupancy8_params *p = params;
    (void)rate_bps;
    port->scale = OCCUPANCY_FULL / (double)p->full_bytes;
}

static void occupancy8_feedback(void *state, const struct sim_port_view *view,
                                struct sim_feedback *entry)
{
    const struct occupancy8_port *port = state;
    double occupancy = (double)view->queue_bytes * port->scale;
    entry->type = SIM_FEEDBACK_OCCUPANCY;
    entry->length = 1;
    entry->value = (uint64_t)((occupancy < OCCUPANCY_FULL ? occupancy : OCCUPANCY_FULL) + 0.5);
}

struct occupancy8 {
    struct window window;
    const struct occupancy8_params *params;
    double average;       /* of 1 */
    double told;          /* occupancy x bytes of the window of data under observation */
    uint64_t acked_bytes; /* of it */
    uint64_t observed_at; /* value of `sent` when the observation began */
    bool limited;         /* the window was what limited in it */
};

static void occupancy8_init(void *state, const void *params, const struct sim_congestion_env *env,
                            struct sim_congestion *control)
{
    struct occupancy8 *occupancy = state;
    *occupancy = (struct occupancy8){.params = params};
    window_init(&occupancy->window, env, control);
}

/* The end of a window of data. */
static void occupancy8_move(struct occupancy8 *occupancy, struct sim_congestion *control,
                            bool starting, uint64_t sent)
{
    const struct occupancy8_params *p = occupancy->params;
    double mean = occupancy->told / ((double)occupancy->acked_bytes * OCCUPANCY_FULL);
    occupancy->average += p->g * (mean - occupancy->average);
    double above = (occupancy->average - p->target) / (1 - p->target);
    if (above > 0)
        window_reduce(&occupancy->window, control,
                      (uint64_t)((double)control->window_bytes * (1 - p->beta * above)), sent);
    if (occupancy->limited && !starting)
        control->window_bytes += occupancy->window.packet_bytes;
    occupancy->told = 0;
    occupancy->acked_bytes = 0;
    occupancy->limited = false;
    occupancy->observed_at = sent;
}

static void occupancy8_told(struct occupancy8 *occupancy, struct sim_congestion *control,
                            const struct sim_ack_sample *sample)
{
    bool starting = control->window_bytes < occupancy->window.ssthresh_bytes;
    double value = (double)sample->feedback->value;
    occupancy->told += value * (double)sample->acked_bytes;
    occupancy->acked_bytes += sample->acked_bytes;
    occupancy->limited |= sample->window_limited;
    if (starting && value > occupancy->params->target * OCCUPANCY_FULL)
        window_reduce(&occupancy->window, control, control->window_bytes, sample->sent);
    else if (starting)
        window_grow(&occupancy->window, control, sample);
    if (sample->position >= occupancy->observed_at && occupancy->acked_bytes)
        occupancy8_move(occupancy, control, starting, sample->sent);
}

static void occupancy8_acked(void *state, struct sim_congestion *control,
                             const struct sim_ack_sample *sample)
{
    struct occupancy8 *occupancy = state;
    if (sample->feedback && sample->feedback->type == SIM_FEEDBACK_OCCUPANCY)
        occupancy8_told(occupancy, control, sample);
    else
        window_acked(&occupancy->window, control, sample);
}

static void occupancy8_lost(void *state, struct sim_congestion *control,
                            const struct sim_loss_sample *sample)
{
    struct occupancy8 *occupancy = state;
    window_lost(&occupancy->window, control, sample);
}

static void occupancy8_timeout(void *state, struct sim_congestion *control,
                               const struct sim_loss_sample *sample)
{
    struct occupancy8 *occupancy = state;
    window_timeout(&occupancy->window, control, sample);
}

static void occupancy8_undo(void *state, struct sim_congestion *control)
{
    struct occupancy8 *occupancy = state;
    window_undo(&occupancy->window, control);
}

static const struct sim_param occupancy8_table[] = {
    {
        .name = "full",
        .help = "the queue that is told as 255",
        .fallback = "192KB",
        .offset = offsetof(struct occupancy8_params, full_bytes),
        .min = 255,
        .max = 1e12,
        .type = SIM_PARAM_BYTES,
    },
    {
        .name = "target",
        .help = "occupancy up to which windows only grow",
        .fallback = "15%",
        .offset = offsetof(struct occupancy8_params, target),
        .min = 0,
        .max = 0.99,
        .type = SIM_PARAM_FRACTION,
    },
    {
        .name = "beta",
        .help = "reduction of a window by a full queue",
        .fallback = "50%",
        .offset = offsetof(struct occupancy8_params, beta),
        .min = 0.001,
        .max = 1,
        .type = SIM_PARAM_FRACTION,
    },
    {
        .name = "g",
        .help = "weight of the newest window's occupancy in the average",
        .fallback = "0.5",
        .offset = offsetof(struct occupancy8_params, g),
        .min = 1e-6,
        .max = 1,
        .type = SIM_PARAM_REAL,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops occupancy8_congestion;
SIM_API const struct sim_congestion_ops occupancy8_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "occupancy8",
            .summary = "window reduced in proportion to a byte of queue occupancy",
            .source = "3.1.3",
            .state_size = sizeof(struct occupancy8),
            .params_size = sizeof(struct occupancy8_params),
            .params = occupancy8_table,
        },
    .reads = SIM_FEEDBACK_OCCUPANCY,
    .needs_feedback = true,
    .pathlet_state_size = sizeof(struct occupancy8_port),
    .pathlet_init = occupancy8_pathlet_init,
    .feedback = occupancy8_feedback,
    .init = occupancy8_init,
    .acked = occupancy8_acked,
    .lost = occupancy8_lost,
    .timeout = occupancy8_timeout,
    .undo = occupancy8_undo,
};
