#include "core/parcel.h"

/* Who adds a member tells the functions below when it is used. */
_Static_assert(sizeof(union sim_packet_lists) == 128 && sizeof(union sim_packet_rare) == 320 &&
                   offsetof(union sim_packet_lists, mtp.exclude_count) == 64 &&
                   offsetof(union sim_packet_lists, mtp.sack) == 72 &&
                   offsetof(union sim_packet_lists, tcp.message_bytes) == 64,
               "what goes with a packet has changed: change what a parcel sends of it");

/* What is moved is listed once, for both directions. `packing` is known where this is inlined. */
static inline void move(uint8_t **at, void *what, size_t size, bool packing)
{
    if (packing)
        memcpy(*at, what, size);
    else
        memcpy(what, *at, size);
    *at += size;
}

/* Without a branch an entry: how many there are differs from packet to packet. */
static inline bool has_long_value(const struct sim_packet *packet,
                                  const union sim_packet_lists *lists)
{
    uint32_t longer = 0;
    for (uint32_t i = 0; i < SIM_MTP_LIST_MAX; i++)
        longer |= (i < packet->mtp.path_count) & (lists->mtp.path[i].length > 1);
    return longer;
}

/* The lists as a whole: to send only what is used of them is fewer bytes, and more time (85 cycles
 * a packet instead of 40, for branches that nothing predicts). */
static inline void move_mtp(uint8_t **at, const struct sim_packet *packet,
                            union sim_packet_lists *lists, union sim_packet_rare *rare,
                            bool packing)
{
    uint32_t paths = packet->mtp.path_count;
    move(at, lists, sizeof *lists, packing);
    if (SIM_UNLIKELY(has_long_value(packet, lists)))
        move(at, rare->mtp.values, paths * sizeof rare->mtp.values[0], packing);
    if (SIM_UNLIKELY(lists->mtp.exclude_count))
        move(at, rare->mtp.exclude, lists->mtp.exclude_count * sizeof rare->mtp.exclude[0],
             packing);
    if (SIM_UNLIKELY(lists->mtp.nack_count))
        move(at, rare->mtp.nack, lists->mtp.nack_count * sizeof rare->mtp.nack[0], packing);
}

static inline void move_tcp(uint8_t **at, const struct sim_packet *packet,
                            union sim_packet_lists *lists, bool packing)
{
    if (packet->tcp.sack_count)
        move(at, lists->tcp.sack, packet->tcp.sack_count * sizeof lists->tcp.sack[0], packing);
    if (packet->tcp.flags & SIM_TCP_SYN)
        move(at, &lists->tcp.message_bytes, sizeof lists->tcp.message_bytes, packing);
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_MAPPED))
        move(at, &lists->tcp.mapping, sizeof lists->tcp.mapping, packing);
}

static inline void move_lists(uint8_t **at, const struct sim_pool *pool,
                              const struct sim_packet *packet, bool packing)
{
    union sim_packet_lists *lists = sim_packet_lists(pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(pool, packet);
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_CARRIES)) {
        move(at, lists, sizeof *lists, packing);
        move(at, rare, sizeof *rare, packing);
        return;
    }
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_FRAMED))
        move(at, &rare->frame, sizeof rare->frame, packing);
    switch (packet->protocol) {
    case SIM_PROTOCOL_RAW:
    case SIM_PROTOCOL_PAUSE:
    case SIM_PROTOCOL_UDP:
    case SIM_PROTOCOL_RDMA:
        return;
    case SIM_PROTOCOL_TCP:
        move_tcp(at, packet, lists, packing);
        return;
    case SIM_PROTOCOL_MTP:
        move_mtp(at, packet, lists, rare, packing);
        return;
    case SIM_PROTOCOL_QUIC:
        if (packet->quic.flags & SIM_QUIC_ACK)
            move(at, &lists->quic, sizeof lists->quic, packing);
        return;
    default:
        move(at, lists, sizeof *lists, packing);
        move(at, &rare->mtp, sizeof rare->mtp, packing);
    }
}

#define PARCEL_BYTES_MAX                                                                           \
    (sizeof(struct sim_packet) + sizeof(union sim_packet_lists) + sizeof(union sim_packet_rare))

void parcel_pack(struct bytes *bytes, const struct sim_pool *pool, const struct sim_packet *packet,
                 sim_time arrival)
{
    struct sim_packet line = *packet;
    line.next_arrival = arrival;
    bytes_reserve(bytes, PARCEL_BYTES_MAX);
    uint8_t *at = bytes->data + bytes->length;
    move(&at, &line, sizeof line, true);
    move_lists(&at, pool, packet, true);
    bytes->length = (size_t)(at - bytes->data);
}

struct sim_packet *parcel_unpack(struct bytes *bytes, struct sim_pool *pool)
{
    struct sim_packet *packet = sim_packet_new(pool);
    uint8_t *at = (uint8_t *)bytes_take(bytes, sizeof *packet);
    move(&at, packet, sizeof *packet, false);
    move_lists(&at, pool, packet, false);
    bytes->taken = (size_t)(at - bytes->data);
    SIM_CHECK(bytes->taken <= bytes->length, "a packet of %zu bytes more than were sent",
              bytes->taken - bytes->length);
    packet->next = 0;
    return packet;
}
