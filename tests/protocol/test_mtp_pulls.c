/* Answers as pulls, on a scripted wire of 100 Gbps and 10 us one way: two senders give the receiver twice
 * what its link can take, and its answers leave one by one, each after the time that the packet before it
 * takes on the link. */
#include "support/mtp_case.h"
#include "support/suite.h"

/* A full packet, as it arrives with the feedback of one pathlet: 1444 bytes. */
#define PACKET_TIME (1444 * 80)

static void start(struct mtp_case *test, bool pull)
{
    mtp_case_init(test);
    test->params.pull = pull;
    test->config.host_count = 3;
    mtp_case_start(test);
}

static void submit_both(struct mtp_case *test, sim_time at)
{
    uint64_t bytes = 10 * (uint64_t)mtp_case_host(test, 0)->message_payload;
    wire_submit(test->wire, 0, (struct sim_message){.dst = 1, .bytes = bytes}, at);
    wire_submit(test->wire, 2, (struct sim_message){.dst = 1, .bytes = bytes}, at);
}

/* When the receiver's answer left, counted from 1. */
static sim_time answered(const struct mtp_case *test, uint32_t nth)
{
    const struct wire_sent *sent = wire_sent_nth(test->wire, WIRE_ACKNOWLEDGEMENT, 1, nth);
    ck_assert_ptr_nonnull(sent);
    return sent->time;
}

/* clang-format off */
START_TEST(pulls__go_at_the_rate_of_the_link)
{
    struct mtp_case test;
    start(&test, true);
    submit_both(&test, 0);
    wire_run(test.wire, SIM_S);
    for (uint32_t i = 2; i <= 20; i++)
        ck_assert_int_eq(answered(&test, i) - answered(&test, i - 1), PACKET_TIME);
    ck_assert_uint_eq(wire_counts(test.wire, 1).kept_packets, 0);
    wire_free(test.wire);
}
END_TEST

START_TEST(pulls__without_them_answers_leave_at_once)
{
    struct mtp_case test;
    start(&test, false);
    submit_both(&test, 0);
    wire_run(test.wire, SIM_S);
    ck_assert_int_eq(answered(&test, 2) - answered(&test, 1), 0);
    wire_free(test.wire);
}
END_TEST

/* A trimmed packet keeps the next one waiting as if it were whole: its answer lets a whole one go. */
START_TEST(pulls__count_trimmed_packets_as_whole)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.pull = true;
    test.config.host_count = 3;
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_FIRST, .from = 0, .nth = 1, .count = 10, .action = WIRE_TRIM});
    mtp_case_start(&test);
    submit_both(&test, 0);
    wire_run(test.wire, SIM_S);
    for (uint32_t i = 2; i <= 20; i++)
        ck_assert_int_eq(answered(&test, i) - answered(&test, i - 1), PACKET_TIME);
    ck_assert_uint_eq(wire_counts(test.wire, 1).nacks, 10);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 10);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 0);
    wire_free(test.wire);
}
END_TEST

/* What waits is kept, and counted; an idle time is not made up for. */
START_TEST(pulls__are_kept_and_begin_anew)
{
    struct mtp_case test;
    start(&test, true);
    submit_both(&test, 0);
    submit_both(&test, SIM_MS);
    wire_run(test.wire, 11 * SIM_US);
    uint64_t kept = wire_counts(test.wire, 1).kept_packets;
    ck_assert_uint_ge(kept, 4);
    wire_run(test.wire, SIM_S);
    ck_assert_uint_eq(wire_counts(test.wire, 1).kept_packets, 0);
    ck_assert_int_eq(answered(&test, 21) - SIM_MS, answered(&test, 1));
    ck_assert_int_eq(answered(&test, 22) - answered(&test, 21), PACKET_TIME);
    wire_free(test.wire);
}
END_TEST

/* A simulation that ends while answers wait leaves nothing behind: the wire aborts on what is left. */
START_TEST(pulls__are_freed_with_the_transport)
{
    struct mtp_case test;
    start(&test, true);
    submit_both(&test, 0);
    wire_run(test.wire, 11 * SIM_US);
    struct mtp *receiver = mtp_case_host(&test, 1);
    uint32_t live = wire_pool(test.wire)->live;
    ck_assert_uint_gt(receiver->counts.kept_packets, 0);
    mtp_pulls_clear(receiver);
    ck_assert_uint_eq(live - wire_pool(test.wire)->live, receiver->counts.kept_packets);
    receiver->counts.kept_packets = 0;
    wire_run(test.wire, SIM_S);
    wire_free(test.wire);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, pulls__go_at_the_rate_of_the_link);
    tcase_add_test(tcase, pulls__without_them_answers_leave_at_once);
    tcase_add_test(tcase, pulls__count_trimmed_packets_as_whole);
    tcase_add_test(tcase, pulls__are_kept_and_begin_anew);
    tcase_add_test(tcase, pulls__are_freed_with_the_transport);
}

int main(void)
{
    return suite_run("mtp_pulls", add_cases);
}
