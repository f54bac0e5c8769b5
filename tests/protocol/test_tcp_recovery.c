/* TCP's timers and its recovery under reordering: RFC 6298, RFC 8985, RFC 2883. */
#include "support/suite.h"
#include "support/tcp_wire.h"

static uint64_t window_of(struct wire *wire)
{
    struct sim_window_sample sample;
    ck_assert_uint_eq(tcp_transport.windows(wire_state(wire, 0), &sample, 1), 1);
    return sample.window_bytes;
}

/* ---- the retransmission timer ---- */

/* Doubles from a timeout to the next, for the SYN from initial_rto, for data from min_rto. */
START_TEST(tcp_rto__series)
{
    const bool syn = _i;
    const struct wire_rule rule = {
        .class = syn ? WIRE_SYN : WIRE_DATA, .count = 6, .action = WIRE_DROP};
    struct wire *wire = tcp_wire(&tcp_defaults, &rule, 1);
    uint32_t number = wire_submit(wire, 0, tcp_message(MSS, false), 0);
    wire_run(wire, SIM_S);
    sim_time first = syn ? 0 : 2 * DELAY + 2 * 52 * BYTE;
    sim_time rto = syn ? 3 * SIM_MS : SIM_MS;
    for (uint32_t i = 0; i < 7; i++) {
        const struct wire_sent *sent = wire_sent_nth(wire, syn ? WIRE_SYN : WIRE_DATA, 0, i + 1);
        ck_assert_int_eq(sent->time, first + rto * ((1 << i) - 1));
    }
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 6);
    sim_time rest =
        syn ? 4 * DELAY + 2 * 52 * BYTE + FULL + 40 * BYTE : 2 * DELAY + FULL + 40 * BYTE;
    ck_assert_int_eq(wire_completed_at(wire, 0, number), first + 63 * rto + rest);
    wire_free(wire);
}
END_TEST

/* The back-off stays until a segment that was sent once is acknowledged (Karn). Segments 1, 2, 3
 * of a message of its own each; the first is lost twice, the second once. */
START_TEST(tcp_rto__backoff_ends_with_a_sample)
{
    const struct wire_rule rule = {.class = WIRE_DATA, .count = 2, .action = WIRE_DROP};
    struct wire *wire = tcp_wire(&tcp_defaults, &rule, 1);
    wire_submit(wire, 0, tcp_message(MSS, true), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 2);
    wire_free(wire);

    const struct wire_rule rules[] = {
        {.class = WIRE_DATA, .count = 2, .action = WIRE_DROP},
        {.class = WIRE_FIRST, .nth = 2, .action = WIRE_DROP}, /* RTO still 4 ms */
        {.class = WIRE_FIRST, .nth = 4, .action = WIRE_DROP}, /* RTO 1 ms again */
    };
    wire = tcp_wire(&tcp_defaults, rules, 3);
    for (uint32_t i = 0; i < 4; i++)
        wire_submit(wire, 0, tcp_message(MSS, true), (sim_time)i * 10 * SIM_MS);
    wire_run(wire, SIM_S);
    static const sim_time waits[] = {3 * SIM_MS, 4 * SIM_MS, 0, SIM_MS};
    for (uint32_t i = 0; i < 4; i++) {
        sim_time start = (sim_time)i * 10 * SIM_MS + (i ? 0 : 2 * DELAY + 2 * 52 * BYTE);
        ck_assert_int_eq(wire_completed_at(wire, 0, i),
                         start + waits[i] + 2 * DELAY + FULL + 40 * BYTE);
    }
    wire_free(wire);
}
END_TEST

/* ---- reordering ---- */

struct reordering {
    const char *name;
    uint32_t loss_detection;
    bool undo;
    uint64_t retransmissions; /* after one packet was overtaken */
    uint64_t both;            /* and after the second */
    bool halved;              /* the window, two round trips after the first */
};

static const struct reordering reorderings[] = {
    {"plain", TCP_DUPLICATE_ACKS, false, 2, 4, true},
    {"plain with undo", TCP_DUPLICATE_ACKS, true, 2, 4, false},
    {"rack", TCP_RACK, false, 1, 1, true},
    {"reordering-tolerant", TCP_RACK, true, 1, 1, false},
};

/* A packet is overtaken by 8 us, and another one much later. Each time nothing is lost. Plain TCP
 * sends it again and halves its window; undo gives the window back when the DSACK comes; RACK
 * learns from the first time to wait. (The receive window keeps new data back, so NextSeg's rule 4
 * doubles the retransmissions of plain TCP.) */
START_TEST(tcp_recovery__reordering)
{
    const struct reordering *expected = &reorderings[_i];
    struct tcp_params params = tcp_defaults;
    params.loss_detection = expected->loss_detection;
    params.undo = expected->undo;
    params.receive_window_bytes = 40 * MSS;
    const struct wire_rule rules[] = {
        {.class = WIRE_DATA, .nth = 100, .action = WIRE_DELAY, .delay = 8 * SIM_US},
        {.class = WIRE_DATA, .nth = 1000, .action = WIRE_DELAY, .delay = 8 * SIM_US},
    };
    struct wire *wire = tcp_wire(&params, rules, 2);
    wire_submit(wire, 0, tcp_message(SIM_ENDLESS, true), 0);
    while (wire_sent_count(wire, WIRE_DATA, 0) < 99)
        wire_run(wire, wire_now(wire) + SIM_US);
    uint64_t before = window_of(wire);
    wire_run(wire, wire_now(wire) + 6 * DELAY);
    ck_assert_uint_eq(wire_counts(wire, 0).retransmissions, expected->retransmissions);
    ck_assert_uint_eq(wire_counts(wire, 1).spurious_retransmissions, expected->retransmissions);
    ck_assert_uint_eq(wire_counts(wire, 1).reordered, 1);
    ck_assert_int_eq(window_of(wire) < before * 3 / 4, expected->halved);
    while (wire_sent_count(wire, WIRE_DATA, 0) < 1100)
        wire_run(wire, wire_now(wire) + SIM_US);
    wire_run(wire, wire_now(wire) + 6 * DELAY);
    ck_assert_uint_eq(wire_counts(wire, 0).retransmissions, expected->both);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 0);
    wire_free(wire);
}
END_TEST

/* A loss that is real is not undone. */
START_TEST(tcp_recovery__no_undo_of_a_loss)
{
    struct tcp_params params = tcp_defaults;
    params.undo = true;
    params.loss_detection = _i ? TCP_RACK : TCP_DUPLICATE_ACKS;
    params.receive_window_bytes = 40 * MSS;
    const struct wire_rule rule = {.class = WIRE_DATA, .nth = 100, .action = WIRE_DROP};
    struct wire *wire = tcp_wire(&params, &rule, 1);
    wire_submit(wire, 0, tcp_message(SIM_ENDLESS, true), 0);
    while (wire_sent_count(wire, WIRE_DATA, 0) < 99)
        wire_run(wire, wire_now(wire) + SIM_US);
    uint64_t before = window_of(wire);
    wire_run(wire, wire_now(wire) + 8 * DELAY);
    ck_assert_uint_eq(wire_counts(wire, 0).retransmissions, _i ? 1 : 2);
    ck_assert_uint_eq(wire_counts(wire, 1).spurious_retransmissions, _i ? 0 : 1);
    ck_assert_uint_lt(window_of(wire), before * 3 / 4);
    wire_free(wire);
}
END_TEST

/* A spurious timeout is undone too: all acknowledgements of a window are late by more than the
 * RTO, and the DSACKs account for what was sent again. */
START_TEST(tcp_recovery__undo_of_a_timeout)
{
    struct tcp_params params = tcp_defaults;
    params.undo = _i;
    const struct wire_rule rule = {.class = WIRE_ACKNOWLEDGEMENT,
                                   .from = 1,
                                   .nth = 1,
                                   .count = 10,
                                   .action = WIRE_DELAY,
                                   .delay = 990 * SIM_US};
    struct wire *wire = tcp_wire(&params, &rule, 1);
    wire_submit(wire, 0, tcp_message(10 * MSS, true), 0);
    wire_run(wire, SIM_S);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 1);
    ck_assert_uint_eq(wire_counts(wire, 1).spurious_retransmissions,
                      wire_counts(wire, 0).retransmissions);
    if (params.undo)
        ck_assert_uint_ge(window_of(wire), 10 * MSS);
    else
        ck_assert_uint_lt(window_of(wire), 10 * MSS);
    wire_free(wire);
}
END_TEST

/* ---- what RACK does that counting cannot ---- */

/* The retransmission is lost too: found one round trip later, not at the RTO. And two segments
 * above a loss are enough, with the reordering timer: a quarter of a round trip later. */
static const struct {
    struct wire_rule rules[2];
    sim_time least, most; /* completion after rack */
} rack_cases[] = {
    {{{.class = WIRE_DATA, .nth = 3, .action = WIRE_DROP},
      {.class = WIRE_RETRANSMISSION, .action = WIRE_DROP}},
     80 * SIM_US,
     125 * SIM_US},
    {{{.class = WIRE_DATA, .nth = 18, .action = WIRE_DROP}}, 85 * SIM_US, 95 * SIM_US},
};

START_TEST(tcp_recovery__rack_without_timeout)
{
    struct tcp_params params = tcp_defaults;
    uint32_t count = rack_cases[_i].rules[1].class ? 2 : 1;
    for (uint32_t rack = 0; rack < 2; rack++) {
        params.loss_detection = rack ? TCP_RACK : TCP_DUPLICATE_ACKS;
        struct wire *wire = tcp_wire(&params, rack_cases[_i].rules, count);
        uint32_t number = wire_submit(wire, 0, tcp_message(20 * MSS, false), 0);
        wire_run(wire, SIM_S);
        sim_time completed = wire_completed_at(wire, 0, number);
        ck_assert_uint_eq(wire_counts(wire, 0).timeouts, rack ? 0 : 1);
        ck_assert_int_ge(completed, rack ? rack_cases[_i].least : SIM_MS);
        ck_assert_int_le(completed, rack ? rack_cases[_i].most : 2 * SIM_MS);
        wire_free(wire);
    }
}
END_TEST

/* ---- the receiver's window ---- */

/* The sender keeps within it. */
START_TEST(tcp_window__respected)
{
    struct tcp_params params = tcp_defaults;
    params.receive_window_bytes = 7 * MSS + 100;
    struct wire *wire = tcp_wire(&params, NULL, 0);
    uint32_t number = wire_submit(wire, 0, tcp_message(100 * MSS, false), 0);
    wire_run(wire, SIM_S);
    /* SYN, SYN-ACK, 14 windows of 7 packets, each a round trip after the one before, and 2 more. */
    sim_time turn = 2 * DELAY + FULL + 40 * BYTE;
    ck_assert_int_eq(wire_completed_at(wire, 0, number),
                     2 * DELAY + 2 * 52 * BYTE + 15 * turn + FULL);
    ck_assert_uint_eq(wire_counts(wire, 0).retransmissions, 0);
    wire_free(wire);
}
END_TEST

static void close_window(struct wire *wire, struct sim_packet *packet, void *context)
{
    (void)wire;
    (void)context;
    packet->tcp.window_bytes = 0;
}

/* RFC 9293, 3.8.6.1: probes of one byte; no timeout, and the congestion window stays. The tenth
 * acknowledgement closes the window, when 19 segments are sent, and the first probe's leaves it
 * closed. The receiver took the byte, so there is no back-off. */
START_TEST(tcp_window__probes)
{
    const struct wire_rule rule = {.class = WIRE_ACKNOWLEDGEMENT,
                                   .from = 1,
                                   .nth = 10,
                                   .count = 11,
                                   .action = WIRE_TRANSFORM,
                                   .transform = close_window};
    struct wire *wire = tcp_wire(&tcp_defaults, &rule, 1);
    uint32_t number = wire_submit(wire, 0, tcp_message(30 * MSS, true), 0);
    wire_run(wire, SIM_S);
    const struct wire_sent *last = wire_sent_nth(wire, WIRE_DATA, 0, 19);
    const struct wire_sent *probe = wire_sent_nth(wire, WIRE_DATA, 0, 20);
    const struct wire_sent *second = wire_sent_nth(wire, WIRE_DATA, 0, 21);
    sim_time turn = 2 * DELAY + 40 * BYTE;
    ck_assert_uint_eq(probe->packet.tcp.payload_bytes, 1);
    ck_assert_int_eq(probe->time, last->time + FULL + turn + SIM_MS);
    ck_assert_uint_eq(second->packet.tcp.payload_bytes, 1);
    ck_assert_int_eq(second->time, probe->time + 41 * BYTE + turn + SIM_MS);
    ck_assert_uint_eq(wire_counts(wire, 0).probes, 2);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 0);
    ck_assert_uint_eq(wire_counts(wire, 0).retransmissions, 0);
    ck_assert_uint_eq(wire_received_bytes(wire, 1), 30 * MSS);
    ck_assert_int_eq(wire_completed_at(wire, 0, number),
                     second->time + 41 * BYTE + turn + 11 * FULL - 2 * BYTE + turn);
    wire_free(wire);
}
END_TEST

/* A probe that is lost is sent again after twice the time, and that is no timeout either. */
START_TEST(tcp_window__lost_probe)
{
    const struct wire_rule rules[] = {
        {.class = WIRE_ACKNOWLEDGEMENT,
         .from = 1,
         .nth = 10,
         .count = 10,
         .action = WIRE_TRANSFORM,
         .transform = close_window},
        {.class = WIRE_DATA, .nth = 20, .action = WIRE_DROP},
    };
    struct wire *wire = tcp_wire(&tcp_defaults, rules, 2);
    uint32_t number = wire_submit(wire, 0, tcp_message(30 * MSS, true), 0);
    wire_run(wire, SIM_S);
    const struct wire_sent *probe = wire_sent_nth(wire, WIRE_DATA, 0, 20);
    const struct wire_sent *second = wire_sent_nth(wire, WIRE_RETRANSMISSION, 0, 1);
    ck_assert_uint_eq(second->packet.tcp.seq, probe->packet.tcp.seq);
    ck_assert_int_eq(second->time, probe->time + 2 * SIM_MS);
    ck_assert_uint_eq(wire_counts(wire, 0).probes, 2);
    ck_assert_uint_eq(wire_counts(wire, 0).timeouts, 0);
    ck_assert_int_ne(wire_completed_at(wire, 0, number), SIM_NEVER);
    wire_free(wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, tcp_rto__series, 0, 2);
    tcase_add_test(tcase, tcp_rto__backoff_ends_with_a_sample);
    tcase_add_loop_test(tcase, tcp_recovery__reordering, 0,
                        sizeof reorderings / sizeof *reorderings);
    tcase_add_loop_test(tcase, tcp_recovery__no_undo_of_a_loss, 0, 2);
    tcase_add_loop_test(tcase, tcp_recovery__undo_of_a_timeout, 0, 2);
    tcase_add_loop_test(tcase, tcp_recovery__rack_without_timeout, 0, 2);
    tcase_add_test(tcase, tcp_window__respected);
    tcase_add_test(tcase, tcp_window__probes);
    tcase_add_test(tcase, tcp_window__lost_probe);
}

int main(void)
{
    return suite_run("tcp_recovery", add);
}
