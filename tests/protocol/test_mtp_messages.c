/* MTP's messages: order of service, exactly-once delivery, both levels of acknowledgement, giving
 * up, path exclude. The wire is that of test_mtp.c. */
#include <string.h>

#include "support/mtp_case.h"
#include "support/suite.h"

/* ---- order of service ---- */

START_TEST(mtp__least_left_goes_first)
{
    static const struct {
        struct sim_message messages[3];
        sim_time times[3];
        uint32_t order[3]; /* numbers, in the order of completion */
    } rows[] = {
        /* by priority, whatever the size */
        {{{.bytes = 20000, .priority = 2},
          {.bytes = 500000, .priority = 0},
          {.bytes = 100000, .priority = 1}},
         {0},
         {1, 2, 0}},
        /* by size */
        {{{.bytes = 900000}, {.bytes = 300000}, {.bytes = 600000}}, {0}, {1, 2, 0}},
        /* by what is left when the others come: 1.2 MB are sent in 100 us */
        {{{.bytes = 3000000}, {.bytes = 2500000}, {.bytes = 200000}},
         {0, 200 * SIM_US, 220 * SIM_US},
         {2, 0, 1}},
        /* a finite blob like a message; an endless one last */
        {{{.bytes = 900000, .blob = true}, {.bytes = 300000}, {.bytes = 600000, .blob = true}},
         {0},
         {1, 2, 0}},
        /* a smaller packet does not take the room that a more urgent one waits for */
        {{{.bytes = 3000000}, {.bytes = 1000}, {.bytes = 1000, .priority = 1}},
         {0, 50 * SIM_US, 50 * SIM_US},
         {1, 0, 2}},
    };
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 3; i++) {
        struct sim_message message = rows[_i].messages[i];
        message.dst = 1;
        wire_submit(test.wire, 0, message, rows[_i].times[i]);
    }
    wire_run(test.wire, 10 * SIM_MS);
    for (uint32_t i = 1; i < 3; i++)
        ck_assert_int_lt(wire_delivered_at(test.wire, 1, 0, rows[_i].order[i - 1]),
                         wire_delivered_at(test.wire, 1, 0, rows[_i].order[i]));
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* The one with the least left does not notice the others. */
START_TEST(mtp__least_left_goes_alone)
{
    sim_time alone[3];
    for (uint32_t others = 0; others < 3; others++) {
        struct mtp_case test;
        mtp_case_init(&test);
        mtp_case_start(&test);
        for (uint32_t i = 0; i < others; i++)
            wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 900000}, 0);
        uint32_t number = wire_submit(
            test.wire, 0, (struct sim_message){.dst = 1, .src_port = 1, .bytes = 300000}, 0);
        wire_run(test.wire, 5 * SIM_MS);
        alone[others] = wire_delivered_at(test.wire, 1, 0, number);
        wire_free(test.wire);
    }
    ck_assert_int_lt(alone[0], 120 * SIM_US);
    ck_assert_int_le(alone[2] - alone[0], 120 * SIM_NS); /* a packet on the wire already */
    ck_assert_int_le(alone[1] - alone[0], 120 * SIM_NS);
}
END_TEST

/* The window is full for the next packet of the large message, and has room for the small one. */
START_TEST(mtp__smaller_and_more_urgent_uses_the_room)
{
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 30000}, 0);
    uint32_t number =
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 300}, 5 * SIM_US);
    wire_run(test.wire, SIM_MS);
    ck_assert_int_lt(wire_delivered_at(test.wire, 1, 0, number), 16 * SIM_US);
    wire_free(test.wire);
}
END_TEST

/* Long flows of equal priority take turns; one to each destination, and two to one. */
START_TEST(mtp__endless_flows_share)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 3;
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 3; i++)
        wire_submit(test.wire, 0,
                    (struct sim_message){
                        .dst = 1 + i % 2, .src_port = (uint16_t)(i + 1), .bytes = SIM_ENDLESS},
                    0);
    wire_run(test.wire, 3 * SIM_MS);
    double one = (double)wire_received_bytes(test.wire, 1);
    double two = (double)wire_received_bytes(test.wire, 2);
    ck_assert_double_eq_tol(one / two, 2, 0.02);
    wire_free(test.wire);
}
END_TEST

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

/* ---- path exclude ---- */

struct selector {
    bool listens;
    uint32_t excluded; /* messages that asked */
};

/* Two paths, pathlets 2 and 3: messages from port 3 take the second, others the first, unless they
 * exclude it and the network listens. */
static void select_path(struct wire *wire, struct sim_packet *packet, void *context)
{
    struct selector *selector = context;
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    uint32_t path = packet->mtp.src_port == 3 ? 3 : 2;
    if (lists->mtp.exclude_count) {
        ck_assert_uint_eq(lists->mtp.exclude_count, 1);
        ck_assert_uint_eq(packet->mtp.packet, 0);
        ck_assert_uint_eq(sim_packet_rare(wire_pool(wire), packet)->mtp.exclude[0].path, 2);
        selector->excluded++;
        if (selector->listens)
            path = 3;
    }
    packet->size_bytes += (uint16_t)mtp_feedback_growth(true, 1);
    lists->mtp.path[packet->mtp.path_count++] =
        (struct sim_path_entry){.path = path, .type = SIM_FEEDBACK_ECN, .length = 1};
}

START_TEST(mtp__full_pathlets_are_excluded)
{
    static const struct {
        bool enabled, listens;
        uint32_t least, most; /* messages that asked */
    } rows[] = {{true, true, 15, 30}, {true, false, 1, 1}, {false, true, 0, 0}};
    struct selector selector = {rows[_i].listens, 0};
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.path_exclude = rows[_i].enabled;
    test.route = (struct mtp_route){.before = {0}, .after = {0}};
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                            .from = 0,
                                            .count = WIRE_ALL,
                                            .action = WIRE_TRANSFORM,
                                            .transform = select_path,
                                            .context = &selector});
    mtp_case_start(&test);
    for (uint16_t port = 2; port <= 3; port++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .src_port = port, .bytes = 100},
                    0);
    for (uint32_t i = 0; i < 120; i++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .src_port = 2, .bytes = 1376},
                    (100 + i / 40 * 100) * SIM_US);
    wire_run(test.wire, SIM_MS);
    ck_assert_uint_ge(selector.excluded, rows[_i].least);
    ck_assert_uint_le(selector.excluded, rows[_i].most);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 0);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* The lists of what was sent first, as "1 2 | 1 2". */
static void note_list(struct wire *wire, struct sim_packet *packet, void *context)
{
    const union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    GString *lists_text = context;
    for (uint32_t i = 0; i < lists->mtp.exclude_count; i++)
        g_string_append_printf(lists_text, "%u ",
                               sim_packet_rare(wire_pool(wire), packet)->mtp.exclude[i].path);
    g_string_append(lists_text, "| ");
}

/* On the first packet of each message, and on none of a blob's. They are no question to which an
 * answer is awaited. */
START_TEST(mtp__avoided_pathlets_are_listed)
{
    g_autoptr(GString) lists = g_string_new(NULL);
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.avoid = "1, 7";
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                            .from = 0,
                                            .count = WIRE_ALL,
                                            .action = WIRE_TRANSFORM,
                                            .transform = note_list,
                                            .context = lists});
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 2000}, 0);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 10}, SIM_MS);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 10, .blob = true},
                2 * SIM_MS);
    wire_run(test.wire, 3 * SIM_MS);
    ck_assert_str_eq(lists->str, "1 7 | | 1 7 | | ");
    ck_assert_int_eq(mtp_case_host(&test, 0)->destinations[0]->exclude_after, 0);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

START_TEST(mtp__avoided_pathlets_as_text)
{
    static const struct {
        const char *text;
        int count;
        uint32_t last;
    } rows[] = {{"1", 1, 1},
                {"1, 2", 2, 2},
                {"4294967295,3", 2, 3},
                {"", -1, 0},
                {"0", -1, 0},
                {"1,", -1, 0},
                {"1 2", -1, 0},
                {"4294967296", -1, 0},
                {"-1", -1, 0},
                {"a", -1, 0},
                {"1,2,3,4,5,6,7,8", 8, 8},
                {"1,2,3,4,5,6,7,8,9", -1, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t ids[SIM_MTP_LIST_MAX];
        int count = mtp_exclude_parse(rows[i].text, ids);
        ck_assert_msg(count == rows[i].count, "\"%s\": %d", rows[i].text, count);
        ck_assert(count < 0 || ids[count - 1] == rows[i].last);
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp__least_left_goes_first, 0, 5);
    tcase_add_test(tcase, mtp__least_left_goes_alone);
    tcase_add_test(tcase, mtp__smaller_and_more_urgent_uses_the_room);
    tcase_add_test(tcase, mtp__endless_flows_share);
    tcase_add_loop_test(tcase, mtp__soak_delivers_exactly_once, 0, 4);
    tcase_add_loop_test(tcase, mtp__blob_with_loss, 0, 3);
    tcase_add_test(tcase, mtp__outstanding_ids_stay_within_the_window);
    tcase_add_loop_test(tcase, mtp__gives_up, 0, 3);
    tcase_add_loop_test(tcase, mtp__message_is_sent_again, 0, 7);
    tcase_add_loop_test(tcase, mtp__restart_packet_is_disturbed, 0, 3);
    tcase_add_loop_test(tcase, mtp__absorbed_message_is_given_up, 0, 2);
    tcase_add_loop_test(tcase, mtp__full_pathlets_are_excluded, 0, 3);
    tcase_add_test(tcase, mtp__avoided_pathlets_are_listed);
    tcase_add_test(tcase, mtp__avoided_pathlets_as_text);
}

int main(void)
{
    return suite_run("mtp_messages", add);
}
