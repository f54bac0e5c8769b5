#include "support/selecting.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The environment's `self` is the test's. */
static const struct selecting *selecting_of(const struct fabric_switch *self)
{
    return (const struct selecting *)(const void *)self;
}

static sim_time backlog_of(const struct fabric_switch *self, uint32_t port, sim_time now)
{
    (void)now;
    return selecting_of(self)->backlog[port];
}

static uint64_t rate_of(const struct fabric_switch *self, uint32_t port)
{
    return selecting_of(self)->rate_bps[port];
}

static sim_time delay_of(const struct fabric_switch *self, uint32_t port)
{
    return selecting_of(self)->delay[port];
}

void selecting_init(struct selecting *selecting, const struct sim_selector_ops *ops,
                    const void *params)
{
    static const uint32_t links[SELECTING_PORTS] = {10, 11, 12, 13};
    static const uint32_t pathlets[SELECTING_PORTS] = {1, 2, 3, 4};
    *selecting = (struct selecting){.ops = ops};
    sim_pool_init(&selecting->pool, 100);
    sim_rng_init(&selecting->rng, 1, "selecting");
    for (int i = 0; i < SELECTING_PORTS; i++)
        selecting->rate_bps[i] = 100000000000;
    selecting->env = (struct sim_selector_env){
        .port_count = SELECTING_PORTS,
        .port_link = links,
        .port_pathlet = pathlets,
        .salt = 5,
        .rng = &selecting->rng,
        .pool = &selecting->pool,
        .backlog = backlog_of,
        .rate_bps = rate_of,
        .delay = delay_of,
        .self = (const struct fabric_switch *)(const void *)selecting,
    };
    selecting->state = calloc(1, ops->plugin.state_size + 1);
    ops->init(selecting->state, params, &selecting->env, false);
}

void selecting_clear(struct selecting *selecting)
{
    if (selecting->ops->clear)
        selecting->ops->clear(selecting->state);
    free(selecting->state);
    ck_assert_uint_eq(selecting->pool.live, 0);
    sim_pool_clear(&selecting->pool);
}

struct sim_packet *selecting_mtp(struct selecting *selecting, uint32_t src, uint64_t message,
                                 uint32_t packets, uint32_t packet)
{
    struct sim_packet *made = sim_packet_new(&selecting->pool);
    made->protocol = SIM_PROTOCOL_MTP;
    made->src = src;
    made->priority = 5;
    made->hash = (uint32_t)sim_mix64(message * 31 + src);
    made->mtp = (struct sim_mtp_header){
        .flags = SIM_MTP_DATA,
        .payload_bytes = 1000,
        .message = message,
        .message_bytes = packets * 1000,
        .message_packets = packets,
        .packet = packet,
        .offset_bytes = packet * 1000,
    };
    sim_packet_lists(&selecting->pool, made)->mtp.exclude_count = 0;
    return made;
}

struct sim_packet *selecting_tcp(struct selecting *selecting, uint16_t port, uint8_t flags,
                                 uint64_t seq, uint16_t payload, uint64_t bytes)
{
    struct sim_packet *made = sim_packet_new(&selecting->pool);
    made->protocol = SIM_PROTOCOL_TCP;
    made->dst = 1;
    made->hash = (uint32_t)sim_mix64(port);
    made->tcp = (struct sim_tcp_header){
        .src_port = port, .dst_port = 80, .flags = flags, .payload_bytes = payload, .seq = seq};
    sim_packet_lists(&selecting->pool, made)->tcp.message_bytes = bytes;
    return made;
}

uint32_t selecting_choose(struct selecting *selecting, const char *ports, struct sim_packet *packet)
{
    uint16_t list[SELECTING_PORTS];
    uint32_t count = (uint32_t)strlen(ports);
    ck_assert_uint_le(count, SELECTING_PORTS);
    for (uint32_t i = 0; i < count; i++)
        list[i] = (uint16_t)(ports[i] - '0');
    uint32_t port = selecting->ops->choose(selecting->state, list, count, packet, selecting->now);
    sim_packet_free(&selecting->pool, packet);
    return port;
}
