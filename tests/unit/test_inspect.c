/* inspect: what it reads of the packets of each transport, and what it holds for that. */
#include "support/bench.h"
#include "support/suite.h"

extern const struct sim_offload_ops inspect_offload;

#define ENTRY 40u /* bytes for each connection */

static void start(struct bench *bench, uint64_t connections)
{
    bench_init(bench, &inspect_offload);
    uint64_t *most = bench_parameter(bench, "connections", SIM_PARAM_COUNT);
    *most = connections;
    bench_start(bench);
}

static void check(const struct bench *bench, uint64_t messages, uint64_t held, uint64_t most)
{
    ck_assert_uint_eq(bench_count(bench, "messages_read"), messages);
    ck_assert_uint_eq(bench->bytes, held);
    ck_assert_uint_eq(bench->most_bytes, most);
}

/* ---- TCP ---- */

static struct bench_packet segment(uint16_t port, uint64_t seq, uint16_t bytes, uint8_t flags)
{
    return (struct bench_packet){
        .line = {.protocol = SIM_PROTOCOL_TCP,
                 .dst = BENCH_SERVER,
                 .size_bytes = (uint16_t)(40 + bytes),
                 .tcp = {.src_port = port,
                         .dst_port = 80,
                         .seq = seq,
                         .payload_bytes = bytes,
                         .flags = (uint8_t)(SIM_TCP_ACK | flags)}},
    };
}

/* Segments of one connection, which begins with byte 1: its payload is [seq, seq + bytes). */
static const struct stream_case {
    const char *name;
    struct {
        uint64_t seq;
        uint16_t bytes;
        uint8_t flags;
    } segments[6];
    uint64_t messages, held, most;
} streams[] = {
    {"in order", {{1, 100, SIM_TCP_PSH}, {101, 100, 0}, {201, 50, SIM_TCP_PSH}}, 2, ENTRY, ENTRY},
    {"a gap, not filled", {{1, 100, 0}, {201, 70, SIM_TCP_PSH}}, 0, ENTRY + 70, ENTRY + 70},
    {"a gap, filled",
     {{1, 100, 0}, {201, 70, SIM_TCP_PSH}, {101, 100, SIM_TCP_PSH}},
     2,
     ENTRY,
     ENTRY + 70},
    {"two gaps, filled from behind",
     {{1, 100, 0}, {301, 60, SIM_TCP_PSH}, {201, 100, 0}, {101, 100, SIM_TCP_PSH}},
     2,
     ENTRY,
     ENTRY + 160},
    {"one of two gaps filled",
     {{1, 100, 0}, {301, 60, SIM_TCP_PSH}, {101, 100, SIM_TCP_PSH}},
     1,
     ENTRY + 60,
     ENTRY + 60},
    {"ahead of a gap twice", {{1, 100, 0}, {201, 70, 0}, {201, 70, 0}}, 0, ENTRY + 70, ENTRY + 70},
    {"sent again in vain", {{1, 100, SIM_TCP_PSH}, {1, 100, SIM_TCP_PSH}}, 1, ENTRY, ENTRY},
    {"the end in a gap, then with what was missing",
     {{1, 100, 0}, {201, 70, SIM_TCP_PSH}, {101, 170, SIM_TCP_PSH}},
     1,
     ENTRY,
     ENTRY + 70},
    {"ended", {{1, 100, SIM_TCP_PSH}, {101, 0, SIM_TCP_FIN}}, 1, 0, ENTRY},
    {"ended with a gap",
     {{1, 100, 0}, {201, 70, 0}, {271, 0, SIM_TCP_FIN}},
     0,
     ENTRY + 70,
     ENTRY + 70},
};

START_TEST(inspect__holds_what_is_ahead_of_a_gap)
{
    const struct stream_case *stream = &streams[_i];
    struct bench bench;
    start(&bench, 4);
    struct bench_packet syn = segment(1000, 0, 0, SIM_TCP_SYN);
    bench_pass(&bench, &syn, 0);
    uint32_t count = 1;
    for (uint32_t i = 0; i < G_N_ELEMENTS(stream->segments); i++) {
        struct bench_packet in = segment(1000, stream->segments[i].seq, stream->segments[i].bytes,
                                         stream->segments[i].flags);
        if (!in.line.tcp.seq)
            break;
        ck_assert_int_eq(bench_pass(&bench, &in, i), SIM_DEVICE_SERVE);
        count++;
    }
    for (uint32_t i = 0; i < count; i++)
        bench_next(&bench, BENCH_FORWARDED);
    bench_quiet(&bench);
    check(&bench, stream->messages, stream->held, stream->most);
    bench_clear(&bench);
}
END_TEST

/* Subflows have ports of their own; the order is that of the connection's data. */
START_TEST(inspect__subflows_are_one_connection)
{
    struct bench bench;
    start(&bench, 4);
    static const struct {
        uint16_t port;
        uint64_t seq;
        uint64_t held;
    } segments[] = {{1000, 0, 0}, {1001, 200, 100}, {1000, 100, 0}};
    for (uint32_t i = 0; i < G_N_ELEMENTS(segments); i++) {
        struct bench_packet in = segment(segments[i].port, 5000, 100, 0);
        in.line.flags |= SIM_PACKET_MAPPED;
        in.lists.tcp.mapping = (struct sim_mapping){.seq = segments[i].seq, .last = i > 0};
        bench_pass(&bench, &in, i);
        ck_assert_uint_eq(bench.messages, 1);
        ck_assert_uint_eq(bench.bytes, ENTRY + segments[i].held);
    }
    check(&bench, 2, ENTRY, ENTRY + 100);
    bench_clear(&bench);
}
END_TEST

/* More than it can hold: the rest of the connection is not read, and nothing held. */
START_TEST(inspect__loses_the_thread)
{
    struct bench bench;
    start(&bench, 4);
    struct bench_packet in = segment(1000, 1, 10, 0);
    bench_pass(&bench, &in, 0);
    for (uint32_t i = 0; i <= 4096; i++) {
        in = segment(1000, 21 + 10 * (uint64_t)i, 10, SIM_TCP_PSH);
        bench_pass(&bench, &in, i);
    }
    check(&bench, 0, ENTRY, ENTRY + 40960);
    in = segment(1000, 11, 10, SIM_TCP_PSH);
    bench_pass(&bench, &in, 5000);
    check(&bench, 0, ENTRY, ENTRY + 40960);
    ck_assert_uint_eq(bench_count(&bench, "packets_unread"), 1);
    bench_clear(&bench);
}
END_TEST

START_TEST(inspect__forgets_the_oldest_connection_and_all_at_a_restart)
{
    struct bench bench;
    start(&bench, 2);
    for (uint16_t port = 1000; port < 1003; port++) {
        struct bench_packet first = segment(port, 1, 100, 0), ahead = segment(port, 201, 100, 0);
        bench_pass(&bench, &first, port);
        bench_pass(&bench, &ahead, port);
    }
    ck_assert_uint_eq(bench.messages, 2);
    ck_assert_uint_eq(bench.bytes, 2 * (ENTRY + 100));
    bench.ops->restart(bench.state, 2000);
    struct bench_packet in = segment(1002, 101, 100, SIM_TCP_PSH);
    bench_pass(&bench, &in, 2001);
    check(&bench, 1, ENTRY, 2 * (ENTRY + 100) + 0);
    bench_clear(&bench);
}
END_TEST

/* ---- other transports ---- */

static struct bench_packet packet_of(uint8_t protocol)
{
    return (struct bench_packet){
        .line = {.protocol = protocol, .dst = BENCH_SERVER, .common = {.payload_bytes = 100}}};
}

/* Every packet says what it is. */
START_TEST(inspect__holds_nothing_of_messages)
{
    struct bench bench;
    start(&bench, 4);
    for (uint32_t i = 0; i < 3; i++) {
        struct bench_packet mtp = packet_of(SIM_PROTOCOL_MTP), udp = packet_of(SIM_PROTOCOL_UDP);
        mtp.line.mtp.packet = 2 - i; /* out of order */
        mtp.line.mtp.message_packets = 3;
        udp.line.datagram.offset = 200 - 100 * i;
        udp.line.datagram.message_bytes = 300;
        bench_pass(&bench, &mtp, i);
        bench_pass(&bench, &udp, i);
    }
    struct bench_packet again = packet_of(SIM_PROTOCOL_MTP);
    again.line.mtp.message_packets = 1;
    again.line.flags |= SIM_PACKET_RESENT;
    bench_pass(&bench, &again, 4);
    check(&bench, 2, 0, 0);
    ck_assert_uint_eq(bench_count(&bench, "packets_read"), 7);
    bench_clear(&bench);
}
END_TEST

/* A number and "last", and what the responder drops is not read. */
START_TEST(inspect__rdma_in_order_only)
{
    static const struct {
        uint64_t psn;
        uint8_t flags;
        uint64_t messages;
    } packets[] = {{7, 0, 0}, {9, SIM_RDMA_LAST, 0}, {8, SIM_RDMA_LAST, 1}, {9, SIM_RDMA_LAST, 2}};
    struct bench bench;
    start(&bench, 4);
    for (uint32_t i = 0; i < G_N_ELEMENTS(packets); i++) {
        struct bench_packet in = packet_of(SIM_PROTOCOL_RDMA);
        in.line.rdma.psn = packets[i].psn;
        in.line.rdma.first = 7;
        in.line.rdma.flags = packets[i].flags;
        bench_pass(&bench, &in, i);
        check(&bench, packets[i].messages, ENTRY, ENTRY);
    }
    bench_clear(&bench);
}
END_TEST

START_TEST(inspect__quic_is_not_read)
{
    struct bench bench;
    start(&bench, 4);
    struct bench_packet in = packet_of(SIM_PROTOCOL_QUIC);
    ck_assert_int_eq(bench_pass(&bench, &in, 0), SIM_DEVICE_SERVE);
    check(&bench, 0, 0, 0);
    ck_assert_uint_eq(bench_count(&bench, "packets_unread"), 1);
    bench_clear(&bench);
}
END_TEST

/* Encrypted without the key, and what goes the other way. */
START_TEST(inspect__passes_by)
{
    struct bench bench;
    start(&bench, 4);
    struct bench_packet encrypted = packet_of(SIM_PROTOCOL_MTP), back = packet_of(SIM_PROTOCOL_UDP);
    encrypted.line.mtp.flags = SIM_MTP_DATA | SIM_MTP_ENCRYPTED;
    back.line.src = BENCH_SERVER;
    back.line.dst = 1;
    ck_assert_int_eq(bench_pass(&bench, &encrypted, 0), SIM_DEVICE_PASS);
    ck_assert_int_eq(bench_pass(&bench, &back, 0), SIM_DEVICE_PASS);
    bench_clear(&bench);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, inspect__holds_what_is_ahead_of_a_gap, 0, G_N_ELEMENTS(streams));
    tcase_add_test(tcase, inspect__subflows_are_one_connection);
    tcase_add_test(tcase, inspect__loses_the_thread);
    tcase_add_test(tcase, inspect__forgets_the_oldest_connection_and_all_at_a_restart);
    tcase_add_test(tcase, inspect__holds_nothing_of_messages);
    tcase_add_test(tcase, inspect__rdma_in_order_only);
    tcase_add_test(tcase, inspect__quic_is_not_read);
    tcase_add_test(tcase, inspect__passes_by);
}

int main(void)
{
    return suite_run("inspect", add);
}
