/* The acknowledgements of `mutate`: the receiver counts packets in the new numbers, the sender in
 * its own.
 *
 * A packet SACK of a merged group becomes one for each of its packets; that of a piece becomes the
 * packet's when all its pieces are acknowledged. Path feedback belongs to the first entry, so this
 * goes on as the first one or not at all. Message SACKs, and NACKs of messages, pass as they are.
 */
#include "models/offload/mutate.h"

#include "models/wire/mtp.h"

/* Whether all pieces of the packet that the first entry is about are acknowledged now. Other
 * entries, which are there against the loss of acknowledgements, count as far as they are about the
 * same packet. */
static bool mutate_join(struct mutate *self, const struct mutate_change *change, uint64_t source,
                        const union sim_packet_lists *lists)
{
    const struct sim_mtp_sack *first = &lists->mtp.sack[0];
    uint32_t number = first->packet / change->split;
    uint32_t place = mutate_group(self, source, first->message, number);
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++) {
        const struct sim_mtp_sack *sack = &lists->mtp.sack[i];
        if (sack->message == first->message && sack->packet / change->split == number)
            self->groups[place].mask |= 1u << sack->packet % change->split;
    }
    mutate_report(self);
    if (self->groups[place].mask != (uint32_t)((UINT64_C(1) << change->split) - 1))
        return false;
    mutate_forget(self, place);
    return true;
}

static bool mutate_is_delivered(const union sim_packet_lists *lists, uint64_t message)
{
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++)
        if (lists->mtp.sack[i].message == message && lists->mtp.sack[i].packet == SIM_MTP_WHOLE)
            return true;
    return false;
}

/* Whether the first entry, whose the path feedback is, can be passed on. */
static bool mutate_first_passes(struct mutate *self, const struct mutate_change *change,
                                uint64_t source, const union sim_packet_lists *lists)
{
    const struct sim_mtp_sack *first = &lists->mtp.sack[0];
    if (lists->mtp.sack_count == 0 || first->packet == SIM_MTP_WHOLE)
        return true;
    bool complete = mutate_join(self, change, source, lists);
    uint32_t place = offload_table_find(
        &self->table, mutate_key(source, first->packet / change->split), first->message);
    bool delivered = mutate_is_delivered(lists, first->message);
    if (delivered && place != OFFLOAD_NONE)
        mutate_forget(self, place);
    return complete || delivered;
}

/* Leaves the first entry and those of whole messages; packets by their sender's numbers. */
static void mutate_join_sacks(const struct mutate_change *change, union sim_packet_lists *lists,
                              union sim_packet_rare *rare)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++) {
        struct sim_mtp_sack sack = lists->mtp.sack[i];
        if (sack.packet != SIM_MTP_WHOLE)
            sack.packet /= change->split;
        if (i == 0 || sack.packet == SIM_MTP_WHOLE)
            lists->mtp.sack[kept++] = sack;
    }
    lists->mtp.sack_count = (uint8_t)kept;
    for (uint32_t i = 0; i < lists->mtp.nack_count; i++)
        if (rare->mtp.nack[i].packet != SIM_MTP_WHOLE)
            rare->mtp.nack[i].packet /= change->split;
}

/* The entries of a merged group's packets in place of the group's, and those of whole messages. All
 * in one acknowledgement: were some of the packets acknowledged and others not, these would be sent
 * again without those that they were merged with. Numbers beyond a message's end name nothing. */
static void mutate_spread_sacks(const struct mutate_change *change, union sim_packet_lists *lists)
{
    struct sim_mtp_sack entries[SIM_MTP_SACK_MAX];
    uint32_t count = lists->mtp.sack_count, kept = 0;
    for (uint32_t i = 0; i < count; i++)
        entries[i] = lists->mtp.sack[i];
    for (uint32_t i = 0; count && entries[0].packet != SIM_MTP_WHOLE && i < change->merge; i++)
        lists->mtp.sack[kept++] = (struct sim_mtp_sack){
            .message = entries[0].message,
            .packet = entries[0].packet * change->merge + i,
        };
    for (uint32_t i = 0; i < count && kept < SIM_MTP_SACK_MAX; i++)
        if (entries[i].packet == SIM_MTP_WHOLE)
            lists->mtp.sack[kept++] = entries[i];
    lists->mtp.sack_count = (uint8_t)kept;
}

static void mutate_spread_nack(const struct mutate_change *change, union sim_packet_lists *lists,
                               union sim_packet_rare *rare)
{
    struct sim_mtp_sack first = rare->mtp.nack[0];
    if (lists->mtp.nack_count == 0 || first.packet == SIM_MTP_WHOLE)
        return;
    for (uint32_t i = 0; i < change->merge; i++)
        rare->mtp.nack[i] = (struct sim_mtp_sack){
            .message = first.message,
            .packet = first.packet * change->merge + i,
        };
    lists->mtp.nack_count = (uint8_t)change->merge;
}

void mutate_ack(struct mutate *self, const struct mutate_change *change, uint64_t source,
                struct sim_packet *packet, sim_time now)
{
    union sim_packet_lists *lists = sim_packet_lists(self->env->pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(self->env->pool, packet);
    if (change->split > 1 && !mutate_first_passes(self, change, source, lists)) {
        self->env->absorb(self->env->device, packet);
        return;
    }
    if (change->merge > 1) {
        mutate_spread_sacks(change, lists);
        mutate_spread_nack(change, lists, rare);
    } else {
        mutate_join_sacks(change, lists, rare);
    }
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
    self->env->forward(self->env->device, packet, now);
}
