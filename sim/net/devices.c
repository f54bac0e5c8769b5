#include "net/devices.h"

#include <stdlib.h>

#include "net/network.h"
#include "net/port_private.h"

/* In the digest, device i of a switch is the port DEVICE_PORTS + i. */
#define DEVICE_PORTS 0x10000u

/* ---- the queue ---- */

static void device_serve_next(struct device *device, sim_time now)
{
    if (!device->waiting.head)
        return;
    const struct sim_packet *packet = sim_packet_at(device->worker->pool, device->waiting.head);
    device->port.busy_until = now + sim_wire_time(device->port.rate, packet->size_bytes);
    sim_timer_set(&device->node->timers, &device->timer, device->port.busy_until);
}

static void device_served(struct sim_timer *timer, sim_time now)
{
    struct device *device = (struct device *)timer;
    struct sim_packet *packet = sim_packet_list_take(&device->waiting, device->worker->pool);
    enum sim_device_way way = device->ways[device->ways_head++ & device->ways_mask];
    device->counts.served_packets++;
    device->counts.served_bytes += packet->size_bytes;
    device->ops->device->take(device->state, packet, way, now);
    device_serve_next(device, now);
}

static void ways_grow(struct device *device)
{
    uint32_t size = device->ways ? 2 * (device->ways_mask + 1) : 32;
    uint8_t *ways = malloc(size);
    SIM_CHECK(ways, "out of memory for a queue of %u packets", size);
    for (uint32_t i = 0; i < device->waiting.packets; i++)
        ways[i] = device->ways[(device->ways_head + i) & device->ways_mask];
    free(device->ways);
    device->ways = ways;
    device->ways_mask = size - 1;
    device->ways_head = 0;
}

static void device_wait(struct device *device, struct sim_packet *packet, enum sim_device_way way)
{
    if (!device->ways || device->waiting.packets > device->ways_mask)
        ways_grow(device);
    device->ways[(device->ways_head + device->waiting.packets) & device->ways_mask] = (uint8_t)way;
    sim_packet_list_put(&device->waiting, device->worker->pool, packet);
    device->port.bytes += packet->size_bytes;
    device->counts.queue_packets = MAX(device->counts.queue_packets, device->waiting.packets);
    device->counts.queue_bytes = MAX(device->counts.queue_bytes, device->waiting.bytes);
}

/* Of the packet in service, what is left of it counts, as at a port. */
static struct sim_queue_view device_view(const struct device *device, sim_time now)
{
    const struct sim_packet_list *waiting = &device->waiting;
    struct sim_queue_view view = {.now = now, .packets = waiting->packets, .bytes = waiting->bytes};
    if (waiting->head) {
        const struct sim_packet *first = sim_packet_at(device->worker->pool, waiting->head);
        view.bytes -= first->size_bytes;
        view.bytes += port_bytes_in(&device->port, device->port.busy_until - now);
    }
    return view;
}

/* What a packet finds there, as its pathlet is told; `queue` is what waits for service. With what
 * waits behind that the service is not what limits. */
static struct sim_port_view device_port_view(const struct device *device,
                                             const struct sim_queue_view *queue,
                                             const struct sim_device_backlog *behind, sim_time now)
{
    struct sim_port_view view = {
        .now = now,
        .rate_bps = device->port.rate.bps,
        .queue_bytes = queue->bytes + behind->bytes,
        .queue_delay = sim_rate_time(device->port.rate, queue->bytes),
        .sent_bytes = device->port.bytes - queue->bytes,
    };
    if (behind->rate_bps) {
        view.rate_bps = behind->rate_bps;
        view.queue_delay += sim_rate_time(sim_rate_of(behind->rate_bps), behind->bytes);
        view.sent_bytes = behind->sent_bytes;
    }
    return view;
}

/* The port speaks for the packet's pathlet while it takes the packet. */
static bool device_admit(struct device *device, struct sim_packet *packet, enum sim_verdict verdict,
                         uint32_t pathlet, const struct sim_port_view *view)
{
    struct port *port = &device->port;
    struct pathlet *first = port->pathlet;
    if (!first || !pathlet)
        return port_admit_as(device->worker, port, packet, verdict, view);
    SIM_CHECK(pathlet <= device->other_count, "%s has no pathlet %u", device->name, pathlet);
    port_set_pathlet(port, device->others[pathlet - 1]);
    bool admitted = port_admit_as(device->worker, port, packet, verdict, view);
    port_set_pathlet(port, first);
    return admitted;
}

static enum port_verdict device_queue(struct device *device, struct sim_packet *packet,
                                      enum sim_device_way way, sim_time now)
{
    const struct sim_device_ops *ops = device->ops->device;
    struct sim_queue_view queue = device_view(device, now);
    struct sim_device_backlog behind = {0};
    if (ops->backlog)
        ops->backlog(device->state, packet, way, &behind);
    const struct sim_port_view view = device_port_view(device, &queue, &behind, now);
    queue.packets += behind.packets;
    queue.bytes += behind.bytes;
    enum sim_verdict verdict = port_verdict_of(&device->port, packet, &queue);
    if (!device_admit(device, packet, verdict, behind.pathlet, &view))
        return PORT_DROPPED;
    device_wait(device, packet, way);
    if (device->waiting.packets == 1)
        device_serve_next(device, now);
    return (enum port_verdict)verdict;
}

void device_restart(struct device *device, sim_time now)
{
    device->counts.restarts++;
    device->port.bytes -= device->waiting.bytes;
    for (struct sim_packet *packet;
         (packet = sim_packet_list_take(&device->waiting, device->worker->pool));) {
        device->counts.lost++;
        sim_packet_free(device->worker->pool, packet);
    }
    device->timer.deadline = SIM_NEVER;
    device->port.busy_until = now;
    if (device->ops->device->restart)
        device->ops->device->restart(device->state, now);
}

/* ---- steering ---- */

static bool is_server(const void *state, uint32_t host)
{
    const struct device *device = state;
    return host < device->address_count && device->servers[host / 64] >> host % 64 & 1;
}

static bool is_reachable(const void *state, uint32_t host)
{
    const struct device *device = state;
    return switch_reaches(device->node->fabric_switch, host);
}

static bool lists_pathlet(const struct sim_pool *pool, const struct sim_packet *packet, uint32_t id)
{
    uint32_t count = sim_packet_lists(pool, packet)->mtp.exclude_count;
    for (uint32_t i = 0; i < count; i++)
        if (sim_packet_rare(pool, packet)->mtp.exclude[i].path == id)
            return true;
    return false;
}

static bool is_excluded(const void *state, const struct sim_packet *packet, uint32_t host)
{
    const struct device *device = state;
    const struct fabric_switch *at = device->node->fabric_switch;
    uint16_t only;
    uint32_t count;
    if (packet->protocol != SIM_PROTOCOL_MTP || !(packet->mtp.flags & SIM_MTP_DATA))
        return false;
    const uint16_t *ports = switch_ports(at, host, &only, &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct pathlet *pathlet = at->ports[ports[i]].pathlet;
        if (!pathlet || !lists_pathlet(device->env.pool, packet, pathlet->id))
            return false;
    }
    return count > 0;
}

/* Whether the packet concerns it, and how it comes. */
static bool device_way(const struct device *device, const struct sim_packet *packet,
                       enum sim_device_way *way)
{
    if (packet->dst == device->env.address)
        *way = SIM_DEVICE_OWN;
    else if (is_server(device, packet->dst))
        *way = SIM_DEVICE_TOWARDS;
    else if (is_server(device, packet->src))
        *way = SIM_DEVICE_BACK;
    else
        return false;
    return true;
}

/* Gives whether it took the packet. */
static bool device_offer(struct device *device, struct sim_packet *packet, sim_time now,
                         uint32_t *verdict)
{
    enum sim_device_way way;
    if (!device_way(device, packet, &way))
        return false;
    enum sim_device_use use = device->ops->device->look(device->state, packet, way);
    if (use == SIM_DEVICE_PASS)
        return false;
    *verdict = (DEVICE_PORTS + device->place) << 3 | PORT_SENT;
    if (use == SIM_DEVICE_PEEK)
        device->ops->device->take(device->state, packet, way, now);
    else
        *verdict |= device_queue(device, packet, way, now);
    return true;
}

/* Whether it is on the way back from the servers of any device. */
static bool comes_back(const struct fabric_switch *at, const struct sim_packet *packet)
{
    for (uint32_t i = 0; i < at->device_count; i++)
        if (is_server(&at->devices[i], packet->src) && !is_server(&at->devices[i], packet->dst))
            return true;
    return false;
}

/* From the device at `first` on, and below 0 or beyond the last from none. */
static bool steer(const struct fabric_switch *at, uint32_t first, bool back,
                  struct sim_packet *packet, sim_time now, uint32_t *verdict)
{
    for (uint32_t i = first; i < at->device_count; i += back ? UINT32_MAX : 1)
        if (device_offer(&at->devices[i], packet, now, verdict))
            return true;
    return false;
}

bool devices_steer(struct node *node, struct sim_packet *packet, sim_time now, uint32_t *verdict)
{
    const struct fabric_switch *at = node->fabric_switch;
    bool back = comes_back(at, packet);
    return steer(at, back ? at->device_count - 1 : 0, back, packet, now, verdict);
}

/* ---- what a device does with packets ---- */

static void device_go_on(struct device *device, struct sim_packet *packet, sim_time now)
{
    const struct fabric_switch *at = device->node->fabric_switch;
    bool back = comes_back(at, packet);
    uint32_t verdict, next = back ? device->place - 1 : device->place + 1;
    if (!steer(at, next, back, packet, now, &verdict))
        switch_send(device->worker, device->node, packet, now);
}

static void device_forward(void *state, struct sim_packet *packet, sim_time now)
{
    struct device *device = state;
    device->counts.forwarded++;
    device_go_on(device, packet, now);
}

static void device_answer(void *state, struct sim_packet *packet, sim_time now)
{
    struct device *device = state;
    device->counts.answered++;
    device_go_on(device, packet, now);
}

static void device_emit(void *state, struct sim_packet *packet, sim_time now)
{
    struct device *device = state;
    device->counts.created++;
    device_go_on(device, packet, now);
}

static void device_absorb(void *state, struct sim_packet *packet)
{
    struct device *device = state;
    device->counts.absorbed++;
    sim_packet_free(device->worker->pool, packet);
}

static void device_keep(void *state, struct sim_packet *packet)
{
    struct device *device = state;
    (void)packet;
    device->counts.absorbed++;
}

static void device_drop(void *state, struct sim_packet *packet)
{
    struct device *device = state;
    device->counts.dropped++;
    sim_packet_free(device->worker->pool, packet);
}

static void device_consumed(void *state, uint32_t src, uint32_t number, sim_time now)
{
    struct device *device = state;
    struct delivered record = {src, number, now};
    g_array_append_val(device->consumed, record);
}

static void device_holds(void *state, uint64_t messages, uint64_t bytes)
{
    struct device *device = state;
    device->counts.messages = MAX(device->counts.messages, messages);
    device->counts.bytes = MAX(device->counts.bytes, bytes);
}

/* ---- set-up ---- */

const struct sim_device_params *device_params(const struct sim_model *model)
{
    const struct sim_offload_ops *ops = (const struct sim_offload_ops *)model->plugin;
    return ops->device ? model->params : NULL;
}

const char *device_name(const struct sim_model *model)
{
    const struct sim_device_params *params = device_params(model);
    return params->name ? params->name : model->plugin->name;
}

uint32_t devices_count(const struct spec *spec)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->offload_count; i++)
        count += device_params(&spec->offloads[i]) != NULL;
    return count;
}

uint32_t device_counters(const struct device *device)
{
    const struct sim_device_ops *ops = device->ops->device;
    struct sim_device_counter counter;
    uint32_t count = 0;
    while (ops->counter && ops->counter(device->state, count, &counter))
        count++;
    return count;
}

static void device_init_port(struct device *device, const struct simulation *simulation,
                             const struct sim_device_params *params)
{
    struct port *port = &device->port;
    port->rate = sim_rate_of(params->rate_bps);
    port->byte_rate_q40 = (UINT64_C(1) << 60) / port->rate.byte_time_q20;
    port->mtu_bytes = simulation->spec->mtu_bytes;
    port_init(port, params->queue.plugin ? &params->queue : &simulation->spec->queue);
}

static void device_init_pathlets(struct device *device, const struct spec *spec,
                                 const struct sim_model *model)
{
    const struct sim_device_params *params = device_params(model);
    const struct sim_device_ops *ops = device->ops->device;
    uint32_t first = (uint32_t)params->pathlet;
    if (!first)
        return;
    port_set_pathlet(&device->port, pathlet_new(spec, first, params->rate_bps));
    device->other_count = ops->pathlets ? ops->pathlets(model->params) - 1 : 0;
    device->others = g_new(struct pathlet *, device->other_count);
    for (uint32_t i = 0; i < device->other_count; i++)
        device->others[i] = pathlet_new(spec, first + 1 + i, params->rate_bps);
}

/* The address of the device that a parameter `peer` names; 0: there is none, or no such parameter.
 */
static uint32_t peer_address(const struct spec *spec, uint32_t host_count,
                             const struct sim_model *model)
{
    const char *const *peer = sim_model_param(model, "peer", SIM_PARAM_STRING);
    for (uint32_t i = 0, ordinal = 0; peer && i < spec->offload_count; i++) {
        if (!device_params(&spec->offloads[i]))
            continue;
        if (strcmp(device_name(&spec->offloads[i]), *peer) == 0)
            return host_count + ordinal;
        ordinal++;
    }
    return 0;
}

static void device_init_env(struct device *device, const struct simulation *simulation,
                            const struct sim_model *model, uint32_t address)
{
    device->env = (struct sim_device_env){
        .address = address,
        .peer = peer_address(simulation->spec, simulation->host_count, model),
        .mtu_bytes = simulation->spec->mtu_bytes,
        .pool = device->worker->pool,
        .timers = &device->node->timers,
        .rng = &device->rng,
        .is_server = is_server,
        .is_reachable = is_reachable,
        .is_excluded = is_excluded,
        .forward = device_forward,
        .answer = device_answer,
        .absorb = device_absorb,
        .keep = device_keep,
        .drop = device_drop,
        .emit = device_emit,
        .consumed = device_consumed,
        .holds = device_holds,
        .device = device,
    };
}

static void add_server(struct device *device, uint32_t address)
{
    device->servers[address / 64] |= UINT64_C(1) << address % 64;
}

static void device_init_servers(struct device *device, const struct simulation *simulation,
                                const struct sim_list *servers)
{
    uint32_t devices = devices_count(simulation->spec);
    device->address_count = simulation->host_count + devices;
    device->servers = g_new0(uint64_t, device->address_count / 64 + 1);
    for (uint32_t i = 0; i < servers->count; i++)
        add_server(device, servers->items[i]);
    for (uint32_t i = 0; device->ops->device->serves_devices && i < devices; i++)
        for (uint32_t s = 0; s < servers->count; s++)
            if (switch_shares_way(device->node->fabric_switch, simulation->host_count + i,
                                  servers->items[s]))
                add_server(device, simulation->host_count + i);
}

static void device_init(struct device *device, struct simulation *simulation,
                        const struct sim_model *model, uint32_t address)
{
    const struct sim_device_params *params = device_params(model);
    g_autofree char *stream = g_strdup_printf("device/%s", device_name(model));
    sim_timer_init(&device->timer, device_served);
    device->name = device_name(model);
    device->ops = (const struct sim_offload_ops *)model->plugin;
    device->node = &simulation->nodes[params->at];
    device->worker = node_worker(simulation, device->node);
    device_init_servers(device, simulation, &params->servers);
    device->consumed = g_array_new(FALSE, FALSE, sizeof(struct delivered));
    sim_rng_init(&device->rng, simulation->spec->seed, stream);
    device_init_port(device, simulation, params);
    device_init_pathlets(device, simulation->spec, model);
    device_init_env(device, simulation, model, address);
    device->state = g_malloc0(model->plugin->state_size + 1);
    device->ops->device->init(device->state, model->params, &device->env);
}

/* A second device of that name or address, or a queue that a device cannot have. */
static const char *device_problem(const struct spec *spec, uint32_t offload)
{
    const struct sim_device_params *params = device_params(&spec->offloads[offload]);
    const struct sim_model *queue = params->queue.plugin ? &params->queue : &spec->queue;
    for (uint32_t i = 0; i < offload; i++)
        if (device_params(&spec->offloads[i]) &&
            strcmp(device_name(&spec->offloads[i]), device_name(&spec->offloads[offload])) == 0)
            return "has the name of another one";
    if (((const struct sim_queue_ops *)queue->plugin)->take)
        return "needs a queue that is a FIFO";
    return NULL;
}

/* Devices of one switch lie side by side, in the order of the spec. */
static uint32_t install_at(struct simulation *simulation, struct fabric_switch *at, uint32_t next)
{
    const struct spec *spec = simulation->spec;
    at->devices = &simulation->devices[next];
    for (uint32_t i = 0, ordinal = 0; i < spec->offload_count; i++) {
        const struct sim_device_params *params = device_params(&spec->offloads[i]);
        if (!params)
            continue;
        uint32_t address = simulation->host_count + ordinal++;
        if (params->at != at->node)
            continue;
        struct device *device = &at->devices[at->device_count];
        device->place = at->device_count++;
        device_init(device, simulation, &spec->offloads[i], address);
    }
    return next + at->device_count;
}

bool devices_install(struct simulation *simulation, GError **error)
{
    const struct spec *spec = simulation->spec;
    uint32_t count = devices_count(spec), next = 0;
    if (!count)
        return true;
    for (uint32_t i = 0; i < spec->offload_count; i++) {
        const char *problem = device_params(&spec->offloads[i]) ? device_problem(spec, i) : NULL;
        if (!problem)
            continue;
        g_set_error(error, SIMULATION_ERROR, 0, "offload %s %s", device_name(&spec->offloads[i]),
                    problem);
        return false;
    }
    simulation->devices = g_aligned_alloc0(count, sizeof(struct device), 64);
    for (uint32_t i = 0; i < simulation_switch_count(simulation); i++)
        next = install_at(simulation, &simulation->switches[i], next);
    simulation->device_count = count;
    return true;
}

void devices_free(struct device *devices, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct device *device = &devices[i];
        if (device->ops->device->clear)
            device->ops->device->clear(device->state);
        g_free(device->state);
        g_free(device->servers);
        free(device->ways);
        g_array_unref(device->consumed);
        g_free((void *)device->counters);
        for (uint32_t other = 0; other < device->other_count; other++)
            pathlet_free(device->others[other]);
        g_free(device->others);
        port_clear(&device->port);
    }
    g_aligned_free(devices);
}
