#include <stdlib.h>

#include "models/transport/mptcp/mptcp.h"

static void timer_fire(struct sim_timer *timer, sim_time now)
{
    struct mptcp_inner *inner = (struct mptcp_inner *)timer;
    while (sim_timers_next(&inner->timers) <= now)
        sim_timers_step(&inner->timers, now);
    inner->changed(inner, now);
}

void mptcp_inner_init(struct mptcp_inner *inner, struct mptcp *mptcp,
                      const struct sim_app_ops *app_ops, void *app,
                      void (*changed)(struct mptcp_inner *inner, sim_time now))
{
    const struct sim_plugin *plugin = mptcp->params->subflow.plugin;
    *inner = (struct mptcp_inner){
        .mptcp = mptcp,
        .env = *mptcp->env,
        .ops = (const struct sim_transport_ops *)plugin,
        .changed = changed,
    };
    sim_timer_init(&inner->timer, timer_fire);
    sim_timers_init(&inner->timers);
    inner->env.timers = &inner->timers;
    inner->env.app_ops = app_ops;
    inner->env.app = app;
    inner->env.mtu_bytes = (uint16_t)(mptcp->env->mtu_bytes - MPTCP_DATA_BYTES);
    inner->tcp = calloc(1, plugin->state_size);
    SIM_CHECK(inner->tcp, "out of memory for a TCP of host %u", mptcp->env->host);
}

void mptcp_inner_clear(struct mptcp_inner *inner)
{
    inner->ops->clear(inner->tcp);
    sim_timers_clear(&inner->timers);
    sim_timer_clear(inner->mptcp->env->timers, &inner->timer);
    free(inner->tcp);
}

void mptcp_inner_settle(struct mptcp_inner *inner)
{
    sim_time next = sim_timers_next(&inner->timers);
    if (next == SIM_NEVER)
        inner->timer.deadline = SIM_NEVER;
    else if (next != inner->timer.deadline)
        sim_timer_set(inner->mptcp->env->timers, &inner->timer, next);
}
