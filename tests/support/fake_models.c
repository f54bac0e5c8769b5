#include "support/fake_models.h"

#include <mtpsim/congestion.h>
#include <mtpsim/transport.h>
#include <mtpsim/workload.h>

/* ---- congestion ---- */

static void fake_control_init(void *state, const void *params, const struct sim_congestion_env *env,
                              struct sim_congestion *control)
{
    (void)state;
    (void)params;
    control->window_bytes = env->initial_window_bytes;
}

static void fake_control_acked(void *state, struct sim_congestion *control,
                               const struct sim_ack_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static void fake_control_lost(void *state, struct sim_congestion *control,
                              const struct sim_loss_sample *sample)
{
    (void)state;
    (void)control;
    (void)sample;
}

static const struct sim_param fake_control_table[] = {
    {.name = "g",
     .help = "a gain",
     .fallback = "0.0625",
     .offset = offsetof(struct fake_control_params, g),
     .max = 1,
     .type = SIM_PARAM_REAL},
    {.name = "delay",
     .help = "a time",
     .fallback = "10us",
     .offset = offsetof(struct fake_control_params, delay),
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

static const struct sim_congestion_ops fake_control = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_CONGESTION,
               .name = "fake_control",
               .summary = "a window that never moves",
               .source = "nowhere",
               .params_size = sizeof(struct fake_control_params),
               .params = fake_control_table},
    .init = fake_control_init,
    .acked = fake_control_acked,
    .lost = fake_control_lost,
    .timeout = fake_control_lost,
};

/* ---- transport ---- */

static void fake_transport_init(void *self, const void *params, const struct sim_transport_env *env)
{
    (void)self;
    (void)params;
    (void)env;
}

static void fake_transport_clear(void *self)
{
    (void)self;
}

static void fake_transport_submit(void *self, const struct sim_message *message, sim_time now)
{
    (void)self;
    (void)message;
    (void)now;
}

static struct sim_packet *fake_transport_receive(void *self, struct sim_packet *packet,
                                                 sim_time now)
{
    (void)self;
    (void)now;
    return packet;
}

static struct sim_packet *fake_transport_transmit(void *self, sim_time now, sim_time *again)
{
    (void)self;
    (void)now;
    *again = SIM_NEVER;
    return NULL;
}

static void fake_transport_count(const void *self, struct sim_transport_counts *counts)
{
    (void)self;
    (void)counts;
}

static const char *fake_transport_check(const void *params)
{
    const struct fake_transport_params *fake = params;

    return fake->count == 13 ? "13 brings bad luck" : NULL;
}

static const char *const styles[] = {"plain", "fancy", "odd", NULL};

#define MEMBER(member_name) .offset = offsetof(struct fake_transport_params, member_name)

static const struct sim_param fake_transport_table[] = {
    {.name = "congestion",
     .help = "a model",
     .fallback = "fake_control",
     MEMBER(congestion),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "second",
     .help = "a model or none",
     .fallback = "none",
     MEMBER(second),
     .type = SIM_PARAM_MODEL,
     .kind = SIM_CONGESTION},
    {.name = "count",
     .help = "a count",
     .fallback = "3",
     MEMBER(count),
     .min = 1,
     .max = 100,
     .type = SIM_PARAM_COUNT},
    {.name = "share",
     .help = "a share",
     .fallback = "20%",
     MEMBER(share),
     .type = SIM_PARAM_FRACTION},
    {.name = "ratio", .help = "a ratio", .fallback = "none", MEMBER(ratio), .type = SIM_PARAM_REAL},
    {.name = "pace",
     .help = "a rate",
     .fallback = "1Gbps",
     MEMBER(pace),
     .min = 1,
     .type = SIM_PARAM_RATE},
    {.name = "buffer",
     .help = "a size",
     .fallback = "64KB",
     MEMBER(buffer),
     .type = SIM_PARAM_BYTES},
    {.name = "limit",
     .help = "a length",
     .fallback = "none",
     MEMBER(limit),
     .type = SIM_PARAM_LENGTH},
    {.name = "label",
     .help = "a text",
     .fallback = "none",
     MEMBER(label),
     .type = SIM_PARAM_STRING},
    {.name = "style",
     .help = "a choice",
     .fallback = "plain",
     MEMBER(style),
     .choices = styles,
     .type = SIM_PARAM_CHOICE},
    {.name = "flag", .help = "a flag", .fallback = "false", MEMBER(flag), .type = SIM_PARAM_BOOL},
    {.name = NULL},
};

static const struct sim_transport_ops fake_transport = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_TRANSPORT,
               .name = "fake_transport",
               .summary = "a transport that never sends",
               .state_size = sizeof(struct sim_transport),
               .params_size = sizeof(struct fake_transport_params),
               .params = fake_transport_table,
               .check = fake_transport_check},
    .least_packet_bytes = 64,
    .init = fake_transport_init,
    .clear = fake_transport_clear,
    .submit = fake_transport_submit,
    .receive = fake_transport_receive,
    .transmit = fake_transport_transmit,
    .count = fake_transport_count,
};

/* ---- workload ---- */

static void fake_flow_init(void *self, const void *params, const struct sim_workload_env *env)
{
    (void)self;
    (void)params;
    (void)env;
}

static const struct sim_param fake_flow_table[] = {
    {.name = "from",
     .help = "sources",
     .offset = offsetof(struct fake_flow_params, from),
     .type = SIM_PARAM_HOSTS},
    {.name = "to",
     .help = "the destination",
     .offset = offsetof(struct fake_flow_params, to),
     .type = SIM_PARAM_HOST},
    {.name = "over",
     .help = "links",
     .fallback = "all",
     .offset = offsetof(struct fake_flow_params, over),
     .type = SIM_PARAM_LINKS},
    {.name = "at",
     .help = "a switch",
     .fallback = "none",
     .offset = offsetof(struct fake_flow_params, at),
     .type = SIM_PARAM_SWITCH},
    {.name = NULL},
};

static const struct sim_workload_ops fake_flow = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_WORKLOAD,
               .name = "fake_flow",
               .summary = "a flow of nothing",
               .state_size = 1,
               .params_size = sizeof(struct fake_flow_params),
               .params = fake_flow_table},
    .init = fake_flow_init,
};

const struct sim_plugin *const fake_models[] = {&fake_control.plugin, &fake_transport.plugin,
                                                &fake_flow.plugin, NULL};

struct registry *fake_registry(void)
{
    struct registry *registry = registry_new();

    for (int i = 0; fake_models[i]; i++) {
        GError *error = NULL;

        registry_add(registry, fake_models[i], "test", &error);
        g_assert_no_error(error);
    }
    return registry;
}
