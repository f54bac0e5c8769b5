/* mutate: changes the length of messages and the number of their packets, as compression and
 * serialisation do, in both directions.
 *
 * Paper: 2.1, 2.2 and 3.1.2 ("mutate messages by changing data, packet lengths, and the number of
 * packets in a message"); Table 1.
 *
 * What comes of byte x of a message is byte floor(x * ratio) of what is sent on. With a ratio above
 * 1 a packet becomes ceil(ratio) packets; with one of at most a half floor(1 / ratio) packets
 * become one. So all lengths, offsets and numbers follow from the header of any one packet: the
 * message's new length is known when its first packet comes, each packet is sent on as soon as it
 * is there, and a packet that is sent again is changed as it was before.
 *
 * What it holds: where packets are merged, those of one unfinished group of each message (a
 * packet's worth of output at most; a group that is interrupted by another one is forgotten); where
 * they are split, which pieces of one group were acknowledged. Nothing otherwise. The groups that
 * it holds are bounded. One that nothing came of for twice `patience` can be forgotten for another;
 * while there is none such, the other finds no room, and what came of it is lost as in a queue that
 * is full. Were the one used longest ago forgotten at once, more messages than there is room for
 * would evict each other for ever; so those that are held become complete, whoever waits.
 *
 * The receiver counts packets in the new numbers, so the device translates its acknowledgements: a
 * packet SACK of a merged group into one for each of its packets, with the same feedback; that of a
 * piece into the packet's once all its pieces are acknowledged. The acknowledgements must therefore
 * come back through this device. What was forgotten is not acknowledged, and so is sent again. But
 * a sender whose window is smaller than a group would wait for ever: after `patience` the packets
 * of a group that is not complete are acknowledged here. If this group is lost after all, the
 * message is sent again as a whole.
 *
 * Encrypted messages pass as they are without the key (paper, 4). TCP: a segment has another length
 * and the sequence numbers stay as they were, for a device cannot know what it did to all bytes
 * before (2.3): the stream is broken. The packet says so (SIM_PACKET_DAMAGED), so that the
 * receiver's damage can be counted if it gets that far.
 *
 * The pieces of a packet go on at once: a queue behind the device that has room for fewer of them
 * loses the same ones each time, and nothing arrives.
 *
 * Not modelled: ratios that differ from packet to packet; computing beyond the service rate;
 * messages of more than 4 GiB after the change, which the header's 32 bits cannot tell.
 */
#include "models/offload/mutate.h"

#include <math.h>
#include <stdlib.h>

#include "models/offload/answers.h"
#include "models/wire/mtp.h"

#define MUTATE_ENTRY_BYTES 40u /* of the table of a real device: ID, group, mask, two offsets */

static struct mutate_change change_of(double ratio)
{
    struct mutate_change change = {
        .ratio_q32 = offload_ratio_q32(ratio),
        .split = ratio > 1 ? (uint32_t)ceil(ratio) : 1,
        .merge = ratio <= 0.5 ? (uint32_t)floor(1 / ratio) : 1,
        .none = ratio == 1,
    };
    if (change.merge > MUTATE_MERGE_MAX)
        change.merge = MUTATE_MERGE_MAX;
    return change;
}

/* ---- what it holds ---- */

void mutate_report(struct mutate *self)
{
    uint64_t entries = (uint64_t)self->table.count * MUTATE_ENTRY_BYTES;
    self->env->holds(self->env->device, self->table.count, entries + self->held_bytes);
}

void mutate_forget(struct mutate *self, uint32_t place)
{
    sim_timer_clear(self->env->timers, &self->groups[place].timer);
    self->held_bytes -= self->groups[place].end - self->groups[place].start;
    offload_table_remove(&self->table, place);
}

/* The rest of the group does not come, perhaps because the sender has no room for it. */
static void mutate_impatient(struct sim_timer *timer, sim_time now)
{
    const struct mutate_group *group = (const struct mutate_group *)timer;
    struct mutate *self = group->owner;
    uint64_t message = self->table.places[group - self->groups].second;
    struct sim_packet *packet =
        offload_verdict(self->env, group->dst, group->src, message, group->encrypted, OFFLOAD_HELD);
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    for (uint32_t i = 0; i < MUTATE_MERGE_MAX; i++)
        if (group->mask >> i & 1)
            lists->mtp.sack[lists->mtp.sack_count++] =
                (struct sim_mtp_sack){.message = message, .packet = group->first + i};
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
    self->early++;
    self->env->emit(self->env->device, packet, now);
}

/* Whether there is room for one more group. */
static bool mutate_make_room(struct mutate *self, sim_time now)
{
    if (self->table.count < self->table.capacity)
        return true;
    if (now - self->groups[self->table.oldest].used_at < 2 * self->params->patience) {
        self->refused++;
        return false;
    }
    mutate_forget(self, self->table.oldest);
    self->forgotten++;
    return true;
}

static uint32_t mutate_new_group(struct mutate *self, uint64_t first, uint64_t message,
                                 sim_time now)
{
    if (!mutate_make_room(self, now))
        return OFFLOAD_NONE;
    uint32_t place = offload_table_add(&self->table, first, message);
    self->groups[place] = (struct mutate_group){.owner = self};
    sim_timer_init(&self->groups[place].timer, mutate_impatient);
    return place;
}

uint32_t mutate_group(struct mutate *self, uint64_t source, uint64_t message, uint32_t number,
                      sim_time now)
{
    uint64_t first = mutate_key(source, number);
    uint32_t place = offload_table_find(&self->table, first, message);
    if (place != OFFLOAD_NONE)
        offload_table_use(&self->table, place);
    else
        place = mutate_new_group(self, first, message, now);
    if (place != OFFLOAD_NONE)
        self->groups[place].used_at = now;
    return place;
}

/* ---- data ---- */

/* Sets what is the same in all packets of the message. Gives the byte of the blob or message that
 * offsets count from. */
static uint64_t mutate_header(struct mutate *self, const struct mutate_change *change,
                              struct sim_packet *packet)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    uint64_t base = lists->mtp.has_blob ? lists->mtp.blob_offset : 0;
    packet->mtp.flags |= SIM_MTP_MUTATED;
    packet->mtp.message_bytes = (uint32_t)change_range(change, base, packet->mtp.message_bytes);
    packet->mtp.message_packets = change_packets(change, packet->mtp.message_packets);
    if (packet->flags & SIM_PACKET_FRAMED)
        sim_packet_rare(self->env->pool, packet)->frame.bytes =
            change_bytes(change, sim_packet_rare(self->env->pool, packet)->frame.bytes);
    if (lists->mtp.has_blob && lists->mtp.blob_bytes != UINT64_MAX)
        lists->mtp.blob_bytes = change_bytes(change, lists->mtp.blob_bytes);
    return base;
}

/* What came of bytes [from, from + bytes) of a message or a blob. */
struct mutate_range {
    uint64_t start, bytes;
};

static struct mutate_range mutate_range_of(const struct mutate_change *change, uint64_t from,
                                           uint64_t bytes)
{
    return (struct mutate_range){change_bytes(change, from), change_range(change, from, bytes)};
}

/* One of the pieces of a packet. They are equal after the change, not before it: with a whole
 * number as the ratio each is then as long as the packet, and none outgrows the MTU. */
static struct mutate_range mutate_piece(const struct mutate_change *change,
                                        struct mutate_range packet, uint32_t piece)
{
    uint64_t start = packet.bytes * piece / change->split;
    uint64_t end = packet.bytes * (piece + 1) / change->split;
    return (struct mutate_range){packet.start + start, end - start};
}

/* Makes the packet carry it; its message began at byte `base` before the change. */
static void mutate_set_range(struct mutate *self, const struct mutate_change *change,
                             struct sim_packet *packet, uint64_t base, struct mutate_range range)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    packet->mtp.offset_bytes = (uint32_t)(range.start - change_bytes(change, base));
    packet->mtp.payload_bytes = (uint16_t)range.bytes;
    if (lists->mtp.has_blob)
        lists->mtp.blob_offset = range.start;
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
}

static void mutate_split(struct mutate *self, const struct mutate_change *change,
                         struct sim_packet *packet, sim_time now)
{
    const struct sim_mtp_header was = packet->mtp;
    uint64_t base = mutate_header(self, change, packet);
    struct mutate_range all = mutate_range_of(change, base + was.offset_bytes, was.payload_bytes);
    for (uint32_t piece = 0; piece < change->split; piece++) {
        bool last = piece + 1 == change->split;
        struct sim_packet *part = last ? packet : sim_packet_copy(self->env->pool, packet);
        part->mtp.packet = was.packet * change->split + piece;
        if (part->mtp.packet) {
            part->flags &= (uint8_t)~SIM_PACKET_FRAMED;
            sim_packet_lists(self->env->pool, part)->mtp.exclude_count = 0;
        }
        mutate_set_range(self, change, part, base, mutate_piece(change, all, piece));
        if (last)
            self->env->forward(self->env->device, part, now);
        else
            self->env->emit(self->env->device, part, now);
    }
}

/* The last packet of a group to come goes on as the whole group. */
static void mutate_merge(struct mutate *self, const struct mutate_change *change, uint64_t source,
                         struct sim_packet *packet, sim_time now)
{
    const struct sim_mtp_header was = packet->mtp;
    uint32_t number = was.packet / change->merge, first = number * change->merge;
    uint32_t size =
        was.message_packets - first < change->merge ? was.message_packets - first : change->merge;
    uint32_t place = mutate_group(self, source, was.message, number, now);
    if (place == OFFLOAD_NONE) {
        self->env->drop(self->env->device, packet);
        return;
    }
    struct mutate_group *group = &self->groups[place];
    uint32_t end = was.offset_bytes + was.payload_bytes;
    self->held_bytes -= group->end - group->start;
    if (!group->mask || was.offset_bytes < group->start)
        group->start = was.offset_bytes;
    if (!group->mask || end > group->end)
        group->end = end;
    self->held_bytes += group->end - group->start;
    if (group->timer.deadline == SIM_NEVER)
        sim_timer_set(self->env->timers, &group->timer, now + self->params->patience);
    group->src = packet->src;
    group->dst = packet->dst;
    group->first = first;
    group->mask |= 1u << (was.packet - first);
    group->encrypted = packet->mtp.flags & SIM_MTP_ENCRYPTED;
    group->marked |= packet->ecn == SIM_ECN_CE;
    if (packet->flags & SIM_PACKET_FRAMED) {
        group->framed = true;
        group->frame = sim_packet_rare(self->env->pool, packet)->frame;
    }
    mutate_report(self);
    if (group->mask != (uint32_t)((UINT64_C(1) << size) - 1)) {
        self->env->absorb(self->env->device, packet);
        return;
    }
    if (group->framed) {
        packet->flags |= SIM_PACKET_FRAMED;
        sim_packet_rare(self->env->pool, packet)->frame = group->frame;
    }
    uint64_t base = mutate_header(self, change, packet);
    packet->mtp.packet = number;
    packet->ecn = group->marked ? SIM_ECN_CE : packet->ecn;
    mutate_set_range(self, change, packet, base,
                     mutate_range_of(change, base + group->start, group->end - group->start));
    mutate_forget(self, place);
    self->env->forward(self->env->device, packet, now);
}

/* Its payload is gone: it stands for the first packet that would have come of it. */
static void mutate_trimmed(struct mutate *self, const struct mutate_change *change,
                           struct sim_packet *packet, sim_time now)
{
    uint32_t number = packet->mtp.packet * change->split / change->merge;
    uint64_t from = packet->mtp.offset_bytes;
    uint64_t base = mutate_header(self, change, packet);
    packet->mtp.packet = number;
    mutate_set_range(self, change, packet, base, mutate_range_of(change, base + from, 0));
    self->env->forward(self->env->device, packet, now);
}

/* ---- other transports ---- */

static bool mutate_is_datagram(const struct sim_packet *packet)
{
    return packet->protocol == SIM_PROTOCOL_UDP ||
           (packet->protocol == SIM_PROTOCOL_RDMA &&
            (packet->datagram.flags & SIM_RDMA_DATAGRAM) != 0);
}

/* Each datagram says where its bytes belong, and no header counts datagrams: it is changed by
 * itself. */
static void mutate_datagram(struct mutate *self, const struct mutate_change *change,
                            struct sim_packet *packet, sim_time now)
{
    const struct sim_datagram_header was = packet->datagram;
    uint32_t header = packet->size_bytes - was.payload_bytes;
    if (packet->flags & SIM_PACKET_FRAMED)
        sim_packet_rare(self->env->pool, packet)->frame.bytes =
            change_bytes(change, was.message_bytes);
    struct mutate_range all = mutate_range_of(change, was.offset, was.payload_bytes);
    for (uint32_t piece = 0; piece < change->split; piece++) {
        struct mutate_range range = mutate_piece(change, all, piece);
        bool last = piece + 1 == change->split;
        struct sim_packet *part = last ? packet : sim_packet_copy(self->env->pool, packet);
        if (was.message_bytes != SIM_ENDLESS)
            part->datagram.message_bytes = change_bytes(change, was.message_bytes);
        part->datagram.offset = range.start;
        part->datagram.payload_bytes = (uint16_t)range.bytes;
        part->size_bytes = (uint16_t)(header + part->datagram.payload_bytes);
        if (last)
            self->env->forward(self->env->device, part, now);
        else
            self->env->emit(self->env->device, part, now);
    }
}

/* What a device does that knows the application and not the transport's state. */
static void mutate_segment(struct mutate *self, const struct mutate_change *change,
                           struct sim_packet *packet, sim_time now)
{
    uint32_t header = packet->size_bytes - packet->common.payload_bytes;
    uint64_t payload = change_bytes(change, packet->common.payload_bytes);
    if (payload > self->env->mtu_bytes - header)
        payload = self->env->mtu_bytes - header;
    if (payload == 0)
        payload = 1;
    packet->common.payload_bytes = (uint16_t)payload;
    packet->size_bytes = (uint16_t)(header + payload);
    packet->flags |= SIM_PACKET_DAMAGED;
    self->env->forward(self->env->device, packet, now);
}

/* ---- the device ---- */

/* The change that the packet, or what it acknowledges, has gone through: this went to whoever sends
 * the acknowledgement, which between two servers is on the way to one as well. */
static const struct mutate_change *mutate_change_of(const struct mutate *self,
                                                    const struct sim_packet *packet,
                                                    enum sim_device_way way)
{
    bool towards = way == SIM_DEVICE_TOWARDS;
    if (packet->protocol == SIM_PROTOCOL_MTP && !(packet->mtp.flags & SIM_MTP_DATA))
        towards = self->env->is_server(self->env->device, packet->src);
    return towards ? &self->towards : &self->back;
}

static enum sim_device_use mutate_look(void *state, const struct sim_packet *packet,
                                       enum sim_device_way way)
{
    const struct mutate *self = state;
    if (way == SIM_DEVICE_OWN || mutate_change_of(self, packet, way)->none)
        return SIM_DEVICE_PASS;
    if (packet->protocol != SIM_PROTOCOL_MTP)
        return packet->common.payload_bytes ? SIM_DEVICE_SERVE : SIM_DEVICE_PASS;
    if (!sim_device_reads(&self->params->device, packet))
        return SIM_DEVICE_PASS;
    return packet->mtp.flags & SIM_MTP_DATA ? SIM_DEVICE_SERVE : SIM_DEVICE_PEEK;
}

static void mutate_take(void *state, struct sim_packet *packet, enum sim_device_way way,
                        sim_time now)
{
    struct mutate *self = state;
    const struct mutate_change *change = mutate_change_of(self, packet, way);
    bool back = change == &self->back;
    bool trimmed = packet->flags & SIM_PACKET_TRIMMED;
    if (mutate_is_datagram(packet))
        mutate_datagram(self, change, packet, now);
    else if (packet->protocol != SIM_PROTOCOL_MTP)
        mutate_segment(self, change, packet, now);
    else if (!(packet->mtp.flags & SIM_MTP_DATA))
        mutate_ack(self, change, (uint64_t)packet->dst << 1 | back, packet, now);
    else if (trimmed)
        mutate_trimmed(self, change, packet, now);
    else if (change->merge > 1)
        mutate_merge(self, change, (uint64_t)packet->src << 1 | back, packet, now);
    else
        mutate_split(self, change, packet, now);
}

static void mutate_restart(void *state, sim_time now)
{
    struct mutate *self = state;
    (void)now;
    while (self->table.count)
        mutate_forget(self, self->table.oldest);
}

static bool mutate_counter(const void *state, uint32_t index, struct sim_device_counter *counter)
{
    const struct mutate *self = state;
    const struct sim_device_counter counters[] = {
        {"forgotten", self->forgotten},
        {"early_sacks", self->early},
        {"refused", self->refused},
    };
    const uint32_t count = sizeof counters / sizeof counters[0];
    *counter = counters[index < count ? index : 0];
    return index < count;
}

static void mutate_init(void *state, const void *params, const struct sim_device_env *env)
{
    struct mutate *self = state;
    self->params = params;
    self->env = env;
    self->towards = change_of(self->params->ratio);
    self->back = change_of(self->params->ratio_back);
    offload_table_init(&self->table, (uint32_t)self->params->groups);
    self->groups = calloc(self->params->groups, sizeof *self->groups);
    SIM_CHECK(self->groups, "out of memory for a device");
}

static void mutate_clear(void *state)
{
    struct mutate *self = state;
    while (self->table.count)
        mutate_forget(self, self->table.oldest);
    offload_table_clear(&self->table);
    free(self->groups);
}

static const struct sim_device_ops mutate_device = {
    .init = mutate_init,
    .clear = mutate_clear,
    .look = mutate_look,
    .take = mutate_take,
    .restart = mutate_restart,
    .counter = mutate_counter,
};

/* ---- the table ---- */

#define MEMBER(member) .offset = offsetof(struct mutate_params, member)

static const struct sim_param mutate_table[] = {
    SIM_DEVICE_PARAMS(struct mutate_params),
    {.name = "ratio",
     .help = "bytes that come out for one that goes in, on the way to the servers",
     .fallback = "1",
     MEMBER(ratio),
     .min = 1.0 / 32,
     .max = 32,
     .type = SIM_PARAM_REAL},
    {.name = "ratio_back",
     .help = "the same on the way from the servers",
     .fallback = "1",
     MEMBER(ratio_back),
     .min = 1.0 / 32,
     .max = 32,
     .type = SIM_PARAM_REAL},
    {.name = "groups",
     .help = "groups of packets of a message that it can hold at a time",
     .fallback = "1024",
     MEMBER(groups),
     .min = 1,
     .max = 1e6,
     .type = SIM_PARAM_COUNT},
    {.name = "patience",
     .help = "packets that wait for others of their group for longer are acknowledged",
     .fallback = "50us",
     MEMBER(patience),
     .min = (double)SIM_NS,
     .max = (double)SIM_S,
     .type = SIM_PARAM_TIME},
    {.name = NULL},
};

const struct sim_offload_ops mutate_offload = {
    .plugin = {.abi = SIM_ABI,
               .kind = SIM_OFFLOAD,
               .name = "mutate",
               .summary = "changes lengths of messages and numbers of packets, as compression does",
               .source = "paper, 2.2, 3.1.2",
               .state_size = sizeof(struct mutate),
               .params_size = sizeof(struct mutate_params),
               .params = mutate_table},
    .device = &mutate_device,
};
