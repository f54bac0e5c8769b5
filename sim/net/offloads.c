#include "net/offloads.h"

#include "net/network.h"

/* ---- what it hears from the transport ---- */

static void offload_received(void *app, const struct sim_packet *packet, uint32_t bytes,
                             sim_time now)
{
    (void)app, (void)packet, (void)bytes, (void)now; /* it counts where it ends */
}

static void offload_arrived(void *app, const struct sim_arrival *arrival, sim_time now)
{
    struct host_offload *offload = ((struct host *)app)->offload;
    offload->ops->arrived(offload->state, arrival, now);
    uint64_t bytes = offload->ops->buffered(offload->state);
    if (bytes > offload->max_bytes)
        offload->max_bytes = bytes;
}

static void offload_sent(void *app, uint32_t number, sim_time now)
{
    struct host_offload *offload = ((struct host *)app)->offload;
    if (offload->ops->sent)
        offload->ops->sent(offload->state, number, now);
}

static void offload_completed(void *app, uint32_t number, sim_time now)
{
    struct host_offload *offload = ((struct host *)app)->offload;
    offload->ops->completed(offload->state, number, now);
}

static const struct sim_app_ops offload_app_ops = {
    .received = offload_received,
    .delivered = host_delivered,
    .completed = offload_completed,
    .sent = offload_sent,
    .arrived = offload_arrived,
};

/* ---- what it says to it ---- */

static void offload_submit(void *host_state, const struct sim_message *message, sim_time now)
{
    struct host *host = host_state;
    host->ops->submit(host->transport, message, now);
}

static void offload_consumed(void *host_state, struct sim_stream stream, uint64_t bytes,
                             sim_time now)
{
    struct host *host = host_state;
    host->ops->consumed(host->transport, stream, bytes, now);
}

/* ---- set-up ---- */

static const struct sim_model *offload_at(const struct spec *spec, uint32_t host)
{
    for (uint32_t i = 0; i < spec->offload_count; i++) {
        const uint32_t *at = sim_model_param(&spec->offloads[i], "at", SIM_PARAM_HOST);
        if (at && *at == host)
            return &spec->offloads[i];
    }
    return NULL;
}

static bool offload_add_servers(const struct spec *spec, const struct sim_model *model,
                                uint32_t *via, GError **error)
{
    uint32_t at = *(const uint32_t *)sim_model_param(model, "at", SIM_PARAM_HOST);
    const struct sim_list *servers = sim_model_param(model, "servers", SIM_PARAM_HOSTS);
    const char *problem = NULL;
    uint32_t server = at;
    if (offload_at(spec, at) != model)
        problem = "is at two offloads";
    for (uint32_t i = 0; i < servers->count && !problem; i++) {
        server = servers->items[i];
        if (server == at)
            problem = "would stand for itself";
        else if (via[server] != server)
            problem = "is a server of two offloads";
        via[server] = at;
    }
    if (problem)
        g_set_error(error, SIMULATION_ERROR, 0, "offload %s: host %s %s", model->plugin->name,
                    spec->node_names[server], problem);
    return !problem;
}

uint32_t *offloads_via(const struct spec *spec, GError **error)
{
    const struct sim_transport_ops *transport =
        (const struct sim_transport_ops *)spec->transport.plugin;
    if (spec->offload_count == devices_count(spec))
        return NULL;
    if (!transport->consumed) {
        g_set_error(error, SIMULATION_ERROR, 0,
                    "offload %s needs a transport with connections, as tcp; this is %s",
                    spec->offloads[0].plugin->name, transport->plugin.name);
        return NULL;
    }
    g_autofree uint32_t *via = g_new(uint32_t, spec->host_count);
    for (uint32_t i = 0; i < spec->host_count; i++)
        via[i] = i;
    for (uint32_t i = 0; i < spec->offload_count; i++)
        if (!device_params(&spec->offloads[i]) &&
            !offload_add_servers(spec, &spec->offloads[i], via, error))
            return NULL;
    return g_steal_pointer(&via);
}

void offload_equip(const struct spec *spec, struct host *host)
{
    const struct sim_model *model = offload_at(spec, host->env.host);
    if (!model)
        return;
    struct host_offload *offload = host->offload = g_new0(struct host_offload, 1);
    offload->ops = (const struct sim_offload_ops *)model->plugin;
    offload->state = g_malloc0(model->plugin->state_size + 1);
    offload->env = (struct sim_offload_env){
        .host = host->env.host,
        .host_count = spec->host_count,
        .port = OFFLOAD_FIRST_PORT,
        .ports = UINT16_MAX - OFFLOAD_FIRST_PORT,
        .timers = host->env.timers,
        .submit = offload_submit,
        .consumed = offload_consumed,
        .host_state = host,
    };
    host->via = NULL;
    host->env.app_ops = &offload_app_ops;
    host->env.read_buffer_bytes =
        *(const uint64_t *)sim_model_param(model, "receive_window", SIM_PARAM_BYTES);
    offload->ops->init(offload->state, model->params, &offload->env);
}

void offload_clear(struct host *host)
{
    struct host_offload *offload = host->offload;
    if (!offload)
        return;
    if (offload->ops->clear)
        offload->ops->clear(offload->state);
    g_free(offload->state);
    if (offload->buffer.records)
        g_array_unref(offload->buffer.records);
    g_free(offload);
}

void offload_sample(struct sim_timer *timer, sim_time now)
{
    struct sampler *sampler = (struct sampler *)timer;
    const struct host_offload *offload = sampler->node->host->offload;
    struct buffer_record record = {now, sampler->node->index,
                                   offload->ops->buffered(offload->state)};
    g_array_append_val(sampler->records, record);
    sim_timer_set(&sampler->node->timers, timer, now + sampler->every);
}
