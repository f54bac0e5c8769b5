/* MTP's probes, and streams that are held up: what is sent is always a part of its message, and
 * what is held up is not forgotten. The wire is that of test_mtp.c unless said otherwise. */
#include "support/mtp_case.h"
#include "support/suite.h"

/* ---- probes that come late ---- */

static void check_inside(const struct wire_sent *sent)
{
    const struct sim_mtp_header *header = &sent->packet.mtp;
    ck_assert_msg(
        header->packet < header->message_packets &&
            (uint64_t)header->offset_bytes + header->payload_bytes <= header->message_bytes,
        "packet %u of %u, offset %u, %u of %u bytes", header->packet, header->message_packets,
        header->offset_bytes, header->payload_bytes, header->message_bytes);
}

/* A slow NIC to three destinations, with loss and reordering: between the timer that wants a probe
 * and the NIC's next pull, acknowledgements of packets thought lost come in. */
START_TEST(mtp__probes_send_what_exists)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 4;
    test.config.seed = (uint64_t)_i + 1;
    test.config.rate_bps = 1000000000;
    test.config.delay = 2 * SIM_US;
    test.config.loss = 0.02;
    test.config.reorder = 0.5;
    test.config.reorder_by = 100 * SIM_US;
    mtp_case_start(&test);
    uint64_t expected[4] = {0};
    for (uint32_t i = 0; i < 90; i++) {
        uint64_t bytes = (1 + sim_mix64((uint64_t)_i * 1000 + i) % 40) * 1376;
        struct sim_message message = {
            .dst = 1 + i % 3, .src_port = (uint16_t)(i % 3), .bytes = bytes, .priority = i % 2};
        expected[message.dst] += bytes;
        wire_submit(test.wire, 0, message, (sim_time)i * 5 * SIM_US);
    }
    wire_run(test.wire, 900 * SIM_MS);
    const GArray *sent = wire_sent(test.wire);
    for (guint i = 0; i < sent->len; i++)
        if (g_array_index(sent, struct wire_sent, i).data)
            check_inside(&g_array_index(sent, struct wire_sent, i));
    for (uint32_t host = 1; host < 4; host++) {
        ck_assert_uint_eq(wire_received_bytes(test.wire, host), expected[host]);
        ck_assert_uint_eq(wire_counts(test.wire, host).malformed, 0);
    }
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

static void past_the_end(struct wire *wire, struct sim_packet *packet, void *context)
{
    (void)wire;
    if (*(const bool *)context)
        packet->mtp.packet = packet->mtp.message_packets;
    else
        packet->mtp.offset_bytes = packet->mtp.message_bytes;
}

/* A packet that is no part of its message is dropped and counted, and its message waits. */
START_TEST(mtp__packet_outside_its_message_is_dropped)
{
    bool by_number = _i == 0;
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_FIRST,
                                            .from = 0,
                                            .nth = 5,
                                            .action = WIRE_TRANSFORM,
                                            .transform = past_the_end,
                                            .context = &by_number});
    mtp_case_start(&test);
    uint32_t number =
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 10 * 1376}, 0);
    wire_run(test.wire, 20 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 1).malformed, 1);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 0);
    wire_run(test.wire, SIM_S / 2);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_received_bytes(test.wire, 1), 10 * 1376);
    wire_free(test.wire);
}
END_TEST

/* ---- a second silence ---- */

/* A flow over pathlet 2, from 600 us on over 3, of which data is lost while it is `dark`. No timer
 * but that of probes runs out. */
static void dark_init(struct mtp_case *test,
                      bool (*dark)(const struct sim_packet *packet, void *context))
{
    mtp_case_init(test);
    test->params.min_rto = test->params.initial_rto = 10 * SIM_S;
    test->params.give_up = 100 * SIM_S;
    test->route = (struct mtp_route){.before = {2}, .after = {3}, .switch_at = 600 * SIM_US};
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_DATA,
                                           .from = 0,
                                           .count = WIRE_ALL,
                                           .action = WIRE_DROP,
                                           .match = dark,
                                           .context = test});
}

static void dark_run(struct mtp_case *test, sim_time until)
{
    mtp_case_start(test);
    wire_submit(test->wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, 0);
    wire_run(test->wire, until);
}

#define LIGHT (1100 * SIM_US)
#define DARK  (1165 * SIM_US)

static bool in_the_dark(const struct sim_packet *packet, void *context)
{
    const struct mtp_case *test = context;
    sim_time now = wire_now(test->wire);
    (void)packet;
    return (now >= 500 * SIM_US && now < LIGHT) || now >= DARK;
}

/* Probes have backed off to 16 silences when one is answered; then the path goes dark again. The
 * next probe follows after one silence of the path, not at the end of the old 16. */
START_TEST(mtp__answer_brings_the_next_probe_forward)
{
    struct mtp_case test;
    dark_init(&test, in_the_dark);
    dark_run(&test, LIGHT);
    const struct mtp_destination *destination = mtp_case_host(&test, 0)->destinations[0];
    ck_assert_uint_eq(destination->probe_shift, 4);
    while (destination->probe_shift) /* the answer */
        wire_run(test.wire, wire_now(test.wire) + SIM_US);
    ck_assert_int_lt(destination->probe_timer.deadline, wire_now(test.wire) + 25 * SIM_US);
    wire_free(test.wire);
}
END_TEST

static bool is_old(const struct sim_packet *packet, void *context)
{
    const struct mtp_case *test = context;
    (void)packet;
    return wire_now(test->wire) >= 500 * SIM_US && wire_now(test->wire) < 700 * SIM_US;
}

static bool is_probe(const struct sim_packet *packet, void *context)
{
    return !is_old(packet, context) && wire_now(((struct mtp_case *)context)->wire) > 700 * SIM_US;
}

/* What the window allows is lost, and so are the probes up to 700 us. The next probe is the first
 * packet that arrives: at once, after one more is lost, or 300 us late, when others have overtaken
 * it. In each case the flow goes on, and nothing is sent twice before the timeout. */
START_TEST(mtp__probe_is_disturbed)
{
    static const struct {
        enum wire_action action;
        uint32_t count; /* of probes from 700 us on */
        sim_time by;    /* when the flow has gone on */
    } rows[] = {{WIRE_DROP, 0, 1200 * SIM_US},
                {WIRE_DROP, 1, 1500 * SIM_US},
                {WIRE_DELAY, 1, 1500 * SIM_US}};
    struct mtp_case test;
    dark_init(&test, is_old);
    if (rows[_i].count)
        mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                                .from = 0,
                                                .count = rows[_i].count,
                                                .action = rows[_i].action,
                                                .delay = 300 * SIM_US,
                                                .match = is_probe,
                                                .context = &test});
    dark_run(&test, 700 * SIM_US);
    uint64_t stuck = wire_received_bytes(test.wire, 1);
    uint64_t lost = wire_counts(test.wire, 0).probes;
    ck_assert_uint_ge(lost, 2);
    wire_run(test.wire, rows[_i].by);
    ck_assert_uint_gt(wire_received_bytes(test.wire, 1), stuck + 1000000);
    ck_assert_uint_le(wire_counts(test.wire, 0).probes, lost + 1 + rows[_i].count);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 0);
    mtp_case_check_charges(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* ---- streams that are held up ---- */

/* A blob, or a message, gets some packets through and is then held up by an urgent one, for longer
 * than the receiver keeps a silent source; to the same destination or to another. */
START_TEST(mtp__held_up_streams_are_not_forgotten)
{
    bool blob = _i & 1, elsewhere = _i & 2;
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 3;
    test.params.give_up = 2 * SIM_MS;
    test.config.rate_bps = 1000000000;
    mtp_case_start(&test);
    uint32_t number =
        wire_submit(test.wire, 0,
                    (struct sim_message){
                        .dst = 1, .src_port = 1, .bytes = 40 * 1352, .blob = blob, .priority = 5},
                    0);
    wire_submit(test.wire, 0,
                (struct sim_message){.dst = elsewhere ? 2 : 1, .src_port = 2, .bytes = 1000 * 1376},
                200 * SIM_US);
    wire_run(test.wire, SIM_S);
    uint32_t other = elsewhere ? 2 : 1;
    uint64_t here = 40 * 1352 + (elsewhere ? 0 : 1000 * 1376);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_received_bytes(test.wire, 1), here);
    ck_assert_uint_eq(wire_delivered_times(test.wire, other, 0, number + 1), 1);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 0);
    ck_assert_uint_eq(wire_counts(test.wire, 0).given_up, 0);
    for (uint32_t host = 1; host < 3; host++)
        ck_assert_uint_eq(mtp_case_host(&test, host)->receiver.count, 0);
    ck_assert(wire_is_quiet(test.wire));
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp__probes_send_what_exists, 0, 30);
    tcase_add_loop_test(tcase, mtp__packet_outside_its_message_is_dropped, 0, 2);
    tcase_add_test(tcase, mtp__answer_brings_the_next_probe_forward);
    tcase_add_loop_test(tcase, mtp__probe_is_disturbed, 0, 3);
    tcase_add_loop_test(tcase, mtp__held_up_streams_are_not_forgotten, 0, 4);
}

int main(void)
{
    return suite_run("mtp_probes", add);
}
