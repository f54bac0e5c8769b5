#include "models/transport/outbox.h"

#include <stdlib.h>

void outbox_init(struct outbox *outbox, const struct sim_transport_env *env, uint64_t rate_bps,
                 bool *is_ready)
{
    *outbox = (struct outbox){.env = env, .rate_bps = rate_bps, .is_ready = is_ready};
    demux_init(&outbox->flows);
}

static void flow_free(struct outbox_flow *flow)
{
    struct outbox *outbox = flow->outbox;
    sim_timer_clear(outbox->env->timers, &flow->pacing);
    ring_set(&outbox->ready, &flow->turn, false);
    demux_remove(&outbox->flows, flow->key);
    while (flow->head) {
        struct outbox_message *message = flow->head;
        flow->head = message->next;
        free(message->frame);
        free(message);
    }
    free(flow);
}

void outbox_clear(struct outbox *outbox)
{
    for (uint32_t i = 0; outbox->flows.count; i = (i + 1) & outbox->flows.mask)
        if (outbox->flows.entries[i].connection)
            flow_free(outbox->flows.entries[i].connection);
    demux_clear(&outbox->flows);
}

static void settle(struct outbox_flow *flow)
{
    struct outbox *outbox = flow->outbox;
    bool paced = flow->pacing.deadline != SIM_NEVER;
    ring_set(&outbox->ready, &flow->turn, flow->head && !paced);
    *outbox->is_ready = outbox->ready.head != NULL;
    if (!flow->head && !paced)
        flow_free(flow);
}

static void pacing_fire(struct sim_timer *timer, sim_time now)
{
    (void)now;
    settle((struct outbox_flow *)((char *)timer - offsetof(struct outbox_flow, pacing)));
}

static struct outbox_flow *flow_of(struct outbox *outbox, const struct sim_message *message,
                                   sim_time now)
{
    uint16_t port = outbox_port(message);
    uint64_t key = demux_key(message->dst, message->dst_port, port);
    struct outbox_flow *flow = demux_find(&outbox->flows, key);
    if (flow)
        return flow;
    flow = calloc(1, sizeof *flow);
    SIM_CHECK(flow, "out of memory for a flow of host %u", outbox->env->host);
    flow->outbox = outbox;
    flow->key = key;
    flow->packets = (uint64_t)now > outbox->next_packet ? (uint64_t)now : outbox->next_packet;
    flow->dst = message->dst;
    flow->src_port = port;
    flow->dst_port = message->dst_port;
    flow->hash = outbox_hash(outbox->env->host, message->dst, port, message->dst_port);
    sim_timer_init(&flow->pacing, pacing_fire);
    demux_add(&outbox->flows, key, flow);
    return flow;
}

void outbox_submit(struct outbox *outbox, const struct sim_message *message, sim_time now)
{
    struct outbox_flow *flow = flow_of(outbox, message, now);
    struct outbox_message *queued = malloc(sizeof *queued);
    SIM_CHECK(queued, "out of memory for message %u", message->number);
    *queued = (struct outbox_message){
        .bytes = message->bytes,
        .number = message->number,
        .priority = message->priority,
        .frame = framing_of(message),
    };
    if (flow->head)
        flow->tail->next = queued;
    else
        flow->head = queued;
    flow->tail = queued;
    settle(flow);
}

bool outbox_take(struct outbox *outbox, uint32_t most_bytes, struct outbox_piece *piece)
{
    struct outbox_flow *flow = (struct outbox_flow *)outbox->ready.head;
    if (!flow)
        return false;
    struct outbox_message *message = flow->head;
    uint64_t left = message->bytes - message->offset;
    *piece = (struct outbox_piece){
        .flow = flow,
        .message_bytes = message->bytes,
        .offset = message->offset,
        .packet = flow->packets,
        .number = message->number,
        .bytes = left < most_bytes ? (uint32_t)left : most_bytes,
        .priority = message->priority,
        .last = left <= most_bytes && message->bytes != SIM_ENDLESS,
        .frame = message->offset == 0 ? message->frame : NULL,
    };
    return true;
}

void outbox_sent(struct outbox *outbox, const struct outbox_piece *piece, uint32_t size_bytes,
                 sim_time now)
{
    const struct sim_transport_env *env = outbox->env;
    struct outbox_flow *flow = piece->flow;
    struct outbox_message *message = flow->head;
    message->offset += piece->bytes;
    flow->packets++;
    if (flow->packets > outbox->next_packet)
        outbox->next_packet = flow->packets;
    ring_turn(&outbox->ready);
    if (piece->last) {
        flow->head = message->next;
        free(message->frame);
        free(message);
    }
    if (outbox->rate_bps) {
        sim_time gap = (sim_time)(size_bytes * (uint64_t)(8 * SIM_S) / outbox->rate_bps);
        sim_timer_set(env->timers, &flow->pacing, now + gap);
    }
    settle(flow);
    if (piece->last)
        env->app_ops->completed(env->app, piece->number, now);
}

/* Sums, so the order of the table does not matter. */
void outbox_memory(const struct outbox *outbox, struct sim_transport_memory *memory)
{
    for (uint32_t i = 0; outbox->flows.count && i <= outbox->flows.mask; i++) {
        const struct outbox_flow *flow = outbox->flows.entries[i].connection;
        if (!flow)
            continue;
        memory->flows++;
        memory->flow_bytes += sizeof *flow;
        for (const struct outbox_message *at = flow->head; at; at = at->next)
            memory->flow_bytes += sizeof *at + (at->frame ? sizeof *at->frame : 0);
    }
    memory->other_bytes += demux_bytes(&outbox->flows);
}
