/* The receiving half: an answer to every data packet, written into that packet, so that its path
 * feedback becomes the ACK path feedback where it lies.
 *
 * The first SACK entry is the packet's own, then the message's if it is delivered; the newest
 * earlier ones follow, four in all, against the loss of acknowledgements. A message of one packet
 * gets the message's entry alone. A trimmed packet is answered by a NACK of its own, without SACK
 * entries. The answer keeps priority and hash, so that both ways are treated alike. It is marked as
 * encrypted when the message was, and then all its entries are about such messages: a device that
 * translates acknowledgements must know which of them are not its business.
 *
 * Pathlet 0. Feedback says what labelled ports saw; CE is set by queues without a label. The
 * receiver adds an entry of pathlet 0 with the CE bit as its mark when no port was labelled or when
 * CE is set, and from then on to all answers to this source: were it there with marks only, the
 * path would seem to change with every mark, and a window that hears nothing but marks would close.
 *
 * With feedback_every above 1 the feedback is returned when it changed (pathlets, types and marks;
 * of other values each n-th), else with every n-th acknowledgement.
 *
 * A source that was silent for twice the give-up time is forgotten: its sender has given up all
 * that it could still repeat, and the second half is for packets that were on their way. Not so one
 * of which a message or a blob is incomplete: its sender may be held up by more urgent streams for
 * as long as they last, has then nothing in flight, and gives nothing up.
 */
#include "mtp.h"

#include <stdlib.h>
#include <string.h>

/* ---- sources ---- */

static void source_free(struct mtp_source *source)
{
    mtp_assembly_clear(source);
    mtp_seen_clear(&source->ids);
    demux_clear(&source->messages);
    demux_clear(&source->blobs);
    free(source);
}

/* Waits for the next silence, while there is one to come. */
static void expire(struct sim_timer *timer, sim_time now)
{
    struct mtp_receiver *receiver = (struct mtp_receiver *)timer;
    sim_time give_up = receiver->mtp->params->give_up, before = now - 2 * give_up;
    uint32_t kept = 0;
    bool wait = false;
    receiver->last = NULL;
    for (uint32_t i = 0; i < receiver->count; i++) {
        struct mtp_source *source = receiver->sources[i];
        mtp_assembly_expire(source, before);
        if (source->heard_at < before && !source->assemblies) {
            demux_remove(&receiver->by_key, source->key);
            source_free(source);
            continue;
        }
        wait |= source->heard_at >= before;
        receiver->sources[kept++] = source;
    }
    receiver->count = kept;
    if (wait)
        sim_timer_set(receiver->mtp->env->timers, timer, now + give_up);
}

void mtp_receiver_init(struct mtp_receiver *receiver, struct mtp *mtp)
{
    *receiver = (struct mtp_receiver){.mtp = mtp};
    sim_timer_init(&receiver->expiry, expire);
}

void mtp_receiver_clear(struct mtp_receiver *receiver)
{
    sim_timer_clear(receiver->mtp->env->timers, &receiver->expiry);
    for (uint32_t i = 0; i < receiver->count; i++)
        source_free(receiver->sources[i]);
    free(receiver->sources);
    demux_clear(&receiver->by_key);
}

static struct mtp_source *source_new(struct mtp_receiver *receiver, uint64_t key)
{
    struct mtp_source *source = mtp_new_lines(sizeof *source);
    source->key = key;
    receiver->sources = mtp_grow(receiver->sources, receiver->count, &receiver->capacity);
    receiver->sources[receiver->count++] = source;
    demux_add(&receiver->by_key, key, source);
    return source;
}

static struct mtp_source *source_get(struct mtp_receiver *receiver, const struct sim_packet *packet)
{
    uint64_t key = (uint64_t)packet->src << 16 | packet->mtp.message >> 48;
    if (SIM_LIKELY(receiver->last && receiver->last->key == key))
        return receiver->last;
    struct mtp_source *source = demux_find(&receiver->by_key, key);
    return receiver->last = source ? source : source_new(receiver, key);
}

size_t mtp_receiver_bytes(const struct mtp_receiver *receiver)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < receiver->count; i++) {
        const struct mtp_source *source = receiver->sources[i];
        bytes +=
            sizeof *source + source->ids.capacity * sizeof(uint64_t) + mtp_assembly_bytes(source);
    }
    return bytes;
}

/* ---- feedback ---- */

/* A request that no pathlet answered says nothing about the path. */
static void drop_requests(const struct mtp *mtp, struct sim_packet *packet,
                          union sim_packet_lists *lists)
{
    union sim_packet_rare *rare = sim_packet_rare(mtp->env->pool, packet);
    uint8_t kept = 0;
    for (uint32_t i = 0; i < packet->mtp.path_count; i++) {
        struct sim_feedback entry = sim_feedback_get(lists, rare, i);
        if (!sim_feedback_is_request(entry.type))
            sim_feedback_put(lists, rare, kept++, &entry);
    }
    packet->mtp.path_count = kept;
}

/* No place is left for pathlet 0: its mark goes to the last entry that is a mark. Without one, the
 * mark is lost; the pathlets then have models that look at other things. */
static void mark_last(struct sim_path_entry *entries, bool marked)
{
    for (uint32_t i = SIM_MTP_LIST_MAX; marked && i-- > 0;)
        if (entries[i].type == SIM_FEEDBACK_ECN) {
            entries[i].value = 1;
            return;
        }
}

static void add_implicit(struct mtp_source *source, struct sim_packet *packet,
                         union sim_packet_lists *lists)
{
    bool marked = packet->ecn == SIM_ECN_CE;
    source->implicit |= marked;
    if (SIM_LIKELY(packet->mtp.path_count && !source->implicit))
        return;
    if (SIM_UNLIKELY(packet->mtp.path_count == SIM_MTP_LIST_MAX)) {
        mark_last(lists->mtp.path, marked);
        return;
    }
    lists->mtp.path[packet->mtp.path_count++] = (struct sim_path_entry){
        .tc = packet->tc,
        .type = SIM_FEEDBACK_ECN,
        .length = 1,
        .value = marked,
    };
}

static uint64_t report_hash(const struct sim_packet *packet, const union sim_packet_lists *lists)
{
    uint64_t hash = packet->mtp.path_count;
    for (uint32_t i = 0; i < packet->mtp.path_count; i++) {
        const struct sim_path_entry *entry = &lists->mtp.path[i];
        uint64_t mark = entry->type == SIM_FEEDBACK_ECN && entry->value;
        hash = sim_mix64(hash * 31 + ((uint64_t)entry->path << 24 | (uint64_t)entry->tc << 16 |
                                      (uint64_t)entry->type << 8 | mark));
    }
    return hash;
}

/* A NACK always returns it: the sender takes it for the last that was returned. */
static void withhold(struct mtp *mtp, struct mtp_source *source, bool nack,
                     struct sim_packet *packet, const union sim_packet_lists *lists)
{
    uint64_t hash = report_hash(packet, lists);
    if (!nack && hash == source->reported && ++source->withheld < mtp->params->feedback_every) {
        mtp->counts.withheld_bytes += mtp_wire_path_bytes(packet, lists);
        packet->mtp.path_count = 0;
        return;
    }
    source->reported = hash;
    source->withheld = 0;
}

/* ---- answers ---- */

/* Makes the entry the newest of the source's. */
static void remember_sack(struct mtp_source *source, struct sim_mtp_sack entry)
{
    memmove(source->sacks + 1, source->sacks, sizeof source->sacks - sizeof source->sacks[0]);
    source->sacks[0] = entry;
    source->sack_count += source->sack_count < SIM_MTP_SACK_MAX;
}

static void fill_sack(struct mtp_source *source, const struct sim_packet *packet, bool complete,
                      union sim_packet_lists *lists)
{
    struct sim_mtp_sack own = {.message = packet->mtp.message, .packet = packet->mtp.packet};
    bool single = packet->mtp.message_packets == 1;
    bool encrypted = packet->mtp.flags & SIM_MTP_ENCRYPTED;
    if (SIM_UNLIKELY(encrypted != source->encrypted))
        source->sack_count = 0;
    source->encrypted = encrypted;
    if (complete)
        remember_sack(source,
                      (struct sim_mtp_sack){.message = own.message, .packet = SIM_MTP_WHOLE});
    if (!single || !complete)
        remember_sack(source, own);
    lists->mtp.nack_count = 0;
    lists->mtp.sack_count = source->sack_count;
    memcpy(lists->mtp.sack, source->sacks, sizeof source->sacks);
}

static void fill_nack(struct mtp *mtp, const struct sim_packet *packet,
                      union sim_packet_lists *lists)
{
    mtp->counts.nacks++;
    lists->mtp.sack_count = 0;
    lists->mtp.nack_count = 1;
    sim_packet_rare(mtp->env->pool, packet)->mtp.nack[0] =
        (struct sim_mtp_sack){.message = packet->mtp.message, .packet = packet->mtp.packet};
}

/* Path feedback as it was received. */
static void count_feedback(struct mtp *mtp, const struct sim_packet *packet,
                           const union sim_packet_lists *lists)
{
    mtp->counts.feedback_bytes += mtp_wire_path_bytes(packet, lists);
}

struct sim_packet *mtp_receiver_data(struct mtp_receiver *receiver, struct sim_packet *packet,
                                     sim_time now)
{
    struct mtp *mtp = receiver->mtp;
    union sim_packet_lists *lists = sim_packet_lists(mtp->env->pool, packet);
    struct mtp_source *source = source_get(receiver, packet);
    bool trimmed = (packet->flags & SIM_PACKET_TRIMMED) || (packet->mtp.flags & SIM_MTP_TRIMMED);
    source->heard_at = now;
    if (SIM_UNLIKELY(receiver->expiry.deadline == SIM_NEVER))
        sim_timer_set(mtp->env->timers, &receiver->expiry, now + mtp->params->give_up);
    count_feedback(mtp, packet, lists);
    if (SIM_UNLIKELY(packet->flags & SIM_PACKET_REQUESTS))
        drop_requests(mtp, packet, lists);
    add_implicit(source, packet, lists);
    bool nack = SIM_UNLIKELY(trimmed) && !mtp_assembly_has(source, packet);
    bool complete = !nack && mtp_assemble(mtp, source, packet, lists, now).complete;
    if (SIM_UNLIKELY(mtp->params->feedback_every > 1))
        withhold(mtp, source, nack, packet, lists);
    if (SIM_UNLIKELY(nack))
        fill_nack(mtp, packet, lists);
    else
        fill_sack(source, packet, complete, lists);
    mtp_wire_turn_round(packet, lists);
    mtp_debug_check(mtp, packet);
    return packet;
}
