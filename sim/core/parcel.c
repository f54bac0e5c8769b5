#include "core/parcel.h"

/* Parts of what goes with a packet, in the order in which they are sent. */
struct part {
    uint32_t offset, size;
    bool rare; /* of sim_packet_rare, not of the lists */
};
#define PARTS_MAX 5

#define LISTS_PART(member, count)                                                                  \
    ((struct part){(uint32_t)offsetof(union sim_packet_lists, member),                             \
                   (uint32_t)(count) * (uint32_t)sizeof(((union sim_packet_lists *)0)->member),    \
                   false})
#define RARE_PART(member, count)                                                                   \
    ((struct part){(uint32_t)offsetof(union sim_packet_rare, member),                              \
                   (uint32_t)(count) * (uint32_t)sizeof(((union sim_packet_rare *)0)->member),     \
                   true})

/* Who adds a member tells the functions below when it is used. */
_Static_assert(sizeof(union sim_packet_lists) == 128 && sizeof(union sim_packet_rare) == 256 &&
                   offsetof(union sim_packet_lists, mtp.exclude_count) == 64 &&
                   offsetof(union sim_packet_lists, mtp.sack) == 72 &&
                   offsetof(union sim_packet_lists, tcp.message_bytes) == 64,
               "what goes with a packet has changed: change what a parcel sends of it");

/* What the packet itself says is used. */
static uint32_t first_parts(const struct sim_packet *packet, struct part *parts)
{
    uint32_t count = 0;
    if (packet->flags & SIM_PACKET_FRAMED)
        parts[count++] = RARE_PART(frame, 1);
    if (packet->protocol != SIM_PROTOCOL_MTP)
        return count;
    parts[count++] = LISTS_PART(mtp.path[0], packet->mtp.path_count);
    parts[count++] = LISTS_PART(mtp.exclude_count, 8); /* all the counts, has_blob and number */
    return count;
}

static bool has_long_value(const struct sim_packet *packet, const union sim_packet_lists *lists)
{
    for (uint32_t i = 0; i < packet->mtp.path_count; i++)
        if (lists->mtp.path[i].length > 1)
            return true;
    return false;
}

static uint32_t mtp_parts(const struct sim_packet *packet, const union sim_packet_lists *lists,
                          struct part *parts)
{
    uint32_t count = 0;
    if (has_long_value(packet, lists))
        parts[count++] = RARE_PART(mtp.values[0], packet->mtp.path_count);
    if (lists->mtp.has_blob)
        parts[count++] = LISTS_PART(mtp.blob_id, 3);
    if (lists->mtp.exclude_count)
        parts[count++] = RARE_PART(mtp.exclude[0], lists->mtp.exclude_count);
    if (lists->mtp.sack_count)
        parts[count++] = LISTS_PART(mtp.sack[0], lists->mtp.sack_count);
    if (lists->mtp.nack_count)
        parts[count++] = RARE_PART(mtp.nack[0], lists->mtp.nack_count);
    return count;
}

static uint32_t tcp_parts(const struct sim_packet *packet, struct part *parts)
{
    uint32_t count = 0;
    if (packet->tcp.sack_count)
        parts[count++] = LISTS_PART(tcp.sack[0], packet->tcp.sack_count);
    if (packet->tcp.flags & SIM_TCP_SYN)
        parts[count++] = LISTS_PART(tcp.message_bytes, 1);
    return count;
}

/* What is used besides, once the first parts are there. */
static uint32_t other_parts(const struct sim_packet *packet, const union sim_packet_lists *lists,
                            struct part *parts)
{
    switch (packet->protocol) {
    case SIM_PROTOCOL_RAW:
    case SIM_PROTOCOL_PAUSE:
        return 0;
    case SIM_PROTOCOL_TCP:
        return tcp_parts(packet, parts);
    case SIM_PROTOCOL_MTP:
        return mtp_parts(packet, lists, parts);
    default:
        parts[0] = (struct part){0, sizeof(union sim_packet_lists), false};
        parts[1] = (struct part){0, sizeof(union sim_packet_rare), true};
        return 2;
    }
}

static char *part_of(const struct sim_pool *pool, const struct sim_packet *packet,
                     const struct part *part)
{
    return part->rare ? (char *)sim_packet_rare(pool, packet) + part->offset
                      : (char *)sim_packet_lists(pool, packet) + part->offset;
}

void parcel_pack(struct bytes *bytes, const struct sim_pool *pool, const struct sim_packet *packet,
                 sim_time arrival)
{
    struct sim_packet line = *packet;
    struct part parts[2 * PARTS_MAX];
    line.next_arrival = arrival;
    bytes_put(bytes, &line, sizeof line);
    uint32_t count = first_parts(packet, parts);
    count += other_parts(packet, sim_packet_lists(pool, packet), parts + count);
    for (uint32_t i = 0; i < count; i++)
        bytes_put(bytes, part_of(pool, packet, &parts[i]), parts[i].size);
}

static void get_parts(struct bytes *bytes, const struct sim_pool *pool, struct sim_packet *packet,
                      const struct part *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        bytes_get(bytes, part_of(pool, packet, &parts[i]), parts[i].size);
}

struct sim_packet *parcel_unpack(struct bytes *bytes, struct sim_pool *pool)
{
    struct sim_packet *packet = sim_packet_new(pool);
    struct part parts[PARTS_MAX];
    bytes_get(bytes, packet, sizeof *packet);
    get_parts(bytes, pool, packet, parts, first_parts(packet, parts));
    get_parts(bytes, pool, packet, parts,
              other_parts(packet, sim_packet_lists(pool, packet), parts));
    packet->next = 0;
    return packet;
}
