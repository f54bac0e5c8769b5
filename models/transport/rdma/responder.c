/* The receiving end of a connection, which takes packets in the order of their numbers only.
 *
 * RC (InfiniBand Architecture Specification, volume 1, 9.7.5): a packet out of order is dropped;
 * the first one is answered by a NAK with the number that is due, and no other NAK follows before
 * that packet arrives. What came before is acknowledged again. Packets that ask for it are
 * acknowledged (AckReq, 9.7.3.1), and the last of each message.
 *
 * UC (9.8): nothing is answered. A gap breaks the message that is arriving: the rest of it is
 * dropped, up to the first packet of a message. A packet that was overtaken counts as lost, like in
 * RC (MTP paper, 2.4), and what overtook it broke the message. Of a message that is lost as a whole
 * the responder knows nothing, nor of the end of one that nothing follows: these it does not count.
 */
#include <stdlib.h>

#include "models/transport/rdma/rdma.h"

static struct rdma_responder *responder_of(struct rdma *rdma, const struct sim_packet *packet)
{
    uint64_t key = demux_key(packet->src, packet->rdma.src_port, packet->rdma.dst_port);
    struct rdma_responder *responder = demux_find(&rdma->responders, key);
    if (!responder) {
        responder = calloc(1, sizeof *responder);
        SIM_CHECK(responder, "out of memory for a queue pair of host %u", rdma->env->host);
        responder->key = key;
        responder->hash =
            outbox_hash(rdma->env->host, packet->src, packet->rdma.dst_port, packet->rdma.src_port);
        responder->all_next = rdma->responder_list;
        rdma->responder_list = responder;
        demux_add(&rdma->responders, key, responder);
    }
    if (packet->rdma.first > responder->first) { /* a later queue pair in its place */
        responder->first = responder->expected = responder->highest = packet->rdma.first;
        responder->marked = 0;
        responder->nak_sent = responder->in_message = false;
        framing_clear(&responder->framing);
    }
    return responder;
}

void rdma_responders_clear(struct rdma *rdma)
{
    while (rdma->responder_list) {
        struct rdma_responder *responder = rdma->responder_list;
        rdma->responder_list = responder->all_next;
        framing_clear(&responder->framing);
        free(responder);
    }
    demux_clear(&rdma->responders);
}

static void count_order(struct rdma *rdma, struct rdma_responder *responder,
                        const struct sim_packet *packet)
{
    uint64_t psn = packet->rdma.psn;
    if (psn < responder->highest && !(packet->flags & SIM_PACKET_RESENT))
        rdma->counts.reordered++;
    if (psn >= responder->highest)
        responder->highest = psn + 1;
}

/* The packet is the next of its message. */
static void take(struct rdma *rdma, struct rdma_responder *responder,
                 const struct sim_packet *packet, sim_time now)
{
    const struct sim_transport_env *env = rdma->env;
    if (packet->rdma.flags & SIM_RDMA_FIRST)
        framing_clear(&responder->framing);
    framing_take(&responder->framing, env->pool, packet, packet->rdma.payload_bytes);
    if (packet->rdma.payload_bytes)
        env->app_ops->received(env->app, packet, packet->rdma.payload_bytes, now);
    if (packet->rdma.flags & SIM_RDMA_LAST)
        framing_deliver(&responder->framing, env, packet->src, packet->rdma.message, now);
}

/* ---- reliable ---- */

/* Makes the packet into its acknowledgement. */
static struct sim_packet *answer(struct rdma *rdma, struct rdma_responder *responder,
                                 struct sim_packet *packet, uint8_t flags)
{
    struct sim_packet old = *packet;
    *packet = (struct sim_packet){
        .size_bytes = RDMA_ACK_BYTES,
        .protocol = SIM_PROTOCOL_RDMA,
        .src = rdma->env->host,
        .dst = old.src,
        .hash = responder->hash,
        .priority = old.priority,
        .rdma = {.src_port = old.rdma.dst_port,
                 .dst_port = old.rdma.src_port,
                 .flags = SIM_RDMA_ACK | flags,
                 .marked = responder->marked < 255 ? (uint8_t)responder->marked : 255,
                 .psn = responder->expected,
                 .first = responder->first},
    };
    rdma->counts.nacks += (flags & SIM_RDMA_NAK) != 0;
    responder->marked = 0;
    return packet;
}

struct sim_packet *rdma_responder_reliable(struct rdma *rdma, struct sim_packet *packet,
                                           sim_time now)
{
    struct rdma_responder *responder = responder_of(rdma, packet);
    bool due = packet->rdma.psn == responder->expected;
    if (packet->rdma.first == responder->first && packet->rdma.psn <= responder->expected) {
        count_order(rdma, responder, packet);
        rdma->counts.spurious_retransmissions += !due;
        if (due) {
            responder->nak_sent = false;
            responder->expected++;
            responder->marked += packet->ecn == SIM_ECN_CE;
            take(rdma, responder, packet, now);
        }
        if (!due || (packet->rdma.flags & (SIM_RDMA_LAST | SIM_RDMA_ASK)))
            return answer(rdma, responder, packet, 0);
    } else if (packet->rdma.first == responder->first) {
        count_order(rdma, responder, packet);
        rdma->counts.discarded++;
        if (!responder->nak_sent) {
            responder->nak_sent = true;
            return answer(rdma, responder, packet, SIM_RDMA_NAK);
        }
    }
    sim_packet_free(rdma->env->pool, packet);
    return NULL;
}

/* ---- unreliable ---- */

/* Before the packet is taken: what it shows to be broken, or begins. */
static void begin_or_give_up(struct rdma *rdma, struct rdma_responder *responder,
                             const struct sim_packet *packet)
{
    bool gap = packet->rdma.psn > responder->expected;
    bool first = packet->rdma.flags & SIM_RDMA_FIRST;
    uint64_t message = (uint64_t)packet->rdma.message + 1;
    rdma->counts.given_up += gap && responder->in_message;
    /* The packets before it of another message are lost: with it a second one is broken. */
    rdma->counts.given_up += gap && !first && message != responder->message;
    responder->in_message = first || (responder->in_message && !gap);
    responder->message = message;
}

void rdma_responder_unreliable(struct rdma *rdma, struct sim_packet *packet, sim_time now)
{
    struct rdma_responder *responder = responder_of(rdma, packet);
    uint64_t psn = packet->rdma.psn;
    count_order(rdma, responder, packet);
    if (psn >= responder->expected) {
        begin_or_give_up(rdma, responder, packet);
        responder->expected = psn + 1;
        if (responder->in_message)
            take(rdma, responder, packet, now);
        else
            rdma->counts.discarded++;
        if (packet->rdma.flags & SIM_RDMA_LAST)
            responder->in_message = false;
    } else {
        rdma->counts.discarded++;
    }
    sim_packet_free(rdma->env->pool, packet);
}
