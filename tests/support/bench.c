#include "support/bench.h"

#include <check.h>
#include <string.h>

static bool is_server(const void *device, uint32_t host)
{
    (void)device;
    return host >= BENCH_SERVER && host < BENCH_SERVER + BENCH_SERVERS;
}

static bool is_reachable(const void *device, uint32_t host)
{
    const struct bench *bench = device;
    return !(bench->away >> (host - BENCH_SERVER) & 1);
}

static bool is_excluded(const void *device, const struct sim_packet *packet, uint32_t host)
{
    (void)device;
    (void)packet;
    (void)host;
    return false;
}

/* ---- what becomes of packets ---- */

static void keep(struct bench *bench, struct sim_packet *packet, enum bench_fate fate)
{
    struct bench_packet kept = {
        .fate = fate,
        .line = *packet,
        .lists = *sim_packet_lists(&bench->pool, packet),
        .rare = *sim_packet_rare(&bench->pool, packet),
    };
    g_array_append_val(bench->out, kept);
    sim_packet_free(&bench->pool, packet);
}

static void forward(void *device, struct sim_packet *packet, sim_time now)
{
    (void)now;
    keep(device, packet, BENCH_FORWARDED);
}

static void answer(void *device, struct sim_packet *packet, sim_time now)
{
    (void)now;
    keep(device, packet, BENCH_ANSWERED);
}

static void emit(void *device, struct sim_packet *packet, sim_time now)
{
    (void)now;
    keep(device, packet, BENCH_EMITTED);
}

static void absorb(void *device, struct sim_packet *packet)
{
    keep(device, packet, BENCH_ABSORBED);
}

static void drop(void *device, struct sim_packet *packet)
{
    keep(device, packet, BENCH_DROPPED);
}

static void consumed(void *device, uint32_t src, uint32_t number, sim_time now)
{
    struct bench *bench = device;
    (void)src;
    (void)number;
    (void)now;
    bench->consumed++;
}

static void holds(void *device, uint64_t messages, uint64_t bytes)
{
    struct bench *bench = device;
    bench->messages = messages;
    bench->bytes = bytes;
    bench->most_bytes = MAX(bench->most_bytes, bytes);
}

/* ---- the device ---- */

void bench_init(struct bench *bench, const struct sim_offload_ops *offload)
{
    *bench = (struct bench){.ops = offload->device};
    sim_pool_init(&bench->pool, 64);
    sim_timers_init(&bench->timers);
    sim_rng_init(&bench->rng, 1, "bench");
    bench->out = g_array_new(FALSE, FALSE, sizeof(struct bench_packet));
    bench->env = (struct sim_device_env){
        .address = BENCH_DEVICE,
        .mtu_bytes = 1500,
        .pool = &bench->pool,
        .timers = &bench->timers,
        .rng = &bench->rng,
        .is_server = is_server,
        .is_reachable = is_reachable,
        .is_excluded = is_excluded,
        .forward = forward,
        .answer = answer,
        .absorb = absorb,
        .drop = drop,
        .emit = emit,
        .consumed = consumed,
        .holds = holds,
        .device = bench,
    };
    bench->model.plugin = &offload->plugin;
    bench->model.params = g_malloc0(offload->plugin.params_size);
    bench->state = g_malloc0(offload->plugin.state_size);
    for (uint32_t i = 0; i < BENCH_SERVERS; i++)
        bench->servers[i] = BENCH_SERVER + i;
    struct sim_list *servers = bench_parameter(bench, "servers", SIM_PARAM_HOSTS);
    *servers = (struct sim_list){bench->servers, BENCH_SERVERS};
}

void *bench_parameter(struct bench *bench, const char *name, enum sim_param_type type)
{
    for (const struct sim_param *param = bench->model.plugin->params; param->name; param++)
        if (!strcmp(param->name, name) && param->type == type)
            return (char *)bench->model.params + param->offset;
    ck_abort_msg("no parameter %s", name);
}

void bench_start(struct bench *bench)
{
    bench->ops->init(bench->state, bench->model.params, &bench->env);
}

void bench_clear(struct bench *bench)
{
    if (bench->ops->clear)
        bench->ops->clear(bench->state);
    ck_assert_uint_eq(bench->pool.live, 0);
    ck_assert_uint_eq(bench->timers.count, 0);
    sim_timers_clear(&bench->timers);
    sim_pool_clear(&bench->pool);
    g_array_unref(bench->out);
    g_free(bench->model.params);
    g_free(bench->state);
}

enum sim_device_use bench_pass(struct bench *bench, const struct bench_packet *in, sim_time now)
{
    enum sim_device_way way = SIM_DEVICE_BACK;
    if (in->line.dst == BENCH_DEVICE)
        way = SIM_DEVICE_OWN;
    else if (is_server(bench, in->line.dst))
        way = SIM_DEVICE_TOWARDS;
    enum sim_device_use use = bench->ops->look(bench->state, &in->line, way);
    if (use == SIM_DEVICE_PASS)
        return use;
    struct sim_packet *packet = sim_packet_new(&bench->pool);
    *packet = in->line;
    *sim_packet_lists(&bench->pool, packet) = in->lists;
    *sim_packet_rare(&bench->pool, packet) = in->rare;
    bench->ops->take(bench->state, packet, way, now);
    return use;
}

void bench_wait(struct bench *bench, sim_time until)
{
    while (sim_timers_next(&bench->timers) <= until)
        sim_timers_step(&bench->timers, sim_timers_next(&bench->timers));
}

const struct bench_packet *bench_next(struct bench *bench, enum bench_fate fate)
{
    ck_assert_uint_lt(bench->taken, bench->out->len);
    const struct bench_packet *packet =
        &g_array_index(bench->out, struct bench_packet, bench->taken++);
    ck_assert_int_eq(packet->fate, fate);
    return packet;
}

void bench_quiet(const struct bench *bench)
{
    ck_assert_uint_eq(bench->taken, bench->out->len);
}

uint64_t bench_count(const struct bench *bench, const char *name)
{
    struct sim_device_counter counter;
    for (uint32_t i = 0; bench->ops->counter(bench->state, i, &counter); i++)
        if (!strcmp(counter.name, name))
            return counter.value;
    ck_abort_msg("no counter %s", name);
}
