#include "support/disturb.h"

#include <glib.h>

struct disturb_params {
    struct sim_device_params device; /* first */
    double drop, duplicate, delay;
    sim_time by;
};

/* A packet that is kept aside. */
struct kept {
    struct sim_timer timer; /* first */
    struct disturb *owner;
    struct sim_packet packet;
    union sim_packet_lists lists;
    union sim_packet_rare rare;
    struct kept *next, **link;
};

struct disturb {
    const struct disturb_params *params;
    const struct sim_device_env *env;
    struct kept *kept;
};

static void kept_free(struct kept *kept)
{
    *kept->link = kept->next;
    if (kept->next)
        kept->next->link = kept->link;
    sim_timer_clear(kept->owner->env->timers, &kept->timer);
    g_free(kept);
}

static void kept_release(struct sim_timer *timer, sim_time now)
{
    struct kept *kept = (struct kept *)timer;
    const struct sim_device_env *env = kept->owner->env;
    struct sim_packet *packet = sim_packet_new(env->pool);
    *packet = kept->packet;
    *sim_packet_lists(env->pool, packet) = kept->lists;
    *sim_packet_rare(env->pool, packet) = kept->rare;
    kept_free(kept);
    env->emit(env->device, packet, now);
}

static void disturb_keep(struct disturb *self, const struct sim_packet *packet, sim_time now)
{
    struct kept *kept = g_new0(struct kept, 1);
    kept->owner = self;
    kept->packet = *packet;
    kept->lists = *sim_packet_lists(self->env->pool, packet);
    kept->rare = *sim_packet_rare(self->env->pool, packet);
    kept->next = self->kept;
    kept->link = &self->kept;
    if (kept->next)
        kept->next->link = &kept->next;
    self->kept = kept;
    sim_timer_init(&kept->timer, kept_release);
    sim_timer_set(self->env->timers, &kept->timer, now + self->params->by);
}

static enum sim_device_use disturb_look(void *state, const struct sim_packet *packet,
                                        enum sim_device_way way)
{
    (void)state;
    (void)packet;
    return way == SIM_DEVICE_OWN ? SIM_DEVICE_PASS : SIM_DEVICE_PEEK;
}

static void disturb_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                         sim_time now)
{
    struct disturb *self = state;
    const struct sim_device_env *env = self->env;
    (void)way;
    if (sim_rng_uniform(env->rng) < self->params->drop) {
        env->drop(env->device, packet);
        return;
    }
    if (sim_rng_uniform(env->rng) < self->params->duplicate)
        disturb_keep(self, packet, now);
    if (sim_rng_uniform(env->rng) < self->params->delay) {
        disturb_keep(self, packet, now);
        env->absorb(env->device, packet);
        return;
    }
    env->forward(env->device, packet, now);
}

static void disturb_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct disturb *self = state;
    self->params = params;
    self->env = env;
}

static void disturb_clear(void *state)
{
    struct disturb *self = state;
    while (self->kept)
        kept_free(self->kept);
}

static const struct sim_device_ops disturb_device = {
    .init = disturb_init,
    .clear = disturb_clear,
    .look = disturb_look,
    .take = disturb_take,
};

#define SHARE(member_name)                                                                         \
    {                                                                                              \
        .name = #member_name, .help = "share of packets", .fallback = "0",                         \
        .offset = offsetof(struct disturb_params, member_name), .max = 1,                          \
        .type = SIM_PARAM_FRACTION                                                                 \
    }

static const struct sim_param disturb_table[] = {
    SIM_DEVICE_PARAMS(struct disturb_params),
    SHARE(drop),
    SHARE(duplicate),
    SHARE(delay),
    {.name = "by",
     .help = "how long they are delayed, and how long after it a duplicate comes",
     .fallback = "20us",
     .offset = offsetof(struct disturb_params, by),
     .max = 1e15,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_offload_ops disturb_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "disturb",
               .summary = "loses, duplicates and delays packets",
               .state_size = sizeof(struct disturb),
               .params_size = sizeof(struct disturb_params),
               .params = disturb_table},
    .device = &disturb_device,
};
