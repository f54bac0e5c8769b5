/* Models: queues and pathlets at ports, selectors at switches, transports and workloads at hosts;
 * and the samplers. */
#include "net/network.h"
#include "net/pfc.h"
#include "net/trace.h"

#include <mtpsim/congestion.h>

#define FIRST_PORT         1024u
#define PORTS_PER_WORKLOAD 1000u

/* ---- ports ---- */

static const struct spec_pathlet *pathlet_spec(const struct spec *spec, uint32_t id)
{
    for (uint32_t i = 0; i < spec->pathlet_count; i++)
        if (spec->pathlets[i].id == id)
            return &spec->pathlets[i];
    return NULL;
}

static const struct sim_model *chosen(const struct sim_model *model)
{
    return model->plugin ? model : NULL;
}

/* Of the end-host half. */
static const struct sim_model *pathlet_model(const void *network, uint32_t id)
{
    const struct spec_pathlet *own = pathlet_spec(network, id);
    if (!own)
        return NULL;
    return own->end_host.plugin ? &own->end_host : chosen(&own->congestion);
}

struct pathlet *pathlet_new(const struct spec *spec, uint32_t id, uint64_t rate_bps)
{
    static const struct sim_congestion_ops only_presence = {0};
    const struct spec_pathlet *own = pathlet_spec(spec, id);
    const struct sim_model *model = own ? chosen(&own->congestion) : NULL;
    if (!model)
        model = sim_model_param(&spec->transport, "congestion", SIM_PARAM_MODEL);
    struct pathlet *pathlet = g_new0(struct pathlet, 1);
    pathlet->id = id;
    pathlet->aggregates = own && own->aggregate;
    pathlet->ops = model ? (const struct sim_congestion_ops *)model->plugin : &only_presence;
    pathlet->state = calloc(1, pathlet->ops->pathlet_state_size + 1);
    if (pathlet->ops->pathlet_init)
        pathlet->ops->pathlet_init(pathlet->state, model->params, rate_bps);
    return pathlet;
}

static struct node *node_of_port(struct simulation *simulation, const struct port *port)
{
    return &simulation->nodes[simulation->spec->links[port->link].ends[port->end]];
}

/* Other protocols use the lists of a packet now and then only. */
static bool uses_lists_of_packets(const struct spec *spec)
{
    const struct sim_transport_ops *transport =
        (const struct sim_transport_ops *)spec->transport.plugin;
    return transport->protocol == SIM_PROTOCOL_MTP;
}

static void seed_queue(const struct port *port, uint64_t seed)
{
    struct sim_rng rng;
    g_autofree char *stream = g_strdup_printf("queue/%u/%u", port->link, port->end);
    sim_rng_init(&rng, seed, stream);
    port->queue->seed(port->queue_state, &rng);
}

static void equip_ports(struct simulation *simulation)
{
    const struct spec *spec = simulation->spec;
    bool uses_lists = uses_lists_of_packets(spec);
    for (uint32_t i = 0; i < simulation->port_count; i++) {
        struct port *port = &simulation->ports[i];
        const struct spec_link *link = &spec->links[port->link];
        bool at_switch = link->ends[port->end] >= spec->host_count;
        const struct sim_model *queue = link->queue.plugin ? &link->queue : &spec->queue;
        uint32_t id = port->end == 0 ? link->pathlet : link->pathlet_back;
        port_init(port, at_switch ? queue : NULL);
        if (port->queue && port->queue->seed)
            seed_queue(port, spec->seed);
        if (port->queue && port->queue->take)
            port_schedule(port, node_of_port(simulation, port),
                          node_worker(simulation, node_of_port(simulation, port)));
        if (id) {
            port_set_pathlet(port, pathlet_new(spec, id, link->rate_bps));
            node_of_port(simulation, port)->list_lines = uses_lists;
        }
    }
}

/* ---- switches ---- */

static bool install_selector(struct simulation *simulation, uint32_t node,
                             const struct sim_model *model, bool far, GError **error)
{
    uint32_t number = node - simulation->host_count;
    struct fabric_switch *fabric_switch = &simulation->switches[number];
    const char *name = simulation->spec->node_names[node];
    if (fabric_switch->selector) {
        g_set_error(error, SIMULATION_ERROR, 0, "switch %s has two selectors, %s and %s", name,
                    fabric_switch->selector->plugin.name, model->plugin->name);
        return false;
    }
    g_autofree char *stream = g_strdup_printf("selector/%s", name);
    struct sim_rng *rng = &simulation->selector_rngs[number];
    sim_rng_init(rng, simulation->spec->seed, stream);
    fabric_switch->selector_env = (struct sim_selector_env){
        .node = node,
        .port_count = simulation->nodes[node].port_count,
        .port_link = simulation->port_links[number],
        .port_pathlet = simulation->port_links[number] + simulation->nodes[node].port_count,
        .salt = sim_rng_next(rng),
        .rng = rng,
        .pool = node_worker(simulation, &simulation->nodes[node])->pool,
        .timers = &simulation->nodes[node].timers,
        .backlog = switch_backlog,
        .rate_bps = switch_rate_bps,
        .delay = switch_delay,
        .self = fabric_switch,
    };
    fabric_switch->selector = (const struct sim_selector_ops *)model->plugin;
    fabric_switch->selector_state = g_malloc0(model->plugin->state_size + 1);
    fabric_switch->selector->init(fabric_switch->selector_state, model->params,
                                  &fabric_switch->selector_env, far);
    return true;
}

static bool install_at_far_ends(struct simulation *simulation, const struct sim_model *model,
                                uint32_t at, GError **error)
{
    const struct sim_list *over = sim_model_param(model, "over", SIM_PARAM_LINKS);
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
    for (uint32_t i = 0; over && i < over->count; i++) {
        const uint32_t *ends = simulation->spec->links[over->items[i]].ends;
        if (ends[0] != at && ends[1] != at) {
            g_set_error(error, SIMULATION_ERROR, 0, "selector %s: link %s does not begin at %s",
                        model->plugin->name, simulation->spec->links[over->items[i]].name,
                        simulation->spec->node_names[at]);
            return false;
        }
        uint32_t far = ends[0] == at ? ends[1] : ends[0];
        if (far < simulation->host_count || !g_hash_table_add(done, GUINT_TO_POINTER(far)))
            continue;
        if (!install_selector(simulation, far, model, true, error))
            return false;
    }
    return true;
}

static bool install_named_selectors(struct simulation *simulation, GError **error)
{
    const struct spec *spec = simulation->spec;
    for (uint32_t i = 0; i < spec->selector_count; i++) {
        const struct sim_model *model = &spec->selectors[i];
        const struct sim_selector_ops *ops = (const struct sim_selector_ops *)model->plugin;
        const uint32_t *at = sim_model_param(model, "at", SIM_PARAM_SWITCH);
        if (!at)
            continue;
        if (!install_selector(simulation, *at, model, false, error))
            return false;
        if (ops->at_far_ends && !install_at_far_ends(simulation, model, *at, error))
            return false;
    }
    return true;
}

/* Switches without a selector of their own get the one that names no switch. */
static bool install_common_selector(struct simulation *simulation, GError **error)
{
    const struct spec *spec = simulation->spec;
    const struct sim_model *common = NULL;
    for (uint32_t i = 0; i < spec->selector_count; i++)
        if (!sim_model_param(&spec->selectors[i], "at", SIM_PARAM_SWITCH))
            common = &spec->selectors[i];
    for (uint32_t i = 0; common && i < simulation_switch_count(simulation); i++)
        if (!simulation->switches[i].selector &&
            !install_selector(simulation, simulation->host_count + i, common, false, error))
            return false;
    return true;
}

static bool equip_switches(struct simulation *simulation, GError **error)
{
    uint32_t count = simulation_switch_count(simulation);
    simulation->selector_rngs = g_new0(struct sim_rng, count + 1);
    simulation->port_links = g_new0(uint32_t *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct node *node = &simulation->nodes[simulation->host_count + i];
        uint32_t *links = simulation->port_links[i] = g_new0(uint32_t, 2 * node->port_count + 1);
        for (uint32_t port = 0; port < node->port_count; port++) {
            links[port] = node->ports[port].link;
            if (node->ports[port].pathlet)
                links[node->port_count + port] = node->ports[port].pathlet->id;
        }
    }
    return policies_install(simulation->spec, simulation->nodes, error) &&
           install_named_selectors(simulation, error) && install_common_selector(simulation, error);
}

/* ---- hosts ---- */

static void prepare_measuring(struct simulation *simulation)
{
    const struct spec *spec = simulation->spec;
    struct measuring *measuring = &simulation->measuring;
    *measuring = (struct measuring){
        .after = spec->measure_after,
        .every = spec->throughput_every,
        .rows = spec->tenant_count + 1,
        .spec = spec,
    };
    if (measuring->every > 0)
        measuring->bins = (uint32_t)((spec->duration + measuring->every - 1) / measuring->every);
}

static void equip_host(struct simulation *simulation, uint32_t index)
{
    const struct spec *spec = simulation->spec;
    struct host *host = &simulation->hosts[index];
    struct node *node = &simulation->nodes[index];
    g_autofree char *stream = g_strdup_printf("transport/%s", spec->node_names[index]);
    node->host = host;
    node->list_lines = uses_lists_of_packets(spec) ? 2 : 0;
    host->node = node;
    host->nic = &node->ports[0];
    host->measuring = &simulation->measuring;
    host->submitted = g_array_new(FALSE, FALSE, sizeof(struct submitted));
    host->arrived = g_array_new(FALSE, FALSE, sizeof(struct delivered));
    sim_rng_init(&host->rng, spec->seed, stream);
    host->env = (struct sim_transport_env){
        .pool = node_worker(simulation, node)->pool,
        .timers = &node->timers,
        .rng = &host->rng,
        .app_ops = &host_app_ops,
        .app = host,
        .pathlet_model = pathlet_model,
        .network = spec,
        .host = index,
        .host_count = spec->host_count,
        .mtu_bytes = spec->mtu_bytes,
        .line_bps = host->nic->rate.bps,
    };
    host->via = simulation->via;
    offload_equip(spec, host);
    host->ops = (const struct sim_transport_ops *)spec->transport.plugin;
    host->transport = g_malloc0(spec->transport.plugin->state_size);
    host->ops->init(host->transport, spec->transport.params, &host->env);
}

/* ---- workloads ---- */

/* The sources of a workload: its parameter `from`. */
static struct sim_list workload_sources(const struct sim_model *model)
{
    const struct sim_list *hosts = sim_model_param(model, "from", SIM_PARAM_HOSTS);
    const uint32_t *host = sim_model_param(model, "from", SIM_PARAM_HOST);
    if (hosts)
        return *hosts;
    return host ? (struct sim_list){(uint32_t *)host, 1} : (struct sim_list){NULL, 0};
}

/* The hosts of its servers; none when it has no such application. */
static struct sim_list workload_servers(const struct sim_model *model)
{
    const struct sim_workload_ops *ops = (const struct sim_workload_ops *)model->plugin;
    const struct sim_list *servers = sim_model_param(model, "servers", SIM_PARAM_HOSTS);
    return ops->server ? *servers : (struct sim_list){NULL, 0};
}

static void count_workloads(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->spec->workload_count; i++) {
        struct sim_list sources = workload_sources(&simulation->spec->workloads[i]);
        struct sim_list servers = workload_servers(&simulation->spec->workloads[i]);
        for (uint32_t s = 0; s < sources.count; s++)
            simulation->hosts[sources.items[s]].workload_count++;
        for (uint32_t s = 0; s < servers.count; s++)
            simulation->hosts[servers.items[s]].workload_count++;
    }
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        struct host *host = &simulation->hosts[i];
        host->workloads = g_new0(struct workload, host->workload_count + 1);
        host->workload_count = 0; /* counted up again as they are started */
    }
}

/* One draw for all sources of an entry. */
static uint64_t workload_shared(const struct spec *spec, uint32_t entry)
{
    g_autofree char *stream = g_strdup_printf("workload/%u", entry);
    struct sim_rng rng;
    sim_rng_init(&rng, spec->seed, stream);
    return sim_rng_next(&rng);
}

/* An instance at host `place` of `at`: of the source or of the server. */
static bool start_workload(struct simulation *simulation, uint32_t entry, uint32_t place,
                           struct sim_list at, bool serves, GError **error)
{
    const struct spec *spec = simulation->spec;
    const struct sim_model *model = &spec->workloads[entry];
    const struct sim_workload_ops *ops = (const struct sim_workload_ops *)model->plugin;
    struct host *host = &simulation->hosts[at.items[place]];
    uint32_t number = host->workload_count++;
    uint32_t port = FIRST_PORT + entry * PORTS_PER_WORKLOAD; /* so a tenant's rule can name it */
    const char *name = spec->node_names[host->env.host];
    if (host->offload) {
        g_set_error(error, SIMULATION_ERROR, 0, "host %s is an offload and no workload's source",
                    name);
        return false;
    }
    if (port + PORTS_PER_WORKLOAD > OFFLOAD_FIRST_PORT) {
        g_set_error(error, SIMULATION_ERROR, 0, "host %s has too many workloads", name);
        return false;
    }
    struct workload *workload = &host->workloads[number];
    g_autofree char *stream =
        g_strdup_printf("%s/%u/%s/%u", serves ? "server" : "workload", entry, name, place);
    sim_rng_init(&workload->rng, spec->seed, stream);
    workload->ops = ops;
    workload->server = serves ? ops->server : NULL;
    workload->state = g_malloc0((serves ? ops->server->state_size : ops->plugin.state_size) + 1);
    workload->env = (struct sim_workload_env){
        .host = host->env.host,
        .index = place,
        .source_count = at.count,
        .host_count = spec->host_count,
        .port = (uint16_t)port,
        .ports = PORTS_PER_WORKLOAD,
        .mtu_bytes = spec->mtu_bytes,
        .access_bps = host->nic->rate.bps,
        .timers = &host->node->timers,
        .rng = &workload->rng,
        .shared = workload_shared(spec, entry),
        .submit = host_submit,
        .host_state = host,
        .workload = number,
        .entry = (uint16_t)entry,
    };
    if (serves)
        ops->server->init(workload->state, model->params, &workload->env);
    else
        ops->init(workload->state, model->params, &workload->env);
    return true;
}

static bool start_workloads(struct simulation *simulation, GError **error)
{
    count_workloads(simulation);
    for (uint32_t entry = 0; entry < simulation->spec->workload_count; entry++) {
        struct sim_list sources = workload_sources(&simulation->spec->workloads[entry]);
        struct sim_list servers = workload_servers(&simulation->spec->workloads[entry]);
        for (uint32_t source = 0; source < sources.count; source++)
            if (!start_workload(simulation, entry, source, sources, false, error))
                return false;
        for (uint32_t server = 0; server < servers.count; server++)
            if (!start_workload(simulation, entry, server, servers, true, error))
                return false;
    }
    return true;
}

/* ---- samplers ---- */

static void sampler_start(struct sampler *sampler, struct node *node, sim_time every,
                          size_t record_size, void (*fire)(struct sim_timer *, sim_time))
{
    sampler->node = node;
    sampler->every = every;
    sampler->records = g_array_new(FALSE, FALSE, (guint)record_size);
    sim_timer_init(&sampler->timer, fire);
    sim_timer_set(&node->timers, &sampler->timer, 0);
}

static void queue_sample(struct sim_timer *timer, sim_time now)
{
    struct queue_sampler *sampler = (struct queue_sampler *)timer;
    struct sim_queue_view view = port_view(sampler->port, now);
    struct queue_record record = {
        .time = now,
        .link = sampler->port->link,
        .end = sampler->port->end,
        .packets = view.packets,
        .bytes = view.bytes,
    };
    g_array_append_val(sampler->base.records, record);
    sim_timer_set(&sampler->base.node->timers, timer, now + sampler->base.every);
}

static bool link_is_sampled(const struct spec *spec, uint32_t link)
{
    for (uint32_t i = 0; i < spec->queue_links.count; i++)
        if (spec->queue_links.items[i] == link)
            return true;
    return false;
}

static void start_queue_samplers(struct simulation *simulation)
{
    const struct spec *spec = simulation->spec;
    simulation->queue_samplers = g_new0(struct queue_sampler, 2 * spec->queue_links.count + 1);
    for (uint32_t n = simulation->host_count; n < simulation->node_count; n++)
        for (uint32_t p = 0; p < simulation->nodes[n].port_count; p++) {
            struct port *port = &simulation->nodes[n].ports[p];
            if (spec->queues_every == 0 || !link_is_sampled(spec, port->link))
                continue;
            struct queue_sampler *sampler =
                &simulation->queue_samplers[simulation->queue_sampler_count++];
            sampler->port = port;
            sampler_start(&sampler->base, &simulation->nodes[n], spec->queues_every,
                          sizeof(struct queue_record), queue_sample);
        }
}

static void start_window_samplers(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        struct host *host = &simulation->hosts[i];
        if (simulation->spec->windows_every > 0 && host->ops->windows)
            sampler_start(&host->windows, host->node, simulation->spec->windows_every,
                          sizeof(struct window_record), host_sample_windows);
    }
}

static void start_buffer_samplers(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        struct host *host = &simulation->hosts[i];
        if (simulation->spec->buffers_every > 0 && host->offload)
            sampler_start(&host->offload->buffer, host->node, simulation->spec->buffers_every,
                          sizeof(struct buffer_record), offload_sample);
    }
}

static void start_traces(struct simulation *simulation)
{
    if (simulation->spec->trace_hosts.count == 0)
        return;
    simulation->traces = g_new0(struct trace, simulation->node_count);
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        simulation->traces[i] = (struct trace){
            .spec = simulation->spec,
            .records = g_array_new(FALSE, FALSE, sizeof(struct packet_record)),
        };
        simulation->nodes[i].trace = &simulation->traces[i];
        simulation->nodes[i].watched = true;
    }
}

bool network_equip(struct simulation *simulation, GError **error)
{
    equip_ports(simulation);
    if (!pfc_install(simulation->spec, simulation->nodes, simulation->crew.workers, error))
        return false;
    if (!equip_switches(simulation, error))
        return false;
    if (!devices_install(simulation, error))
        return false;
    simulation->via = offloads_via(simulation->spec, error);
    if (simulation->spec->offload_count > simulation->device_count && !simulation->via)
        return false;
    prepare_measuring(simulation);
    simulation->hosts = g_new0(struct host, simulation->host_count);
    for (uint32_t i = 0; i < simulation->host_count; i++)
        equip_host(simulation, i);
    simulation->events = events_start(simulation);
    start_queue_samplers(simulation);
    start_traces(simulation);
    start_window_samplers(simulation);
    start_buffer_samplers(simulation);
    return start_workloads(simulation, error);
}
