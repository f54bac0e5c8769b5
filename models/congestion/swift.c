/* swift: the window follows the delay, towards a target.
 *
 * Kumar et al., "Swift: Delay is Simple and Effective for Congestion Control in the Datacenter",
 * SIGCOMM 2020. Paper: Table 1 (Swift's row), 3.1.3 (a pathlet's own kind of feedback).
 *
 * Network half: the port's queueing delay in ns (feedback type 4). Swift itself sees delay from the
 * ends only. Feedback per pathlet is that delay taken apart further, hop by hop, and leaves out the
 * way back.
 *
 * End-host half (Algorithm 1): below the target the window grows by `ai` packets a round trip.
 * Above it, once a round trip, it is multiplied by
 *
 *     max(1 - beta (delay - target) / delay, 1 - max_mdf).
 *
 * The fabric's target (3.5) is base_target + hops x per_hop + what flows need that are many: queues
 * of N unsynchronised flows vary as sqrt(N), and N is as 1 / window, so
 *
 *     max(0, min(a / sqrt(window) + b, fs_range)), 0 at fs_max_cwnd and fs_range at fs_min_cwnd.
 *
 * Delay is what the pathlet told, or else (TCP) the round trip. A round trip contains propagation,
 * so for TCP base_target must too: the paper's sense; a pathlet tells queueing alone, and a target
 * for it is that much less. Hops are the pathlet's ports that the packet crossed; TCP does not know
 * (TTL is not modelled), and there `hops` says.
 *
 * The host's part (3.2) is the same law without scaling, with a target of its own and a smoothed
 * delay. Swift runs both and takes the lesser window. MTP takes the least window of a path anyway:
 * whatever stands for an endpoint's queue (a receiver, an offload) is a pathlet of its own with
 * part: endpoint. Hosts here take no time to process packets, so TCP has only the fabric's part.
 *
 * Below one packet (3.3) the window is one packet, and a rate of window / round trip spaces packets
 * by more than a round trip. It grows there although it does not fill: the rate is what limits.
 *
 * Losses (3.4): max_mdf once a round trip; so does a timeout, and after retx_reset in a row the
 * window is the least one.
 *
 * Algorithm 1 starts the time without decrease whenever the window did not grow (its last lines
 * have <=), which would postpone a decrease for as long as delay stays high; here it starts when
 * the window shrank.
 *
 * The paper prints meanings, not values, of most constants. Where it has none the defaults are
 * ours: ai 1, beta 0.8, max_mdf 0.5 and 0.1 to 100 packets for flow scaling are those that models
 * of Swift elsewhere use as well.
 *
 * Not modelled: QoS classes with targets of their own (one TC, one window, one set of parameters).
 */
#include <math.h>

#include <mtpsim/congestion.h>

enum { SWIFT_FABRIC, SWIFT_ENDPOINT };

struct swift_params {
    uint32_t part;
    sim_time base_target, per_hop;
    uint64_t hops;
    sim_time fs_range;
    double fs_min_cwnd, fs_max_cwnd;
    sim_time endpoint_target;
    double ai, beta, max_mdf;
    double min_cwnd;
    uint64_t retx_reset;
};

struct swift {
    const struct swift_params *params;
    double packet_bytes;
    double cwnd;            /* packets */
    double scale, shift_ps; /* of flow scaling: scale / sqrt(cwnd) + shift */
    double smoothed_ps;     /* endpoint: delay */
    sim_time rtt;           /* newest; 0: not known */
    sim_time decreased_at;
    uint32_t timeouts; /* in a row */
};

/* ---- the network half ---- */

static void swift_feedback(void *state, const struct sim_port_view *port,
                           struct sim_feedback *entry)
{
    (void)state;
    uint64_t ns = (uint64_t)(port->queue_delay / SIM_NS);
    entry->type = SIM_FEEDBACK_DELAY;
    entry->length = 4;
    entry->value = ns < UINT32_MAX ? ns : UINT32_MAX;
}

/* ---- the end-host half ---- */

/* Tells the transport. */
static void swift_apply(struct swift *swift, struct sim_congestion *control)
{
    if (swift->cwnd < swift->params->min_cwnd)
        swift->cwnd = swift->params->min_cwnd;
    double bytes = swift->cwnd * swift->packet_bytes;
    if (swift->cwnd >= 1 || !swift->rtt) {
        control->window_bytes = (uint64_t)fmax(bytes, swift->packet_bytes);
        control->rate_bps = 0;
        return;
    }
    double rtt_s = (double)swift->rtt / (double)SIM_S;
    control->window_bytes = (uint64_t)swift->packet_bytes;
    control->rate_bps = 1 + (uint64_t)(8 * bytes / rtt_s);
}

static void swift_init(void *state, const void *params, const struct sim_congestion_env *env,
                       struct sim_congestion *control)
{
    struct swift *swift = state;
    const struct swift_params *p = params;
    double at_max = 1 / sqrt(p->fs_max_cwnd);
    double scale = (double)p->fs_range / (1 / sqrt(p->fs_min_cwnd) - at_max);
    *swift = (struct swift){
        .params = p,
        .packet_bytes = env->packet_bytes,
        .cwnd = (double)env->initial_window_bytes / env->packet_bytes,
        .scale = scale,
        .shift_ps = -scale * at_max,
    };
    swift_apply(swift, control);
}

static double swift_target_ps(const struct swift *swift, uint32_t hops)
{
    const struct swift_params *p = swift->params;
    if (p->part == SWIFT_ENDPOINT)
        return (double)p->endpoint_target;
    double flows = fmin(swift->scale / sqrt(swift->cwnd) + swift->shift_ps, (double)p->fs_range);
    double ports = hops ? hops : (double)p->hops;
    return (double)p->base_target + ports * (double)p->per_hop + fmax(flows, 0);
}

static void swift_decrease(struct swift *swift, double factor, sim_time now)
{
    if (now - swift->decreased_at < swift->rtt)
        return;
    swift->cwnd *= factor;
    swift->decreased_at = now;
}

static void swift_increase(struct swift *swift, const struct sim_ack_sample *sample)
{
    double packets = (double)sample->acked_bytes / swift->packet_bytes;
    if (swift->cwnd < 1)
        swift->cwnd += swift->params->ai * packets;
    else if (sample->window_limited)
        swift->cwnd += swift->params->ai * packets / swift->cwnd;
}

/* The delay of this acknowledgement; 0: it tells none. */
static double swift_delay_ps(struct swift *swift, const struct sim_ack_sample *sample)
{
    const struct sim_feedback *told = sample->feedback;
    bool delay = told && told->type == SIM_FEEDBACK_DELAY;
    double ps = delay ? (double)told->value * (double)SIM_NS : (double)sample->rtt;
    if (swift->params->part == SWIFT_FABRIC || (!delay && !sample->rtt))
        return ps;
    swift->smoothed_ps += (ps - swift->smoothed_ps) / 8;
    return swift->smoothed_ps;
}

static void swift_acked(void *state, struct sim_congestion *control,
                        const struct sim_ack_sample *sample)
{
    struct swift *swift = state;
    bool told = sample->feedback && sample->feedback->type == SIM_FEEDBACK_DELAY;
    swift->timeouts = 0;
    if (sample->rtt)
        swift->rtt = sample->rtt;
    if (!told && !sample->rtt)
        return;
    double delay = swift_delay_ps(swift, sample);
    double target = swift_target_ps(swift, told ? sample->hops : 0);
    if (delay < target) {
        swift_increase(swift, sample);
    } else {
        double factor = 1 - swift->params->beta * (delay - target) / delay;
        swift_decrease(swift, fmax(factor, 1 - swift->params->max_mdf), sample->now);
    }
    swift_apply(swift, control);
}

static void swift_lost(void *state, struct sim_congestion *control,
                       const struct sim_loss_sample *sample)
{
    struct swift *swift = state;
    swift->timeouts = 0;
    swift_decrease(swift, 1 - swift->params->max_mdf, sample->now);
    swift_apply(swift, control);
}

static void swift_timeout(void *state, struct sim_congestion *control,
                          const struct sim_loss_sample *sample)
{
    struct swift *swift = state;
    if (++swift->timeouts >= swift->params->retx_reset)
        swift->cwnd = swift->params->min_cwnd;
    else
        swift_decrease(swift, 1 - swift->params->max_mdf, sample->now);
    swift_apply(swift, control);
}

static const char *swift_check(const void *params)
{
    const struct swift_params *p = params;
    return p->fs_min_cwnd < p->fs_max_cwnd ? NULL : "fs_min_cwnd is not below fs_max_cwnd";
}

/* ---- parameters ---- */

static const char *const swift_parts[] = {"fabric", "endpoint", NULL};

#define OFFSET(member) offsetof(struct swift_params, member)

static const struct sim_param swift_table[] = {
    {.name = "part",
     .help = "whose delay it is: of the fabric, or of a host's or an offload's own queue",
     .fallback = "fabric",
     .offset = OFFSET(part),
     .choices = swift_parts,
     .type = SIM_PARAM_CHOICE},
    {.name = "base_target",
     .help = "target delay without scaling; for TCP of the whole round trip",
     .fallback = "25us",
     .offset = OFFSET(base_target),
     .min = 1000,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "per_hop",
     .help = "more target for each port (topology scaling)",
     .fallback = "2us",
     .offset = OFFSET(per_hop),
     .min = 0,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "hops",
     .help = "ports on a path where the transport does not tell (TCP)",
     .fallback = "1",
     .offset = OFFSET(hops),
     .min = 0,
     .max = 255,
     .type = SIM_PARAM_COUNT},
    {.name = "fs_range",
     .help = "most that flow scaling adds to the target",
     .fallback = "100us",
     .offset = OFFSET(fs_range),
     .min = 0,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "fs_min_cwnd",
     .help = "window, in packets, from which down it adds fs_range",
     .fallback = "0.1",
     .offset = OFFSET(fs_min_cwnd),
     .min = 1e-4,
     .max = 1e6,
     .type = SIM_PARAM_REAL},
    {.name = "fs_max_cwnd",
     .help = "window, in packets, from which up it adds nothing",
     .fallback = "100",
     .offset = OFFSET(fs_max_cwnd),
     .min = 1e-4,
     .max = 1e6,
     .type = SIM_PARAM_REAL},
    {.name = "endpoint_target",
     .help = "target delay of an endpoint",
     .fallback = "100us",
     .offset = OFFSET(endpoint_target),
     .min = 1000,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "ai",
     .help = "packets that the window grows by in a round trip",
     .fallback = "1",
     .offset = OFFSET(ai),
     .min = 1e-6,
     .max = 1e3,
     .type = SIM_PARAM_REAL},
    {.name = "beta",
     .help = "answer to the share of the delay that is above the target",
     .fallback = "0.8",
     .offset = OFFSET(beta),
     .min = 1e-6,
     .max = 1,
     .type = SIM_PARAM_REAL},
    {.name = "max_mdf",
     .help = "largest share that the window is reduced by at once",
     .fallback = "0.5",
     .offset = OFFSET(max_mdf),
     .min = 1e-6,
     .max = 0.99,
     .type = SIM_PARAM_REAL},
    {.name = "min_cwnd",
     .help = "least window, packets",
     .fallback = "0.01",
     .offset = OFFSET(min_cwnd),
     .min = 1e-6,
     .max = 1,
     .type = SIM_PARAM_REAL},
    {.name = "retx_reset",
     .help = "timeouts in a row after which the window is the least one",
     .fallback = "5",
     .offset = OFFSET(retx_reset),
     .min = 1,
     .max = 100,
     .type = SIM_PARAM_COUNT},
    {.name = NULL},
};

extern const struct sim_congestion_ops swift_congestion;
SIM_API const struct sim_congestion_ops swift_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "swift",
            .summary = "window towards a target delay, paced below one packet",
            .source = "Kumar et al., SIGCOMM 2020, Algorithm 1",
            .state_size = sizeof(struct swift),
            .params_size = sizeof(struct swift_params),
            .params = swift_table,
            .check = swift_check,
        },
    .reads = SIM_FEEDBACK_DELAY,
    .feedback = swift_feedback,
    .init = swift_init,
    .acked = swift_acked,
    .lost = swift_lost,
    .timeout = swift_timeout,
};
