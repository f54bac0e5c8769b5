/* rcp: the network says the rate, and the end-host sends at it.
 *
 * Dukkipati, "Rate Control Protocol (RCP): Congestion Control to Make Flows Complete Quickly",
 * Stanford 2008. Paper: 3.1.3 (feedback of another kind than a mark: an explicit rate), 5.3.
 *
 * Network half: one rate R for all senders of the port, told in bit/s (feedback type 3) and moved
 * once an interval of `rtt` by RCP's law,
 *
 *     R <- R [1 + (alpha (C - y) - beta q / rtt) / C]
 *
 * with C the port's rate, y the rate of arrivals and q the queue. RCP reads the average round trip
 * from packets; here it is a parameter. A policy before the port (fair_share) may tell rates of its
 * own instead.
 *
 * End-host half: paced at the least rate that the path told. Nothing is told before the first
 * acknowledgement: until then the initial window goes out as for any other model. With a rate the
 * transport paces, and keeps what is in flight below rate x smoothed RTT; the window is twice that
 * of the newest RTT, a bound for when the path is suddenly longer and acknowledgements stay away. A
 * loss does not change the rate, which already answers the queue; a timeout says that nobody
 * answers any more, and leaves one packet until a rate is heard again.
 *
 * A path whose ports tell no rate (pathlet 0 before the path is known, say) has an
 * additive-increase, multiplicative-decrease window (window.h). A transport without path feedback
 * never hears a rate, and is refused.
 */
#include "window.h"

#define LEAST_RATE_BPS 1000000u /* below it a packet takes longer than most runs */

struct rcp_params {
    sim_time rtt;
    double alpha, beta;
    double start;
};

/* ---- the network half ---- */

struct rcp_port {
    const struct rcp_params *params;
    double rate_bps;
    double arrived_bytes; /* in this interval */
    sim_time interval_end;
};

static void rcp_pathlet_init(void *state, const void *params, uint64_t rate_bps)
{
    struct rcp_port *port = state;
    port->params = params;
    port->rate_bps = port->params->start * (double)rate_bps;
    port->interval_end = port->params->rtt;
}

static void rcp_port_update(struct rcp_port *port, const struct sim_port_view *view)
{
    const struct rcp_params *p = port->params;
    double rtt_s = (double)p->rtt / (double)SIM_S;
    double elapsed_s = rtt_s + (double)(view->now - port->interval_end) / (double)SIM_S;
    double capacity = (double)view->rate_bps;
    double spare = capacity - 8 * port->arrived_bytes / elapsed_s;
    double queue = 8 * (double)view->queue_bytes / rtt_s;
    double factor = 1 + (p->alpha * spare - p->beta * queue) / capacity;
    port->rate_bps *= factor > 0.5 ? factor : 0.5;
    if (port->rate_bps > capacity)
        port->rate_bps = capacity;
    if (port->rate_bps < LEAST_RATE_BPS)
        port->rate_bps = LEAST_RATE_BPS;
    port->arrived_bytes = 0;
    port->interval_end = view->now + p->rtt;
}

static void rcp_feedback(void *state, const struct sim_port_view *view, struct sim_feedback *entry)
{
    struct rcp_port *port = state;
    if (view->now >= port->interval_end)
        rcp_port_update(port, view);
    port->arrived_bytes += view->packet_bytes;
    entry->type = SIM_FEEDBACK_RATE;
    entry->length = 8;
    entry->value = (uint64_t)port->rate_bps;
}

/* ---- the end-host half ---- */

struct rcp {
    struct window window; /* while no rate is told */
    sim_time rtt;         /* newest; 0: not known */
};

static void rcp_init(void *state, const void *params, const struct sim_congestion_env *env,
                     struct sim_congestion *control)
{
    struct rcp *rcp = state;
    (void)params;
    window_init(&rcp->window, env, control);
}

static void rcp_told(struct rcp *rcp, struct sim_congestion *control, uint64_t bps)
{
    control->rate_bps = bps > LEAST_RATE_BPS ? bps : LEAST_RATE_BPS;
    double in_flight = (double)control->rate_bps / 8 * (double)rcp->rtt / (double)SIM_S;
    control->window_bytes = 2 * ((uint64_t)in_flight + rcp->window.packet_bytes);
}

static void rcp_acked(void *state, struct sim_congestion *control,
                      const struct sim_ack_sample *sample)
{
    struct rcp *rcp = state;
    const struct sim_feedback *told = sample->feedback;
    if (sample->rtt)
        rcp->rtt = sample->rtt;
    if (told && told->type == SIM_FEEDBACK_RATE)
        rcp_told(rcp, control, told->value);
    else if (!control->rate_bps)
        window_acked(&rcp->window, control, sample);
}

static void rcp_lost(void *state, struct sim_congestion *control,
                     const struct sim_loss_sample *sample)
{
    struct rcp *rcp = state;
    if (!control->rate_bps)
        window_lost(&rcp->window, control, sample);
}

static void rcp_timeout(void *state, struct sim_congestion *control,
                        const struct sim_loss_sample *sample)
{
    struct rcp *rcp = state;
    if (control->rate_bps)
        control->window_bytes = rcp->window.packet_bytes;
    else
        window_timeout(&rcp->window, control, sample);
}

static const struct sim_param rcp_table[] = {
    {
        .name = "rtt",
        .help = "over which a port measures, a typical round trip",
        .fallback = "50us",
        .offset = offsetof(struct rcp_params, rtt),
        .min = 1e6,
        .max = 1e15,
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "alpha",
        .help = "answer to spare capacity",
        .fallback = "0.4",
        .offset = offsetof(struct rcp_params, alpha),
        .min = 1e-6,
        .max = 1,
        .type = SIM_PARAM_REAL,
    },
    {
        .name = "beta",
        .help = "answer to the queue",
        .fallback = "0.226",
        .offset = offsetof(struct rcp_params, beta),
        .min = 1e-6,
        .max = 2,
        .type = SIM_PARAM_REAL,
    },
    {
        .name = "start",
        .help = "the first rate that a port tells, of its own",
        .fallback = "10%",
        .offset = offsetof(struct rcp_params, start),
        .min = 1e-4,
        .max = 1,
        .type = SIM_PARAM_FRACTION,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops rcp_congestion;
SIM_API const struct sim_congestion_ops rcp_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "rcp",
            .summary = "the network tells a rate, the end-host obeys",
            .source = "Dukkipati 2008; paper, 3.1.3",
            .state_size = sizeof(struct rcp),
            .params_size = sizeof(struct rcp_params),
            .params = rcp_table,
        },
    .reads = SIM_FEEDBACK_RATE,
    .pathlet_state_size = sizeof(struct rcp_port),
    .needs_feedback = true,
    .pathlet_init = rcp_pathlet_init,
    .feedback = rcp_feedback,
    .init = rcp_init,
    .acked = rcp_acked,
    .lost = rcp_lost,
    .timeout = rcp_timeout,
};
