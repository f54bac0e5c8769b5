#include "models/offload/answers.h"

#include "models/wire/mtp.h"

#define FEEDBACK_ROOM (MTP_LIST_HEAD_BYTES + SIM_MTP_LIST_MAX * (MTP_FEEDBACK_BYTES + 1))

uint32_t offload_payload_max(const struct sim_device_env *env)
{
    return env->mtu_bytes - MTP_IP_BYTES - MTP_FIXED_BYTES - FEEDBACK_ROOM;
}

void offload_sack(const struct sim_device_env *env, struct sim_packet *packet)
{
    union sim_packet_lists *lists = sim_packet_lists(env->pool, packet);
    struct sim_mtp_sack sack = {.message = packet->mtp.message, .packet = packet->mtp.packet};
    lists->mtp.nack_count = 0;
    lists->mtp.sack_count = 1;
    lists->mtp.sack[0] = sack;
    mtp_wire_turn_round(packet, lists);
}

struct sim_packet *offload_answer(const struct sim_device_env *env, const struct sim_answer *answer)
{
    struct sim_packet *packet = sim_packet_new(env->pool);
    union sim_packet_lists *lists = sim_packet_lists(env->pool, packet);
    packet->ecn = SIM_ECN_ECT;
    packet->protocol = SIM_PROTOCOL_MTP;
    packet->src = env->address;
    packet->dst = answer->dst;
    packet->hash = (uint32_t)sim_mix64(answer->message ^ (uint64_t)answer->dst << 32);
    packet->priority = answer->priority;
    packet->flags = SIM_PACKET_FEEDBACK | SIM_PACKET_FRAMED;
    packet->mtp = (struct sim_mtp_header){
        .src_port = answer->src_port,
        .dst_port = answer->dst_port,
        .flags = (uint8_t)(SIM_MTP_DATA | (answer->encrypted ? SIM_MTP_ENCRYPTED : 0)),
        .payload_bytes = (uint16_t)answer->bytes,
        .message = answer->message,
        .message_bytes = answer->bytes,
        .message_packets = 1,
    };
    lists->mtp.exclude_count = lists->mtp.sack_count = lists->mtp.nack_count = 0;
    lists->mtp.has_blob = false;
    lists->mtp.number = 0;
    sim_packet_rare(env->pool, packet)->frame = (struct sim_frame){
        .origin = env->address,
        .dst = answer->dst,
        .bytes = answer->bytes,
        .content = answer->content,
    };
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
    return packet;
}

/* ---- acknowledgements ---- */

static void append_sack(union sim_packet_lists *lists, uint64_t message, uint32_t packet)
{
    if (lists->mtp.sack_count < SIM_MTP_SACK_MAX)
        lists->mtp.sack[lists->mtp.sack_count++] =
            (struct sim_mtp_sack){.message = message, .packet = packet};
}

bool offload_relay(const struct sim_device_env *env, struct sim_packet *packet)
{
    union sim_packet_lists *lists = sim_packet_lists(env->pool, packet);
    union sim_packet_rare *rare = sim_packet_rare(env->pool, packet);
    struct sim_mtp_sack entries[SIM_MTP_SACK_MAX];
    uint32_t count = lists->mtp.sack_count;
    for (uint32_t i = 0; i < count; i++)
        entries[i] = lists->mtp.sack[i];
    lists->mtp.sack_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].packet != SIM_MTP_WHOLE)
            continue;
        if (lists->mtp.sack_count == 0) /* the feedback is of the answer's path */
            append_sack(lists, entries[i].message, OFFLOAD_NOBODY);
        append_sack(lists, entries[i].message, SIM_MTP_WHOLE);
    }
    for (uint32_t i = 0; i < lists->mtp.nack_count; i++)
        rare->mtp.nack[i].packet = SIM_MTP_WHOLE;
    packet->dst = packet->src;
    packet->src = env->address;
    packet->mtp.path_count = 0;
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
    return lists->mtp.sack_count || lists->mtp.nack_count;
}

struct sim_packet *offload_verdict(const struct sim_device_env *env, uint32_t src, uint32_t dst,
                                   uint64_t message, bool encrypted, enum offload_verdict verdict)
{
    struct sim_packet *packet = sim_packet_new(env->pool);
    union sim_packet_lists *lists = sim_packet_lists(env->pool, packet);
    packet->protocol = SIM_PROTOCOL_MTP;
    packet->src = src;
    packet->dst = dst;
    packet->hash = (uint32_t)sim_mix64(message ^ (uint64_t)dst << 32);
    packet->mtp = (struct sim_mtp_header){
        .flags = (uint8_t)(SIM_MTP_ACK | (encrypted ? SIM_MTP_ENCRYPTED : 0)),
    };
    lists->mtp.exclude_count = lists->mtp.sack_count = lists->mtp.nack_count = 0;
    lists->mtp.has_blob = false;
    append_sack(lists, message, OFFLOAD_NOBODY);
    if (verdict == OFFLOAD_DELIVERED)
        append_sack(lists, message, SIM_MTP_WHOLE);
    if (verdict == OFFLOAD_GIVEN_UP)
        sim_packet_rare(env->pool, packet)->mtp.nack[lists->mtp.nack_count++] =
            (struct sim_mtp_sack){.message = message, .packet = SIM_MTP_WHOLE};
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
    return packet;
}
