/* MTP's messages: exactly-once delivery, both levels of acknowledgement, giving up. The wire is
 * that of test_mtp.c. */
#include "support/mtp_case.h"
#include "support/suite.h"

/* ---- exactly once ---- */

static bool now_and_then(const struct sim_packet *packet, void *context)
{
    struct sim_rng *rng = context;
    (void)packet;
    return sim_rng_below(rng, 20) == 0;
}

static void check_often(struct wire *wire, void *context, sim_time now)
{
    struct mtp_case *test = context;
    mtp_case_check_charges(mtp_case_host(test, 0));
    mtp_case_check_charges(mtp_case_host(test, 1));
    if (now < 50 * SIM_MS)
        wire_at(wire, now + 50 * SIM_US, check_often, test);
}

static struct sim_message random_message(struct sim_rng *rng, uint32_t host)
{
    static const uint64_t most[] = {0, 1376, 20000, 200000};
    uint64_t limit = most[sim_rng_below(rng, 4)];
    return (struct sim_message){
        .dst = (host + 1 + (uint32_t)sim_rng_below(rng, 2)) % 3,
        .bytes = sim_rng_below(rng, limit + 1),
        .priority = (uint8_t)sim_rng_below(rng, 3),
        .src_port = (uint16_t)sim_rng_below(rng, 4),
        .blob = sim_rng_below(rng, 3) == 0,
    };
}

#define SOAK_MESSAGES 300

struct soak {
    struct mtp_case test;
    struct sim_rng rng;
    struct sim_message messages[2][SOAK_MESSAGES];
};

static void soak_start(struct soak *soak, int seed)
{
    struct mtp_case *test = &soak->test;
    mtp_case_init(test);
    sim_rng_init(&soak->rng, (uint64_t)seed, "soak");
    test->config.host_count = 3;
    test->config.seed = (uint64_t)seed + 1;
    test->config.loss = 0.02;
    test->config.mark = 0.05;
    test->config.reorder = 0.2;
    test->config.reorder_by = 30 * SIM_US;
    test->route = (struct mtp_route){
        .before = {1, 2}, .after = {1, 3, 2}, .period = 150 * SIM_US, .mark = 0.1, .mark_path = 1};
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_ANY,
                                           .from = WIRE_ANY_HOST,
                                           .count = WIRE_ALL,
                                           .action = WIRE_DUPLICATE,
                                           .delay = 40 * SIM_US,
                                           .match = now_and_then,
                                           .context = &soak->rng});
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_DATA,
                                           .from = WIRE_ANY_HOST,
                                           .count = WIRE_ALL,
                                           .action = WIRE_TRIM,
                                           .match = now_and_then,
                                           .context = &soak->rng});
    mtp_case_start(test);
    for (uint32_t host = 0; host < 2; host++)
        for (uint32_t i = 0; i < SOAK_MESSAGES; i++) {
            soak->messages[host][i] = random_message(&soak->rng, host);
            wire_submit(test->wire, host, soak->messages[host][i],
                        (sim_time)sim_rng_below(&soak->rng, 20 * SIM_MS));
        }
    wire_at(test->wire, 50 * SIM_US, check_often, test);
}

START_TEST(mtp__soak_delivers_exactly_once)
{
    struct soak soak;
    soak_start(&soak, _i);
    struct wire *wire = soak.test.wire;
    wire_run(wire, 900 * SIM_MS);
    uint64_t expected[3] = {0}, memory = 0;
    for (uint32_t host = 0; host < 2; host++)
        for (uint32_t i = 0; i < SOAK_MESSAGES; i++) {
            const struct sim_message *message = &soak.messages[host][i];
            ck_assert_uint_eq(wire_delivered_times(wire, message->dst, host, i), 1);
            ck_assert_int_lt(wire_completed_at(wire, host, i), SIM_NEVER);
            expected[message->dst] += message->bytes;
        }
    for (uint32_t host = 0; host < 3; host++) {
        struct mtp *mtp = mtp_case_host(&soak.test, host);
        ck_assert_uint_eq(wire_received_bytes(wire, host), expected[host]);
        mtp_case_check_empty(mtp);
        memory += mtp_receiver_bytes(&mtp->receiver);
    }
    ck_assert_uint_gt(wire_counts(wire, 0).retransmissions, 100);
    ck_assert_uint_lt(memory, 20000);
    /* Silent sources are forgotten. */
    wire_run(wire, 5 * SIM_S);
    for (uint32_t host = 0; host < 3; host++)
        ck_assert_uint_eq(mtp_case_host(&soak.test, host)->receiver.count, 0);
    ck_assert(wire_is_quiet(wire));
    wire_free(wire);
}
END_TEST

START_TEST(mtp__blob_with_loss)
{
    static const double loss[] = {0.001, 0.01, 0.1};
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.loss = loss[_i];
    mtp_case_start(&test);
    struct sim_message blob = {.dst = 1, .bytes = 3000000, .blob = true};
    uint32_t number = wire_submit(test.wire, 0, blob, 0);
    wire_run(test.wire, SIM_S / 2);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_received_bytes(test.wire, 1), blob.bytes);
    ck_assert_uint_gt(wire_counts(test.wire, 0).retransmissions, 0);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* ---- the window of IDs ---- */

static bool is_message_0(const struct sim_packet *packet, void *context)
{
    (void)context;
    return (packet->mtp.flags & SIM_MTP_DATA) && packet->mtp.message << 16 == 0;
}

/* Message 0 never arrives: the 65536th after it has to wait until the sender gives it up. */
START_TEST(mtp__outstanding_ids_stay_within_the_window)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.rate_bps = 1000000000000;
    test.config.quiet = true;
    test.params.give_up = 40 * SIM_MS;
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                            .from = 0,
                                            .count = WIRE_ALL,
                                            .action = WIRE_DROP,
                                            .match = is_message_0});
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 100}, 0);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, 0);
    wire_run(test.wire, 30 * SIM_MS);
    struct mtp *mtp = mtp_case_host(&test, 0);
    const struct mtp_ring *ring = &mtp->destinations[0]->ring;
    ck_assert_uint_eq(ring->oldest, 0);
    ck_assert_uint_eq(ring->next, 65536);
    ck_assert_uint_eq(wire_received_bytes(test.wire, 1), UINT64_C(65535) * 1352);
    ck_assert_uint_lt(mtp_receiver_bytes(&mtp_case_host(&test, 1)->receiver), 20000);
    wire_run(test.wire, 45 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).given_up, 1);
    ck_assert_uint_gt(ring->oldest, 65536);
    ck_assert_uint_eq(wire_counts(test.wire, 1).spurious_retransmissions, 0);
    wire_free(test.wire);
}
END_TEST

START_TEST(mtp__gives_up)
{
    static const struct sim_message messages[] = {{.dst = 1, .bytes = 100},
                                                  {.dst = 1, .bytes = 50000},
                                                  {.dst = 1, .bytes = 50000, .blob = true}};
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.give_up = 100 * SIM_MS;
    mtp_case_rule(
        &test,
        (struct wire_rule){
            .class = WIRE_DATA, .from = 0, .nth = 2, .count = WIRE_ALL, .action = WIRE_DROP});
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 1}, 0);
    uint32_t number = wire_submit(test.wire, 0, messages[_i], SIM_MS);
    wire_run(test.wire, 100 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).given_up, 0);
    wire_run(test.wire, 102 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).given_up, 1);
    ck_assert_int_eq(wire_completed_at(test.wire, 0, number), SIM_NEVER);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* ---- the two levels of acknowledgement ---- */

/* As if a device had absorbed the message: packets are acknowledged, the message is not. */
static void strip_message_sack(struct wire *wire, struct sim_packet *packet, void *context)
{
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    bool single = *(const bool *)context;
    uint8_t kept = 0;
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++) {
        struct sim_mtp_sack entry = lists->mtp.sack[i];
        if (entry.packet == SIM_MTP_WHOLE && !single)
            continue;
        entry.packet = entry.packet == SIM_MTP_WHOLE ? 0 : entry.packet;
        lists->mtp.sack[kept++] = entry;
    }
    lists->mtp.sack_count = kept;
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
}

/* A device asks for the whole message instead of answering. */
static void ask_for_all(struct wire *wire, struct sim_packet *packet, void *context)
{
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    struct sim_mtp_sack *nack = sim_packet_rare(wire_pool(wire), packet)->mtp.nack;
    (void)context;
    nack[0] = (struct sim_mtp_sack){lists->mtp.sack[0].message, SIM_MTP_WHOLE};
    lists->mtp.sack_count = 0;
    lists->mtp.nack_count = 1;
    packet->size_bytes = (uint16_t)mtp_wire_size(packet, lists);
}

static uint32_t count_restarts(const struct wire *wire)
{
    const GArray *sent = wire_sent(wire);
    uint32_t count = 0;
    for (guint i = 0; i < sent->len; i++) {
        const struct wire_sent *packet = &g_array_index(sent, struct wire_sent, i);
        bool restart = packet->packet.mtp.flags & SIM_MTP_RESTART;
        ck_assert(!restart || packet->packet.mtp.packet == 0);
        count += restart;
    }
    return count;
}

START_TEST(mtp__message_is_sent_again)
{
    static const struct {
        struct sim_message message;
        bool nack;               /* asked for by a NACK, else by a timeout */
        uint32_t first, count;   /* answers that are changed */
        uint32_t data, restarts; /* packets in all, those with the flag */
        sim_time least, most;    /* when it is completed */
    } rows[] = {
        {{.bytes = 5 * 1376}, false, 1, 5, 10, 1, SIM_MS, 1200 * SIM_US},
        {{.bytes = 5 * 1376}, false, 1, 10, 15, 2, 3 * SIM_MS, 3200 * SIM_US},
        {{.bytes = 1000}, false, 1, 1, 2, 1, SIM_MS, 1200 * SIM_US},
        {{.bytes = 1000}, false, 1, 2, 3, 2, 5 * SIM_MS, 5200 * SIM_US},
        {{.bytes = 5 * 1352, .blob = true}, false, 1, 5, 10, 5, SIM_MS, 1200 * SIM_US},
        {{.bytes = 5 * 1376}, true, 5, 1, 10, 1, 40 * SIM_US, 45 * SIM_US},
        {{.bytes = 1000}, true, 1, 1, 2, 0, 40 * SIM_US, 45 * SIM_US},
    };
    struct mtp_case test;
    mtp_case_init(&test);
    bool single = rows[_i].message.bytes == 1000 || rows[_i].message.blob;
    mtp_case_rule(&test,
                  (struct wire_rule){.class = WIRE_ACKNOWLEDGEMENT,
                                     .from = 1,
                                     .nth = rows[_i].first,
                                     .count = rows[_i].count,
                                     .action = WIRE_TRANSFORM,
                                     .transform = rows[_i].nack ? ask_for_all : strip_message_sack,
                                     .context = &single});
    mtp_case_start(&test);
    struct sim_message message = rows[_i].message;
    message.dst = 1;
    uint32_t number = wire_submit(test.wire, 0, message, 0);
    wire_run(test.wire, SIM_S / 2);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_counts(test.wire, 0).data_packets, rows[_i].data);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions,
                      rows[_i].data - (message.bytes > 1000 ? 5 : 1));
    ck_assert_uint_eq(count_restarts(test.wire), rows[_i].restarts);
    ck_assert_int_ge(wire_completed_at(test.wire, 0, number), rows[_i].least);
    ck_assert_int_le(wire_completed_at(test.wire, 0, number), rows[_i].most);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

static bool is_restart(const struct sim_packet *packet, void *context)
{
    (void)context;
    return packet->mtp.flags & SIM_MTP_RESTART;
}

/* The packet that tells of the restart is lost, repeated or late itself. */
START_TEST(mtp__restart_packet_is_disturbed)
{
    static const struct {
        enum wire_action action;
        sim_time delay;
        uint64_t spurious;  /* the receiver has all of it already */
        sim_time completed; /* ns; by the first packet of the second round that arrives */
    } rows[] = {
        {WIRE_DROP, 0, 4, 1040821},
        {WIRE_DUPLICATE, SIM_US, 6, 1040706},
        {WIRE_DELAY, 50 * SIM_US, 5, 1040821},
    };
    bool single = false;
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_ACKNOWLEDGEMENT,
                                            .from = 1,
                                            .count = 5,
                                            .action = WIRE_TRANSFORM,
                                            .transform = strip_message_sack,
                                            .context = &single});
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                            .from = 0,
                                            .action = rows[_i].action,
                                            .delay = rows[_i].delay,
                                            .match = is_restart});
    mtp_case_start(&test);
    uint32_t number =
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 5 * 1376}, 0);
    wire_run(test.wire, SIM_S / 2);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_received_bytes(test.wire, 1), 5 * 1376);
    ck_assert_uint_eq(wire_counts(test.wire, 0).data_packets, 10);
    ck_assert_uint_eq(count_restarts(test.wire), 1);
    ck_assert_uint_eq(wire_counts(test.wire, 1).spurious_retransmissions, rows[_i].spurious);
    ck_assert_int_eq(wire_completed_at(test.wire, 0, number) / SIM_NS, rows[_i].completed);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* A device absorbs a message for ever. */
START_TEST(mtp__absorbed_message_is_given_up)
{
    static const uint64_t bytes[] = {1000, 50000};
    bool single = _i == 0;
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_ACKNOWLEDGEMENT,
                                            .from = 1,
                                            .count = WIRE_ALL,
                                            .action = WIRE_TRANSFORM,
                                            .transform = strip_message_sack,
                                            .context = &single});
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = bytes[_i]}, 0);
    wire_run(test.wire, 990 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).given_up, 0);
    wire_run(test.wire, 1010 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).given_up, 1);
    ck_assert_uint_ge(count_restarts(test.wire), 7); /* after 1, 2, 4, ... ms */
    ck_assert_uint_le(count_restarts(test.wire), 10);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp__soak_delivers_exactly_once, 0, 4);
    tcase_add_loop_test(tcase, mtp__blob_with_loss, 0, 3);
    tcase_add_test(tcase, mtp__outstanding_ids_stay_within_the_window);
    tcase_add_loop_test(tcase, mtp__gives_up, 0, 3);
    tcase_add_loop_test(tcase, mtp__message_is_sent_again, 0, 7);
    tcase_add_loop_test(tcase, mtp__restart_packet_is_disturbed, 0, 3);
    tcase_add_loop_test(tcase, mtp__absorbed_message_is_given_up, 0, 2);
}

int main(void)
{
    return suite_run("mtp_messages", add);
}
