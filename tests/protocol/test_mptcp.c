/* MPTCP on a scripted wire of 100 Gbps and 10 us: two subflows between the same hosts. Subflows are
 * TCP, which has its own tests; here it is what goes between them: joining, the scheduler,
 * reinjection, and data put together once and in order.
 *
 * A window that nothing moves keeps congestion out of it where the case does not ask for it.
 */
#include "models/transport/mptcp/mptcp.h"

#include "models/transport/tcp/tcp.h"
#include "support/storm.h"
#include "support/suite.h"
#include "support/two_hosts.h"
#include "support/wire.h"

extern const struct sim_congestion_ops fixed_congestion;
extern const struct sim_congestion_ops lia_congestion;

#define PAYLOAD 1432u /* 1500 - 40 - 28 */
#define DELAY   (10 * SIM_US)
#define BYTE    ((sim_time)80)
#define FULL    (1500 * BYTE)
#define ACK     (52 * BYTE)
#define TURN    (2 * DELAY + ACK)
#define START   (2 * DELAY + 56 * BYTE + 64 * BYTE) /* the first subflow is open */

static const struct tcp_params tcp_defaults = {
    .initial_window_pkts = 10,
    .min_rto = SIM_MS,
    .initial_rto = 3 * SIM_MS,
    .duplicate_ack_threshold = 3,
    .ack_every = 1,
    .ack_delay = 100 * SIM_US,
    .receive_window_bytes = 1 << 30,
};

static const struct {
    struct sim_length window;
    uint64_t rate_bps;
} no_limit;

static struct mptcp_params params_of(const struct tcp_params *tcp, bool lia)
{
    return (struct mptcp_params){
        .subflows = 2,
        .congestion = {lia ? &lia_congestion.plugin : &fixed_congestion.plugin, (void *)&no_limit},
        .subflow = {&tcp_transport.plugin, (void *)tcp},
    };
}

static struct wire *mptcp_wire(const struct mptcp_params *params, const struct wire_rule *rules,
                               uint32_t count)
{
    return two_hosts_wire(&mptcp_transport, params, DELAY, rules, count);
}

/* Only packets of the second subflow. */
static bool is_second(const struct sim_packet *packet, void *context)
{
    (void)context;
    return packet->tcp.dst_port == 80 + MPTCP_PORT_STEP ||
           packet->tcp.src_port == 80 + MPTCP_PORT_STEP;
}

static uint32_t data_of(const struct wire *wire, uint32_t subflow)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i <= wire_sent_count(wire, WIRE_DATA, 0); i++) {
        const struct sim_packet *packet = &wire_sent_nth(wire, WIRE_DATA, 0, i)->packet;
        count += packet->tcp.dst_port == 80 + subflow * MPTCP_PORT_STEP;
    }
    return count;
}

/* ---- two subflows ---- */

/* The first handshake, then ten packets on the first subflow, whose window is then full; the second
 * joins a round trip later, and takes what is left. */
START_TEST(mptcp__joins)
{
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, NULL, 0);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(10 * PAYLOAD, false), 0);
    wire_run(wire, SIM_S);
    const struct wire_sent *join = wire_sent_nth(wire, WIRE_SYN, 0, 2);
    ck_assert_int_eq(wire_sent_nth(wire, WIRE_SYN, 0, 1)->time, 0);
    ck_assert_uint_eq(wire_sent_nth(wire, WIRE_SYN, 0, 1)->packet.size_bytes, 56);
    ck_assert_int_eq(join->time, START);
    ck_assert_uint_eq(join->packet.size_bytes, 64);
    ck_assert_uint_eq(join->packet.tcp.dst_port, 80 + MPTCP_PORT_STEP);
    ck_assert_uint_ne(join->packet.hash, wire_sent_nth(wire, WIRE_SYN, 0, 1)->packet.hash);
    ck_assert_uint_eq(data_of(wire, 0), 10);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, number), START + 64 * BYTE + 10 * FULL + DELAY);
    ck_assert_int_eq(wire_completed_at(wire, 0, number), START + 64 * BYTE + 10 * FULL + TURN);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_FIN, 0), 2);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

/* With equal round trips both subflows carry data, as many packets in flight as both windows. */
START_TEST(mptcp__uses_both)
{
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, NULL, 0);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(400 * PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(data_of(wire, 0) + data_of(wire, 1), 400);
    ck_assert_uint_gt(data_of(wire, 0), 180);
    ck_assert_uint_gt(data_of(wire, 1), 180);
    /* 20 packets a round trip instead of 10 */
    sim_time rounds = (wire_completed_at(wire, 0, number) - START) / (TURN + FULL);
    ck_assert_int_ge(rounds, 19);
    ck_assert_int_le(rounds, 22);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 400 * PAYLOAD);
    wire_free(wire);
}
END_TEST

/* The quicker subflow goes first: the slow one, 100 us more each way, gets what is beyond. */
START_TEST(mptcp__least_round_trip_first)
{
    const struct wire_rule rule = {.class = WIRE_ANY,
                                   .from = WIRE_ANY_HOST,
                                   .count = WIRE_ALL,
                                   .action = WIRE_DELAY,
                                   .delay = 100 * SIM_US,
                                   .match = is_second};
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, &rule, 1);
    wire_submit(wire, 0, two_hosts_message(PAYLOAD, true), 0);
    for (uint32_t i = 1; i <= 10; i++)
        wire_submit(wire, 0, two_hosts_message((_i ? 12 : 10) * PAYLOAD, true), i * SIM_MS);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(data_of(wire, 1), _i ? 20 : 0);
    wire_free(wire);
}
END_TEST

/* ---- head-of-line blocking ---- */

/* Data of both subflows is one sequence: a loss on one holds up messages that came whole on the
 * other. */
START_TEST(mptcp__held_messages)
{
    const struct wire_rule rule = {.class = WIRE_DATA, .nth = 2, .action = WIRE_DROP};
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, &rule, 1);
    for (uint32_t i = 0; i < 5; i++)
        wire_submit(wire, 0, two_hosts_message(PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    sim_time again = wire_delivered_at(wire, 1, 0, 1);
    ck_assert_int_lt(wire_delivered_at(wire, 1, 0, 0), again);
    for (uint32_t i = 2; i < 5; i++)
        ck_assert_int_eq(wire_delivered_at(wire, 1, 0, i), again);
    ck_assert_uint_eq(wire_counts(wire, 1).held_messages, 3);
    ck_assert_uint_gt(wire_counts(wire, 1).held_time, 3 * (uint64_t)(TURN - 5 * FULL));
    wire_free(wire);
}
END_TEST

/* ---- reinjection ---- */

/* The second subflow dies: what it has is sent on the first one after its timeout, and it gets no
 * more. */
START_TEST(mptcp__reinjects)
{
    const struct wire_rule rule = {.class = WIRE_ANY,
                                   .from = 0,
                                   .nth = 12, /* SYN, and 10 packets */
                                   .count = WIRE_ALL,
                                   .action = WIRE_DROP,
                                   .match = is_second};
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(100 * PAYLOAD, true), 0);
    wire_run(wire, 500 * SIM_MS);
    sim_time completed = wire_completed_at(wire, 0, number);
    ck_assert_int_gt(completed, SIM_MS);
    ck_assert_int_lt(completed, 2 * SIM_MS);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 100 * PAYLOAD);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_counts(wire, 1).spurious_retransmissions, 0);
    /* What was in flight there, sent again by both. */
    ck_assert_uint_ge(wire_counts(wire, 0).retransmissions, 10);
    wire_free(wire);
}
END_TEST

/* Late, not lost: the data comes twice, and counts once. */
START_TEST(mptcp__needless_reinjection)
{
    const struct wire_rule rule = {.class = WIRE_DATA,
                                   .from = 0,
                                   .nth = 11,
                                   .count = 10,
                                   .action = WIRE_DELAY,
                                   .delay = 5 * SIM_MS,
                                   .match = is_second};
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(100 * PAYLOAD, false), 0);
    wire_run(wire, SIM_S);
    ck_assert_int_lt(wire_completed_at(wire, 0, number), 2 * SIM_MS);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 100 * PAYLOAD);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_uint_ge(wire_counts(wire, 1).spurious_retransmissions, 10);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

/* Without the second subflow all goes on the first. */
START_TEST(mptcp__join_fails)
{
    const struct wire_rule rule = {.class = WIRE_ANY,
                                   .from = WIRE_ANY_HOST,
                                   .count = WIRE_ALL,
                                   .action = WIRE_DROP,
                                   .match = is_second};
    const struct mptcp_params params = params_of(&tcp_defaults, false);
    struct wire *wire = mptcp_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(100 * PAYLOAD, true), 0);
    wire_run(wire, 100 * SIM_MS);
    ck_assert_int_lt(wire_completed_at(wire, 0, number), SIM_MS);
    ck_assert_uint_eq(data_of(wire, 0), 100);
    wire_free(wire);
}
END_TEST

/* ---- sizes, and a bad wire ---- */

static const uint64_t sizes[] = {0, 1, PAYLOAD, PAYLOAD + 1, 1000000};

START_TEST(mptcp__sizes)
{
    const struct mptcp_params params = params_of(&tcp_defaults, true);
    struct wire *wire = mptcp_wire(&params, NULL, 0);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(sizes[_i], false), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_int_ne(wire_completed_at(wire, 0, number), SIM_NEVER);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), sizes[_i] + !sizes[_i]);
    struct sim_transport_counts counts = wire_counts(wire, 0);
    ck_assert_uint_eq(counts.data_header_bytes, counts.data_packets * 68);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

START_TEST(mptcp__storm)
{
    struct tcp_params tcp = tcp_defaults;
    tcp.ack_every = 1 + (uint64_t)_i % 3;
    struct mptcp_params params = params_of(&tcp, true);
    params.subflows = 1 + (uint64_t)_i % 4;
    storm_run(&(struct storm){.transport = &mptcp_transport,
                              .params = &params,
                              .seed = (uint64_t)_i + 1,
                              .loss = 0.02,
                              .mark = 0.02,
                              .reorder = 0.05,
                              .least_bytes = 1,
                              .until = 60 * SIM_S});
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, mptcp__joins);
    tcase_add_test(tcase, mptcp__uses_both);
    tcase_add_loop_test(tcase, mptcp__least_round_trip_first, 0, 2);
    tcase_add_test(tcase, mptcp__held_messages);
    tcase_add_test(tcase, mptcp__reinjects);
    tcase_add_test(tcase, mptcp__needless_reinjection);
    tcase_add_test(tcase, mptcp__join_fails);
    tcase_add_loop_test(tcase, mptcp__sizes, 0, sizeof sizes / sizeof *sizes);
    tcase_add_loop_test(tcase, mptcp__storm, 0, 8);
}

int main(void)
{
    return suite_run("mptcp", add);
}
