/* dcqcn: RoCE's rate control, by marks that come at most once in 50 us.
 *
 * Zhu et al., "Congestion Control for Large-Scale RDMA Deployments", SIGCOMM 2015, section 3 and
 * the parameters of its section 5. Paper: 4 ("a single pathlet behaves as TCP, DCTCP, DCQCN").
 *
 * Network half (congestion point, CP): the port's mark. How it marks is the queue's: red_ecn, with
 * the probability that grows between two lengths, is DCQCN's.
 *
 * End-host half: the notification point (NP) and the reaction point (RP) together. The NP, at the
 * receiver, sends a congestion notification packet (CNP) for a marked packet unless it sent one in
 * the last 50 us. Here every acknowledgement says whether its packet was marked, and the sender
 * holds the 50 us: the same, later by the way of an acknowledgement instead of a CNP's.
 *
 * The RP (3.3) begins at line rate, with alpha 1 and nothing that runs until the first CNP: no rate
 * is limited yet, so when a flow begins does not matter. On a CNP
 *
 *     RT <- RC,   RC <- RC (1 - alpha / 2),   alpha <- (1 - g) alpha + g
 *
 * and each 55 us without one alpha <- (1 - g) alpha. A timer (each 55 us) and a byte counter (each
 * 10 MB) raise the rate again, both from 0 at a CNP: up to five steps of either RC <- (RT + RC) / 2
 * (fast recovery), then RT grows by r_ai before (additive increase), and when both are beyond five,
 * by i r_hai in the i-th such step (hyper increase, from QCN).
 *
 * Timers are caught up with at each acknowledgement and each packet sent, not fired: between two of
 * these nobody looks at the rate, and a host with thousands of idle windows has no timers to run.
 * The byte counter counts bytes when they are acknowledged.
 *
 * There is no window (RoCE has none). In MTP a rate also caps what is in flight at rate x round
 * trip and a packet, which RoCE does not have: queues after a start at line rate are shorter for
 * it. A loss counts as a CNP; the paper has none, its network being lossless by priority flow
 * control.
 *
 * The paper gives g, the intervals, the counter, r_ai and five steps; r_hai and the least rate are
 * ours.
 */
#include <math.h>

#include "window.h"

#define DCQCN_FAST_STEPS 5u
#define DCQCN_WINDOW     (UINT64_C(1) << 40) /* none */

struct dcqcn_params {
    double g;
    sim_time cnp_interval, alpha_interval, rate_interval;
    uint64_t rate_bytes;
    uint64_t r_ai_bps, r_hai_bps, min_bps;
};

struct dcqcn {
    const struct dcqcn_params *params;
    double line_bps;
    double current_bps, target_bps; /* RC, RT */
    double alpha;
    sim_time cnp_from;          /* no CNP before */
    sim_time alpha_at, rate_at; /* when the intervals that run began */
    uint64_t bytes;             /* acknowledged since the counter's last step */
    uint64_t rate_steps, byte_steps;
    bool limited; /* a CNP has come, and timers run */
};

static void dcqcn_feedback(void *state, const struct sim_port_view *port,
                           struct sim_feedback *entry)
{
    (void)state;
    window_feedback(port, entry);
}

static void dcqcn_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    struct dcqcn *dcqcn = state;
    *dcqcn = (struct dcqcn){
        .params = params,
        .line_bps = (double)env->line_bps,
        .current_bps = (double)env->line_bps,
        .target_bps = (double)env->line_bps,
        .alpha = 1,
    };
    *control = (struct sim_congestion){DCQCN_WINDOW, env->line_bps};
}

static void dcqcn_apply(struct dcqcn *dcqcn, struct sim_congestion *control)
{
    dcqcn->current_bps = fmax(dcqcn->current_bps, (double)dcqcn->params->min_bps);
    control->window_bytes = DCQCN_WINDOW;
    control->rate_bps = (uint64_t)dcqcn->current_bps;
}

/* ---- increase ---- */

/* One of the two counters has made a step. */
static void dcqcn_increase(struct dcqcn *dcqcn)
{
    uint64_t more = dcqcn->rate_steps, less = dcqcn->byte_steps;
    if (more < less) {
        more = dcqcn->byte_steps;
        less = dcqcn->rate_steps;
    }
    if (less > DCQCN_FAST_STEPS)
        dcqcn->target_bps += (double)(less - DCQCN_FAST_STEPS) * (double)dcqcn->params->r_hai_bps;
    else if (more >= DCQCN_FAST_STEPS)
        dcqcn->target_bps += (double)dcqcn->params->r_ai_bps;
    dcqcn->target_bps = fmin(dcqcn->target_bps, dcqcn->line_bps);
    dcqcn->current_bps = (dcqcn->target_bps + dcqcn->current_bps) / 2;
}

/* At line rate steps change nothing but their count: after a long silence they need not be made. */
static bool dcqcn_can_rise(const struct dcqcn *dcqcn)
{
    return dcqcn->target_bps < dcqcn->line_bps ||
           (dcqcn->target_bps + dcqcn->current_bps) / 2 != dcqcn->current_bps;
}

static void dcqcn_count_bytes(struct dcqcn *dcqcn, uint64_t bytes)
{
    dcqcn->bytes += bytes;
    while (dcqcn->bytes >= dcqcn->params->rate_bytes) {
        dcqcn->bytes -= dcqcn->params->rate_bytes;
        dcqcn->byte_steps++;
        dcqcn_increase(dcqcn);
    }
}

/* What the timers did until now. */
static void dcqcn_catch_up(struct dcqcn *dcqcn, sim_time now)
{
    const struct dcqcn_params *p = dcqcn->params;
    if (!dcqcn->limited)
        return;
    if (now - dcqcn->alpha_at >= p->alpha_interval) {
        sim_time periods = (now - dcqcn->alpha_at) / p->alpha_interval;
        dcqcn->alpha *= pow(1 - p->g, (double)periods);
        dcqcn->alpha_at += periods * p->alpha_interval;
    }
    sim_time steps = (now - dcqcn->rate_at) / p->rate_interval;
    dcqcn->rate_at += steps * p->rate_interval;
    for (; steps > 0 && dcqcn_can_rise(dcqcn); steps--) {
        dcqcn->rate_steps++;
        dcqcn_increase(dcqcn);
    }
    dcqcn->rate_steps += (uint64_t)steps;
}

/* ---- decrease ---- */

static void dcqcn_notified(struct dcqcn *dcqcn, sim_time now)
{
    const struct dcqcn_params *p = dcqcn->params;
    if (now < dcqcn->cnp_from)
        return;
    dcqcn->cnp_from = now + p->cnp_interval;
    dcqcn->target_bps = dcqcn->current_bps;
    dcqcn->current_bps *= 1 - dcqcn->alpha / 2;
    dcqcn->alpha += p->g * (1 - dcqcn->alpha);
    dcqcn->alpha_at = dcqcn->rate_at = now;
    dcqcn->rate_steps = dcqcn->byte_steps = 0;
    dcqcn->bytes = 0;
    dcqcn->limited = true;
}

/* ---- operations ---- */

static void dcqcn_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct dcqcn *dcqcn = state;
    dcqcn_catch_up(dcqcn, sample->now);
    dcqcn_count_bytes(dcqcn, sample->acked_bytes);
    if (sample->marked_bytes)
        dcqcn_notified(dcqcn, sample->now);
    dcqcn_apply(dcqcn, control);
}

static void dcqcn_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    struct dcqcn *dcqcn = state;
    dcqcn_catch_up(dcqcn, sample->now);
    dcqcn_notified(dcqcn, sample->now);
    dcqcn_apply(dcqcn, control);
}

static void dcqcn_sending(void *state, struct sim_congestion *control,
                          const struct sim_send_sample *sample)
{
    struct dcqcn *dcqcn = state;
    dcqcn_catch_up(dcqcn, sample->now);
    dcqcn_apply(dcqcn, control);
}

#define OFFSET(member) offsetof(struct dcqcn_params, member)

static const struct sim_param dcqcn_table[] = {
    {.name = "g",
     .help = "weight of the newest interval in alpha",
     .fallback = "0.00390625",
     .offset = OFFSET(g),
     .min = 1e-9,
     .max = 1,
     .type = SIM_PARAM_REAL},
    {.name = "cnp_interval",
     .help = "a receiver notifies at most once in this time",
     .fallback = "50us",
     .offset = OFFSET(cnp_interval),
     .min = 0,
     .max = 1e12,
     .type = SIM_PARAM_TIME},
    {.name = "alpha_interval",
     .help = "alpha shrinks after each such time without notification",
     .fallback = "55us",
     .offset = OFFSET(alpha_interval),
     .min = 1e5,
     .max = 1e12,
     .type = SIM_PARAM_TIME},
    {.name = "rate_interval",
     .help = "the rate's timer",
     .fallback = "55us",
     .offset = OFFSET(rate_interval),
     .min = 1e5,
     .max = 1e12,
     .type = SIM_PARAM_TIME},
    {.name = "rate_bytes",
     .help = "the rate's byte counter",
     .fallback = "10MB",
     .offset = OFFSET(rate_bytes),
     .min = 1000,
     .max = 1e12,
     .type = SIM_PARAM_BYTES},
    {.name = "r_ai",
     .help = "additive increase of the target rate",
     .fallback = "40Mbps",
     .offset = OFFSET(r_ai_bps),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_RATE},
    {.name = "r_hai",
     .help = "hyper increase of the target rate",
     .fallback = "400Mbps",
     .offset = OFFSET(r_hai_bps),
     .min = 1,
     .max = 1e12,
     .type = SIM_PARAM_RATE},
    {.name = "min_rate",
     .help = "least rate",
     .fallback = "10Mbps",
     .offset = OFFSET(min_bps),
     .min = 1e5,
     .max = 1e12,
     .type = SIM_PARAM_RATE},
    {.name = NULL},
};

extern const struct sim_congestion_ops dcqcn_congestion;
SIM_API const struct sim_congestion_ops dcqcn_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "dcqcn",
            .summary = "RoCE's rate, cut by marks at most once in 50 us, raised by time and bytes",
            .source = "Zhu et al., SIGCOMM 2015, 3",
            .state_size = sizeof(struct dcqcn),
            .params_size = sizeof(struct dcqcn_params),
            .params = dcqcn_table,
        },
    .reads = SIM_FEEDBACK_ECN,
    .marks_only = true,
    .feedback = dcqcn_feedback,
    .init = dcqcn_init,
    .acked = dcqcn_acked,
    .lost = dcqcn_lost,
    .timeout = dcqcn_lost,
    .sending = dcqcn_sending,
};
