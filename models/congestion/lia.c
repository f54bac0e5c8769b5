/* lia: TCP's window on each subflow of a connection, and one increase for all of them.
 *
 * RFC 6356 (Raiciu, Handley, Wischik, 2011); Wischik, Raiciu, Greenhalgh and Handley, "Design,
 * implementation and evaluation of congestion control for multipath TCP", NSDI 2011. MTP paper:
 * Table 1 (MPTCP's row).
 *
 * In congestion avoidance an acknowledgement of n bytes on subflow i lets its window grow by
 *
 *     min(alpha n m / W, n m / w_i),   alpha = W max_j(w_j / rtt_j^2) / (sum_j w_j / rtt_j)^2,
 *
 * m a packet, w_j the windows, W their sum. So all subflows together take over a shared bottleneck
 * what one TCP would on the best of the paths, none takes more than TCP on its path, and the less
 * congested ones carry more. Slow start, losses, marks and timeouts are newreno's, of each subflow
 * by itself.
 *
 * The transport says which windows belong together (sim_congestion_env.group); alone, the law is
 * newreno's.
 */
#include "window.h"

struct lia {
    struct window window;
    struct sim_congestion_group *group;
    uint32_t member;
    double grown_bytes; /* what is not yet a whole byte */
};

static void lia_feedback(void *state, const struct sim_port_view *port, struct sim_feedback *entry)
{
    (void)state;
    window_feedback(port, entry);
}

static void lia_init(void *state, const void *params, const struct sim_congestion_env *env,
                     struct sim_congestion *control)
{
    struct lia *lia = state;
    (void)params;
    *lia = (struct lia){.group = env->group};
    window_init(&lia->window, env, control);
    if (!lia->group)
        return;
    SIM_CHECK(lia->group->count < SIM_COUPLED_MAX, "more than %u coupled windows", SIM_COUPLED_MAX);
    lia->member = lia->group->count++;
    lia->group->members[lia->member].control = control;
}

static void measure(struct lia *lia, sim_time rtt)
{
    sim_time *smoothed = &lia->group->members[lia->member].rtt;
    *smoothed = *smoothed ? *smoothed + (rtt - *smoothed) / 8 : rtt;
}

/* alpha / W, per byte. */
static double aggressiveness(const struct sim_congestion_group *group)
{
    double best = 0, sum = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        double window = (double)group->members[i].control->window_bytes;
        double rtt = (double)group->members[i].rtt;
        if (rtt == 0)
            continue;
        best = window / (rtt * rtt) > best ? window / (rtt * rtt) : best;
        sum += window / rtt;
    }
    return sum > 0 ? best / (sum * sum) : 0;
}

static void lia_grow(struct lia *lia, struct sim_congestion *control,
                     const struct sim_ack_sample *sample)
{
    if (!lia->group || control->window_bytes < lia->window.ssthresh_bytes) {
        window_grow(&lia->window, control, sample);
        return;
    }
    if (!sample->window_limited || !window_is_current(&lia->window, sample->position))
        return;
    double share = aggressiveness(lia->group), alone = 1 / (double)control->window_bytes;
    share = share < alone ? share : alone;
    lia->grown_bytes += share * (double)sample->acked_bytes * (double)lia->window.packet_bytes;
    uint64_t whole = (uint64_t)lia->grown_bytes;
    control->window_bytes += whole;
    lia->grown_bytes -= (double)whole;
}

static void lia_acked(void *state, struct sim_congestion *control,
                      const struct sim_ack_sample *sample)
{
    struct lia *lia = state;
    if (lia->group && sample->rtt)
        measure(lia, sample->rtt);
    if (!sample->marked_bytes)
        lia_grow(lia, control, sample);
    else if (window_is_current(&lia->window, sample->position))
        window_reduce(&lia->window, control, control->window_bytes / 2, sample->sent);
}

static void lia_lost(void *state, struct sim_congestion *control,
                     const struct sim_loss_sample *sample)
{
    struct lia *lia = state;
    window_lost(&lia->window, control, sample);
}

static void lia_timeout(void *state, struct sim_congestion *control,
                        const struct sim_loss_sample *sample)
{
    struct lia *lia = state;
    window_timeout(&lia->window, control, sample);
}

static void lia_undo(void *state, struct sim_congestion *control)
{
    struct lia *lia = state;
    window_undo(&lia->window, control);
}

extern const struct sim_congestion_ops lia_congestion;
SIM_API const struct sim_congestion_ops lia_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "lia",
            .summary = "newreno whose increase is shared by a connection's subflows (MPTCP)",
            .source = "RFC 6356",
            .state_size = sizeof(struct lia),
        },
    .reads = SIM_FEEDBACK_ECN,
    .marks_only = true,
    .feedback = lia_feedback,
    .init = lia_init,
    .acked = lia_acked,
    .lost = lia_lost,
    .timeout = lia_timeout,
    .undo = lia_undo,
};
