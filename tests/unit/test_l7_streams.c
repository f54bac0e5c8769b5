/* l7_balancer's connections, packet by packet: each as a whole at one replica, under the address of
 * the first. */
#include "support/bench.h"
#include "support/run.h"
#include "support/suite.h"

extern const struct sim_offload_ops l7_balancer_offload;

#define FIRST BENCH_SERVER

#define ROUND_ROBIN 1u

static void start(struct bench *bench, uint64_t pins)
{
    bench_init(bench, &l7_balancer_offload);
    uint32_t *chosen = bench_parameter(bench, "algorithm", SIM_PARAM_CHOICE);
    uint64_t *most = bench_parameter(bench, "pins", SIM_PARAM_COUNT);
    *chosen = ROUND_ROBIN;
    *most = pins;
    bench_start(bench);
}

static struct bench_packet segment(uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port,
                                   uint8_t flags, uint16_t bytes)
{
    return (struct bench_packet){
        .line = {.protocol = SIM_PROTOCOL_TCP,
                 .src = src,
                 .dst = dst,
                 .tcp = {.src_port = src_port,
                         .dst_port = dst_port,
                         .flags = flags,
                         .payload_bytes = bytes}},
    };
}

/* Where a client's segment from that port goes. */
static uint32_t to(struct bench *bench, uint32_t client, uint16_t port, uint8_t flags)
{
    struct bench_packet in = segment(client, FIRST, port, 80, flags, flags & SIM_TCP_SYN ? 0 : 100);
    bench_pass(bench, &in, 0);
    return bench_next(bench, BENCH_FORWARDED)->line.dst;
}

/* From whom a client hears what `replica` acknowledges to that port. */
static uint32_t from(struct bench *bench, uint32_t replica, uint32_t client, uint16_t port)
{
    struct bench_packet in = segment(replica, client, 80, port, SIM_TCP_ACK, 0);
    in.line.tcp.ack = 101; /* all of `to`, FIN included */
    bench_pass(bench, &in, 0);
    return bench_next(bench, BENCH_FORWARDED)->line.src;
}

START_TEST(l7_streams__a_connection_stays_where_it_is)
{
    struct bench bench;
    start(&bench, 64);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(to(&bench, i / 4, (uint16_t)(1000 + i), SIM_TCP_SYN), FIRST + i % 4);
    for (uint32_t i = 0; i < 8; i++) {
        uint16_t port = (uint16_t)(1000 + i);
        ck_assert_uint_eq(to(&bench, i / 4, port, SIM_TCP_ACK), FIRST + i % 4);
        ck_assert_uint_eq(to(&bench, i / 4, port, SIM_TCP_SYN), FIRST + i % 4); /* sent again */
        ck_assert_uint_eq(from(&bench, FIRST + i % 4, i / 4, port), FIRST);
    }
    ck_assert_uint_eq(bench_count(&bench, "placed"), 8);
    bench_clear(&bench);
}
END_TEST

/* What is not a connection to the service goes where it is addressed to. */
START_TEST(l7_streams__other_connections_pass)
{
    struct bench bench;
    start(&bench, 64);
    to(&bench, 0, 1000, SIM_TCP_SYN);
    to(&bench, 0, 1001, SIM_TCP_SYN); /* at the second replica */
    static const struct {
        uint32_t src, dst;
        uint16_t src_port, dst_port;
        uint8_t flags;
    } rows[] = {
        {0, FIRST + 2, 1002, 80, SIM_TCP_SYN},           /* to a replica by its own address */
        {0, FIRST, 1003, 80, SIM_TCP_ACK},               /* in the middle of one never seen */
        {0, FIRST, 1003, 80, SIM_TCP_SYN | SIM_TCP_ACK}, /* to the first as a client */
        {FIRST + 1, 0, 1024, 1024, SIM_TCP_SYN},         /* of a replica's own */
        {FIRST + 3, 0, 80, 1001, SIM_TCP_ACK},           /* not the connection's replica */
    };
    for (uint32_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct bench_packet in =
            segment(rows[i].src, rows[i].dst, rows[i].src_port, rows[i].dst_port, rows[i].flags, 0);
        bench_pass(&bench, &in, 0);
        const struct bench_packet *out = bench_next(&bench, BENCH_FORWARDED);
        ck_assert_uint_eq(out->line.src, rows[i].src);
        ck_assert_uint_eq(out->line.dst, rows[i].dst);
    }
    bench_clear(&bench);
}
END_TEST

/* It is not split, and not moved. */
START_TEST(l7_streams__a_connection_without_a_place_is_left_alone)
{
    struct bench bench;
    start(&bench, 2);
    to(&bench, 0, 998, SIM_TCP_SYN);
    to(&bench, 0, 999, SIM_TCP_SYN);
    for (uint16_t port = 1000; port < 1010; port++) {
        ck_assert_uint_eq(to(&bench, 1, port, SIM_TCP_SYN), FIRST);
        ck_assert_uint_eq(to(&bench, 1, port, SIM_TCP_ACK), FIRST);
        ck_assert_uint_eq(from(&bench, FIRST, 1, port), FIRST);
    }
    ck_assert_uint_eq(to(&bench, 0, 999, SIM_TCP_ACK), FIRST + 1);
    bench_clear(&bench);
}
END_TEST

/* Ended connections make room for others. */
START_TEST(l7_streams__an_ended_connection_may_be_forgotten)
{
    struct bench bench;
    start(&bench, 4);
    for (uint16_t i = 0; i < 40; i++) {
        uint16_t port = (uint16_t)(1000 + i);
        ck_assert_uint_eq(to(&bench, 0, port, SIM_TCP_SYN), FIRST + i % 4u);
        ck_assert_uint_eq(to(&bench, 0, port, SIM_TCP_ACK), FIRST + i % 4u);
        ck_assert_uint_eq(to(&bench, 0, port, SIM_TCP_ACK | SIM_TCP_FIN), FIRST + i % 4u);
        ck_assert_uint_eq(from(&bench, FIRST + i % 4u, 0, port), FIRST);
    }
    ck_assert_uint_eq(bench_count(&bench, "placed"), 40);
    bench_clear(&bench);
}
END_TEST

/* A replica that cannot be reached gets no connection; one that was there breaks. */
START_TEST(l7_streams__goes_round_a_replica_that_is_away)
{
    struct bench bench;
    start(&bench, 64);
    bench.away = 1u << 1;
    for (uint16_t i = 0; i < 12; i++)
        ck_assert_uint_ne(to(&bench, 0, (uint16_t)(1000 + i), SIM_TCP_SYN), FIRST + 1);
    bench_clear(&bench);
}
END_TEST

/* ---- in a network ---- */

/* Two clients send 200 requests of three segments each, every one on a connection of its own, to
 * the address of the first of four replicas. */
START_TEST(l7_streams__tcp_requests_reach_all_replicas)
{
    static const char text[] =
        "name: balanced\nduration: 100ms\n"
        "topology:\n  hosts: [c1, c2, r1, r2, r3, r4]\n  switches: [tor]\n  links:\n"
        "    - {ends: [c1, tor], rate: 10Gbps, delay: 1us}\n"
        "    - {ends: [c2, tor], rate: 10Gbps, delay: 1us}\n"
        "    - {ends: [tor, r1], rate: 10Gbps, delay: 1us}\n"
        "    - {ends: [tor, r2], rate: 10Gbps, delay: 1us}\n"
        "    - {ends: [tor, r3], rate: 10Gbps, delay: 1us, loss: 1%}\n"
        "    - {ends: [tor, r4], rate: 10Gbps, delay: 1us}\n"
        "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
        "transport: {tcp: {}}\n"
        "offloads: {l7_balancer: {at: tor, servers: [r1, r2, r3, r4], rate: 100Gbps, "
        "algorithm: round_robin}}\n"
        "workload:\n  - requests: {from: [c1, c2], servers: [r1, r2, r3, r4], to: r1, "
        "outstanding: 4, count: 200, request: 4KB, response: 3KB, persistent: false}\n";
    uint32_t answered[6] = {0}, split = 0;
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, scenario_spec(run.scenario, 0)->duration, NULL);
    g_autoptr(GArray) messages = simulation_messages(run.simulation);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        ck_assert_int_ne(message->delivered, SIM_NEVER);
        split += message->times != 1;
        if (message->asks && message->answered != SIM_NEVER)
            answered[message->answered_by]++;
    }
    ck_assert_uint_eq(split, 0);
    for (uint32_t replica = 2; replica < 6; replica++)
        ck_assert_uint_eq(answered[replica], 100);
    struct simulation_faults faults;
    simulation_faults(run.simulation, &faults);
    ck_assert_uint_eq(faults.corrupt + faults.unasked + faults.repeated, 0);
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, l7_streams__a_connection_stays_where_it_is);
    tcase_add_test(tcase, l7_streams__other_connections_pass);
    tcase_add_test(tcase, l7_streams__a_connection_without_a_place_is_left_alone);
    tcase_add_test(tcase, l7_streams__an_ended_connection_may_be_forgotten);
    tcase_add_test(tcase, l7_streams__goes_round_a_replica_that_is_away);
    tcase_add_test(tcase, l7_streams__tcp_requests_reach_all_replicas);
}

int main(void)
{
    return suite_run("l7_streams", add);
}
