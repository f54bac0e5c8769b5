/* QUIC on a scripted wire of 100 Gbps and 10 us: what one disturbance does to a message of 20 full
 * packets in one flight, behind a handshake of one round trip. A window that nothing moves keeps
 * congestion out of it.
 *
 * A probe waits for a smoothed round trip and 1 ms; all round trips are equal but for the
 * handshake's and the sizes of acknowledgements, 70 ns at most, so such cases are given to 100 ns.
 */
#include "models/transport/quic/quic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/wire/quic.h"
#include "support/storm.h"
#include "support/suite.h"
#include "support/two_hosts.h"
#include "support/wire.h"

extern const struct sim_congestion_ops fixed_congestion;
extern const struct sim_congestion_ops dctcp_congestion;

#define DELAY   (10 * SIM_US)
#define BYTE    ((sim_time)80)
#define FULL    (1500 * BYTE)
#define INITIAL (QUIC_INITIAL_BYTES * BYTE)
#define ACK     (66 * BYTE) /* one range */
#define ACK2    (68 * BYTE) /* two */
#define TURN    (2 * DELAY + ACK)
#define TURN2   (2 * DELAY + ACK2)
#define START   (2 * INITIAL + 2 * DELAY)
#define NEAR    (100 * SIM_NS)

/* What 20 full packets hold: the offset's bytes grow with it. */
#define HEADER UINT64_C(59)
#define BYTES  (20 * (1500 - HEADER) - 11 * 2 - 8 * 4)

static const struct {
    struct sim_length window;
    uint64_t rate_bps;
} no_limit;

static const struct quic_params defaults = {
    .congestion = {&fixed_congestion.plugin, (void *)&no_limit},
    .initial_window_pkts = 100,
    .packet_threshold = 3,
    .granularity = SIM_MS,
    .initial_rtt = SIM_MS,
    .ack_every = 1,
    .ack_delay = 100 * SIM_US,
};

static struct wire *quic_wire(const struct quic_params *params, const struct wire_rule *rules,
                              uint32_t count)
{
    return two_hosts_wire(&quic_transport, params, DELAY, rules, count);
}

/* ---- one disturbance each ---- */

struct outcome {
    sim_time completed;
    uint64_t data_packets, retransmissions, timeouts, probes, spurious, reordered;
};

static const sim_time undisturbed = START + 20 * FULL + TURN;

static const struct {
    const char *name;
    struct wire_rule rules[2];
    struct outcome outcome;
    sim_time tolerance;
} cases[] = {
    {"nothing", {{0}}, {undisturbed, 20, 0, 0, 0, 0, 0}, 0},
    {"handshake lost",
     {{.class = WIRE_SYN, .action = WIRE_DROP}},
     {3 * SIM_MS + undisturbed, 20, 0, 1, 0, 0, 0},
     0},
    {"handshake lost twice",
     {{.class = WIRE_SYN, .count = 2, .action = WIRE_DROP}},
     {9 * SIM_MS + undisturbed, 20, 0, 2, 0, 0, 0},
     0},
    {"its answer lost",
     {{.class = WIRE_SYN_ACK, .from = 1, .action = WIRE_DROP}},
     {3 * SIM_MS + undisturbed, 20, 0, 1, 0, 0, 0},
     0},
    {"handshake twice",
     {{.class = WIRE_SYN, .action = WIRE_DUPLICATE, .delay = 25 * SIM_US}},
     {undisturbed, 20, 0, 0, 0, 0, 0},
     0},
    {"its answer twice",
     {{.class = WIRE_SYN_ACK, .from = 1, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {undisturbed, 20, 0, 0, 0, 0, 0},
     0},
    {"first lost",
     {{.class = WIRE_DATA, .nth = 1, .action = WIRE_DROP}},
     {START + 5 * FULL + 2 * TURN, 21, 1, 0, 0, 0, 0},
     0},
    {"middle lost",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_DROP}},
     {START + 16 * FULL + 2 * TURN2, 21, 1, 0, 0, 0, 0},
     0},
    {"three lost",
     {{.class = WIRE_DATA, .nth = 12, .count = 3, .action = WIRE_DROP}},
     {START + 18 * FULL + 2 * TURN2, 23, 3, 0, 0, 0, 0},
     0},
    {"trimmed",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_TRIM}},
     {START + 16 * FULL + 2 * TURN2, 21, 1, 0, 0, 0, 0},
     0},
    {"last but three lost",
     {{.class = WIRE_DATA, .nth = 17, .action = WIRE_DROP}},
     {START + 21 * FULL + 2 * TURN2, 21, 1, 0, 0, 0, 0},
     0},
    /* the time threshold, 1 ms */
    {"last but two lost",
     {{.class = WIRE_DATA, .nth = 18, .action = WIRE_DROP}},
     {START + SIM_MS + 18 * FULL + TURN2, 21, 1, 0, 0, 0, 0},
     0},
    {"last lost",
     {{.class = WIRE_DATA, .nth = 20, .action = WIRE_DROP}},
     {START + 20 * FULL + SIM_MS + 2 * TURN + FULL, 21, 1, 1, 1, 0, 0},
     NEAR},
    {"all lost",
     {{.class = WIRE_DATA, .nth = 1, .count = 20, .action = WIRE_DROP}},
     {START + 19 * FULL + START + SIM_MS + FULL + TURN + 19 * FULL + TURN, 40, 20, 1, 1, 0, 0},
     0},
    {"retransmission lost",
     {{.class = WIRE_DATA, .nth = 5, .action = WIRE_DROP},
      {.class = WIRE_RETRANSMISSION, .action = WIRE_DROP}},
     {START + 8 * FULL + TURN2 + SIM_MS + 2 * TURN2 + 2 * FULL, 22, 2, 1, 1, 0, 0},
     NEAR},
    {"twice",
     {{.class = WIRE_DATA, .nth = 3, .action = WIRE_DUPLICATE, .delay = SIM_US}},
     {undisturbed, 20, 0, 0, 0, 0, 0},
     0},
    {"overtaken by two",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_DELAY, .delay = 2 * FULL + 1}},
     {undisturbed, 20, 0, 0, 0, 0, 1},
     0},
    {"overtaken by three",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_DELAY, .delay = 3 * FULL + 1}},
     {START + 16 * FULL + TURN2 + TURN, 21, 1, 0, 0, 1, 1},
     0},
    {"late",
     {{.class = WIRE_DATA, .nth = 12, .action = WIRE_DELAY, .delay = 2 * SIM_MS}},
     {START + 16 * FULL + 2 * TURN2, 21, 1, 0, 0, 1, 1},
     0},
    {"acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 3, .action = WIRE_DROP}},
     {undisturbed, 20, 0, 0, 0, 0, 0},
     0},
    {"all acknowledgements but the last lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .count = 19, .action = WIRE_DROP}},
     {undisturbed, 20, 0, 0, 0, 0, 0},
     0},
    {"acknowledgement late",
     {{.class = WIRE_ACKNOWLEDGEMENT,
       .from = 1,
       .nth = 3,
       .action = WIRE_DELAY,
       .delay = 5 * FULL}},
     {undisturbed, 20, 0, 0, 0, 0, 0},
     0},
    {"last acknowledgement lost",
     {{.class = WIRE_ACKNOWLEDGEMENT, .from = 1, .nth = 20, .action = WIRE_DROP}},
     {START + 20 * FULL + SIM_MS + 2 * TURN + FULL, 21, 1, 1, 1, 1, 0},
     NEAR},
};

static bool has_outcome(const char *name, const struct outcome *is, const struct outcome *expected,
                        sim_time tolerance)
{
    sim_time off = is->completed - expected->completed;
    if (off <= tolerance && off >= -tolerance &&
        memcmp(&is->data_packets, &expected->data_packets,
               sizeof *is - offsetof(struct outcome, data_packets)) == 0)
        return true;
    printf("%s: {%" PRId64 " (%+" PRId64 "), %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64
           ", %" PRIu64 ", %" PRIu64 "}\n",
           name, is->completed, off, is->data_packets, is->retransmissions, is->timeouts,
           is->probes, is->spurious, is->reordered);
    return false;
}

START_TEST(quic__one_disturbance)
{
    uint32_t rules = 0;
    while (rules < 2 && cases[_i].rules[rules].class != WIRE_ANY)
        rules++;
    struct wire *wire = quic_wire(&defaults, cases[_i].rules, rules);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(BYTES, false), 0);
    wire_run(wire, SIM_S);
    struct sim_transport_counts sent = wire_counts(wire, 0), got = wire_counts(wire, 1);
    const struct outcome is = {
        wire_completed_at(wire, 0, number),
        sent.data_packets,
        sent.retransmissions,
        sent.timeouts,
        sent.probes,
        got.spurious_retransmissions,
        got.reordered,
    };
    ck_assert(has_outcome(cases[_i].name, &is, &cases[_i].outcome, cases[_i].tolerance));
    ck_assert_uint_eq(wire_received_bytes(wire, 1), BYTES);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

/* ---- streams ---- */

/* A loss in one stream delays no other; on TCP's single stream it would. */
START_TEST(quic__streams_are_independent)
{
    const struct wire_rule rule = {
        .class = WIRE_DATA, .nth = 1 + (uint32_t)_i, .action = WIRE_DROP};
    const uint64_t bytes = 3 * (1500 - HEADER) - 4;
    struct wire *wire = quic_wire(&defaults, &rule, 1);
    for (uint32_t i = 0; i < 3; i++)
        wire_submit(wire, 0, two_hosts_message(bytes, true), 0);
    wire_run(wire, SIM_S);
    for (uint32_t i = 0; i < 3; i++) {
        sim_time in_order = START + (3 * i + 3) * FULL + DELAY;
        if (i == (uint32_t)_i / 3)
            ck_assert_int_gt(wire_delivered_at(wire, 1, 0, i), in_order + 2 * DELAY);
        else
            ck_assert_int_eq(wire_delivered_at(wire, 1, 0, i), in_order);
    }
    ck_assert_uint_eq(wire_counts(wire, 1).held_messages, 0);
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_SYN, 0), 1);
    wire_free(wire);
}
END_TEST

/* The more urgent stream goes first, from the next packet on. */
START_TEST(quic__priorities)
{
    struct wire *wire = quic_wire(&defaults, NULL, 0);
    struct sim_message slow = two_hosts_message(BYTES, true),
                       urgent = two_hosts_message(1000, true);
    slow.priority = 1;
    wire_submit(wire, 0, slow, 0);
    wire_submit(wire, 0, slow, 0);
    wire_submit(wire, 0, urgent, START + 2 * FULL);
    wire_run(wire, SIM_S);
    ck_assert_int_eq(wire_delivered_at(wire, 1, 0, 2),
                     START + 2 * FULL + (1000 + (sim_time)HEADER) * BYTE + DELAY);
    ck_assert_int_lt(wire_delivered_at(wire, 1, 0, 0), wire_delivered_at(wire, 1, 0, 1));
    wire_free(wire);
}
END_TEST

static const uint64_t sizes[] = {0, 1, 1500 - HEADER, 1500 - HEADER + 1, 1000000};

START_TEST(quic__sizes)
{
    struct wire *wire = quic_wire(&defaults, NULL, 0);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(sizes[_i], false), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_int_ne(wire_completed_at(wire, 0, number), SIM_NEVER);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), sizes[_i]);
    ck_assert_uint_eq(wire_counts(wire, 0).data_payload_bytes, sizes[_i]);
    if (_i < 3)
        ck_assert_int_eq(wire_delivered_at(wire, 1, 0, number),
                         START + (sim_time)(HEADER + sizes[_i]) * BYTE + DELAY);
    wire_free(wire);
}
END_TEST

/* ---- 0-RTT ---- */

/* Data right behind the first packet, in a longer header; it is lost with that packet. */
START_TEST(quic__zero_rtt)
{
    const struct wire_rule rule = {.class = WIRE_SYN, .action = WIRE_DROP};
    struct quic_params params = defaults;
    params.zero_rtt = true;
    struct wire *wire = quic_wire(&params, &rule, (uint32_t)_i);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(100, false), 0);
    wire_run(wire, SIM_S);
    if (_i == 0)
        ck_assert_int_eq(wire_delivered_at(wire, 1, 0, number),
                         INITIAL + (100 + (sim_time)HEADER + 16) * BYTE + DELAY);
    else
        ck_assert_int_gt(wire_delivered_at(wire, 1, 0, number), 3 * SIM_MS + START);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_int_ne(wire_completed_at(wire, 0, number), SIM_NEVER);
    wire_free(wire);
}
END_TEST

/* The answer comes before the second timeout and later than one timeout after the first: the next
 * is due at once, and not in the past. */
START_TEST(quic__zero_rtt_answered_late)
{
    const struct wire_rule rules[] = {
        {.class = WIRE_SYN, .action = WIRE_DELAY, .delay = 8 * SIM_MS},
        {.class = WIRE_SYN, .nth = 2, .action = WIRE_DROP},
    };
    struct quic_params params = defaults;
    params.zero_rtt = true;
    struct wire *wire = quic_wire(&params, rules, 2);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(100, false), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_delivered_times(wire, 1, 0, number), 1);
    ck_assert_int_eq(wire_completed_at(wire, 0, number),
                     START + 8 * SIM_MS + (100 + (sim_time)HEADER) * BYTE + TURN);
    wire_free(wire);
}
END_TEST

/* ---- acknowledgements ---- */

/* Every fourth packet, the last after ack_delay; a mark is told at once. */
START_TEST(quic__delayed_acknowledgements)
{
    const struct wire_rule rule = {.class = WIRE_DATA, .nth = 6, .action = WIRE_MARK};
    struct quic_params params = defaults;
    params.ack_every = 4;
    struct wire *wire = quic_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(BYTES, true), 0);
    wire_run(wire, SIM_S);
    /* 4, 6, 10, 14, 18, and 20 late */
    ck_assert_uint_eq(wire_sent_count(wire, WIRE_ACKNOWLEDGEMENT, 1), 6);
    ck_assert_uint_eq(wire_sent_nth(wire, WIRE_ACKNOWLEDGEMENT, 1, 1)->lists.quic.marked, 0);
    ck_assert_uint_eq(wire_sent_nth(wire, WIRE_ACKNOWLEDGEMENT, 1, 2)->lists.quic.marked, 1);
    ck_assert_int_eq(wire_completed_at(wire, 0, number),
                     START + 19 * FULL + params.ack_delay + TURN);
    wire_free(wire);
}
END_TEST

/* ---- persistent congestion ---- */

/* A silence of 20 ms: probes at 1, 3, 7, 15 ms; that the fifth arrives says that all of them were
 * lost, over more than three probe timeouts. With shorter silence the window stays. */
START_TEST(quic__persistent_congestion)
{
    struct quic_params params = defaults;
    static double g = 0.0625;
    params.congestion = (struct sim_model){&dctcp_congestion.plugin, &g};
    params.initial_window_pkts = 10;
    const struct wire_rule rule = {
        .class = WIRE_DATA, .nth = 1, .count = _i ? 14 : 10, .action = WIRE_DROP};
    struct wire *wire = quic_wire(&params, &rule, 1);
    uint32_t number = wire_submit(wire, 0, two_hosts_message(9 * (1500 - HEADER), true), 0);
    wire_run(wire, SIM_S);
    struct sim_window_sample sample;
    ck_assert_int_ne(wire_completed_at(wire, 0, number), SIM_NEVER);
    ck_assert_uint_eq(quic_transport.windows(wire_state(wire, 0), &sample, 1), 1);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, _i ? 5 : 1);
    ck_assert_uint_eq(sample.in_flight_bytes, 0);
    if (_i)
        ck_assert_uint_le(sample.window_bytes, 5 * 1472);
    else
        ck_assert_uint_ge(sample.window_bytes, 5 * 1472);
    wire_free(wire);
}
END_TEST

/* What is lost is found out at several times: message 0 and its probes at 1 and 3 ms are lost, and
 * message 1 at 3.9 ms; message 2, right behind it, is acknowledged, but for the last two nothing is
 * certain yet. The window collapses unless something in between arrives, or the first packet was
 * sent when no round trip was known. */
START_TEST(quic__persistent_congestion_over_several_passes)
{
    static const struct {
        struct wire_rule rules[2];
        uint32_t rule_count;
        bool zero_rtt, collapses;
    } rows[] = {
        {{{.class = WIRE_DATA, .nth = 1, .count = 4, .action = WIRE_DROP}}, 1, false, true},
        {{{.class = WIRE_DATA, .nth = 1, .count = 4, .action = WIRE_DROP}}, 1, true, false},
        {{{.class = WIRE_DATA, .nth = 1, .count = 2, .action = WIRE_DROP},
          {.class = WIRE_DATA, .nth = 5, .action = WIRE_DROP}},
         2,
         false,
         false},
    };
    struct quic_params params = defaults;
    static double g = 0.0625;
    params.congestion = (struct sim_model){&dctcp_congestion.plugin, &g};
    params.initial_window_pkts = 40;
    params.zero_rtt = rows[_i].zero_rtt;
    struct wire *wire = quic_wire(&params, rows[_i].rules, rows[_i].rule_count);
    const sim_time submitted[] = {0, 3900 * SIM_US, 3950 * SIM_US};
    for (uint32_t i = 0; i < 3; i++)
        wire_submit(wire, 0, two_hosts_message(1000, true), submitted[i]);
    wire_run(wire, SIM_S);
    struct sim_window_sample sample;
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_ne(wire_completed_at(wire, 0, i), SIM_NEVER);
    ck_assert_uint_eq(quic_transport.windows(wire_state(wire, 0), &sample, 1), 1);
    if (rows[_i].collapses) /* and grows with what arrives */
        ck_assert_uint_le(sample.window_bytes, 5 * 1472);
    else
        ck_assert_uint_ge(sample.window_bytes, 10 * 1472);
    wire_free(wire);
}
END_TEST

/* ---- a bad wire ---- */

START_TEST(quic__storm)
{
    struct quic_params params = defaults;
    static double g = 0.0625;
    params.congestion = (struct sim_model){&dctcp_congestion.plugin, &g};
    params.initial_window_pkts = 10;
    params.ack_every = 1 + (uint64_t)_i % 3;
    params.zero_rtt = _i % 2;
    storm_run(&(struct storm){.transport = &quic_transport,
                              .params = &params,
                              .seed = (uint64_t)_i + 1,
                              .loss = 0.03,
                              .mark = 0.05,
                              .reorder = 0.1,
                              .until = 10 * SIM_S});
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, quic__one_disturbance, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(tcase, quic__streams_are_independent, 0, 9);
    tcase_add_test(tcase, quic__priorities);
    tcase_add_loop_test(tcase, quic__sizes, 0, sizeof sizes / sizeof *sizes);
    tcase_add_loop_test(tcase, quic__zero_rtt, 0, 2);
    tcase_add_test(tcase, quic__zero_rtt_answered_late);
    tcase_add_test(tcase, quic__delayed_acknowledgements);
    tcase_add_loop_test(tcase, quic__persistent_congestion, 0, 2);
    tcase_add_loop_test(tcase, quic__persistent_congestion_over_several_passes, 0, 3);
    tcase_add_loop_test(tcase, quic__storm, 0, 8);
}

int main(void)
{
    return suite_run("quic", add);
}
