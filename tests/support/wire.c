#include "support/wire.h"

#include <inttypes.h>
#include <stdio.h>

#include "support/wire_private.h"

/* ---- the heap of happenings ---- */

static struct happening *at(const struct wire *wire, guint i)
{
    return &g_array_index(wire->happenings, struct happening, i);
}

/* Arrivals come before what the test does at the same time. */
static bool before(const struct happening *a, const struct happening *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if ((a->packet != 0) != (b->packet != 0))
        return a->packet != 0;
    return a->seq < b->seq;
}

static void heap_push(struct wire *wire, struct happening happening)
{
    happening.seq = wire->seq++;
    g_array_append_val(wire->happenings, happening);
    for (guint i = wire->happenings->len - 1; i > 0; i = (i - 1) / 2) {
        struct happening *child = at(wire, i), *parent = at(wire, (i - 1) / 2);
        if (!before(child, parent))
            break;
        struct happening swap = *child;
        *child = *parent;
        *parent = swap;
    }
}

static struct happening heap_pop(struct wire *wire)
{
    struct happening top = *at(wire, 0);
    *at(wire, 0) = *at(wire, wire->happenings->len - 1);
    g_array_set_size(wire->happenings, wire->happenings->len - 1);
    for (guint i = 0, child; (child = 2 * i + 1) < wire->happenings->len; i = child) {
        if (child + 1 < wire->happenings->len && before(at(wire, child + 1), at(wire, child)))
            child++;
        if (!before(at(wire, child), at(wire, i)))
            break;
        struct happening swap = *at(wire, i);
        *at(wire, i) = *at(wire, child);
        *at(wire, child) = swap;
    }
    return top;
}

/* ---- applications ---- */

static void hear(struct host *host, struct wire_event event)
{
    struct wire *wire = host->wire;
    event.host = host->index;
    event.time = wire->now;
    if (!(wire->config.quiet && event.kind == WIRE_RECEIVED))
        g_array_append_val(wire->events, event);
    if (wire->listen)
        wire->listen(wire, &event, wire->listen_context);
}

static void app_received(void *app, const struct sim_packet *packet, uint32_t bytes, sim_time now)
{
    struct host *host = app;
    (void)now;
    host->received_bytes += bytes;
    hear(host, (struct wire_event){.kind = WIRE_RECEIVED, .src = packet->src, .bytes = bytes});
}

static void app_delivered(void *app, uint32_t src, uint32_t number, sim_time now)
{
    (void)now;
    hear(app, (struct wire_event){.kind = WIRE_DELIVERED, .src = src, .number = number});
}

static void app_completed(void *app, uint32_t number, sim_time now)
{
    (void)now;
    hear(app, (struct wire_event){.kind = WIRE_COMPLETED, .number = number});
}

static const struct sim_app_ops app_ops = {
    .received = app_received,
    .delivered = app_delivered,
    .completed = app_completed,
};

/* ---- the wire ---- */

static void deliver(struct wire *wire, const struct sim_packet *packet, sim_time time)
{
    heap_push(wire, (struct happening){.time = time,
                                       .packet = sim_packet_index(&wire->pool, packet),
                                       .host = packet->dst});
}

static void mark(struct sim_packet *packet)
{
    if (packet->ecn == SIM_ECN_ECT)
        packet->ecn = SIM_ECN_CE;
}

static void trim(struct sim_packet *packet)
{
    if (packet->flags & SIM_PACKET_TRIMMED)
        return;
    packet->size_bytes -= packet->common.payload_bytes;
    packet->flags |= SIM_PACKET_TRIMMED;
    if (packet->protocol == SIM_PROTOCOL_MTP)
        packet->mtp.flags |= SIM_MTP_TRIMMED;
}

static void duplicate(struct wire *wire, const struct sim_packet *packet, sim_time time)
{
    struct sim_packet *copy = sim_packet_new(&wire->pool);
    *copy = *packet;
    *sim_packet_lists(&wire->pool, copy) = *sim_packet_lists(&wire->pool, packet);
    *sim_packet_rare(&wire->pool, copy) = *sim_packet_rare(&wire->pool, packet);
    deliver(wire, copy, time);
}

static bool rule_applies(struct wire *wire, uint32_t i, const struct wire_sent *sent)
{
    const struct wire_rule *rule = &wire->rules[i];
    if (rule->from != WIRE_ANY_HOST && rule->from != sent->from)
        return false;
    if (!wire_is_of_class(sent, rule->class))
        return false;
    if (rule->match && !rule->match(&sent->packet, rule->context))
        return false;
    uint32_t number = ++wire->matched[i];
    uint32_t first = rule->nth ? rule->nth : 1;
    uint32_t count = rule->count ? rule->count : 1;
    return number >= first && (count == WIRE_ALL || number - first < count);
}

/* Applies rule i; gives whether the packet survives. */
static bool rule_act(struct wire *wire, const struct wire_rule *rule, struct sim_packet *packet,
                     sim_time *arrival)
{
    switch (rule->action) {
    case WIRE_DROP:
        return false;
    case WIRE_DUPLICATE:
        duplicate(wire, packet, *arrival + rule->delay);
        return true;
    case WIRE_DELAY:
        *arrival += rule->delay;
        return true;
    case WIRE_MARK:
        mark(packet);
        return true;
    case WIRE_TRIM:
        trim(packet);
        return true;
    case WIRE_TRANSFORM:
        rule->transform(wire, packet, rule->context);
        return true;
    }
    return true;
}

static bool chance(struct wire *wire, double share)
{
    return share > 0 && sim_rng_uniform(&wire->rng) < share;
}

/* Applies rules and chance; gives whether the packet survives. */
static bool wire_judge(struct wire *wire, struct sim_packet *packet, const struct wire_sent *sent,
                       sim_time *arrival)
{
    bool survives = true;
    for (uint32_t i = 0; i < wire->config.rule_count; i++)
        if (rule_applies(wire, i, sent) && survives)
            survives = rule_act(wire, &wire->rules[i], packet, arrival);
    if (chance(wire, wire->config.loss))
        survives = false;
    if (chance(wire, wire->config.mark))
        mark(packet);
    if (chance(wire, wire->config.reorder))
        *arrival += (sim_time)sim_rng_below(&wire->rng, (uint64_t)wire->config.reorder_by) + 1;
    return survives;
}

/* Takes a packet: it leaves as soon as the NIC is free. */
static void nic_send(struct host *host, struct sim_packet *packet)
{
    struct wire *wire = host->wire;
    struct wire_sent sent = wire_classify(wire, host->index, packet);
    sim_time start = host->nic_free > wire->now ? host->nic_free : wire->now;
    SIM_CHECK(packet->size_bytes <= host->env.mtu_bytes, "packet of %u bytes", packet->size_bytes);
    SIM_CHECK(packet->size_bytes >= host->ops->least_packet_bytes, "packet of %u bytes",
              packet->size_bytes);
    SIM_CHECK(packet->src == host->index, "packet from host %u", packet->src);
    host->nic_free = start + sim_wire_time(wire->rate, packet->size_bytes);
    sim_time arrival = host->nic_free + wire->config.delay;
    sent.dropped = !wire_judge(wire, packet, &sent, &arrival);
    if (!wire->config.quiet)
        g_array_append_val(wire->sent, sent);
    if (sent.dropped)
        sim_packet_free(&wire->pool, packet);
    else
        deliver(wire, packet, arrival);
}

/* When the NIC will ask for a packet; as in the engine, never while the transport is not ready. */
static sim_time nic_next(const struct host *host)
{
    const struct sim_transport *transport = host->state;
    if (!transport->ready)
        return SIM_NEVER;
    sim_time next = host->refused ? host->again : host->wire->now;
    return next > host->nic_free ? next : host->nic_free;
}

/* Pulls one packet when the NIC is free. */
static void nic_pull(struct host *host)
{
    struct wire *wire = host->wire;
    if (nic_next(host) > wire->now)
        return;
    host->again = SIM_NEVER;
    struct sim_packet *packet = host->ops->transmit(host->state, wire->now, &host->again);
    host->refused = !packet;
    SIM_CHECK(packet || host->again > wire->now, "host %u asks to be asked again at once",
              host->index);
    if (packet)
        nic_send(host, packet);
}

static void happen(struct wire *wire, const struct happening *happening)
{
    struct host *host = &wire->hosts[happening->host];
    host->refused = false;
    if (happening->packet) {
        struct sim_packet *packet = sim_packet_at(&wire->pool, happening->packet);
        struct sim_packet *answer = host->ops->receive(host->state, packet, wire->now);
        if (answer)
            nic_send(host, answer);
    } else if (happening->submits) {
        host->ops->submit(host->state, &happening->message, wire->now);
    } else {
        happening->call(wire, happening->context, wire->now);
    }
}

/* ---- the loop ---- */

static sim_time host_next(const struct host *host)
{
    sim_time timer = sim_timers_next(&host->timers), pull = nic_next(host);
    return pull < timer ? pull : timer;
}

static sim_time next_time(const struct wire *wire)
{
    sim_time next = wire->happenings->len ? at(wire, 0)->time : SIM_NEVER;
    for (uint32_t i = 0; i < wire->config.host_count; i++) {
        sim_time time = host_next(&wire->hosts[i]);
        if (time < next)
            next = time;
    }
    return next;
}

/* Everything that is due now. */
static void step(struct wire *wire)
{
    while (wire->happenings->len && at(wire, 0)->time <= wire->now) {
        struct happening happening = heap_pop(wire);
        happen(wire, &happening);
    }
    for (uint32_t i = 0; i < wire->config.host_count; i++)
        while (sim_timers_next(&wire->hosts[i].timers) <= wire->now) {
            SIM_CHECK(sim_timers_next(&wire->hosts[i].timers) == wire->now,
                      "host %u set a timer to the past", i);
            wire->hosts[i].refused = false;
            sim_timers_step(&wire->hosts[i].timers, wire->now);
        }
    for (uint32_t i = 0; i < wire->config.host_count; i++)
        nic_pull(&wire->hosts[i]);
}

sim_time wire_run(struct wire *wire, sim_time until)
{
    for (;;) {
        sim_time next = next_time(wire);
        if (next == SIM_NEVER)
            return wire->now;
        if (next > until)
            return wire->now = until > wire->now ? until : wire->now;
        wire->now = next > wire->now ? next : wire->now;
        step(wire);
    }
}

bool wire_is_quiet(const struct wire *wire)
{
    return next_time(wire) == SIM_NEVER;
}

sim_time wire_now(const struct wire *wire)
{
    return wire->now;
}

/* ---- set-up ---- */

static const struct sim_model *no_pathlet_model(const void *network, uint32_t id)
{
    (void)network;
    (void)id;
    return NULL;
}

static void host_init(struct wire *wire, uint32_t index)
{
    struct host *host = &wire->hosts[index];
    const struct wire_host_config *config = &wire->config.hosts[index];
    char name[32];
    if (!config->ops)
        config = &wire->config.hosts[0];
    snprintf(name, sizeof name, "host %u", index);
    *host = (struct host){.wire = wire, .ops = config->ops, .index = index, .again = SIM_NEVER};
    sim_timers_init(&host->timers);
    sim_rng_init(&host->rng, wire->config.seed, name);
    host->env = (struct sim_transport_env){
        .pool = &wire->pool,
        .timers = &host->timers,
        .rng = &host->rng,
        .app_ops = &app_ops,
        .app = host,
        .pathlet_model = wire->config.pathlet_model ? wire->config.pathlet_model : no_pathlet_model,
        .network = wire->config.network,
        .host = index,
        .host_count = wire->config.host_count,
        .line_bps = wire->config.rate_bps,
        .mtu_bytes = wire->config.mtu_bytes,
    };
    host->state = g_malloc0(host->ops->plugin.state_size);
    host->ops->init(host->state, config->params, &host->env);
}

struct wire *wire_new(const struct wire_config *config)
{
    struct wire *wire = g_new0(struct wire, 1);
    SIM_CHECK(config->host_count >= 2 && config->host_count <= WIRE_HOSTS_MAX, "%u hosts",
              config->host_count);
    wire->config = *config;
    if (!wire->config.mtu_bytes)
        wire->config.mtu_bytes = 1500;
    wire->rules = g_memdup2(config->rules, config->rule_count * sizeof *config->rules);
    wire->matched = g_new0(uint32_t, config->rule_count + 1);
    sim_pool_init(&wire->pool, config->pool_capacity ? config->pool_capacity : 65536);
    sim_rng_init(&wire->rng, config->seed, "wire");
    wire->rate = sim_rate_of(config->rate_bps);
    wire->happenings = g_array_new(FALSE, FALSE, sizeof(struct happening));
    wire->seen = g_hash_table_new_full(wire_piece_hash, wire_piece_equal, g_free, NULL);
    wire->sent = g_array_new(FALSE, FALSE, sizeof(struct wire_sent));
    wire->events = g_array_new(FALSE, FALSE, sizeof(struct wire_event));
    for (uint32_t i = 0; i < config->host_count; i++)
        host_init(wire, i);
    return wire;
}

void wire_free(struct wire *wire)
{
    while (wire->happenings->len) {
        struct happening happening = heap_pop(wire);
        if (happening.packet)
            sim_packet_free(&wire->pool, sim_packet_at(&wire->pool, happening.packet));
    }
    for (uint32_t i = 0; i < wire->config.host_count; i++) {
        struct host *host = &wire->hosts[i];
        host->ops->clear(host->state);
        SIM_CHECK(host->timers.count == 0, "host %u leaks %u timers", i, host->timers.count);
        sim_timers_clear(&host->timers);
        g_free(host->state);
    }
    SIM_CHECK(wire->pool.live == 0, "%u packets leaked", wire->pool.live);
    sim_pool_clear(&wire->pool);
    g_array_free(wire->happenings, TRUE);
    g_array_free(wire->sent, TRUE);
    g_array_free(wire->events, TRUE);
    g_hash_table_destroy(wire->seen);
    g_free(wire->rules);
    g_free(wire->matched);
    g_free(wire);
}

uint32_t wire_submit(struct wire *wire, uint32_t host, struct sim_message message, sim_time time)
{
    SIM_CHECK(time >= wire->now, "submission in the past, at %" PRId64 " ps", time);
    message.number = wire->hosts[host].numbers++;
    heap_push(wire,
              (struct happening){.time = time, .host = host, .submits = true, .message = message});
    return message.number;
}

void wire_at(struct wire *wire, sim_time time,
             void (*call)(struct wire *wire, void *context, sim_time now), void *context)
{
    SIM_CHECK(time >= wire->now, "call in the past, at %" PRId64 " ps", time);
    heap_push(wire, (struct happening){.time = time, .call = call, .context = context});
}

void wire_listen(struct wire *wire,
                 void (*listen)(struct wire *wire, const struct wire_event *event, void *context),
                 void *context)
{
    wire->listen = listen;
    wire->listen_context = context;
}

void *wire_state(struct wire *wire, uint32_t host)
{
    return wire->hosts[host].state;
}

struct sim_pool *wire_pool(struct wire *wire)
{
    return &wire->pool;
}

struct sim_transport_counts wire_counts(const struct wire *wire, uint32_t host)
{
    struct sim_transport_counts counts = {0};
    wire->hosts[host].ops->count(wire->hosts[host].state, &counts);
    return counts;
}
