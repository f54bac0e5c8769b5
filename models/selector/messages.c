/* The packets of a blob (MTP) are messages of one packet each, and so is what the network sees of
 * them; the shim behind the header is the end-hosts' own.
 *
 * A TCP connection is known by its ports. TCP's sequence number of the SYN is not kept here, so the
 * progress of a connection is that of its sequence numbers since the first one seen (pins.h). */
#include "messages.h"

#include <string.h>

static void message_of_mtp(const struct sim_packet *packet, struct selector_message *message)
{
    const struct sim_mtp_header *mtp = &packet->mtp;
    *message = (struct selector_message){
        .id = mtp->message,
        .src = packet->src,
        .first = mtp->packet == 0,
        .single = mtp->message_packets <= 1,
        .again = mtp->packet == 0 && (mtp->flags & SIM_MTP_RESTART),
        .last = mtp->packet + 1 == mtp->message_packets,
        .priority = packet->priority,
        .bytes = mtp->message_bytes,
        .passed = (uint64_t)mtp->offset_bytes + mtp->payload_bytes,
    };
}

static void message_of_tcp(const struct sim_packet *packet, struct sim_pool *pool,
                           struct selector_message *message)
{
    const struct sim_tcp_header *tcp = &packet->tcp;
    bool syn = tcp->flags & SIM_TCP_SYN;
    *message = (struct selector_message){
        .id = (uint64_t)tcp->src_port << 48 | (uint64_t)tcp->dst_port << 32 | packet->dst,
        .src = packet->src,
        .first = syn,
        .last = tcp->flags & (SIM_TCP_FIN | SIM_TCP_RST),
        .shared = true,
        .priority = packet->priority,
        .bytes = syn ? sim_packet_lists(pool, packet)->tcp.message_bytes : 0,
        .passed = tcp->seq + tcp->payload_bytes,
    };
}

bool selector_message_of(const struct sim_packet *packet, struct sim_pool *pool,
                         struct selector_message *message)
{
    if (packet->protocol == SIM_PROTOCOL_MTP) {
        if (!(packet->mtp.flags & SIM_MTP_DATA))
            return false;
        message_of_mtp(packet, message);
        return true;
    }
    if (packet->protocol != SIM_PROTOCOL_TCP)
        return false;
    bool answer = (packet->tcp.flags & (SIM_TCP_SYN | SIM_TCP_ACK)) == (SIM_TCP_SYN | SIM_TCP_ACK);
    bool carries = packet->tcp.payload_bytes || (packet->tcp.flags & (SIM_TCP_SYN | SIM_TCP_FIN));
    if (answer || !carries)
        return false;
    message_of_tcp(packet, pool, message);
    return true;
}

static bool is_excluded(const union sim_packet_rare *rare, uint32_t count, uint32_t pathlet)
{
    for (uint32_t i = 0; i < count; i++)
        if (rare->mtp.exclude[i].path == pathlet)
            return true;
    return false;
}

/* Only data packets have the list; on others the place holds something else. */
uint32_t selector_not_excluded(const struct sim_selector_env *env, const uint16_t *ports,
                               uint32_t count, const struct sim_packet *packet,
                               uint16_t kept[static SELECTOR_PORTS_MAX])
{
    uint32_t left = 0;
    SIM_CHECK(count <= SELECTOR_PORTS_MAX, "%u equal ways", count);
    if (packet->protocol == SIM_PROTOCOL_MTP && (packet->mtp.flags & SIM_MTP_DATA)) {
        uint32_t excluded = sim_packet_lists(env->pool, packet)->mtp.exclude_count;
        for (uint32_t i = 0; excluded && i < count; i++)
            if (!is_excluded(sim_packet_rare(env->pool, packet), excluded,
                             env->port_pathlet[ports[i]]))
                kept[left++] = ports[i];
    }
    if (left == 0) {
        memcpy(kept, ports, count * sizeof *ports);
        left = count;
    }
    return left;
}

uint32_t selector_hashed(const struct sim_selector_env *env, const uint16_t *ports, uint32_t count,
                         const struct sim_packet *packet)
{
    uint64_t hash = sim_mix64(packet->hash ^ env->salt) >> 32;
    return ports[hash * count >> 32];
}
