#include "core/parcel.h"

/* Parts of the lists, in the order in which they are sent. */
struct part {
    uint32_t offset, size;
};
#define PARTS_MAX 4

#define LISTS_OFFSET(member) ((uint32_t)offsetof(union sim_packet_lists, member))
#define LISTS_SIZE(member)   ((uint32_t)sizeof(((union sim_packet_lists *)0)->member))

/* Who adds a member to the lists tells the functions below when it is used. */
_Static_assert(sizeof(union sim_packet_lists) == 352 &&
                   LISTS_OFFSET(mtp.exclude) + LISTS_SIZE(mtp.sack) == 352 &&
                   LISTS_OFFSET(tcp.message_bytes) + LISTS_SIZE(tcp.message_bytes) == 96,
               "the lists of a packet have changed: change what a parcel sends of them");

/* The counts are in the first part, which is there on both sides before the others are asked for.
 */
static uint32_t mtp_parts(const struct sim_packet *packet, const union sim_packet_lists *lists,
                          struct part *parts)
{
    uint32_t count = 0;
    if (packet->mtp.path_count)
        parts[count++] =
            (struct part){LISTS_OFFSET(mtp.path), packet->mtp.path_count * LISTS_SIZE(mtp.path[0])};
    if (lists->mtp.exclude_count)
        parts[count++] = (struct part){LISTS_OFFSET(mtp.exclude),
                                       lists->mtp.exclude_count * LISTS_SIZE(mtp.exclude[0])};
    if (lists->mtp.sack_count)
        parts[count++] =
            (struct part){LISTS_OFFSET(mtp.sack), lists->mtp.sack_count * LISTS_SIZE(mtp.sack[0])};
    if (lists->mtp.nack_count)
        parts[count++] = (struct part){LISTS_OFFSET(mtp.sack[SIM_MTP_SACK_MAX]),
                                       lists->mtp.nack_count * LISTS_SIZE(mtp.sack[0])};
    return count;
}

static uint32_t tcp_parts(const struct sim_packet *packet, struct part *parts)
{
    uint32_t count = 0;
    if (packet->tcp.sack_count)
        parts[count++] =
            (struct part){LISTS_OFFSET(tcp.sack), packet->tcp.sack_count * LISTS_SIZE(tcp.sack[0])};
    if (packet->flags & SIM_PACKET_FRAMED)
        parts[count++] = (struct part){LISTS_OFFSET(tcp.frame), LISTS_SIZE(tcp.frame)};
    if (packet->tcp.flags & SIM_TCP_SYN)
        parts[count++] =
            (struct part){LISTS_OFFSET(tcp.message_bytes), LISTS_SIZE(tcp.message_bytes)};
    return count;
}

/* What is sent of the lists before anything of them is looked at. */
static uint32_t head_size(const struct sim_packet *packet)
{
    switch (packet->protocol) {
    case SIM_PROTOCOL_RAW:
    case SIM_PROTOCOL_TCP:
    case SIM_PROTOCOL_PAUSE:
        return 0;
    case SIM_PROTOCOL_MTP:
        return LISTS_OFFSET(mtp.path);
    default:
        return sizeof(union sim_packet_lists);
    }
}

static uint32_t parts_of(const struct sim_packet *packet, const union sim_packet_lists *lists,
                         struct part *parts)
{
    switch (packet->protocol) {
    case SIM_PROTOCOL_TCP:
        return tcp_parts(packet, parts);
    case SIM_PROTOCOL_MTP:
        return mtp_parts(packet, lists, parts);
    default:
        return 0;
    }
}

void parcel_pack(struct bytes *bytes, const struct sim_pool *pool, const struct sim_packet *packet,
                 sim_time arrival)
{
    const union sim_packet_lists *lists = sim_packet_lists(pool, packet);
    struct sim_packet line = *packet;
    struct part parts[PARTS_MAX];
    line.next_arrival = arrival;
    bytes_put(bytes, &line, sizeof line);
    bytes_put(bytes, lists, head_size(packet));
    uint32_t count = parts_of(packet, lists, parts);
    for (uint32_t i = 0; i < count; i++)
        bytes_put(bytes, (const char *)lists + parts[i].offset, parts[i].size);
}

struct sim_packet *parcel_unpack(struct bytes *bytes, struct sim_pool *pool)
{
    struct sim_packet *packet = sim_packet_new(pool);
    union sim_packet_lists *lists = sim_packet_lists(pool, packet);
    struct part parts[PARTS_MAX];
    bytes_get(bytes, packet, sizeof *packet);
    bytes_get(bytes, lists, head_size(packet));
    uint32_t count = parts_of(packet, lists, parts);
    for (uint32_t i = 0; i < count; i++)
        bytes_get(bytes, (char *)lists + parts[i].offset, parts[i].size);
    packet->next = 0;
    return packet;
}
