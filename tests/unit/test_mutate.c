/* mutate: the datagrams of UDP and of RDMA, each changed by itself, and the NACKs of merged groups.
 * What else it does to messages of MTP test_mtp_devices.c tells. */
#include "models/offload/scaling.h"
#include "models/wire/mtp.h"
#include "support/bench.h"
#include "support/suite.h"

extern const struct sim_offload_ops mutate_offload;

#define HEADER 44u

static const struct ratio_case {
    double ratio;
    uint32_t pieces; /* of a datagram */
    uint8_t protocol;
} ratios[] = {
    {0.4, 1, SIM_PROTOCOL_UDP}, {0.25, 1, SIM_PROTOCOL_RDMA}, {1.5, 2, SIM_PROTOCOL_UDP},
    {2, 2, SIM_PROTOCOL_RDMA},  {2.5, 3, SIM_PROTOCOL_UDP},   {1, 1, SIM_PROTOCOL_UDP},
};

static void start(struct bench *bench, double ratio)
{
    bench_init(bench, &mutate_offload);
    double *towards = bench_parameter(bench, "ratio", SIM_PARAM_REAL);
    double *back = bench_parameter(bench, "ratio_back", SIM_PARAM_REAL);
    uint64_t *groups = bench_parameter(bench, "groups", SIM_PARAM_COUNT);
    *towards = ratio;
    *back = 1;
    *groups = 16;
    bench_start(bench);
}

static struct bench_packet datagram(uint8_t protocol, uint64_t message, uint64_t offset,
                                    uint16_t bytes)
{
    struct bench_packet packet = {
        .line = {.protocol = protocol,
                 .dst = BENCH_SERVER,
                 .size_bytes = (uint16_t)(HEADER + bytes),
                 .datagram = {.payload_bytes = bytes, .message_bytes = message, .offset = offset}},
    };
    if (protocol == SIM_PROTOCOL_RDMA)
        packet.line.datagram.flags = SIM_RDMA_DATAGRAM;
    if (offset == 0) {
        packet.line.flags = SIM_PACKET_FRAMED;
        packet.rare.frame.bytes = message;
    }
    return packet;
}

/* A message of 10000 bytes in datagrams of 1400: what comes out is floor(10000 * ratio) bytes (the
 * ratio has 32 binary places), each once and in its place, in datagrams that say so. */
START_TEST(mutate__datagrams_keep_their_place)
{
    const struct ratio_case *row = &ratios[_i];
    uint64_t length = offload_scale(offload_ratio_q32(row->ratio), 10000), at = 0;
    struct bench bench;
    start(&bench, row->ratio);
    for (uint64_t offset = 0; offset < 10000; offset += 1400) {
        uint16_t bytes = (uint16_t)MIN(1400, 10000 - offset);
        struct bench_packet in = datagram(row->protocol, 10000, offset, bytes);
        bench_pass(&bench, &in, (sim_time)offset);
        if (row->ratio == 1) /* not for it to change */
            continue;
        for (uint32_t piece = 0; piece < row->pieces; piece++) {
            bool last = piece + 1 == row->pieces;
            const struct bench_packet *out =
                bench_next(&bench, last ? BENCH_FORWARDED : BENCH_EMITTED);
            ck_assert_uint_eq(out->line.datagram.message_bytes, length);
            ck_assert_uint_eq(out->line.datagram.offset, at);
            ck_assert_uint_eq(out->line.size_bytes, HEADER + out->line.datagram.payload_bytes);
            ck_assert_uint_le(out->line.size_bytes, bench.env.mtu_bytes);
            if (out->line.flags & SIM_PACKET_FRAMED)
                ck_assert_uint_eq(out->rare.frame.bytes, length);
            at += out->line.datagram.payload_bytes;
        }
    }
    ck_assert_uint_eq(at, row->ratio == 1 ? 0 : length);
    bench_quiet(&bench);
    ck_assert_uint_eq(bench.most_bytes, 0);
    bench_clear(&bench);
}
END_TEST

/* An endless flow has no length to change. */
START_TEST(mutate__endless_stays_endless)
{
    struct bench bench;
    start(&bench, 0.4);
    struct bench_packet in = datagram(SIM_PROTOCOL_UDP, SIM_ENDLESS, 1400, 1400);
    bench_pass(&bench, &in, 0);
    const struct bench_packet *out = bench_next(&bench, BENCH_FORWARDED);
    ck_assert_uint_eq(out->line.datagram.message_bytes, SIM_ENDLESS);
    uint64_t ratio = offload_ratio_q32(0.4), start = offload_scale(ratio, 1400);
    ck_assert_uint_eq(out->line.datagram.offset, start);
    ck_assert_uint_eq(out->line.datagram.payload_bytes, offload_scale(ratio, 2800) - start);
    bench_clear(&bench);
}
END_TEST

/* ---- NACKs of merged groups ---- */

#define WHOLE SIM_MTP_WHOLE

struct nacks {
    uint32_t count, packets[SIM_MTP_SACK_MAX];
};

/* Groups of three packets: what a receiver asks for, and what the sender hears, at most four
 * packets at a time. The message of entry i is 10 + i. */
static const struct nack_case {
    struct nacks in;
    uint32_t sacks; /* before the NACKs */
    uint32_t acks;
    struct nacks out[4];
} nack_cases[] = {
    {{1, {2}}, 0, 1, {{3, {6, 7, 8}}}},
    {{1, {WHOLE}}, 0, 1, {{1, {WHOLE}}}},
    {{2, {WHOLE, 1}}, 0, 1, {{4, {WHOLE, 3, 4, 5}}}},
    {{2, {1, WHOLE}}, 0, 1, {{4, {3, 4, 5, WHOLE}}}},
    {{3, {0, 1, 5}}, 0, 3, {{3, {0, 1, 2}}, {3, {3, 4, 5}}, {3, {15, 16, 17}}}},
    {{4, {WHOLE, WHOLE, WHOLE, 2}}, 0, 2, {{3, {WHOLE, WHOLE, WHOLE}}, {3, {6, 7, 8}}}},
    {{4, {1, 2, 3, 4}},
     1,
     4,
     {{3, {3, 4, 5}}, {3, {6, 7, 8}}, {3, {9, 10, 11}}, {3, {12, 13, 14}}}},
};

static struct bench_packet nacks(const struct nack_case *row)
{
    struct bench_packet packet = {
        .line = {.protocol = SIM_PROTOCOL_MTP,
                 .src = BENCH_SERVER,
                 .mtp = {.flags = SIM_MTP_ACK, .path_count = 1}},
        .lists.mtp = {.path = {{.path = 5}},
                      .sack_count = (uint8_t)row->sacks,
                      .nack_count = (uint8_t)row->in.count},
    };
    packet.lists.mtp.sack[0] = (struct sim_mtp_sack){.message = 9, .packet = WHOLE};
    for (uint32_t i = 0; i < row->in.count; i++)
        packet.rare.mtp.nack[i] = (struct sim_mtp_sack){10 + i, row->in.packets[i]};
    return packet;
}

START_TEST(mutate__each_nack_asks_for_its_whole_group)
{
    const struct nack_case *row = &nack_cases[_i];
    struct bench bench;
    start(&bench, 1.0 / 3);
    struct bench_packet in = nacks(row);
    bench_pass(&bench, &in, 0);
    for (uint32_t ack = 0; ack < row->acks; ack++) {
        bool last = ack + 1 == row->acks;
        const struct bench_packet *out = bench_next(&bench, last ? BENCH_FORWARDED : BENCH_EMITTED);
        ck_assert_uint_eq(out->lists.mtp.nack_count, row->out[ack].count);
        for (uint32_t i = 0; i < row->out[ack].count; i++)
            ck_assert_uint_eq(out->rare.mtp.nack[i].packet, row->out[ack].packets[i]);
        ck_assert_uint_eq(out->line.size_bytes, mtp_wire_size(&out->line, &out->lists));
        /* what an acknowledgement of packets and of none says of the path */
        ck_assert_uint_eq(out->line.mtp.path_count, last || !row->sacks);
        ck_assert_uint_eq(out->lists.mtp.sack_count, row->sacks);
        if (row->sacks)
            ck_assert_uint_eq(out->lists.mtp.sack[0].packet, last ? WHOLE : WHOLE - 1);
    }
    bench_quiet(&bench);
    bench_clear(&bench);
}
END_TEST

/* The packets of an entry are its message's. */
START_TEST(mutate__nacks_keep_their_messages)
{
    struct bench bench;
    start(&bench, 1.0 / 3);
    struct bench_packet in = nacks(&nack_cases[3]);
    bench_pass(&bench, &in, 0);
    const struct bench_packet *out = bench_next(&bench, BENCH_FORWARDED);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(out->rare.mtp.nack[i].message, i < 3 ? 10 : 11);
    bench_clear(&bench);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mutate__each_nack_asks_for_its_whole_group, 0,
                        G_N_ELEMENTS(nack_cases));
    tcase_add_test(tcase, mutate__nacks_keep_their_messages);
    tcase_add_loop_test(tcase, mutate__datagrams_keep_their_place, 0, G_N_ELEMENTS(ratios));
    tcase_add_test(tcase, mutate__endless_stays_endless);
}

int main(void)
{
    return suite_run("mutate", add);
}
