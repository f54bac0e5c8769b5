/* RDMA on a scripted wire of 100 Gbps and 10 us: what one disturbance does in each mode, to the
 * picosecond.
 *
 * RC sends a message of 20 packets at once; a window that nothing moves keeps congestion out of it.
 * UC sends three messages of four packets, as the test of UDP does.
 */
#include "models/transport/rdma/rdma.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/suite.h"
#include "support/two_hosts.h"
#include "support/wire.h"

extern const struct sim_congestion_ops fixed_congestion;
extern const struct sim_congestion_ops dctcp_congestion;

#define PAYLOAD (1500u - RDMA_HEADER_BYTES)
#define DELAY   (10 * SIM_US)
#define FULL    (1500 * (sim_time)80)
#define ACK     (RDMA_ACK_BYTES * (sim_time)80)
#define TURN    (2 * DELAY + ACK)

static const struct {
    struct sim_length window;
    uint64_t rate_bps;
} no_limit;

static const struct rdma_params defaults = {
    .mode = RDMA_RC,
    .congestion = {&fixed_congestion.plugin, (void *)&no_limit},
    .initial_window_pkts = 100,
    .timeout = SIM_MS,
    .ack_every = 1,
    .reassembly_timeout = SIM_MS,
};

static struct wire *rdma_wire(const struct rdma_params *params, const struct wire_rule *rules,
                              uint32_t count)
{
    return two_hosts_wire(&rdma_transport, params, DELAY, rules, count);
}

/* ---- reliable connection: one disturbance each ---- */

struct outcome {
    sim_time completed;
    uint64_t data_packets, retransmissions, timeouts, nacks, discarded, spurious, reordered;
};

static const struct {
    const char *name;
    struct wire_rule rules[2];
    struct outcome outcome;
} rc_cases[] = {
    {"nothing", {{0}}, {20 * FULL + TURN, 20, 0, 0, 0, 0, 0, 0}},
    {"first lost",
     {{.class = WIRE_DATA, .nth = 1, .action = WIRE_DROP}},
     {22 * FULL + 2 * TURN, 40, 20, 0, 1, 19, 0, 0}},
    {"middle lost",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_DROP}},
     {22 * FULL + 2 * TURN, 29, 9, 0, 1, 8, 0, 0}},
    {"three lost",
     {{.class = WIRE_DATA, .nth = 12, .count = 3, .action = WIRE_DROP}},
     {24 * FULL + 2 * TURN, 29, 9, 0, 1, 6, 0, 0}},
    {"two lost apart: the second while all of it is sent again",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_DROP},
      {.class = WIRE_DATA, .nth = 15, .action = WIRE_DROP}},
     {22 * FULL + 2 * TURN, 29, 9, 0, 1, 7, 0, 0}},
    {"trimmed",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_TRIM}},
     {22 * FULL + 2 * TURN, 29, 9, 0, 1, 8, 0, 0}},
    /* nothing follows that would tell of it */
    {"last lost",
     {{.class = WIRE_DATA, .nth = 20, .action = WIRE_DROP}},
     {SIM_MS + 20 * FULL + 2 * TURN, 21, 1, 1, 0, 0, 0, 0}},
    {"all lost",
     {{.class = WIRE_DATA, .nth = 1, .count = 20, .action = WIRE_DROP}},
     {SIM_MS + 20 * FULL + TURN, 40, 20, 1, 0, 0, 0, 0}},
    /* one NAK for each gap only */
    {"retransmission lost",
     {{.class = WIRE_DATA, .nth = 5, .action = WIRE_DROP},
      {.class = WIRE_RETRANSMISSION, .action = WIRE_DROP}},
     {SIM_MS + 22 * FULL + 2 * TURN, 52, 32, 1, 1, 30, 0, 0}},
    {"NAK lost",
     {{.class = WIRE_DATA, .nth = 5, .action = WIRE_DROP},
      {.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 5, .action = WIRE_DROP}},
     {SIM_MS + 20 * FULL + 2 * TURN, 36, 16, 1, 1, 15, 0, 0}},
    {"acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 1, .action = WIRE_DROP}},
     {20 * FULL + TURN, 20, 0, 0, 0, 0, 0, 0}},
    {"all acknowledgements but the last lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 1, .count = 19, .action = WIRE_DROP}},
     {20 * FULL + TURN, 20, 0, 0, 0, 0, 0, 0}},
    {"last acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 20, .action = WIRE_DROP}},
     {SIM_MS + 20 * FULL + 2 * TURN, 21, 1, 1, 0, 0, 1, 0}},
    {"acknowledgement late",
     {{.class = WIRE_ACKNOWLEDGEMENT,
       .from = 1,
       .nth = 3,
       .action = WIRE_DELAY,
       .delay = 20 * FULL}},
     {20 * FULL + TURN, 20, 0, 0, 0, 0, 0, 0}},
    {"twice",
     {{.class = WIRE_DATA, .nth = 3, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {20 * FULL + TURN, 20, 0, 0, 0, 0, 1, 1}},
    /* A NAK for the third, which arrives behind the fourth; another for the fourth, when the third
     * is on its way again. */
    {"overtaken by one",
     {{.class = WIRE_DATA, .nth = 3, .action = WIRE_DELAY, .delay = 3 * FULL / 2}},
     {22 * FULL + 2 * TURN, 38, 18, 0, 2, 17, 1, 1}},
    {"late",
     {{.class = WIRE_DATA, .nth = 1, .action = WIRE_DELAY, .delay = 2 * SIM_MS}},
     {22 * FULL + 2 * TURN, 40, 20, 0, 1, 19, 1, 1}},
};

static bool has_outcome(const char *name, const struct outcome *is, const struct outcome *expected)
{
    if (memcmp(is, expected, sizeof *is) == 0)
        return true;
    printf("%s: {%" PRId64 " (%+" PRId64 "), %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64
           ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 "}\n",
           name, is->completed, is->completed - expected->completed, is->data_packets,
           is->retransmissions, is->timeouts, is->nacks, is->discarded, is->spurious,
           is->reordered);
    return false;
}

START_TEST(rdma_rc__one_disturbance)
{
    uint32_t rules = 0;
    while (rules < 2 && rc_cases[_i].rules[rules].class != WIRE_ANY)
        rules++;
    struct wire *wire = rdma_wire(&defaults, rc_cases[_i].rules, rules);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(20 * PAYLOAD, false), 0);
    wire_run(wire, SIM_S);
    struct sim_transport_counts sent = wire_counts(wire, 0), got = wire_counts(wire, 1);
    const struct outcome is = {
        wire_completed_at(wire, 0, number),
        sent.data_packets,
        sent.retransmissions,
        sent.timeouts,
        got.nacks,
        got.discarded,
        got.spurious_retransmissions,
        got.reordered,
    };
    ck_assert(has_outcome(rc_cases[_i].name, &is, &rc_cases[_i].outcome));
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 20 * PAYLOAD);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_uint_eq(sent.data_header_bytes, sent.data_packets * 44);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

/* ---- unreliable connection ---- */

static const struct {
    const char *name;
    struct wire_rule rule;
    sim_time delivered[3]; /* after so many packets; 0: never */
    uint64_t given_up, discarded, reordered;
} uc_cases[] = {
    {"nothing", {0}, {4, 8, 12}, 0, 0, 0},
    {"first lost", {.class = WIRE_DATA, .nth = 1, .action = WIRE_DROP}, {0, 8, 12}, 1, 3, 0},
    {"last and first lost",
     {.class = WIRE_DATA, .nth = 4, .count = 2, .action = WIRE_DROP},
     {0, 0, 12},
     2,
     3,
     0},
    {"first overtaken",
     {.class = WIRE_DATA, .nth = 5, .action = WIRE_DELAY, .delay = 3 * FULL / 2},
     {4, 0, 12},
     1,
     4,
     1},
    {"middle lost", {.class = WIRE_DATA, .nth = 6, .action = WIRE_DROP}, {4, 0, 12}, 1, 2, 0},
    {"last lost", {.class = WIRE_DATA, .nth = 4, .action = WIRE_DROP}, {0, 8, 12}, 1, 0, 0},
    {"last of all lost", {.class = WIRE_DATA, .nth = 12, .action = WIRE_DROP}, {4, 8, 0}, 0, 0, 0},
    {"twice",
     {.class = WIRE_DATA, .nth = 2, .action = WIRE_DUPLICATE, .delay = SIM_US},
     {4, 8, 12},
     0,
     1,
     1},
    /* what is overtaken is lost, and its message with it */
    {"overtaken",
     {.class = WIRE_DATA, .nth = 2, .action = WIRE_DELAY, .delay = 3 * FULL / 2},
     {0, 8, 12},
     1,
     3,
     1},
    {"last overtaken by the next message",
     {.class = WIRE_DATA, .nth = 4, .action = WIRE_DELAY, .delay = 3 * FULL / 2},
     {0, 8, 12},
     1,
     1,
     1},
};

START_TEST(rdma_uc__one_disturbance)
{
    struct rdma_params params = defaults;
    params.mode = RDMA_UC;
    struct wire *wire = rdma_wire(&params, &uc_cases[_i].rule, uc_cases[_i].rule.class != WIRE_ANY);
    for (uint32_t i = 0; i < 3; i++)
        wire_submit(wire, 0, two_hosts_message(4 * PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    for (uint32_t i = 0; i < 3; i++) {
        sim_time packets = uc_cases[_i].delivered[i];
        ck_assert_msg(wire_delivered_at(wire, 1, 0, i) ==
                          (packets ? packets * FULL + DELAY : SIM_NEVER),
                      "%s: message %u", uc_cases[_i].name, i);
        ck_assert_int_eq(wire_completed_at(wire, 0, i), (4 * i + 3) * FULL);
    }
    struct sim_transport_counts got = wire_counts(wire, 1);
    ck_assert_uint_eq(got.given_up, uc_cases[_i].given_up);
    ck_assert_uint_eq(got.discarded, uc_cases[_i].discarded);
    ck_assert_uint_eq(got.reordered, uc_cases[_i].reordered);
    ck_assert_uint_eq(wire_counts(wire, 0).data_packets, 12);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_ANY, 1), 0);
    wire_free(wire);
}
END_TEST

/* Flows that begin at one instant on the same addresses, after the one before is forgotten. */
START_TEST(rdma_uc__flows_at_one_time)
{
    struct rdma_params params = defaults;
    params.mode = RDMA_UC;
    struct wire *wire = rdma_wire(&params, NULL, 0);
    struct rdma *rdma = wire_state(wire, 0);
    for (uint32_t i = 0; i < 3; i++) {
        struct sim_message one = two_hosts_message(0, true);
        sim_time again;
        one.number = i;
        rdma_transport.submit(rdma, &one, 0);
        struct sim_packet *packet = rdma_transport.transmit(rdma, 0, &again);
        ck_assert_ptr_null(rdma_transport.receive(wire_state(wire, 1), packet, 0));
        ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, i), 1);
    }
    wire_free(wire);
}
END_TEST

/* ---- unreliable datagrams ---- */

/* Up to the MTU one datagram; above, the application cuts it. In any order. */
START_TEST(rdma_ud__datagrams)
{
    const struct wire_rule rules[] = {
        {.class = WIRE_DATA, .nth = 2, .action = WIRE_DELAY, .delay = 3 * FULL},
        {.class = WIRE_DATA, .nth = 6, .action = WIRE_DROP}};
    const uint64_t payload = 1500 - 68;
    struct rdma_params params = defaults;
    params.mode = RDMA_UD;
    struct wire *wire = rdma_wire(&params, rules, 2);
    wire_submit(wire, 0, two_hosts_message(payload, true), 0);
    wire_submit(wire, 0, two_hosts_message(payload + 1, true), 0);
    wire_submit(wire, 0, two_hosts_message(2 * payload, true), 0);
    wire_submit(wire, 0, two_hosts_message(2 * payload, true), 0);
    wire_run(wire, SIM_S);
    const sim_time tiny = 69 * 80;
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 0), FULL + DELAY);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 1), 5 * FULL + DELAY);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 2), 4 * FULL + tiny + DELAY);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 3), SIM_NEVER);
    ck_assert_uint_eq(wire_counts(wire, 1).given_up, 1);
    ck_assert_uint_eq(wire_counts(wire, 0).data_packets, 7);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_ANY, 1), 0);
    wire_free(wire);
}
END_TEST

/* ---- acknowledgements ---- */

/* Coalesced: of 20 packets every eighth and the last is acknowledged, and marks are counted. */
START_TEST(rdma_rc__coalesced_acknowledgements)
{
    const struct wire_rule rule = {.class = WIRE_DATA, .nth = 3, .count = 7, .action = WIRE_MARK};
    struct rdma_params params = defaults;
    params.ack_every = 8;
    struct wire *wire = rdma_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(20 * PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    const uint32_t marked[] = {6, 1, 0};
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_ACKNOWLEDGEMENT, 1), 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(wire_sent_nth(wire, WIRE_ACKNOWLEDGEMENT, 1, i + 1)->packet.rdma.marked,
                          marked[i]);
    ck_assert_int_eq(wire_completed_at(wire, 0, number), 20 * FULL + TURN);
    wire_free(wire);
}
END_TEST

/* The first acknowledgement leaves a window of one packet. */
static void collapse_init(void *state, const void *params, const struct sim_congestion_env *env,
                          struct sim_congestion *control)
{
    *(uint32_t *)state = env->packet_bytes;
    (void)params;
    control->window_bytes = env->initial_window_bytes;
}

static void collapse_acked(void *state, struct sim_congestion *control,
                           const struct sim_ack_sample *sample)
{
    (void)sample;
    control->window_bytes = *(uint32_t *)state;
}

static const struct sim_congestion_ops collapse_congestion = {
    .plugin = {.name = "collapse", .kind = SIM_CONGESTION, .state_size = sizeof(uint32_t)},
    .init = collapse_init,
    .acked = collapse_acked,
};

/* A window below `ack_every`: when half of it is sent that asks for an acknowledgement, and the
 * timer never runs out. In the last case nothing that is in flight asks when the window shrinks. */
START_TEST(rdma_rc__a_small_window_is_acknowledged_in_time)
{
    static const struct {
        uint64_t window_pkts;
        bool collapses;
        sim_time least, most; /* for a message of 400 packets */
    } cases[] = {
        {1, false, 400 * (FULL + TURN), 400 * (FULL + TURN)},
        {2, false, 200 * (FULL + TURN), 200 * (2 * FULL + TURN)},
        {10, false, 40 * (FULL + TURN), 40 * (6 * FULL + TURN)},
        {300, false, 400 * FULL + TURN, 400 * FULL + TURN},
        /* 296 packets until the acknowledgement of the 128th, then a packet a turn. */
        {1000, true, 100 * TURN, 110 * TURN},
    };
    struct rdma_params params = defaults;
    params.initial_window_pkts = cases[_i].window_pkts;
    params.ack_every = 128;
    if (cases[_i].collapses)
        params.congestion = (struct sim_model){&collapse_congestion.plugin, NULL};
    struct wire *wire = rdma_wire(&params, NULL, 0);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(400 * PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 0);
    ck_assert_uint_eq(wire_counts(wire, 0).data_packets, 400);
    ck_assert_int_ge(wire_completed_at(wire, 0, number), cases[_i].least);
    ck_assert_int_le(wire_completed_at(wire, 0, number), cases[_i].most);
    wire_free(wire);
}
END_TEST

/* Messages of a queue pair are delivered in their order: a loss in the first delays the second,
 * which is dropped with the rest. */
START_TEST(rdma_rc__messages_in_order)
{
    const struct wire_rule rule = {.class = WIRE_DATA, .nth = 1, .action = WIRE_DROP};
    struct wire *wire = rdma_wire(&defaults, &rule, 1);
    wire_submit(wire, 0, two_hosts_message(4 * PAYLOAD, true), 0);
    wire_submit(wire, 0, two_hosts_message(0, true), 0);
    wire_submit(wire, 0, two_hosts_message(4 * PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    sim_time again = 2 * FULL + TURN;
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 0), again + 4 * FULL + DELAY);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 1), again + 4 * FULL + 44 * 80 + DELAY);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 2), again + 8 * FULL + 44 * 80 + DELAY);
    wire_free(wire);
}
END_TEST

/* A queue pair of its own each: the loss concerns nobody else, and a later queue pair with the same
 * ports is told from the one before. */
START_TEST(rdma_rc__queue_pairs)
{
    const struct wire_rule rules[] = {
        {.class = WIRE_DATA, .nth = 1, .action = WIRE_DROP},
        {.class = WIRE_DATA, .nth = 2, .action = WIRE_DUPLICATE, .delay = 5 * SIM_MS}};
    struct wire *wire = rdma_wire(&defaults, rules, 2);
    struct sim_message first = two_hosts_message(4 * PAYLOAD, false), second = first;
    first.own_port = 2000;
    second.own_port = 2001;
    wire_submit(wire, 0, first, 0);
    wire_submit(wire, 0, second, 0);
    wire_submit(wire, 0, first, 3 * SIM_MS);
    wire_run(wire, SIM_S);
    /* Packet by packet: the second's last packet is the eighth. */
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 1), 8 * FULL + DELAY);
    ck_assert_int_gt(wire_delivered_at(wire, 1, 0, 0), 3 * DELAY);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 2), 3 * SIM_MS + 4 * FULL + DELAY);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, i), 1);
    wire_free(wire);
}
END_TEST

/* A rate that the model sets paces the queue pair. */
START_TEST(rdma_rc__pace)
{
    struct {
        struct sim_length window;
        uint64_t rate_bps;
    } tenth = {.rate_bps = 10000000000};
    struct rdma_params params = defaults;
    params.congestion.params = &tenth;
    struct wire *wire = rdma_wire(&params, NULL, 0);
    wire_submit(wire, 0, two_hosts_message(20 * PAYLOAD, true), 0);
    wire_run(wire, SIM_S);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_int_eq(wire_sent_nth(wire, WIRE_DATA, 0, i + 1)->time, i * 10 * FULL);
    wire_free(wire);
}
END_TEST

/* ---- a bad wire ---- */

/* RC: every message arrives once, and in order, whatever the wire does. */
START_TEST(rdma_rc__storm)
{
    enum { MESSAGES = 200 };
    const struct wire_rule twice = {.class = WIRE_ANY,
                                    .from = WIRE_ANY_HOST,
                                    .nth = 100,
                                    .count = 300,
                                    .action = WIRE_DUPLICATE,
                                    .delay = 7 * SIM_US};
    struct rdma_params params = defaults;
    static double g = 0.0625;
    params.congestion = (struct sim_model){&dctcp_congestion.plugin, &g};
    params.initial_window_pkts = 10;
    params.ack_every = 1 + (uint64_t)_i % 3 * 63;
    struct wire *wire = wire_new(&(struct wire_config){
        .host_count = 2,
        .hosts = {{&rdma_transport, &params}},
        .delay = DELAY,
        .rate_bps = 100000000000,
        .rules = &twice,
        .rule_count = 1,
        .seed = (uint64_t)_i + 1,
        .loss = 0.02,
        .mark = 0.05,
        .reorder = 0.02,
        .reorder_by = 2 * SIM_US,
    });
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < MESSAGES; i++) {
        uint64_t size = i * 97 % 9000;
        bytes += size;
        wire_submit(wire, 0, two_hosts_message(size, true), i * SIM_US);
    }
    wire_run(wire, 10 * SIM_S);
    sim_time before = 0;
    for (uint32_t i = 0; i < MESSAGES; i++) {
        ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, i), 1);
        ck_assert_int_ge(wire_delivered_at(wire, 1, 0, i), before);
        before = wire_delivered_at(wire, 1, 0, i);
        ck_assert_int_gt(wire_completed_at(wire, 0, i), before);
    }
    ck_assert_uint_eq(wire_received_bytes(wire, 1), bytes);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, rdma_rc__one_disturbance, 0, sizeof rc_cases / sizeof *rc_cases);
    tcase_add_loop_test(tcase, rdma_uc__one_disturbance, 0, sizeof uc_cases / sizeof *uc_cases);
    tcase_add_test(tcase, rdma_uc__flows_at_one_time);
    tcase_add_test(tcase, rdma_ud__datagrams);
    tcase_add_test(tcase, rdma_rc__coalesced_acknowledgements);
    tcase_add_loop_test(tcase, rdma_rc__a_small_window_is_acknowledged_in_time, 0, 5);
    tcase_add_test(tcase, rdma_rc__messages_in_order);
    tcase_add_test(tcase, rdma_rc__queue_pairs);
    tcase_add_test(tcase, rdma_rc__pace);
    tcase_add_loop_test(tcase, rdma_rc__storm, 0, 6);
}

int main(void)
{
    return suite_run("rdma", add);
}
