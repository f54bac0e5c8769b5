#include "support/generator.h"

#define ANSWER_BYTES 40

static void generator_fire(struct sim_timer *timer, sim_time now)
{
    struct generator *self =
        (struct generator *)((char *)timer - offsetof(struct generator, timer));
    double gap = sim_rng_exponential(self->env->rng, (double)self->params->mean_gap);
    self->due++;
    self->transport.ready = true;
    sim_timer_set(self->env->timers, timer, now + (sim_time)gap);
}

static void generator_init(void *state, const void *params, const struct sim_transport_env *env)
{
    struct generator *self = state;
    self->params = params;
    self->env = env;
    sim_timer_init(&self->timer, generator_fire);
}

static void generator_clear(void *state)
{
    struct generator *self = state;
    sim_timer_clear(self->env->timers, &self->timer);
}

static void generator_submit(void *state, const struct sim_message *message, sim_time now)
{
    struct generator *self = state;
    self->flow = *message;
    self->due = self->params->window;
    self->transport.ready = self->due > 0;
    if (!self->params->window)
        generator_fire(&self->timer, now);
}

static struct sim_packet *generator_receive(void *state, struct sim_packet *packet, sim_time now)
{
    struct generator *self = state;
    if (packet->words[0]) { /* an answer */
        self->answered++;
        self->due++;
        self->transport.ready = true;
        sim_packet_free(self->env->pool, packet);
        return NULL;
    }
    sim_time sent = (sim_time)packet->words[1], delay = now - sent;
    self->received++;
    self->env->app_ops->received(self->env->app, packet, packet->size_bytes, now);
    if (sent >= self->count_after) {
        self->delays++;
        self->delay_sum += delay;
        self->delay_max = delay > self->delay_max ? delay : self->delay_max;
    }
    if (!self->params->window) {
        sim_packet_free(self->env->pool, packet);
        return NULL;
    }
    packet->dst = packet->src;
    packet->src = self->env->host;
    packet->size_bytes = ANSWER_BYTES;
    packet->flags = 0;
    packet->ecn = SIM_ECN_NOT_ECT;
    packet->words[0] = 1;
    return packet;
}

static struct sim_packet *generator_transmit(void *state, sim_time now, sim_time *again)
{
    struct generator *self = state;
    (void)again;
    struct sim_packet *packet = sim_packet_new(self->env->pool);
    packet->src = self->env->host;
    packet->dst = self->flow.dst;
    packet->size_bytes = (uint16_t)self->params->packet_bytes;
    packet->ecn = SIM_ECN_ECT;
    packet->hash = (uint32_t)sim_mix64((uint64_t)packet->src << 32 | packet->dst);
    packet->flags = self->params->feedback ? SIM_PACKET_FEEDBACK : 0;
    packet->words[1] = (uint64_t)now;
    packet->priority = self->sent % 8;
    packet->words[2] = self->sent++;
    self->transport.ready = --self->due > 0;
    return packet;
}

static void generator_count(const void *state, struct sim_transport_counts *counts)
{
    const struct generator *self = state;
    counts->data_packets += self->sent;
    counts->data_payload_bytes += self->sent * self->params->packet_bytes;
}

static const struct sim_param generator_table[] = {
    {.name = "window",
     .help = "packets in flight; 0: open loop",
     .fallback = "0",
     .offset = offsetof(struct generator_params, window),
     .type = SIM_PARAM_COUNT},
    {.name = "mean_gap",
     .help = "open loop: mean of the exponential gaps",
     .fallback = "1us",
     .offset = offsetof(struct generator_params, mean_gap),
     .type = SIM_PARAM_TIME},
    {.name = "packet_bytes",
     .help = "size of a packet",
     .fallback = "1500B",
     .offset = offsetof(struct generator_params, packet_bytes),
     .type = SIM_PARAM_BYTES},
    {.name = "feedback",
     .help = "packets collect path feedback",
     .fallback = "false",
     .offset = offsetof(struct generator_params, feedback),
     .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

const struct sim_transport_ops generator_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "generator",
               .summary = "packets for tests of the engine",
               .state_size = sizeof(struct generator),
               .params_size = sizeof(struct generator_params),
               .params = generator_table},
    .protocol = SIM_PROTOCOL_RAW,
    .least_packet_bytes = ANSWER_BYTES,
    .init = generator_init,
    .clear = generator_clear,
    .submit = generator_submit,
    .receive = generator_receive,
    .transmit = generator_transmit,
    .count = generator_count,
};
