/* hpcc: the window follows what each hop measured of itself.
 *
 * Li et al., "HPCC: High Precision Congestion Control", SIGCOMM 2019, Algorithm 1; its parameters
 * are the defaults: eta 95 %, maxStage 5, W_AI 80 bytes, and T 13 us, the base round trip of its
 * simulations. MTP paper: 3.1.3 ("new congestion control algorithms" over typed feedback).
 *
 * Network half: queue, rate, time and bytes sent, in 8 bytes (telemetry.h). The values are those at
 * the arrival of a packet, where HPCC's switches take them when it leaves: a departure is known
 * when a packet arrives, but not what will have come behind it until then. With the short queues
 * that HPCC keeps the two are close.
 *
 * End-host half: a hop holds the share U of what it carries in a round trip without queueing,
 *
 *     u = min(qlen, qlen before) / (B T) + txRate / B,    U <- (1 - tau / T) U + (tau / T) u
 *
 * with tau the time between two samples. From the reference window Wc, which moves once a round
 * trip, W = Wc / (U / eta) + W_AI when U is at least eta or after maxStage round trips of additive
 * increase, else W = Wc + W_AI; the rate is W / T. HPCC takes the greatest U of all hops of a flow
 * for one window; here each pathlet has a window of its own, moved by its own U, and the smallest
 * of them limits: the same, as W falls with U.
 *
 * What HPCC does not say, since it has one window that always limits: a window grows only while it
 * limits or at least half of it is in flight (another pathlet's window, or the application, may be
 * what limits), and never above B T, which fills the hop alone. A flow begins at the rate of its
 * NIC, B T, as HPCC's do.
 * A loss changes nothing, as HPCC has it (it runs without losses); a timeout says that nobody
 * answers any more, and leaves one packet until telemetry comes.
 *
 * Wants a pathlet for each port: values of different ports under one ID do not compare. Where no
 * port tells telemetry the model is additive-increase, multiplicative-decrease (window.h).
 */
#include "telemetry.h"
#include "window.h"

struct hpcc_params {
    sim_time rtt;
    double eta;
    uint64_t stages, increase_bytes;
};

static void hpcc_feedback(void *state, const struct sim_port_view *port, struct sim_feedback *entry)
{
    (void)state;
    entry->type = SIM_FEEDBACK_TELEMETRY;
    entry->length = 8;
    entry->value = telemetry_pack(port->queue_bytes, port->rate_bps, port->now, port->sent_bytes);
}

struct hpcc {
    struct window window; /* while nothing is told */
    const struct hpcc_params *params;
    struct telemetry last;
    sim_time last_at; /* when it came; 0: nothing has come */
    double load;      /* U */
    double reference_bytes;
    uint64_t updated_at; /* value of `sent` when the reference moved: it moves again with the first
                            acknowledgement of a packet sent later */
    uint32_t stage;      /* round trips of additive increase in a row */
};

static double hpcc_full_bytes(const struct hpcc *hpcc, uint64_t rate_bps)
{
    return (double)rate_bps / 8 * (double)hpcc->params->rtt / (double)SIM_S;
}

static void hpcc_init(void *state, const void *params, const struct sim_congestion_env *env,
                      struct sim_congestion *control)
{
    struct hpcc *hpcc = state;
    *hpcc = (struct hpcc){.params = params};
    window_init(&hpcc->window, env, control);
    if (env->line_bps)
        control->window_bytes = (uint64_t)hpcc_full_bytes(hpcc, env->line_bps);
    hpcc->reference_bytes = (double)control->window_bytes;
}

/* U after a sample that came `elapsed_ns` after the last one. */
static void hpcc_measure(struct hpcc *hpcc, const struct telemetry *told, int32_t elapsed_ns)
{
    double base_ns = (double)hpcc->params->rtt / (double)SIM_NS, elapsed = elapsed_ns;
    uint64_t queue =
        told->queue_bytes < hpcc->last.queue_bytes ? told->queue_bytes : hpcc->last.queue_bytes;
    double rate = 8e9 * (double)telemetry_sent_bytes(&hpcc->last, told) / elapsed;
    double load =
        (double)queue / hpcc_full_bytes(hpcc, told->rate_bps) + rate / (double)told->rate_bps;
    double weight = elapsed < base_ns ? elapsed / base_ns : 1;
    hpcc->load += weight * (load - hpcc->load);
}

/* The window that the reference and U give. `update`: the reference moves there. */
static double hpcc_window(struct hpcc *hpcc, bool update)
{
    const struct hpcc_params *p = hpcc->params;
    bool scale = hpcc->load >= p->eta || hpcc->stage >= p->stages;
    double bytes = hpcc->reference_bytes;
    if (scale)
        bytes /= hpcc->load / p->eta;
    bytes += (double)p->increase_bytes;
    if (update)
        hpcc->stage = scale ? 0 : hpcc->stage + 1;
    return bytes;
}

static void hpcc_obey(struct hpcc *hpcc, struct sim_congestion *control,
                      const struct sim_ack_sample *sample, uint64_t rate_bps)
{
    bool update = sample->position >= hpcc->updated_at;
    double bytes = hpcc_window(hpcc, update), full = hpcc_full_bytes(hpcc, rate_bps);
    double most = window_is_used(control, sample) ? full : (double)control->window_bytes;
    bytes = bytes < most ? bytes : most;
    if (update) {
        hpcc->reference_bytes = bytes;
        hpcc->updated_at = sample->sent;
    }
    control->window_bytes = (uint64_t)bytes;
    control->rate_bps = (uint64_t)(8 * bytes * (double)SIM_S / (double)hpcc->params->rtt);
}

static void hpcc_told(struct hpcc *hpcc, struct sim_congestion *control,
                      const struct sim_ack_sample *sample)
{
    struct telemetry told = telemetry_unpack(sample->feedback->value);
    if (hpcc->last_at && telemetry_is_comparable(&hpcc->last, sample->now - hpcc->last_at)) {
        int32_t elapsed_ns = telemetry_elapsed_ns(&hpcc->last, &told);
        if (elapsed_ns <= 0)
            return; /* overtaken, or at the same time: the last one knows better */
        hpcc_measure(hpcc, &told, elapsed_ns);
        hpcc_obey(hpcc, control, sample, told.rate_bps);
    }
    hpcc->last = told;
    hpcc->last_at = sample->now;
}

static void hpcc_acked(void *state, struct sim_congestion *control,
                       const struct sim_ack_sample *sample)
{
    struct hpcc *hpcc = state;
    if (sample->feedback && sample->feedback->type == SIM_FEEDBACK_TELEMETRY)
        hpcc_told(hpcc, control, sample);
    else if (!hpcc->last_at)
        window_acked(&hpcc->window, control, sample);
}

static void hpcc_lost(void *state, struct sim_congestion *control,
                      const struct sim_loss_sample *sample)
{
    struct hpcc *hpcc = state;
    if (!hpcc->last_at)
        window_lost(&hpcc->window, control, sample);
}

static void hpcc_timeout(void *state, struct sim_congestion *control,
                         const struct sim_loss_sample *sample)
{
    struct hpcc *hpcc = state;
    if (hpcc->last_at)
        control->window_bytes = hpcc->window.packet_bytes;
    else
        window_timeout(&hpcc->window, control, sample);
}

static const struct sim_param hpcc_table[] = {
    {
        .name = "rtt",
        .help = "T, the round trip without queues, or a little more",
        .fallback = "13us",
        .offset = offsetof(struct hpcc_params, rtt),
        .min = 1e5,
        .max = 1e12,
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "eta",
        .help = "the utilisation that it aims at",
        .fallback = "95%",
        .offset = offsetof(struct hpcc_params, eta),
        .min = 0.1,
        .max = 1,
        .type = SIM_PARAM_FRACTION,
    },
    {
        .name = "stages",
        .help = "maxStage, round trips of additive increase before a multiplicative one",
        .fallback = "5",
        .offset = offsetof(struct hpcc_params, stages),
        .min = 0,
        .max = 1000,
        .type = SIM_PARAM_COUNT,
    },
    {
        .name = "increase",
        .help = "W_AI, what a window grows by in a round trip",
        .fallback = "80B",
        .offset = offsetof(struct hpcc_params, increase_bytes),
        .min = 1,
        .max = 1e6,
        .type = SIM_PARAM_BYTES,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops hpcc_congestion;
SIM_API const struct sim_congestion_ops hpcc_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "hpcc",
            .summary = "window from in-band telemetry of each port",
            .source = "Li et al. 2019",
            .state_size = sizeof(struct hpcc),
            .params_size = sizeof(struct hpcc_params),
            .params = hpcc_table,
        },
    .reads = SIM_FEEDBACK_TELEMETRY,
    .needs_feedback = true,
    .feedback = hpcc_feedback,
    .init = hpcc_init,
    .acked = hpcc_acked,
    .lost = hpcc_lost,
    .timeout = hpcc_timeout,
};
