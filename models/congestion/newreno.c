/* newreno: the plain TCP window; a mark or a loss halves it, once a round trip.
 *
 * RFC 5681 and RFC 6582 (which acknowledgements belong to one loss episode), RFC 3168 (a mark
 * counts as a loss). Paper: 4 ("existing congestion control algorithms like TCP").
 *
 * The network half is that of dctcp: the port's mark. All of the end-host half is in window.h; it
 * has no parameters.
 */
#include "window.h"

static void newreno_feedback(void *state, const struct sim_port_view *port,
                             struct sim_feedback *entry)
{
    (void)state;
    window_feedback(port, entry);
}

static void newreno_init(void *state, const void *params, const struct sim_congestion_env *env,
                         struct sim_congestion *control)
{
    struct window *window = state;
    (void)params;
    window_init(window, env, control);
}

static void newreno_acked(void *state, struct sim_congestion *control,
                          const struct sim_ack_sample *sample)
{
    struct window *window = state;
    window_acked(window, control, sample);
}

static void newreno_lost(void *state, struct sim_congestion *control,
                         const struct sim_loss_sample *sample)
{
    struct window *window = state;
    window_lost(window, control, sample);
}

static void newreno_timeout(void *state, struct sim_congestion *control,
                            const struct sim_loss_sample *sample)
{
    struct window *window = state;
    window_timeout(window, control, sample);
}

static void newreno_undo(void *state, struct sim_congestion *control)
{
    struct window *window = state;
    window_undo(window, control);
}

extern const struct sim_congestion_ops newreno_congestion;
SIM_API const struct sim_congestion_ops newreno_congestion = {
    .plugin =
        {
            .abi = SIM_ABI,
            .kind = SIM_CONGESTION,
            .name = "newreno",
            .summary = "window halved once a round trip on marks or losses",
            .source = "RFC 5681, RFC 6582, RFC 3168",
            .state_size = sizeof(struct window),
        },
    .reads = SIM_FEEDBACK_ECN,
    .marks_only = true,
    .feedback = newreno_feedback,
    .init = newreno_init,
    .acked = newreno_acked,
    .lost = newreno_lost,
    .timeout = newreno_timeout,
    .undo = newreno_undo,
};
