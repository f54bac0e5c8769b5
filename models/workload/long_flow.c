/* long_flow: flows without end, one from each source to its destination.
 *
 * Paper: 5.1 (one long-lasting flow), 5.3. TCP carries it on one connection, MTP as an endless
 * blob.
 */
#include <mtpsim/workload.h>

struct long_flow_params {
    struct sim_list from, to;
    uint64_t flows;
    sim_time start, jitter;
};

struct long_flow {
    struct sim_timer timer;
    const struct long_flow_params *params;
    const struct sim_workload_env *env;
    uint64_t started;
};

/* The time of the next flow's start: jittered each by itself, but drawn in order, so a flow may
 * wait for its turn. */
static sim_time long_flow_start(const struct long_flow *self)
{
    sim_time jitter = self->params->jitter;
    return self->params->start +
           (jitter ? (sim_time)sim_rng_below(self->env->rng, (uint64_t)jitter) : 0);
}

static void long_flow_fire(struct sim_timer *timer, sim_time now)
{
    struct long_flow *self = (struct long_flow *)timer;
    struct sim_message message = {
        .dst = self->params->to.items[self->env->index % self->params->to.count],
        .src_port = (uint16_t)(self->env->port + self->started),
        .dst_port = self->env->port,
        .bytes = SIM_ENDLESS,
    };
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
    if (++self->started == self->params->flows)
        return;
    sim_time next = long_flow_start(self);
    sim_timer_set(self->env->timers, timer, next > now ? next : now);
}

static void long_flow_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct long_flow *self = state;
    self->params = params;
    self->env = env;
    sim_timer_init(&self->timer, long_flow_fire);
    sim_timer_set(env->timers, &self->timer, long_flow_start(self));
}

static const char *long_flow_check(const void *params)
{
    const struct long_flow_params *p = params;
    if (p->to.count != 1 && p->to.count != p->from.count)
        return "`to` names neither one host nor one for each of `from`";
    for (uint32_t i = 0; i < p->from.count; i++)
        if (p->from.items[i] == p->to.items[i % p->to.count])
            return "a host sends to itself";
    return NULL;
}

static const struct sim_param long_flow_table[] = {
    {.name = "from",
     .help = "sources",
     .offset = offsetof(struct long_flow_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "destinations: one for all, or one for each source",
     .offset = offsetof(struct long_flow_params, to),
     .type = SIM_PARAM_HOSTS},
    {.name = "flows",
     .help = "flows of each source",
     .fallback = "1",
     .offset = offsetof(struct long_flow_params, flows),
     .min = 1,
     .max = 1000,
     .type = SIM_PARAM_COUNT},
    {.name = "start",
     .help = "when they start",
     .fallback = "0us",
     .offset = offsetof(struct long_flow_params, start),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "jitter",
     .help = "each starts up to this much later, at random",
     .fallback = "0us",
     .offset = offsetof(struct long_flow_params, jitter),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_workload_ops long_flow_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "long_flow",
               .summary = "flows without end",
               .source = "paper, 5.1",
               .state_size = sizeof(struct long_flow),
               .params_size = sizeof(struct long_flow_params),
               .params = long_flow_table,
               .check = long_flow_check},
    .init = long_flow_init,
};
