#include "models/transport/datagrams.h"

#include <stdlib.h>

#include "models/transport/ranges.h"

#define ENDLESS_RANGES 64u /* that an endless message keeps */

/* A message that arrives, or did. */
struct datagrams_record {
    struct datagrams_record *older, *younger;
    uint64_t key;
    struct ranges arrived;
    struct framing framing;
    uint64_t left; /* bytes that did not arrive yet */
    sim_time last; /* datagram */
    bool delivered;
};

/* ---- records ---- */

static void unlink_record(struct datagrams *datagrams, struct datagrams_record *record)
{
    *(record->older ? &record->older->younger : &datagrams->oldest) = record->younger;
    *(record->younger ? &record->younger->older : &datagrams->youngest) = record->older;
}

static void append_record(struct datagrams *datagrams, struct datagrams_record *record,
                          sim_time now)
{
    record->last = now;
    record->younger = NULL;
    record->older = datagrams->youngest;
    *(datagrams->youngest ? &datagrams->youngest->younger : &datagrams->oldest) = record;
    datagrams->youngest = record;
}

static struct datagrams_record *record_of(struct datagrams *datagrams,
                                          const struct sim_packet *packet, sim_time now)
{
    uint64_t key = (uint64_t)packet->src << 32 | packet->datagram.message;
    struct datagrams_record *record = demux_find(&datagrams->records, key);
    if (record) {
        unlink_record(datagrams, record);
    } else {
        record = calloc(1, sizeof *record);
        SIM_CHECK(record, "out of memory for a message to host %u", datagrams->env->host);
        record->key = key;
        record->left = packet->datagram.message_bytes;
        demux_add(&datagrams->records, key, record);
    }
    append_record(datagrams, record, now);
    if (datagrams->expiry.deadline == SIM_NEVER)
        sim_timer_set(datagrams->env->timers, &datagrams->expiry,
                      now + datagrams->config.reassembly_timeout);
    return record;
}

static void record_free(struct datagrams *datagrams, struct datagrams_record *record)
{
    unlink_record(datagrams, record);
    demux_remove(&datagrams->records, record->key);
    ranges_clear(&record->arrived);
    framing_clear(&record->framing);
    free(record);
}

static void expiry_fire(struct sim_timer *timer, sim_time now)
{
    struct datagrams *datagrams =
        (struct datagrams *)((char *)timer - offsetof(struct datagrams, expiry));
    sim_time timeout = datagrams->config.reassembly_timeout;
    while (datagrams->oldest && datagrams->oldest->last + timeout <= now) {
        datagrams->counts.given_up += !datagrams->oldest->delivered;
        record_free(datagrams, datagrams->oldest);
    }
    if (datagrams->oldest)
        sim_timer_set(datagrams->env->timers, timer, datagrams->oldest->last + timeout);
}

/* ---- arrivals ---- */

static void take_in(struct datagrams *datagrams, struct datagrams_record *record,
                    const struct sim_packet *packet, sim_time now)
{
    const struct sim_datagram_header *header = &packet->datagram;
    const struct sim_transport_env *env = datagrams->env;
    struct range range = {header->offset, header->offset + header->payload_bytes};
    uint64_t end = ranges_end(&record->arrived);
    uint64_t fresh = ranges_add(&record->arrived, range, NULL);
    datagrams->counts.reordered += fresh && range.start < end;
    if (header->message_bytes == SIM_ENDLESS)
        ranges_forget(&record->arrived, ENDLESS_RANGES);
    else
        record->left -= fresh;
    if (!record->delivered)
        framing_take(&record->framing, env->pool, packet, fresh);
    if (fresh)
        env->app_ops->received(env->app, packet, (uint32_t)fresh, now);
    if (record->left || record->delivered)
        return;
    record->delivered = true;
    framing_deliver(&record->framing, env, packet->src, header->message, now);
}

/* A trimmed datagram is none: its checksum would be wrong. */
void datagrams_receive(struct datagrams *datagrams, struct sim_packet *packet, sim_time now)
{
    const struct sim_datagram_header *header = &packet->datagram;
    if (header->offset + header->payload_bytes > header->message_bytes)
        datagrams->counts.malformed++;
    else if (!(packet->flags & SIM_PACKET_TRIMMED))
        take_in(datagrams, record_of(datagrams, packet, now), packet, now);
    sim_packet_free(datagrams->env->pool, packet);
}

/* ---- departures ---- */

static struct sim_packet *write_piece(struct datagrams *datagrams, const struct outbox_piece *piece)
{
    struct sim_packet *packet = sim_packet_new(datagrams->env->pool);
    packet->size_bytes = (uint16_t)(datagrams->config.header_bytes + piece->bytes);
    packet->protocol = (uint8_t)datagrams->config.protocol;
    packet->src = datagrams->env->host;
    packet->dst = piece->flow->dst;
    packet->hash = piece->flow->hash;
    packet->priority = piece->priority;
    framing_write(datagrams->env->pool, packet, piece->frame);
    packet->datagram = (struct sim_datagram_header){
        .src_port = piece->flow->src_port,
        .dst_port = piece->flow->dst_port,
        .flags = datagrams->config.flags,
        .payload_bytes = (uint16_t)piece->bytes,
        .message = piece->number,
        .message_bytes = piece->message_bytes,
        .offset = piece->offset,
    };
    return packet;
}

struct sim_packet *datagrams_transmit(struct datagrams *datagrams, sim_time now)
{
    uint32_t header_bytes = datagrams->config.header_bytes;
    struct outbox_piece piece;
    if (!outbox_take(&datagrams->outbox, datagrams->env->mtu_bytes - header_bytes, &piece))
        return NULL;
    struct sim_packet *packet = write_piece(datagrams, &piece);
    datagrams->counts.data_packets++;
    datagrams->counts.data_payload_bytes += piece.bytes;
    datagrams->counts.data_header_bytes += header_bytes;
    outbox_sent(&datagrams->outbox, &piece, packet->size_bytes, now);
    return packet;
}

void datagrams_init(struct datagrams *datagrams, const struct sim_transport_env *env,
                    const struct datagrams_config *config, bool *is_ready)
{
    *datagrams = (struct datagrams){.env = env, .config = *config};
    outbox_init(&datagrams->outbox, env, config->rate_bps, is_ready);
    demux_init(&datagrams->records);
    sim_timer_init(&datagrams->expiry, expiry_fire);
}

void datagrams_clear(struct datagrams *datagrams)
{
    while (datagrams->oldest)
        record_free(datagrams, datagrams->oldest);
    sim_timer_clear(datagrams->env->timers, &datagrams->expiry);
    demux_clear(&datagrams->records);
    outbox_clear(&datagrams->outbox);
}

void datagrams_memory(const struct datagrams *datagrams, struct sim_transport_memory *memory)
{
    outbox_memory(&datagrams->outbox, memory);
    for (const struct datagrams_record *at = datagrams->oldest; at; at = at->younger)
        memory->flow_bytes += sizeof *at + ranges_bytes(&at->arrived);
    memory->other_bytes += demux_bytes(&datagrams->records);
}
