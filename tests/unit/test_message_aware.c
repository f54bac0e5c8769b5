#include "support/selecting.h"
#include "support/suite.h"

extern const struct sim_selector_ops message_aware_selector;

enum { WORK_AHEAD, OUTSTANDING_BYTES };

struct message_aware_parameters {
    uint32_t balance;
    uint64_t pins;
    sim_time idle;
};

static struct message_aware_parameters params = {WORK_AHEAD, 8, 10 * SIM_MS};
static struct selecting s;

static void begin(uint32_t balance, uint64_t pins)
{
    params.balance = balance;
    params.pins = pins;
    selecting_init(&s, &message_aware_selector, &params);
}

/* Packet `packet` of message `message` of host `src`, over ports 0 and 1. */
static uint32_t mtp(uint32_t src, uint64_t message, uint32_t packets, uint32_t packet)
{
    return selecting_choose(&s, "01", selecting_mtp(&s, src, message, packets, packet));
}

static uint32_t tcp(uint16_t port, uint8_t flags, uint64_t seq, uint16_t payload, uint64_t bytes)
{
    return selecting_choose(&s, "01", selecting_tcp(&s, port, flags, seq, payload, bytes));
}

/* Puts a message of host 1 on the port, whatever the load. */
static void pin_at(uint32_t port, uint64_t message, uint32_t packets)
{
    ck_assert_uint_eq(
        selecting_choose(&s, port ? "1" : "0", selecting_mtp(&s, 1, message, packets, 0)), port);
}

/* clang-format off */
START_TEST(message_aware__short_messages_share_a_path_with_an_elephant_that_yields)
{
    begin(WORK_AHEAD, 8);
    pin_at(0, 1, 1000000); /* the elephant */
    pin_at(1, 2, 50);      /* 49 packets to come */
    ck_assert_uint_eq(mtp(1, 3, 60, 0), 0);
    selecting_clear(&s);
}
END_TEST

/* Pitfall 7: the naive balancer sends the same message behind the other short one. */
START_TEST(message_aware__outstanding_bytes_avoids_the_elephant)
{
    begin(OUTSTANDING_BYTES, 8);
    pin_at(0, 1, 1000000);
    pin_at(1, 2, 50);
    ck_assert_uint_eq(mtp(1, 3, 60, 0), 1);
    selecting_clear(&s);
}
END_TEST

/* What is ahead of a message of 60 packets: by (source, priority, packets) of the one on path 0. Path 1 has `other` us
 * waiting; a packet of 1000 bytes takes 80 ns. */
START_TEST(message_aware__what_is_ahead)
{
    static const struct { uint32_t src; uint8_t priority; uint32_t packets, ahead; } cases[] = {
        {1, 5, 51, 50},      /* shorter: all that is left */
        {1, 5, 61, 60},      /* as long: it was here first */
        {1, 5, 62, 0},       /* longer */
        {1, 4, 501, 500},    /* longer, but more urgent */
        {1, 6, 51, 0},       /* shorter, but less urgent */
        {2, 5, 51, 50},      /* another sender's: all of it ... */
        {2, 5, 501, 60},     /* ... but no more than this one's own length */
        {2, 6, 501, 60},     /* whose priorities do not order this one */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int more = 0; more < 2; more++) {
            begin(WORK_AHEAD, 8);
            struct sim_packet *packet = selecting_mtp(&s, cases[i].src, 1, cases[i].packets, 0);
            packet->priority = cases[i].priority;
            selecting_choose(&s, "0", packet);
            s.backlog[1] = cases[i].ahead * 80 * SIM_NS + (more ? 1 : -1);
            ck_assert_msg(mtp(1, 3, 60, 0) == (more ? 0 : 1), "case %zu, %d", i, more);
            selecting_clear(&s);
        }
}
END_TEST

START_TEST(message_aware__work_goes_away_as_it_passes)
{
    begin(WORK_AHEAD, 8);
    pin_at(0, 1, 50);
    s.backlog[1] = 2 * 80 * SIM_NS;
    ck_assert_uint_eq(mtp(1, 3, 60, 0), 1);
    for (uint32_t packet = 1; packet < 49; packet++)
        ck_assert_uint_eq(mtp(1, 1, 50, packet), 0);
    ck_assert_uint_eq(mtp(1, 4, 60, 0), 0); /* one packet is left */
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__delay_backlog_and_rate_count)
{
    static const struct { sim_time delay, backlog; uint64_t rate_gbps; uint32_t packets, port; } cases[] = {
        {1 * SIM_US, 0, 100, 10, 0}, {-1 * SIM_US, 0, 100, 10, 1}, {0, 5, 100, 10, 0}, {0, -5, 100, 10, 1},
        {0, 0, 50, 10, 0}, {0, 0, 200, 10, 1},
        {1 * SIM_US, 0, 200, 20, 0}, /* 20 packets: 1.6 us against 0.8 and 1 */
        {1 * SIM_US, 0, 200, 30, 1}, /* 30: 2.4 us against 1.2 and 1 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(WORK_AHEAD, 8);
        s.delay[0] = s.backlog[0] = 5 * SIM_US;
        s.delay[1] = 5 * SIM_US + cases[i].delay;
        s.backlog[1] = 5 * SIM_US + cases[i].backlog;
        s.rate_bps[1] = cases[i].rate_gbps * 1000000000;
        ck_assert_msg(mtp(1, 3, cases[i].packets, 0) == cases[i].port, "case %zu", i);
        selecting_clear(&s);
    }
}
END_TEST

START_TEST(message_aware__a_message_and_its_retransmissions_keep_to_one_path)
{
    begin(WORK_AHEAD, 8);
    s.backlog[1] = SIM_US;
    ck_assert_uint_eq(mtp(1, 1, 4, 0), 0);
    s.backlog[0] = SIM_MS;
    for (uint32_t packet = 0; packet < 4; packet++)
        ck_assert_uint_eq(mtp(1, 1, 4, packet), 0);
    ck_assert_uint_eq(mtp(1, 1, 4, 2), 0); /* after the last one */
    ck_assert_uint_eq(mtp(1, 2, 4, 0), 1);
    selecting_clear(&s);
}
END_TEST

/* With two places, so that they meet in the table; each message ends and leaves its place to the next. */
START_TEST(message_aware__messages_are_told_apart_by_source_and_finished_ones_make_room)
{
    begin(WORK_AHEAD, 2);
    s.backlog[1] = SIM_US;
    ck_assert_uint_eq(mtp(1, 1, 9, 0), 0);
    s.backlog[0] = SIM_MS;
    for (uint32_t src = 2; src < 40; src++) {
        ck_assert_uint_eq(mtp(src, 1, 2, 0), 1);
        ck_assert_uint_eq(mtp(src, 1, 2, 1), 1);
        ck_assert_uint_eq(mtp(1, 1, 9, 0), 0);
    }
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__a_pin_dies_with_its_link_and_by_the_restart_flag)
{
    begin(WORK_AHEAD, 8);
    s.backlog[1] = SIM_US;
    ck_assert_uint_eq(mtp(1, 1, 4, 0), 0);
    ck_assert_uint_eq(selecting_choose(&s, "12", selecting_mtp(&s, 1, 1, 4, 0)), 2);
    ck_assert_uint_eq(selecting_choose(&s, "012", selecting_mtp(&s, 1, 1, 4, 1)), 2);
    s.backlog[2] = SIM_MS;
    struct sim_packet *again = selecting_mtp(&s, 1, 1, 4, 0);
    again->mtp.flags |= SIM_MTP_RESTART;
    ck_assert_uint_eq(selecting_choose(&s, "012", again), 0);
    ck_assert_uint_eq(selecting_choose(&s, "012", selecting_mtp(&s, 1, 1, 4, 1)), 0);
    selecting_clear(&s);
}
END_TEST

/* With every place taken by an unfinished message, others go by their hash, each still on one path, now and later. */
START_TEST(message_aware__a_full_table_falls_back_to_the_hash)
{
    enum { MESSAGES = 40 };
    uint32_t port[MESSAGES], uses[2] = {0};
    begin(WORK_AHEAD, 4);
    for (uint64_t i = 0; i < 4; i++)
        pin_at(0, 100 + i, 1000);
    s.backlog[1] = SIM_S; /* only a hash goes there */
    for (uint32_t i = 0; i < MESSAGES; i++)
        uses[port[i] = mtp(1, i, 9, 0)]++;
    ck_assert(uses[0] >= 8 && uses[1] >= 8);
    mtp(1, 100, 1000, 999); /* a place gets free */
    for (uint32_t packet = 1; packet < 9; packet++)
        for (uint32_t i = 0; i < MESSAGES; i++)
            ck_assert_uint_eq(mtp(1, i, 9, packet), port[i]);
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__a_message_that_stopped_is_no_work_and_gives_its_place_up)
{
    begin(WORK_AHEAD, 1);
    pin_at(0, 1, 50);
    s.now = 10 * SIM_MS;
    s.backlog[1] = SIM_NS;
    uint64_t other = 2;
    while (mtp(1, other, 60, 0) == 0) /* the only place is taken: by hash */
        other++;
    ck_assert_uint_eq(mtp(1, other, 60, 1), 1);
    s.now = 10 * SIM_MS + 1;
    ck_assert_uint_eq(mtp(1, other, 60, 0), 0);
    s.backlog[0] = SIM_MS;
    ck_assert_uint_eq(mtp(1, other, 60, 1), 0); /* it has the place */
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__honours_path_exclude_for_new_messages)
{
    for (uint8_t excluded = 1; excluded <= 2; excluded++) {
        begin(WORK_AHEAD, 8);
        s.backlog[1] = SIM_MS;
        struct sim_packet *packet = selecting_mtp(&s, 1, 1, 9, 0);
        union sim_packet_lists *lists = sim_packet_lists(&s.pool, packet);
        union sim_packet_rare *rare = sim_packet_rare(&s.pool, packet);
        lists->mtp.exclude_count = excluded;
        rare->mtp.exclude[0].path = 1;
        rare->mtp.exclude[1].path = 2;
        uint32_t expected = excluded == 1 ? 1 : 0; /* of nothing left, the best */
        ck_assert_uint_eq(selecting_choose(&s, "01", packet), expected);
        ck_assert_uint_eq(mtp(1, 1, 9, 1), expected);
        selecting_clear(&s);
    }
}
END_TEST

START_TEST(message_aware__messages_of_one_packet_need_no_pin)
{
    begin(WORK_AHEAD, 1);
    pin_at(0, 1, 50);
    for (uint64_t i = 0; i < 20; i++) {
        s.backlog[i % 2] = 0;
        s.backlog[1 - i % 2] = SIM_US;
        ck_assert_uint_eq(mtp(1, 10 + i, 1, 0), i % 2);
    }
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__acknowledgements_go_by_their_hash)
{
    begin(WORK_AHEAD, 8);
    uint32_t uses[2] = {0};
    s.backlog[0] = SIM_MS;
    for (uint32_t i = 0; i < 60; i++) {
        struct sim_packet *packet = i < 30 ? selecting_mtp(&s, 1, i, 1, 0) : selecting_tcp(&s, (uint16_t)i, SIM_TCP_ACK, 9, 0, 0);
        if (i < 30)
            packet->mtp.flags = SIM_MTP_ACK;
        uses[selecting_choose(&s, "01", packet)]++;
    }
    ck_assert(uses[0] >= 15 && uses[1] >= 15);
    selecting_clear(&s);
}
END_TEST

/* ---- TCP: the ablation ---- */

START_TEST(message_aware__tcp_connections_share_a_path)
{
    begin(WORK_AHEAD, 8);
    ck_assert_uint_eq(selecting_choose(&s, "0", selecting_tcp(&s, 1, SIM_TCP_SYN, 7000, 0, 1000000)), 0);
    s.backlog[1] = 100 * 80 * SIM_NS - 1; /* a message of 100 KB has as much ahead of it on path 0 */
    ck_assert_uint_eq(tcp(2, SIM_TCP_SYN, 500, 0, 100000), 1);
    s.backlog[1] = 100 * 80 * SIM_NS + 1;
    ck_assert_uint_eq(tcp(3, SIM_TCP_SYN, 500, 0, 100000), 0);
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__tcp_connections_keep_their_path_until_their_ports_are_used_again)
{
    begin(WORK_AHEAD, 8);
    s.backlog[1] = SIM_US;
    ck_assert_uint_eq(tcp(1, SIM_TCP_SYN, 7000, 0, 3000), 0);
    s.backlog[0] = SIM_MS;
    ck_assert_uint_eq(tcp(1, SIM_TCP_SYN, 7000, 0, 3000), 0); /* the SYN again */
    for (uint64_t seq = 7001; seq < 10001; seq += 1000)
        ck_assert_uint_eq(tcp(1, SIM_TCP_ACK, seq, 1000, 0), 0);
    ck_assert_uint_eq(tcp(1, SIM_TCP_ACK | SIM_TCP_FIN, 10001, 0, 0), 0);
    ck_assert_uint_eq(tcp(1, SIM_TCP_SYN, 90000, 0, 3000), 1);
    ck_assert_uint_eq(tcp(1, SIM_TCP_ACK, 90001, 1000, 0), 1);
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__tcp_progress_counts_from_its_first_sequence_number)
{
    begin(WORK_AHEAD, 8);
    selecting_choose(&s, "0", selecting_tcp(&s, 1, SIM_TCP_SYN, 7000, 0, 100000));
    tcp(1, SIM_TCP_ACK, 7001 + 98000, 1000, 0); /* about one packet is left */
    s.backlog[1] = 2 * 80 * SIM_NS;
    ck_assert_uint_eq(tcp(2, SIM_TCP_SYN, 500, 0, 50000), 0);
    selecting_clear(&s);
}
END_TEST

START_TEST(message_aware__tcp_of_unknown_length_goes_by_its_hash)
{
    begin(WORK_AHEAD, 100);
    uint32_t uses[2] = {0};
    s.backlog[0] = SIM_MS;
    for (uint16_t port = 0; port < 60; port++)
        uses[tcp(port, SIM_TCP_SYN, 1, 0, 0)]++;
    ck_assert(uses[0] >= 15 && uses[1] >= 15);
    selecting_clear(&s);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, message_aware__short_messages_share_a_path_with_an_elephant_that_yields);
    tcase_add_test(tcase, message_aware__outstanding_bytes_avoids_the_elephant);
    tcase_add_test(tcase, message_aware__what_is_ahead);
    tcase_add_test(tcase, message_aware__work_goes_away_as_it_passes);
    tcase_add_test(tcase, message_aware__delay_backlog_and_rate_count);
    tcase_add_test(tcase, message_aware__a_message_and_its_retransmissions_keep_to_one_path);
    tcase_add_test(tcase,
                   message_aware__messages_are_told_apart_by_source_and_finished_ones_make_room);
    tcase_add_test(tcase, message_aware__a_pin_dies_with_its_link_and_by_the_restart_flag);
    tcase_add_test(tcase, message_aware__a_full_table_falls_back_to_the_hash);
    tcase_add_test(tcase, message_aware__a_message_that_stopped_is_no_work_and_gives_its_place_up);
    tcase_add_test(tcase, message_aware__honours_path_exclude_for_new_messages);
    tcase_add_test(tcase, message_aware__messages_of_one_packet_need_no_pin);
    tcase_add_test(tcase, message_aware__acknowledgements_go_by_their_hash);
    tcase_add_test(tcase, message_aware__tcp_connections_share_a_path);
    tcase_add_test(tcase,
                   message_aware__tcp_connections_keep_their_path_until_their_ports_are_used_again);
    tcase_add_test(tcase, message_aware__tcp_progress_counts_from_its_first_sequence_number);
    tcase_add_test(tcase, message_aware__tcp_of_unknown_length_goes_by_its_hash);
}

int main(void)
{
    return suite_run("message_aware", add_cases);
}
