#include "support/disturb.h"

#include <glib.h>
#include <mtpsim/rng.h>

#include "models/wire/mtp.h"

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
    uint64_t seen[3], sum[3]; /* by way: packets of MTP, and what they said */
};

/* A number that says all of a packet of MTP: its line, and the bytes of its header. */
static uint64_t fingerprint(const struct sim_pool *pool, const struct sim_packet *packet)
{
    uint8_t bytes[MTP_HEADER_MAX_BYTES + sizeof *packet];
    struct mtp_wire_header header;
    uint64_t sum = 0;
    mtp_wire_of_packet(packet, sim_packet_lists(pool, packet), sim_packet_rare(pool, packet),
                       &header);
    uint32_t count = mtp_wire_encode(&header, bytes, MTP_HEADER_MAX_BYTES);
    for (size_t i = offsetof(struct sim_packet, size_bytes); i < sizeof *packet; i++)
        bytes[count++] = ((const uint8_t *)packet)[i];
    for (uint32_t i = 0; i < count; i++)
        sum = sim_mix64(sum ^ bytes[i]) + i;
    return sum;
}

static void disturb_witness(struct disturb *self, const struct sim_packet *packet,
                            enum sim_device_way way)
{
    if (packet->protocol != SIM_PROTOCOL_MTP)
        return;
    self->seen[way]++;
    self->sum[way] += fingerprint(self->env->pool, packet);
}

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
    disturb_witness(self, packet, way);
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

static bool disturb_counter(const void *state, uint32_t index, struct sim_device_counter *counter)
{
    const struct disturb *self = state;
    const struct sim_device_counter counters[] = {
        {"seen_towards", self->seen[SIM_DEVICE_TOWARDS]},
        {"sum_towards", self->sum[SIM_DEVICE_TOWARDS]},
        {"seen_back", self->seen[SIM_DEVICE_BACK]},
        {"sum_back", self->sum[SIM_DEVICE_BACK]},
    };
    if (index >= G_N_ELEMENTS(counters))
        return false;
    *counter = counters[index];
    return true;
}

static const struct sim_device_ops disturb_device = {
    .init = disturb_init,
    .clear = disturb_clear,
    .look = disturb_look,
    .take = disturb_take,
    .counter = disturb_counter,
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
