/* xcp: each port shares out by how much windows are to change, in the packets themselves.
 *
 * Katabi, Handley, Rohrs, "Congestion Control for High Bandwidth-Delay Product Networks", SIGCOMM
 * 2002, with its alpha 0.4, beta 0.226 and gamma 0.1. MTP paper: 3.1.3 cites it among the models
 * that pathlets may use.
 *
 * Congestion header: a sender asks (8 bytes: window and round trip as it knows them), the port
 * answers in the same place by how much the window is to change (4 bytes). XCP's one header goes
 * through all routers, and the least change is left; here each pathlet has an entry and a window of
 * its own, and the smallest window limits.
 *
 * Network half, once an interval of d, the mean round trip (Algorithm of section 3.5):
 *
 *     phi = alpha d S - beta Q         S: spare bandwidth, Q: the least queue of the interval
 *     h   = max(0, gamma y - |phi|)    y: traffic of the interval; what is shuffled for fairness
 *     xi_p = (h + max(phi, 0)) / (d sum(rtt s / cwnd)),   xi_n = (h + max(-phi, 0)) / (d sum(s))
 *
 * and to each packet of s bytes: xi_p rtt^2 s / cwnd - xi_n rtt s. All windows grow by the same
 * rate and shrink by the same proportion, so they become equal by h even when phi is 0. No more is
 * given out in an interval than phi and h (residues). There is no timer: an interval ends with the
 * first packet after it, so after a silence the sums are of all that time.
 *
 * S counts everything that the port sends, also what has no congestion header; sums and shares are
 * of packets that have one. A packet whose sender does not know its path or round trip yet asks
 * nothing, and is told nothing.
 *
 * End-host half: W <- max(W + change, one packet). As everywhere here a window grows only while it
 * limits or half of it is in flight, and a sender that uses less than its window asks for what it
 * uses. A loss or a timeout is answered as in TCP, but the way back is the ports' to give. Windows
 * are not paced, as in the paper. Where nobody answers the model is additive-increase,
 * multiplicative-decrease (window.h).
 *
 * Wants a pathlet for each port: a packet asks a pathlet once.
 */
#include "window.h"

#define XCP_UNIT       256.0 /* of a change: parts of a byte */
#define XCP_ASK        (SIM_FEEDBACK_CHANGE | SIM_FEEDBACK_REQUEST)
#define XCP_CHANGE_MAX ((double)INT32_MAX)

struct xcp_params {
    sim_time rtt;
    double alpha, beta, gamma;
};

/* ---- the network half ---- */

struct xcp_port {
    const struct xcp_params *params;
    double rtt_s;                   /* d */
    double gain, loss;              /* xi_p, xi_n; of a second and a byte */
    double gain_left, loss_left;    /* bytes a second that may yet be given and taken */
    double rtt_sum, rtt_square_sum; /* of rtt s / cwnd, of rtt^2 s / cwnd; s, s^2 */
    double asked_bytes;             /* packets with a congestion header */
    uint64_t least_queue_bytes;
    uint64_t arrived_bytes; /* sent and queued, when the interval began */
    sim_time begin, end;
};

static void xcp_interval_begin(struct xcp_port *port, const struct sim_port_view *view)
{
    port->rtt_sum = 0;
    port->rtt_square_sum = 0;
    port->asked_bytes = 0;
    port->least_queue_bytes = view->queue_bytes;
    port->arrived_bytes = view->sent_bytes + view->queue_bytes;
    port->begin = view->now;
    port->end = view->now + (sim_time)(port->rtt_s * (double)SIM_S);
}

static void xcp_pathlet_init(void *state, const void *params, uint64_t rate_bps)
{
    struct xcp_port *port = state;
    (void)rate_bps;
    *port = (struct xcp_port){.params = params};
    port->rtt_s = (double)port->params->rtt / (double)SIM_S;
    port->end = port->params->rtt;
}

static void xcp_interval_end(struct xcp_port *port, const struct sim_port_view *view)
{
    const struct xcp_params *p = port->params;
    double elapsed_s = (double)(view->now - port->begin) / (double)SIM_S;
    int64_t counted = (int64_t)(view->sent_bytes + view->queue_bytes - port->arrived_bytes);
    double arrived = counted > 0 ? (double)counted : 0; /* a restart loses what waited */
    if (port->rtt_sum > 0)
        port->rtt_s = port->rtt_square_sum / port->rtt_sum;
    double spare = (double)view->rate_bps / 8 - arrived / elapsed_s;
    double phi = p->alpha * port->rtt_s * spare - p->beta * (double)port->least_queue_bytes;
    double traffic = arrived * port->rtt_s / elapsed_s;
    double shuffled = p->gamma * traffic - (phi < 0 ? -phi : phi);
    double given = (shuffled > 0 ? shuffled : 0) + (phi > 0 ? phi : 0);
    double taken = (shuffled > 0 ? shuffled : 0) + (phi < 0 ? -phi : 0);
    /* Sums are of what came in the time that has passed; an interval sees its share of them. */
    double share = port->rtt_s / elapsed_s;
    port->gain = port->rtt_sum > 0 ? given / (port->rtt_s * port->rtt_sum * share) : 0;
    port->loss = port->asked_bytes > 0 ? taken / (port->rtt_s * port->asked_bytes * share) : 0;
    port->gain_left = given / port->rtt_s;
    port->loss_left = taken / port->rtt_s;
}

/* The change of the window of a sender with this window and round trip. */
static double xcp_share(struct xcp_port *port, double bytes, double cwnd, double rtt_s)
{
    double gained = port->gain * rtt_s * rtt_s * bytes / cwnd;
    double lost = port->loss * rtt_s * bytes;
    port->gain_left -= gained / rtt_s;
    port->loss_left -= lost / rtt_s;
    if (port->gain_left <= 0)
        port->gain = 0;
    if (port->loss_left <= 0)
        port->loss = 0;
    port->rtt_sum += rtt_s * bytes / cwnd;
    port->rtt_square_sum += rtt_s * rtt_s * bytes / cwnd;
    port->asked_bytes += bytes;
    return gained - lost;
}

static void xcp_feedback(void *state, const struct sim_port_view *view, struct sim_feedback *entry)
{
    struct xcp_port *port = state;
    if (view->queue_bytes < port->least_queue_bytes)
        port->least_queue_bytes = view->queue_bytes;
    if (view->now >= port->end) {
        xcp_interval_end(port, view);
        xcp_interval_begin(port, view);
    }
    if (entry->type != XCP_ASK)
        return;
    double cwnd = (double)(entry->value >> 32), rtt_s = (double)(uint32_t)entry->value / 1e9;
    double change = XCP_UNIT * xcp_share(port, view->packet_bytes, cwnd, rtt_s);
    if (change > XCP_CHANGE_MAX || change < -XCP_CHANGE_MAX)
        change = change > 0 ? XCP_CHANGE_MAX : -XCP_CHANGE_MAX;
    entry->type = SIM_FEEDBACK_CHANGE;
    entry->length = 4;
    entry->value = (uint32_t)(int32_t)change;
}

/* ---- the end-host half ---- */

struct xcp {
    struct window window;
    double bytes;        /* the window, to a part of a byte */
    uint64_t used_bytes; /* most in flight in this window of data or the last */
    uint64_t using_bytes;
    uint64_t observed_at; /* value of `sent` when this window of data began */
    bool told;
};

static void xcp_init(void *state, const void *params, const struct sim_congestion_env *env,
                     struct sim_congestion *control)
{
    struct xcp *xcp = state;
    (void)params;
    *xcp = (struct xcp){.told = false};
    window_init(&xcp->window, env, control);
    xcp->bytes = (double)control->window_bytes;
}

static void xcp_request(void *state, const struct sim_congestion *control,
                        const struct sim_send_sample *sample, struct sim_feedback *entry)
{
    const struct xcp *xcp = state;
    uint64_t used = xcp->used_bytes > xcp->using_bytes ? xcp->used_bytes : xcp->using_bytes;
    if (used < sample->in_flight_bytes)
        used = sample->in_flight_bytes;
    uint64_t cwnd = control->window_bytes < used ? control->window_bytes : used;
    cwnd = cwnd < UINT32_MAX ? cwnd : UINT32_MAX;
    uint64_t rtt_ns = (uint64_t)(sample->srtt / SIM_NS);
    entry->type = rtt_ns ? XCP_ASK : SIM_FEEDBACK_REQUEST;
    entry->value = cwnd << 32 | (rtt_ns < UINT32_MAX ? rtt_ns : UINT32_MAX);
}

static void xcp_observe(struct xcp *xcp, const struct sim_ack_sample *sample)
{
    if (sample->position >= xcp->observed_at) {
        xcp->used_bytes = xcp->using_bytes;
        xcp->using_bytes = 0;
        xcp->observed_at = sample->sent;
    }
    if (sample->in_flight_bytes > xcp->using_bytes)
        xcp->using_bytes = sample->in_flight_bytes;
}

static void xcp_told(struct xcp *xcp, struct sim_congestion *control,
                     const struct sim_ack_sample *sample)
{
    double change = (double)(int32_t)(uint32_t)sample->feedback->value / XCP_UNIT;
    double least = (double)xcp->window.packet_bytes;
    if (change > 0 && !window_is_used(control, sample))
        return;
    if ((uint64_t)xcp->bytes != control->window_bytes)
        xcp->bytes = (double)control->window_bytes; /* a loss, or age, has reduced it */
    xcp->bytes += change;
    if (xcp->bytes < least)
        xcp->bytes = least;
    control->window_bytes = (uint64_t)xcp->bytes;
}

static void xcp_acked(void *state, struct sim_congestion *control,
                      const struct sim_ack_sample *sample)
{
    struct xcp *xcp = state;
    xcp_observe(xcp, sample);
    if (sample->feedback && sample->feedback->type == SIM_FEEDBACK_CHANGE) {
        xcp->told = true;
        xcp_told(xcp, control, sample);
    } else if (!xcp->told) {
        window_acked(&xcp->window, control, sample);
    }
}

static void xcp_lost(void *state, struct sim_congestion *control,
                     const struct sim_loss_sample *sample)
{
    struct xcp *xcp = state;
    window_lost(&xcp->window, control, sample);
}

static void xcp_timeout(void *state, struct sim_congestion *control,
                        const struct sim_loss_sample *sample)
{
    struct xcp *xcp = state;
    window_timeout(&xcp->window, control, sample);
}

static void xcp_undo(void *state, struct sim_congestion *control)
{
    struct xcp *xcp = state;
    window_undo(&xcp->window, control);
}

static const struct sim_param xcp_table[] = {
    {
        .name = "rtt",
        .help = "a port's first interval, until senders have told their round trips",
        .fallback = "50us",
        .offset = offsetof(struct xcp_params, rtt),
        .min = 1e5,
        .max = 1e12,
        .type = SIM_PARAM_TIME,
    },
    {
        .name = "alpha",
        .help = "answer to spare bandwidth",
        .fallback = "0.4",
        .offset = offsetof(struct xcp_params, alpha),
        .min = 1e-6,
        .max = 1,
        .type = SIM_PARAM_REAL,
    },
    {
        .name = "beta",
        .help = "answer to the queue that stays",
        .fallback = "0.226",
        .offset = offsetof(struct xcp_params, beta),
        .min = 1e-6,
        .max = 2,
        .type = SIM_PARAM_REAL,
    },
    {
        .name = "gamma",
        .help = "share of the traffic that is moved between senders for fairness",
        .fallback = "0.1",
        .offset = offsetof(struct xcp_params, gamma),
        .max = 1,
        .type = SIM_PARAM_REAL,
    },
    {.name = NULL},
};

extern const struct sim_congestion_ops xcp_congestion;
SIM_API const struct sim_congestion_ops xcp_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "xcp",
            .summary = "ports tell by how much windows change",
            .source = "Katabi et al. 2002",
            .state_size = sizeof(struct xcp),
            .params_size = sizeof(struct xcp_params),
            .params = xcp_table,
        },
    .pathlet_state_size = sizeof(struct xcp_port),
    .reads = SIM_FEEDBACK_CHANGE,
    .request_bytes = 8,
    .needs_feedback = true,
    .pathlet_init = xcp_pathlet_init,
    .feedback = xcp_feedback,
    .init = xcp_init,
    .acked = xcp_acked,
    .lost = xcp_lost,
    .timeout = xcp_timeout,
    .undo = xcp_undo,
    .request = xcp_request,
};
