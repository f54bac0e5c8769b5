#include "models/transport/governor.h"

#include <stdlib.h>

void governor_init(struct governor *governor, const struct sim_transport_env *env,
                   const struct sim_model *model, uint32_t packet_bytes, uint64_t window_pkts,
                   void (*paced)(struct sim_timer *timer, sim_time now))
{
    const struct sim_congestion_env congestion_env = {
        .packet_bytes = packet_bytes,
        .initial_window_bytes = window_pkts * packet_bytes,
        .line_bps = env->line_bps,
    };
    *governor = (struct governor){
        .env = env,
        .ops = (const struct sim_congestion_ops *)model->plugin,
    };
    governor->state = calloc(1, governor->ops->plugin.state_size + 1);
    SIM_CHECK(governor->state, "out of memory for a connection of host %u", env->host);
    sim_timer_init(&governor->pacing, paced);
    governor->ops->init(governor->state, model->params, &congestion_env, &governor->control);
}

void governor_clear(struct governor *governor)
{
    sim_timer_clear(governor->env->timers, &governor->pacing);
    free(governor->state);
}

/* ---- pace ---- */

static void pace(struct governor *governor, uint32_t size_bytes, sim_time now)
{
    uint64_t bps = governor->control.rate_bps;
    if (!bps)
        return;
    governor->paced_bps = bps;
    sim_time gap = (sim_time)(size_bytes * (uint64_t)(8 * SIM_S) / bps);
    sim_timer_set(governor->env->timers, &governor->pacing, now + gap);
}

/* The rate may have changed while it held a packet back: so has the time for which it does. */
static void repace(struct governor *governor, sim_time now)
{
    uint64_t bps = governor->control.rate_bps;
    if (!governor_is_paced(governor) || bps == governor->paced_bps)
        return;
    double left = (double)(governor->pacing.deadline - now);
    double share = bps ? (double)governor->paced_bps / (double)bps : 0;
    governor->paced_bps = bps;
    sim_timer_set(governor->env->timers, &governor->pacing, now + (sim_time)(left * share));
}

uint64_t governor_sent(struct governor *governor, uint32_t bytes, uint32_t size_bytes, sim_time now)
{
    uint64_t position = governor->sent;
    governor->sent += bytes;
    governor->in_flight_bytes += bytes;
    const struct sim_send_sample sample = {
        .now = now,
        .srtt = governor->srtt,
        .packet_bytes = bytes,
        .position = position,
        .in_flight_bytes = governor->in_flight_bytes,
    };
    if (governor->ops->sending && governor->control.rate_bps)
        governor->ops->sending(governor->state, &governor->control, &sample);
    pace(governor, size_bytes, now);
    return position;
}

/* ---- news ---- */

static void measure(struct governor *governor, sim_time rtt)
{
    if (!governor->srtt) {
        governor->srtt = rtt;
        governor->rttvar = rtt / 2;
        return;
    }
    sim_time error = rtt - governor->srtt;
    governor->rttvar += ((error < 0 ? -error : error) - governor->rttvar) / 4;
    governor->srtt += error / 8;
}

void governor_acked(struct governor *governor, const struct governor_news *news)
{
    const struct sim_ack_sample sample = {
        .now = news->now,
        .rtt = news->rtt,
        .acked_bytes = news->acked_bytes,
        .marked_bytes = news->marked_bytes,
        .position = news->position,
        .sent = governor->sent,
        .in_flight_bytes = governor->in_flight_bytes,
        .window_limited = governor->limited_at > news->position,
    };
    if (news->rtt)
        measure(governor, news->rtt);
    governor->in_flight_bytes -= news->left_bytes;
    governor->ops->acked(governor->state, &governor->control, &sample);
    repace(governor, news->now);
}

static struct sim_loss_sample loss_of(const struct governor *governor, uint64_t position,
                                      sim_time now)
{
    return (struct sim_loss_sample){
        .now = now,
        .position = position,
        .sent = governor->sent,
        .in_flight_bytes = governor->in_flight_bytes,
    };
}

void governor_lost(struct governor *governor, uint64_t position, sim_time now)
{
    const struct sim_loss_sample sample = loss_of(governor, position, now);
    governor->ops->lost(governor->state, &governor->control, &sample);
    repace(governor, now);
}

void governor_timeout(struct governor *governor, uint64_t position, sim_time now)
{
    const struct sim_loss_sample sample = loss_of(governor, position, now);
    governor->ops->timeout(governor->state, &governor->control, &sample);
    repace(governor, now);
}
