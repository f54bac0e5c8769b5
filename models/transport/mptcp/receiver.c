/* The receiving end of the data: segments are put in order by the data sequence as soon as they
 * arrive on any subflow, and a message is delivered when it and everything before it is there. */
#include <stdlib.h>
#include <string.h>

#include "models/transport/mptcp/mptcp.h"

static uint64_t key_of(const struct sim_packet *packet, uint32_t subflow)
{
    uint16_t port = (uint16_t)(packet->tcp.dst_port - subflow * MPTCP_PORT_STEP);
    return demux_key(packet->src, packet->tcp.src_port, port);
}

static void framings_clear(struct mptcp_receiver *receiver)
{
    while (receiver->framings) {
        struct mptcp_framing *framing = receiver->framings;
        receiver->framings = framing->next;
        framing_clear(&framing->framing);
        free(framing);
    }
    receiver->damaged = false;
}

void mptcp_receiver_begin(struct mptcp *mptcp, const struct sim_packet *packet)
{
    const struct sim_mapping *mapping = &sim_packet_lists(mptcp->env->pool, packet)->tcp.mapping;
    uint64_t key = key_of(packet, mapping->subflow);
    struct mptcp_receiver *receiver = demux_find(&mptcp->receivers, key);
    if (!receiver) {
        receiver = calloc(1, sizeof *receiver);
        SIM_CHECK(receiver, "out of memory for a connection to host %u", mptcp->env->host);
        receiver->key = key;
        receiver->all_next = mptcp->receiver_list;
        mptcp->receiver_list = receiver;
        demux_add(&mptcp->receivers, key, receiver);
    }
    if (mapping->seq <= receiver->first && receiver->next)
        return;
    ranges_clear(&receiver->arrived);
    framings_clear(receiver);
    receiver->end_count = 0;
    receiver->first = receiver->next = receiver->told = mapping->seq;
}

void mptcp_receivers_clear(struct mptcp *mptcp)
{
    while (mptcp->receiver_list) {
        struct mptcp_receiver *receiver = mptcp->receiver_list;
        mptcp->receiver_list = receiver->all_next;
        ranges_clear(&receiver->arrived);
        framings_clear(receiver);
        free(receiver->ends);
        free(receiver);
    }
    demux_clear(&mptcp->receivers);
}

/* ---- messages ---- */

static void add_end(struct mptcp_receiver *receiver, struct mptcp_end end)
{
    if (receiver->end_count == receiver->end_capacity) {
        receiver->end_capacity = receiver->end_capacity ? 2 * receiver->end_capacity : 4;
        receiver->ends = realloc(receiver->ends, receiver->end_capacity * sizeof end);
        SIM_CHECK(receiver->ends, "out of memory for %u messages", receiver->end_capacity);
    }
    uint32_t place = receiver->end_count++;
    for (; place > 0 && receiver->ends[place - 1].seq > end.seq; place--)
        receiver->ends[place] = receiver->ends[place - 1];
    receiver->ends[place] = end;
}

/* Data before `seq` arrived: of the first message that ends there or later, if that is known. */
static void touch_end(struct mptcp_receiver *receiver, uint64_t seq, sim_time now)
{
    uint32_t i = 0;
    while (i < receiver->end_count && receiver->ends[i].seq < seq)
        i++;
    if (i < receiver->end_count)
        receiver->ends[i].newest = now;
}

static void add_framing(struct mptcp_receiver *receiver, const struct sim_pool *pool,
                        const struct sim_packet *packet, uint64_t start)
{
    struct mptcp_framing *added = calloc(1, sizeof *added);
    SIM_CHECK(added, "out of memory for a message of host %u", packet->src);
    added->start = start;
    framing_take(&added->framing, pool, packet, 0);
    added->next = receiver->framings;
    receiver->framings = added;
}

/* That of the message which begins where the last one ended; all zeros: it has none. */
static struct framing take_framing(struct mptcp_receiver *receiver, uint64_t end)
{
    struct framing framing = {0};
    for (struct mptcp_framing **at = &receiver->framings; *at; at = &(*at)->next) {
        struct mptcp_framing *found = *at;
        if (found->start != receiver->told)
            continue;
        framing = found->framing;
        *at = found->next;
        free(found);
        break;
    }
    framing.bytes = end - receiver->told;
    framing.damaged = receiver->damaged;
    receiver->told = end;
    receiver->damaged = false;
    return framing;
}

static void deliver(struct mptcp *mptcp, struct mptcp_receiver *receiver, uint32_t src,
                    sim_time now)
{
    const struct sim_transport_env *env = mptcp->env;
    uint32_t count = 0;
    for (; count < receiver->end_count && receiver->ends[count].seq <= receiver->next; count++) {
        const struct mptcp_end *end = &receiver->ends[count];
        mptcp->counts.held_messages += end->newest < now;
        mptcp->counts.held_time += (uint64_t)(now - end->newest);
        struct framing framing = take_framing(receiver, end->seq);
        framing_deliver(&framing, env, src, end->message, now);
    }
    if (!count)
        return;
    receiver->end_count -= count;
    memmove(receiver->ends, receiver->ends + count, receiver->end_count * sizeof *receiver->ends);
}

/* ---- what comes from TCP ---- */

static void app_received(void *app, const struct sim_packet *packet, uint32_t bytes, sim_time now)
{
    struct mptcp *mptcp = app;
    const struct sim_transport_env *env = mptcp->env;
    const struct sim_mapping *mapping = &sim_packet_lists(env->pool, packet)->tcp.mapping;
    struct mptcp_receiver *receiver =
        demux_find(&mptcp->receivers, key_of(packet, mapping->subflow));
    const struct range range = {mapping->seq, mapping->seq + bytes};
    if (!receiver || range.start < receiver->first)
        return; /* of an older connection */
    receiver->arrived.floor = receiver->next;
    uint64_t fresh = ranges_add(&receiver->arrived, range, NULL);
    if (!fresh) {
        mptcp->counts.spurious_retransmissions++;
        return;
    }
    if (mapping->last)
        add_end(receiver, (struct mptcp_end){range.end, now, mapping->message});
    touch_end(receiver, range.end, now);
    if (packet->flags & SIM_PACKET_FRAMED)
        add_framing(receiver, env->pool, packet, range.start);
    receiver->damaged |= (packet->flags & SIM_PACKET_DAMAGED) != 0;
    env->app_ops->received(env->app, packet, (uint32_t)fresh, now);
    receiver->next = ranges_advance(&receiver->arrived, receiver->next);
    deliver(mptcp, receiver, packet->src, now);
}

const struct sim_app_ops mptcp_receiver_app = {.received = app_received};
