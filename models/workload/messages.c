/* messages: messages of one size at regular times, one or a burst at a time, from each source to
 * its destination.
 *
 * Every message goes its own way: with TCP on a connection of its own, unless `persistent` keeps
 * one open; with MTP as a message, or as a blob.
 */
#include <mtpsim/workload.h>

#include "pairs.h"

struct messages_params {
    struct sim_list from, to;
    uint64_t bytes, count, burst, priority;
    sim_time start, every;
    bool persistent, blob;
};

struct messages {
    struct sim_timer timer;
    const struct messages_params *params;
    const struct sim_workload_env *env;
    uint64_t submitted;
};

static void messages_submit(struct messages *self, sim_time now)
{
    const struct messages_params *p = self->params;
    struct sim_message message = {
        .dst = pairs_destination(&p->to, self->env->index),
        .src_port = self->env->port,
        .own_port = (uint16_t)(self->env->port + self->submitted % self->env->ports),
        .dst_port = self->env->port,
        .bytes = p->bytes,
        .priority = (uint8_t)p->priority,
        .blob = p->blob,
        .persistent = p->persistent,
    };
    self->env->submit(self->env->host_state, self->env->workload, &message, now);
    self->submitted++;
}

static void messages_fire(struct sim_timer *timer, sim_time now)
{
    struct messages *self = (struct messages *)timer;
    uint64_t count = self->params->count;
    for (uint64_t i = 0; i < self->params->burst && (!count || self->submitted < count); i++)
        messages_submit(self, now);
    if (!count || self->submitted < count)
        sim_timer_set(self->env->timers, timer, now + self->params->every);
}

static void messages_init(void *state, const void *params, const struct sim_workload_env *env)
{
    struct messages *self = state;
    self->params = params;
    self->env = env;
    sim_timer_init(&self->timer, messages_fire);
    sim_timer_set(env->timers, &self->timer, self->params->start);
}

static const char *messages_check(const void *params)
{
    const struct messages_params *p = params;
    return pairs_check(&p->from, &p->to);
}

static const struct sim_param messages_table[] = {
    {.name = "from",
     .help = "sources",
     .offset = offsetof(struct messages_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "destinations: one for all, or one for each source",
     .offset = offsetof(struct messages_params, to),
     .type = SIM_PARAM_HOSTS},
    {.name = "bytes",
     .help = "size of a message",
     .offset = offsetof(struct messages_params, bytes),
     .max = 4e9,
     .type = SIM_PARAM_BYTES},
    {.name = "count",
     .help = "messages of each source in all; 0 is as many as fit",
     .fallback = "1",
     .offset = offsetof(struct messages_params, count),
     .max = 1e9,
     .type = SIM_PARAM_COUNT},
    {.name = "burst",
     .help = "messages at each time",
     .fallback = "1",
     .offset = offsetof(struct messages_params, burst),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "every",
     .help = "time from one message, or burst, to the next",
     .fallback = "10us",
     .offset = offsetof(struct messages_params, every),
     .min = 1,
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "start",
     .help = "time of the first",
     .fallback = "0us",
     .offset = offsetof(struct messages_params, start),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = "priority",
     .help = "0 is the most urgent",
     .fallback = "0",
     .offset = offsetof(struct messages_params, priority),
     .max = 255,
     .type = SIM_PARAM_COUNT},
    {.name = "persistent",
     .help = "TCP: all on one connection, else each on its own",
     .fallback = "false",
     .offset = offsetof(struct messages_params, persistent),
     .type = SIM_PARAM_BOOL},
    {.name = "blob",
     .help = "MTP: cut into one message a packet",
     .fallback = "false",
     .offset = offsetof(struct messages_params, blob),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_workload_ops messages_workload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "messages",
               .summary = "messages of one size at regular times",
               .state_size = sizeof(struct messages),
               .params_size = sizeof(struct messages_params),
               .params = messages_table,
               .check = messages_check},
    .init = messages_init,
};
