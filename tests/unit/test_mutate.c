/* mutate: the datagrams of UDP and of RDMA, each changed by itself. What it does to messages of MTP
 * test_mtp_devices.c tells. */
#include "models/offload/scaling.h"
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

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mutate__datagrams_keep_their_place, 0, G_N_ELEMENTS(ratios));
    tcase_add_test(tcase, mutate__endless_stays_endless);
}

int main(void)
{
    return suite_run("mutate", add);
}
