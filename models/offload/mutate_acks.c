/* The acknowledgements of `mutate`: the receiver counts packets in the new numbers, the sender in
 * its own.
 *
 * A packet SACK of a piece becomes the packet's when all its pieces are acknowledged. That of a
 * merged group becomes one for each of its packets, all in one acknowledgement: were some of them
 * acknowledged and others not, these would be sent again without those that they were merged with.
 * So it is with NACKs: each is translated, in as many acknowledgements as it takes. Message SACKs,
 * and NACKs of messages, pass as they are.
 *
 * Only what an acknowledgement says that is new is translated: its first entry, or those of one
 * group, if another device made them of one. What is repeated against loss is left out, for the
 * groups that it is about are no longer known.
 */
#include "models/offload/answers.h"
#include "models/offload/mutate.h"
#include "models/wire/mtp.h"

/* The entries as they came; those in [first, end) are news of packets. Of one message and in the
 * order of numbers, unlike what is repeated. */
struct mutate_sacks {
    struct sim_mtp_sack entries[SIM_MTP_SACK_MAX];
    uint32_t count, first, end;
};

static bool follows(const struct sim_mtp_sack *before, const struct sim_mtp_sack *sack)
{
    return sack->message == before->message && sack->packet > before->packet;
}

static void mutate_read_sacks(struct mutate_sacks *sacks, const union sim_packet_lists *lists)
{
    const struct sim_mtp_sack *entries = sacks->entries;
    sacks->count = lists->mtp.sack_count;
    for (uint32_t i = 0; i < sacks->count; i++)
        sacks->entries[i] = lists->mtp.sack[i];
    sacks->first = sacks->count && entries[0].packet == OFFLOAD_NOBODY;
    sacks->end = sacks->first;
    while (sacks->end < sacks->count && entries[sacks->end].packet < OFFLOAD_NOBODY &&
           (sacks->end == sacks->first || follows(&entries[sacks->end - 1], &entries[sacks->end])))
        sacks->end++;
}

/* ---- writing ---- */

static void mutate_put(union sim_packet_lists *lists, uint64_t message, uint32_t packet)
{
    if (lists->mtp.sack_count < SIM_MTP_SACK_MAX)
        lists->mtp.sack[lists->mtp.sack_count++] =
            (struct sim_mtp_sack){.message = message, .packet = packet};
}

static void mutate_begin(union sim_packet_lists *lists, const struct mutate_sacks *sacks)
{
    lists->mtp.sack_count = 0;
    if (sacks->first)
        mutate_put(lists, sacks->entries[0].message, OFFLOAD_NOBODY);
}

static void mutate_put_messages(union sim_packet_lists *lists, const struct mutate_sacks *sacks)
{
    for (uint32_t i = 0; i < sacks->count; i++)
        if (sacks->entries[i].packet == SIM_MTP_WHOLE)
            mutate_put(lists, sacks->entries[i].message, SIM_MTP_WHOLE);
}

/* ---- pieces ---- */

static bool mutate_is_delivered(const struct mutate_sacks *sacks, uint64_t message)
{
    for (uint32_t i = 0; i < sacks->count; i++)
        if (sacks->entries[i].message == message && sacks->entries[i].packet == SIM_MTP_WHOLE)
            return true;
    return false;
}

/* The pieces of that packet that the acknowledgement names. */
static uint32_t mutate_pieces(const struct mutate_change *change, const struct mutate_sacks *sacks,
                              uint64_t message, uint32_t number)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < sacks->count; i++) {
        const struct sim_mtp_sack *sack = &sacks->entries[i];
        if (sack->message == message && sack->packet / change->split == number)
            mask |= 1u << sack->packet % change->split;
    }
    return mask;
}

/* Whether all pieces of the packet that the entry is about are acknowledged, or its message is. */
static bool mutate_is_complete(struct mutate *self, const struct mutate_change *change,
                               uint64_t source, const struct mutate_sacks *sacks,
                               const struct sim_mtp_sack *news, sim_time now)
{
    if (change->split == 1)
        return true;
    uint32_t number = news->packet / change->split;
    bool delivered = mutate_is_delivered(sacks, news->message);
    uint32_t place = mutate_group(self, source, news->message, number, now);
    if (place == OFFLOAD_NONE)
        return delivered;
    self->groups[place].mask |= mutate_pieces(change, sacks, news->message, number);
    mutate_report(self);
    if (!delivered && self->groups[place].mask != (uint32_t)((UINT64_C(1) << change->split) - 1))
        return false;
    mutate_forget(self, place);
    return true;
}

/* Gives whether there is something to say. */
static bool mutate_join_sacks(struct mutate *self, const struct mutate_change *change,
                              uint64_t source, union sim_packet_lists *lists, sim_time now)
{
    struct mutate_sacks sacks;
    mutate_read_sacks(&sacks, lists);
    bool speaks = sacks.first == sacks.end;
    mutate_begin(lists, &sacks);
    for (uint32_t i = sacks.first; i < sacks.end; i++) {
        const struct sim_mtp_sack *news = &sacks.entries[i];
        uint32_t number = news->packet / change->split;
        if (i > sacks.first && news[-1].packet / change->split == number)
            continue;
        if (!mutate_is_complete(self, change, source, &sacks, news, now))
            continue;
        mutate_put(lists, news->message, number);
        speaks = true;
    }
    mutate_put_messages(lists, &sacks);
    return speaks;
}

static void mutate_join_nacks(const struct mutate_change *change,
                              const union sim_packet_lists *lists, union sim_packet_rare *rare)
{
    for (uint32_t i = 0; i < lists->mtp.nack_count; i++)
        if (rare->mtp.nack[i].packet != SIM_MTP_WHOLE)
            rare->mtp.nack[i].packet /= change->split;
}

/* ---- merged groups ---- */

/* Numbers beyond a message's end name nothing. */
static void mutate_spread(const struct mutate_change *change, const struct mutate_sacks *sacks,
                          const struct sim_mtp_sack *news, union sim_packet_lists *lists)
{
    mutate_begin(lists, sacks);
    for (uint32_t i = 0; news && i < change->merge; i++)
        mutate_put(lists, news->message, news->packet * change->merge + i);
    mutate_put_messages(lists, sacks);
}

/* One acknowledgement for each entry that is news; the last one is the packet itself. */
static void mutate_spread_sacks(struct mutate *self, const struct mutate_change *change,
                                struct sim_packet *packet, sim_time now)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    struct mutate_sacks sacks;
    mutate_read_sacks(&sacks, lists);
    for (uint32_t i = sacks.first; i + 1 < sacks.end; i++) {
        struct sim_packet *copy = sim_packet_copy(self->env->pool, packet);
        union sim_packet_lists *copied = sim_packet_lists(self->env->pool, copy);
        copied->mtp.nack_count = 0;
        mutate_spread(change, &sacks, &sacks.entries[i], copied);
        copy->size_bytes = (uint16_t)mtp_wire_size(copy, copied);
        self->env->emit(self->env->device, copy, now);
    }
    bool news = sacks.first < sacks.end;
    mutate_spread(change, &sacks, news ? &sacks.entries[sacks.end - 1] : NULL, lists);
}

/* The acknowledgement with the NACKs that are in it so far, ahead of itself. If it has SACKs, path
 * feedback is the first of these's. */
static void mutate_emit_nacks(struct mutate *self, struct sim_packet *packet, sim_time now)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    struct sim_packet *copy = sim_packet_copy(self->env->pool, packet);
    union sim_packet_lists *copied = sim_packet_lists(self->env->pool, copy);
    if (copied->mtp.sack_count) {
        copy->mtp.path_count = 0;
        copied->mtp.sack_count = 1;
        copied->mtp.sack[0].packet = OFFLOAD_NOBODY;
    }
    copy->size_bytes = (uint16_t)mtp_wire_size(copy, copied);
    self->env->emit(self->env->device, copy, now);
    lists->mtp.nack_count = 0;
}

/* A NACK for each packet of the groups, in as many acknowledgements as they take. */
static void mutate_spread_nacks(struct mutate *self, const struct mutate_change *change,
                                struct sim_packet *packet, sim_time now)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(self->env->pool, packet);
    struct sim_mtp_sack entries[SIM_MTP_SACK_MAX];
    uint32_t count = lists->mtp.nack_count;
    for (uint32_t i = 0; i < count; i++)
        entries[i] = rare->mtp.nack[i];
    lists->mtp.nack_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool whole = entries[i].packet == SIM_MTP_WHOLE;
        uint32_t packets = whole ? 1 : change->merge;
        if (lists->mtp.nack_count + packets > SIM_MTP_SACK_MAX)
            mutate_emit_nacks(self, packet, now);
        for (uint32_t j = 0; j < packets; j++)
            rare->mtp.nack[lists->mtp.nack_count++] = (struct sim_mtp_sack){
                .message = entries[i].message,
                .packet = whole ? SIM_MTP_WHOLE : entries[i].packet * change->merge + j,
            };
    }
}

void mutate_ack(struct mutate *self, const struct mutate_change *change, uint64_t source,
                struct sim_packet *packet, sim_time now)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(self->env->pool, packet);
    bool speaks = true;
    if (change->merge > 1) {
        mutate_spread_sacks(self, change, packet, now);
        mutate_spread_nacks(self, change, packet, now);
    } else {
        speaks = mutate_join_sacks(self, change, source, lists, now) || lists->mtp.nack_count;
        mutate_join_nacks(change, lists, rare);
    }
    if (!speaks) {
        self->env->absorb(self->env->device, packet);
        return;
    }
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
    self->env->forward(self->env->device, packet, now);
}
