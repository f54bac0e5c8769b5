/* cubic: the window follows a cubic curve of the time since its last reduction.
 *
 * RFC 9438 (Xu, Ha, Rhee, Goel, Eggert, "CUBIC for Fast and Long-Distance Networks", 2023).
 * Paper: 2.1 (one of the many algorithms that a network mixes).
 *
 * Between reductions (4.1, 4.2), with t in seconds since avoidance began and windows in packets,
 *
 *     W(t) = C (t - K)^3 + Wmax,   K = cbrt((Wmax - W(0)) / C)
 *
 * so that it comes back to where it was reduced, Wmax, slows down there, and then probes faster and
 * faster. Each acknowledgement moves the window towards W(t + RTT), at most to 1.5 times what it
 * is. Where an AIMD flow of the same average would be ahead, the window is that flow's (4.3): West
 * grows by alpha = 3 (1 - beta) / (1 + beta) packets a window of data, and by 1 from where the last
 * reduction began.
 *
 * A loss or a mark multiplies the window by beta (4.6), once a round trip (window.h). When the
 * window had not come back to Wmax, Wmax goes further down, to let others in (fast
 * convergence, 4.7). After a timeout the curve begins anew with K = 0 at the end of slow start
 * (4.8); a reduction that turned out to be wrong is taken back with all of the curve (4.9). Time in
 * which the window does not limit the sender is not counted (4.2).
 *
 * In a data centre. K grows with the cube root of the window, whatever the round trip: a window of
 * 100 packets takes 4.2 s to come back. The Reno-friendly region's 0.53 packets a round trip take
 * 57 round trips, 1.1 ms when one lasts 20 us. So within a fabric CUBIC is that AIMD flow; its
 * curve shows in wide-area networks. The network half marks as for dctcp.
 *
 * Not modelled: HyStart++ (RFC 9406), the larger beta for marks of RFC 8511.
 */
#include "window.h"

#include <math.h>

struct cubic_params {
    double c, beta;
    bool fast_convergence, friendly;
};

/* Of the curve; in packets. */
struct cubic_curve {
    double max;     /* Wmax; 0: avoidance begins where it is, K = 0 */
    double prior;   /* the window before the last reduction */
    double k_s;     /* K */
    double cwnd;    /* the window, with its fraction */
    double reno;    /* West */
    sim_time epoch; /* t = 0; SIM_NEVER: avoidance has not begun */
};

struct cubic {
    struct window window;
    const struct cubic_params *params;
    struct cubic_curve curve, before; /* before: the last loss or timeout */
    sim_time acked_at;
    sim_time srtt;
};

static void cubic_feedback(void *state, const struct sim_port_view *port,
                           struct sim_feedback *entry)
{
    (void)state;
    window_feedback(port, entry);
}

static void cubic_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    struct cubic *cubic = state;
    *cubic = (struct cubic){.params = params, .curve = {.epoch = SIM_NEVER}};
    window_init(&cubic->window, env, control);
}

/* ---- growth ---- */

static double cubic_packets(const struct cubic *cubic, const struct sim_congestion *control)
{
    return (double)control->window_bytes / (double)cubic->window.packet_bytes;
}

/* Avoidance begins with this acknowledgement. */
static void cubic_begin(struct cubic *cubic, const struct sim_congestion *control, sim_time now)
{
    struct cubic_curve *curve = &cubic->curve;
    curve->epoch = cubic->acked_at = now;
    curve->cwnd = curve->reno = cubic_packets(cubic, control);
    if (curve->max < curve->cwnd)
        curve->max = curve->cwnd;
    curve->k_s = cbrt((curve->max - curve->cwnd) / cubic->params->c);
}

static double cubic_at(const struct cubic *cubic, sim_time since)
{
    double t = (double)since / (double)SIM_S - cubic->curve.k_s;
    return cubic->params->c * t * t * t + cubic->curve.max;
}

static double cubic_reno_share(const struct cubic *cubic)
{
    double beta = cubic->params->beta;
    return cubic->curve.reno < cubic->curve.prior ? 3 * (1 - beta) / (1 + beta) : 1;
}

static void cubic_avoid(struct cubic *cubic, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct cubic_curve *curve = &cubic->curve;
    double share = (double)sample->acked_bytes / (double)cubic->window.packet_bytes / curve->cwnd;
    sim_time since = sample->now - curve->epoch;
    curve->reno += cubic_reno_share(cubic) * share;
    if (cubic->params->friendly && cubic_at(cubic, since) < curve->reno) {
        curve->cwnd = fmax(curve->cwnd, curve->reno);
    } else {
        double target = fmin(cubic_at(cubic, since + cubic->srtt), 1.5 * curve->cwnd);
        curve->cwnd += fmax(target - curve->cwnd, 0) * share;
    }
    control->window_bytes = (uint64_t)(curve->cwnd * (double)cubic->window.packet_bytes);
}

static void cubic_grow(struct cubic *cubic, struct sim_congestion *control,
                       const struct sim_ack_sample *sample)
{
    struct cubic_curve *curve = &cubic->curve;
    bool grows = window_may_grow(&cubic->window, sample);
    if (grows && window_slow_start(&cubic->window, control, sample))
        return;
    if (curve->epoch != SIM_NEVER && !grows)
        curve->epoch += sample->now - cubic->acked_at;
    cubic->acked_at = sample->now;
    if (!grows)
        return;
    if (curve->epoch == SIM_NEVER)
        cubic_begin(cubic, control, sample->now);
    cubic_avoid(cubic, control, sample);
}

/* ---- reductions ---- */

/* The window after a reduction, bytes. The curve that follows is told by Wmax. */
static uint64_t cubic_reduced(struct cubic *cubic, const struct sim_congestion *control)
{
    struct cubic_curve *curve = &cubic->curve;
    double cwnd = cubic_packets(cubic, control), beta = cubic->params->beta;
    bool yields = cubic->params->fast_convergence && cwnd < curve->max;
    curve->max = yields ? cwnd * (1 + beta) / 2 : cwnd;
    curve->prior = cwnd;
    curve->epoch = SIM_NEVER;
    return (uint64_t)(beta * (double)control->window_bytes);
}

static void cubic_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct cubic *cubic = state;
    if (sample->rtt)
        cubic->srtt = cubic->srtt ? cubic->srtt + (sample->rtt - cubic->srtt) / 8 : sample->rtt;
    if (!sample->marked_bytes)
        cubic_grow(cubic, control, sample);
    else if (window_is_current(&cubic->window, sample->position))
        window_reduce(&cubic->window, control, cubic_reduced(cubic, control), sample->sent);
}

static void cubic_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    struct cubic *cubic = state;
    if (!window_is_current(&cubic->window, sample->position))
        return;
    cubic->before = cubic->curve;
    window_remember(&cubic->window, control);
    window_reduce(&cubic->window, control, cubic_reduced(cubic, control), sample->sent);
}

static void cubic_timeout(void *state, struct sim_congestion *control,
                          const struct sim_loss_sample *sample)
{
    struct cubic *cubic = state;
    uint64_t bytes = 0;
    if (control->window_bytes > cubic->window.packet_bytes) {
        cubic->before = cubic->curve;
        bytes = cubic_reduced(cubic, control);
    }
    window_collapse(&cubic->window, control, bytes, sample->sent);
    cubic->curve.max = 0;
    cubic->curve.epoch = SIM_NEVER;
}

static void cubic_undo(void *state, struct sim_congestion *control)
{
    struct cubic *cubic = state;
    if (!cubic->window.undo.window_bytes)
        return;
    window_undo(&cubic->window, control);
    cubic->curve = cubic->before;
}

static const struct sim_param cubic_table[] = {
    {
        .name = "c",
        .help = "steepness of the curve, packets / s^3",
        .fallback = "0.4",
        .offset = offsetof(struct cubic_params, c),
        .min = 1e-6,
        .max = 1e18,
        .type = SIM_PARAM_REAL,
    },
    {
        .name = "beta",
        .help = "what a reduction multiplies the window by",
        .fallback = "0.7",
        .offset = offsetof(struct cubic_params, beta),
        .min = 0.1,
        .max = 0.99,
        .type = SIM_PARAM_REAL,
    },
    {
        .name = "fast_convergence",
        .help = "a window reduced before it came back lets others in",
        .fallback = "true",
        .offset = offsetof(struct cubic_params, fast_convergence),
        .type = SIM_PARAM_BOOL,
    },
    {
        .name = "friendly",
        .help = "not slower than an AIMD flow of the same average (Reno-friendly region)",
        .fallback = "true",
        .offset = offsetof(struct cubic_params, friendly),
        .type = SIM_PARAM_BOOL,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops cubic_congestion;
SIM_API const struct sim_congestion_ops cubic_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "cubic",
            .summary = "window on a cubic curve of the time since its last reduction",
            .source = "RFC 9438",
            .state_size = sizeof(struct cubic),
            .params_size = sizeof(struct cubic_params),
            .params = cubic_table,
        },
    .reads = SIM_FEEDBACK_ECN,
    .marks_only = true,
    .feedback = cubic_feedback,
    .init = cubic_init,
    .acked = cubic_acked,
    .lost = cubic_lost,
    .timeout = cubic_timeout,
    .undo = cubic_undo,
};
