/* Reading a simulation. Nothing here changes it. What is read of nodes is what gather.c brings from
 * other ranks. */
#include "net/network.h"
#include "net/pfc.h"
#include "net/simulation.h"
#include "net/trace.h"

#include "measure/digest.h"

const char *const drop_reason_names[DROP_REASONS] = {
    [DROP_QUEUE_FULL] = "queue_full",
    [DROP_LINK_LOSS] = "link_loss",
    [DROP_LINK_DOWN] = "link_down",
    [DROP_NO_ROUTE] = "no_route",
    [DROP_MTU] = "mtu",
    [DROP_UNCLAIMED] = "unclaimed",
    [DROP_DEVICE] = "device",
};

/* ---- totals ---- */

static bool has_flow_control(const struct port *port)
{
    return port->backlog && port->backlog->pfc;
}

static void add_ports(const struct simulation *simulation, struct simulation_totals *totals)
{
    for (uint32_t i = 0; i < simulation->port_count; i++) {
        const struct port *port = &simulation->ports[i];
        totals->packet_hops += port->packets;
        totals->marks += port->marks;
        totals->drops[DROP_QUEUE_FULL] += port->drops;
        totals->drops[DROP_LINK_LOSS] += port->lost;
        totals->drops[DROP_LINK_DOWN] += port->cut;
        if (port->pathlet)
            totals->no_room += port->pathlet->no_room;
        if (has_flow_control(port)) {
            totals->pauses += port->backlog->pfc->pauses;
            totals->paused_time += pfc_paused_time(port, simulation->now);
        }
    }
}

uint64_t simulation_packet_hops(const struct simulation *simulation)
{
    uint64_t hops = 0;
    for (uint32_t i = 0; i < simulation->port_count; i++)
        hops += simulation->ports[i].packets;
    return hops;
}

static void add_devices(const struct simulation *simulation, struct simulation_totals *totals)
{
    for (uint32_t i = 0; i < simulation->device_count; i++) {
        const struct device *device = &simulation->devices[i];
        totals->marks += device->port.marks;
        totals->drops[DROP_QUEUE_FULL] += device->port.drops;
        totals->drops[DROP_DEVICE] += device->counts.dropped + device->counts.lost;
        totals->injected += device->counts.created + device->counts.answered;
        totals->delivered += device->counts.absorbed + device->counts.answered;
        totals->in_flight += device->waiting.packets;
        if (device->port.pathlet)
            totals->no_room += device->port.pathlet->no_room;
        for (uint32_t other = 0; other < device->other_count; other++)
            totals->no_room += device->others[other]->no_room;
    }
}

static void add_nodes(const struct simulation *simulation, struct simulation_totals *totals)
{
    for (uint32_t i = 0; i < simulation->node_count; i++) {
        const struct node *node = &simulation->nodes[i];
        totals->drops[DROP_NO_ROUTE] += node->drops_no_route;
        totals->drops[DROP_MTU] += node->drops_mtu;
        totals->drops[DROP_UNCLAIMED] += node->drops_unclaimed;
        if (node->pfc) {
            totals->frames_sent += node->pfc->frames_sent;
            totals->frames_received += node->pfc->frames_received;
        }
        totals->digest = digest_fold(totals->digest ^ node->digest ^ 0x8ebc6af09c88c6e3u,
                                     totals->digest + i + 0x589965cc75374cc3u);
    }
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        totals->injected += simulation->hosts[i].injected;
        totals->delivered += simulation->hosts[i].delivered;
    }
}

/* Every packet that is in a link now, one by one, and those that wait. */
static uint64_t count_in_flight(const struct simulation *simulation)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < simulation->port_count; i++) {
        const struct pipe *pipe = &simulation->pipes[i];
        if (simulation->ports[i].backlog)
            count += simulation->ports[i].backlog->packets;
        if (pipe->head_time == SIM_NEVER)
            continue;
        uint32_t index = pipe->head;
        for (count++; index != pipe->tail; count++)
            index = sim_packet_at(&simulation->pools[0], index)->next;
    }
    return count;
}

void simulation_totals(const struct simulation *simulation, struct simulation_totals *totals)
{
    *totals = (struct simulation_totals){
        .now = simulation->now,
        .in_flight = count_in_flight(simulation) + simulation->elsewhere.in_flight,
        .events = simulation->elsewhere.events,
        .cpu_seconds = simulation->elsewhere.cpu_seconds,
    };
    for (uint32_t i = 0; i < simulation->crew.count; i++) {
        totals->events += simulation->crew.workers[i].events;
        totals->cpu_seconds += simulation->crew.workers[i].cpu_seconds;
    }
    add_ports(simulation, totals);
    add_devices(simulation, totals);
    add_nodes(simulation, totals);
}

void simulation_counts(const struct simulation *simulation, struct sim_transport_counts *counts)
{
    *counts = simulation->elsewhere.counts;
    for (uint32_t i = 0; i < simulation->host_count; i++)
        if (node_is_here(simulation, &simulation->nodes[i]))
            simulation->hosts[i].ops->count(simulation->hosts[i].transport, counts);
}

void simulation_check_conservation(const struct simulation *simulation)
{
    struct simulation_totals totals;
    simulation_totals(simulation, &totals);
    uint64_t accounted = totals.delivered + totals.frames_received + totals.in_flight;
    for (int reason = 0; reason < DROP_REASONS; reason++)
        accounted += totals.drops[reason];
    uint64_t injected = totals.injected + totals.frames_sent;
    SIM_CHECK(injected == accounted, "%llu packets injected, %llu accounted for",
              (unsigned long long)injected, (unsigned long long)accounted);
    int64_t live = simulation->elsewhere.live;
    for (uint32_t i = 0; i < simulation->crew.count; i++) /* of one pool it may be negative: packets
                                                             are freed where they end */
        live += (int32_t)simulation->pools[i].live;
    struct sim_transport_counts counts;
    simulation_counts(simulation, &counts);
    SIM_CHECK(live == (int64_t)(totals.in_flight + counts.kept_packets),
              "%lld packets live, %llu in flight, %llu kept by transports", (long long)live,
              (unsigned long long)totals.in_flight, (unsigned long long)counts.kept_packets);
}

/* ---- throughput ---- */

uint32_t simulation_throughput_bins(const struct simulation *simulation)
{
    return simulation->measuring.bins;
}

uint64_t simulation_throughput(const struct simulation *simulation, uint32_t tenant_row,
                               uint32_t bin)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < simulation->host_count; i++)
        if (simulation->hosts[i].bins)
            bytes +=
                simulation->hosts[i].bins[(size_t)tenant_row * simulation->measuring.bins + bin];
    return bytes;
}

uint64_t simulation_measured_bytes(const struct simulation *simulation, uint32_t tenant_row)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < simulation->host_count; i++)
        if (simulation->hosts[i].measured)
            bytes += simulation->hosts[i].measured[tenant_row];
    return bytes;
}

/* ---- messages ---- */

static void add_submitted(const struct host *host, GArray *records, int64_t *row_of_number)
{
    for (uint32_t number = 0; number < host->submitted->len; number++) {
        const struct submitted *sent = &g_array_index(host->submitted, struct submitted, number);
        row_of_number[number] = -1;
        if (sent->bytes == SIM_ENDLESS)
            continue;
        row_of_number[number] = records->len;
        struct message_record record = {
            .src = host->env.host,
            .dst = sent->dst,
            .number = number,
            .src_port = sent->src_port,
            .dst_port = sent->dst_port,
            .bytes = sent->bytes,
            .submitted = sent->when,
            .delivered = SIM_NEVER,
            .asks = sent->asks,
            .answered_by = sent->answered_by,
            .answered = sent->answered,
        };
        g_array_append_val(records, record);
    }
}

/* Deliveries at a host, or at a device, which may be asked again for what it has given already.
 * What a device sent (its address is none of the hosts') is no host's message. */
static void add_delivered(const struct simulation *simulation, const GArray *arrived, bool at_host,
                          GArray *records, int64_t *const *rows)
{
    for (guint i = 0; i < arrived->len; i++) {
        const struct delivered *arrival = &g_array_index(arrived, struct delivered, i);
        if (arrival->src >= simulation->host_count)
            continue;
        int64_t row = rows[arrival->src][arrival->number];
        if (row < 0)
            continue;
        struct message_record *record = &g_array_index(records, struct message_record, row);
        record->delivered = MIN(record->delivered, arrival->when);
        record->times += at_host;
    }
}

GArray *simulation_messages(const struct simulation *simulation)
{
    GArray *records = g_array_new(FALSE, FALSE, sizeof(struct message_record));
    int64_t **rows = g_new(int64_t *, simulation->host_count);
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        rows[i] = g_new(int64_t, simulation->hosts[i].submitted->len + 1);
        add_submitted(&simulation->hosts[i], records, rows[i]);
    }
    for (uint32_t i = 0; i < simulation->host_count; i++)
        add_delivered(simulation, simulation->hosts[i].arrived, true, records, rows);
    for (uint32_t i = 0; i < simulation->device_count; i++)
        add_delivered(simulation, simulation->devices[i].consumed, false, records, rows);
    for (uint32_t i = 0; i < simulation->host_count; i++)
        g_free(rows[i]);
    g_free(rows);
    return records;
}

void simulation_faults(const struct simulation *simulation, struct simulation_faults *faults)
{
    *faults = (struct simulation_faults){0};
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        faults->corrupt += simulation->hosts[i].corrupt;
        faults->wrong += simulation->hosts[i].wrong;
        faults->repeated += simulation->hosts[i].repeated;
        faults->unasked += simulation->hosts[i].unasked;
    }
}

/* ---- devices ---- */

uint32_t simulation_devices(const struct simulation *simulation)
{
    return simulation->device_count;
}

static const struct device *device_of_address(const struct simulation *simulation, uint32_t address)
{
    uint32_t i = 0;
    while (simulation->devices[i].env.address != address)
        i++;
    return &simulation->devices[i];
}

void simulation_device(const struct simulation *simulation, uint32_t number,
                       struct device_record *record)
{
    const struct device *device = device_of_address(simulation, simulation->host_count + number);
    *record = (struct device_record){
        .name = device->name,
        .model = device->ops->plugin.name,
        .served_packets = device->counts.served_packets,
        .served_bytes = device->counts.served_bytes,
        .forwarded = device->counts.forwarded,
        .created = device->counts.created,
        .absorbed = device->counts.absorbed,
        .answered = device->counts.answered,
        .dropped = device->counts.dropped + device->counts.lost,
        .overflowed = device->port.drops,
        .marks = device->port.marks,
        .consumed = device->consumed->len,
        .restarts = device->counts.restarts,
        .peak_queue_packets = device->counts.queue_packets,
        .peak_queue_bytes = device->counts.queue_bytes,
        .peak_messages = device->counts.messages,
        .peak_bytes = device->counts.bytes,
        .counter_count = MIN(device_counters(device), DEVICE_COUNTERS_MAX),
    };
    for (uint32_t i = 0; i < record->counter_count; i++) {
        device->ops->device->counter(device->state, i, &record->counters[i]);
        if (device->counters)
            record->counters[i].value = device->counters[i];
    }
}

/* ---- series ---- */

static int order_queues(gconstpointer a, gconstpointer b)
{
    const struct queue_record *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->link != y->link)
        return x->link < y->link ? -1 : 1;
    return (int)x->end - (int)y->end;
}

GArray *simulation_queues(const struct simulation *simulation)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct queue_record));
    for (uint32_t i = 0; i < simulation->queue_sampler_count; i++) {
        const GArray *records = simulation->queue_samplers[i].base.records;
        g_array_append_vals(all, records->data, records->len);
    }
    g_array_sort(all, order_queues);
    return all;
}

static int order_windows(gconstpointer a, gconstpointer b)
{
    const struct window_record *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    if (x->window.id != y->window.id)
        return x->window.id < y->window.id ? -1 : 1;
    return x->window.tc < y->window.tc ? -1 : x->window.tc > y->window.tc;
}

GArray *simulation_windows(const struct simulation *simulation)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct window_record));
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        const GArray *records = simulation->hosts[i].windows.records;
        if (records && records->len)
            g_array_append_vals(all, records->data, records->len);
    }
    g_array_sort(all, order_windows);
    return all;
}

static int order_buffers(gconstpointer a, gconstpointer b)
{
    const struct buffer_record *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->host < y->host ? -1 : x->host > y->host;
}

GArray *simulation_buffers(const struct simulation *simulation)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct buffer_record));
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        const struct host_offload *offload = simulation->hosts[i].offload;
        const GArray *records = offload ? offload->buffer.records : NULL;
        if (records && records->len)
            g_array_append_vals(all, records->data, records->len);
    }
    g_array_sort(all, order_buffers);
    return all;
}

uint64_t simulation_buffer_max(const struct simulation *simulation)
{
    uint64_t max_bytes = UINT64_MAX;
    for (uint32_t i = 0; i < simulation->host_count; i++) {
        const struct host_offload *offload = simulation->hosts[i].offload;
        if (offload && (max_bytes == UINT64_MAX || offload->max_bytes > max_bytes))
            max_bytes = offload->max_bytes;
    }
    return max_bytes;
}

static int order_links(gconstpointer a, gconstpointer b)
{
    const struct link_record *x = a, *y = b;
    if (x->link != y->link)
        return x->link < y->link ? -1 : 1;
    return (int)x->end - (int)y->end;
}

/* Departures are computed ahead: what lies after `now` is not yet sent. */
static double port_utilisation(const struct port *port, sim_time now)
{
    sim_time ahead = port->busy_until > now ? port->busy_until - now : 0;
    sim_time busy =
        port->busy_before + sim_rate_time(port->rate, port->bytes - port->bytes_before) - ahead;
    return now > 0 ? (double)busy / (double)now : 0;
}

GArray *simulation_links(const struct simulation *simulation)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct link_record));
    for (uint32_t i = 0; i < simulation->port_count; i++) {
        const struct port *port = &simulation->ports[i];
        struct link_record record = {
            .link = port->link,
            .end = port->end,
            .packets = port->packets,
            .bytes = port->bytes,
            .drops = port->drops + port->lost + port->cut,
            .marks = port->marks,
            .utilisation = port_utilisation(port, simulation->now),
        };
        if (has_flow_control(port)) {
            record.pauses = port->backlog->pfc->pauses;
            record.paused_time = pfc_paused_time(port, simulation->now);
        }
        g_array_append_val(all, record);
    }
    g_array_sort(all, order_links);
    return all;
}

GArray *simulation_packets(const struct simulation *simulation)
{
    return trace_collect(simulation->nodes, simulation->node_count);
}
