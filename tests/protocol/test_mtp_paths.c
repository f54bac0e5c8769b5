/* MTP where the network takes another path, and what its windows know. The wire is that of
 * test_mtp.c: a round trip of about 20 us, 100 Gbps. */
#include "support/mtp_case.h"
#include "support/suite.h"

#define BLACKOUT_START (400 * SIM_US)
#define BLACKOUT_END   (900 * SIM_US)

static uint32_t submit_endless(struct mtp_case *test)
{
    return wire_submit(test->wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, 0);
}

/* ---- a switch of paths ---- */

struct watch {
    struct mtp_case *test;
    uint32_t changes, path;
};

static void watch_path(struct wire *wire, void *context, sim_time now)
{
    struct watch *watch = context;
    struct mtp *mtp = mtp_case_host(watch->test, 0);
    uint32_t path = mtp_case_path(mtp);
    (void)now;
    watch->changes += path != watch->path;
    watch->path = path;
    mtp_case_check_charges(mtp);
    wire_at(wire, now + SIM_US, watch_path, watch);
}

static void delay_old_path(struct mtp_case *test)
{
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_DATA,
                                           .from = 0,
                                           .count = WIRE_ALL,
                                           .action = WIRE_DELAY,
                                           .delay = 50 * SIM_US,
                                           .match = mtp_case_is_before,
                                           .context = test});
}

/* The old path is 50 us longer: everything on the new one overtakes what is left on the old. */
START_TEST(mtp__late_acknowledgements_do_not_flip_the_path)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {1, 2}, .after = {1, 3}, .switch_at = 500 * SIM_US};
    delay_old_path(&test);
    mtp_case_start(&test);
    submit_endless(&test);
    struct watch watch = {&test, 0, 0};
    wire_at(test.wire, 200 * SIM_US, watch_path, &watch);
    wire_run(test.wire, 499 * SIM_US);
    ck_assert_uint_eq(watch.path, 12);
    ck_assert_uint_eq(watch.changes, 1);
    wire_run(test.wire, 530 * SIM_US);
    struct mtp *mtp = mtp_case_host(&test, 0);
    ck_assert_uint_eq(watch.path, 13);
    /* Packets of the old path are still under way, and charged to it. */
    ck_assert_uint_gt(mtp_case_window(mtp, 2)->in_flight_bytes, 0);
    wire_run(test.wire, 600 * SIM_US);
    ck_assert_uint_eq(mtp_case_window(mtp, 2)->in_flight_bytes, 0);
    ck_assert_uint_eq(mtp_case_window(mtp, 1)->in_flight_bytes,
                      mtp_case_window(mtp, 3)->in_flight_bytes);
    wire_run(test.wire, SIM_MS);
    ck_assert_uint_eq(watch.changes, 2);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 0);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 0);
    ck_assert_uint_gt(wire_counts(test.wire, 1).reordered, 50);
    wire_free(test.wire);
}
END_TEST

/* The same for the path that a flow's next message expects. */
START_TEST(mtp__late_acknowledgements_do_not_flip_the_flow)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {2}, .after = {3}, .switch_at = SIM_US};
    delay_old_path(&test);
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 2; i++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 100}, i * 2 * SIM_US);
    struct mtp *mtp = mtp_case_host(&test, 0);
    for (uint32_t i = 0; i < 2; i++) {
        wire_run(test.wire, 30 * SIM_US + i * 100 * SIM_US);
        ck_assert_uint_eq(mtp->destinations[0]->first_flow->queue.path->entries[0] >> 8, 3);
    }
    mtp_case_check_empty(mtp);
    wire_free(test.wire);
}
END_TEST

/* A message that is answered on the way reports the beginning of the way. The next one is expected
 * to go as far as any does, also when that is heard later, until none has for 16 round trips. */
START_TEST(mtp__an_answer_on_the_way_hides_no_pathlet)
{
    static const struct {
        sim_time submitted, looked_at;
        uint32_t pathlets;
    } steps[] = {
        {0, 0, 1},                       /* all of it: pathlets 2 and 3, heard of at 70 us */
        {2 * SIM_US, 30 * SIM_US, 1},    /* answered behind pathlet 2 */
        {200 * SIM_US, 250 * SIM_US, 2}, /* the same */
        {3 * SIM_MS, 3100 * SIM_US, 2},  /* within 16 x (70 + 4 x 35) us of 70 us */
        {4 * SIM_MS, 4100 * SIM_US, 1},  /* not any more */
    };
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {2, 3}, .after = {2}, .switch_at = SIM_US};
    delay_old_path(&test);
    mtp_case_start(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    for (uint32_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct sim_message message = {.dst = 1, .bytes = 100};
        wire_submit(test.wire, 0, message, steps[i].submitted);
        wire_run(test.wire, steps[i].looked_at);
        ck_assert_uint_eq(mtp->destinations[0]->first_flow->queue.path->entry_count,
                          steps[i].pathlets);
    }
    mtp_case_check_empty(mtp);
    wire_free(test.wire);
}
END_TEST

/* Packets sent after the one whose acknowledgement reports the new path leave the old one's window
 * at that moment, long before they are acknowledged. */
START_TEST(mtp__charges_move_with_the_path)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {2}, .after = {3}, .switch_at = 500 * SIM_US};
    mtp_case_start(&test);
    submit_endless(&test);
    wire_run(test.wire, 519 * SIM_US);
    struct mtp *mtp = mtp_case_host(&test, 0);
    uint64_t before = mtp_case_window(mtp, 2)->in_flight_bytes;
    ck_assert_uint_gt(before, 200000);
    ck_assert_ptr_null(mtp_case_window(mtp, 3));
    wire_run(test.wire, 521 * SIM_US);
    ck_assert_uint_eq(mtp_case_window(mtp, 2)->in_flight_bytes, 0);
    ck_assert_uint_gt(mtp_case_window(mtp, 3)->in_flight_bytes, 200000);
    wire_free(test.wire);
}
END_TEST

static bool in_blackout(const struct sim_packet *packet, void *context)
{
    const struct mtp_case *test = context;
    (void)packet;
    return wire_now(test->wire) >= BLACKOUT_START && wire_now(test->wire) < BLACKOUT_END;
}

/* Everything that the window allows is lost while the network switches. Nothing will ever be
 * acknowledged on the old path, no timeout comes (10 s), and the window is full: only a probe can
 * learn of the new path. */
START_TEST(mtp__probe_breaks_the_deadlock)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.min_rto = test.params.initial_rto = 10 * SIM_S;
    test.params.give_up = 100 * SIM_S;
    test.route = (struct mtp_route){.before = {2}, .after = {3}, .switch_at = 600 * SIM_US};
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                            .from = 0,
                                            .count = WIRE_ALL,
                                            .action = WIRE_DROP,
                                            .match = in_blackout,
                                            .context = &test});
    mtp_case_start(&test);
    submit_endless(&test);
    wire_run(test.wire, BLACKOUT_END);
    uint64_t stuck = wire_received_bytes(test.wire, 1);
    uint64_t probes = wire_counts(test.wire, 0).probes;
    ck_assert_uint_ge(probes, 4); /* after 1, 2, 4, 8 least round trips of 20 us */
    ck_assert_uint_le(probes, 5);
    /* The next one follows within 16 least round trips. */
    wire_run(test.wire, BLACKOUT_END + 400 * SIM_US);
    ck_assert_uint_gt(wire_received_bytes(test.wire, 1), stuck + 1000000);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 0);
    ck_assert_uint_eq(mtp_case_host(&test, 0)->destinations[0]->probe_shift, 0);
    mtp_case_check_charges(mtp_case_host(&test, 0));
    wire_run(test.wire, 3 * SIM_MS);
    double gbps = (double)(wire_received_bytes(test.wire, 1) - stuck) * 8 / 1e9 / 2.1e-3;
    ck_assert_double_gt(gbps, 60);
    wire_free(test.wire);
}
END_TEST

/* How many packets an endless flow has sent when the path switches, undisturbed. */
static uint32_t sent_by_the_switch(struct mtp_case *test)
{
    mtp_case_start(test);
    submit_endless(test);
    wire_run(test->wire, test->route.switch_at - 1);
    uint32_t sent = wire_sent_count(test->wire, WIRE_FIRST, 0);
    wire_free(test->wire);
    return sent;
}

/* The last packets before the switch are lost. What arrives over the other path says nothing about
 * them: no retransmission before the timeout, then exactly these. */
START_TEST(mtp__tail_drop_before_a_switch_waits_for_the_timeout)
{
    static const struct {
        uint32_t after;
        uint64_t timeouts, by_order;
    } ways[] = {{3, 1, 0}, {2, 0, 4}};
    struct mtp_case test;
    mtp_case_init(&test);
    test.route =
        (struct mtp_route){.before = {2}, .after = {ways[_i].after}, .switch_at = 200 * SIM_US};
    uint32_t sent = sent_by_the_switch(&test);
    mtp_case_rule(
        &test,
        (struct wire_rule){
            .class = WIRE_FIRST, .from = 0, .nth = sent - 3, .count = 4, .action = WIRE_DROP});
    mtp_case_start(&test);
    submit_endless(&test);
    wire_run(test.wire, 900 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, ways[_i].by_order);
    wire_run(test.wire, 1500 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 4);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, ways[_i].timeouts);
    ck_assert_uint_eq(wire_counts(test.wire, 1).spurious_retransmissions, 0);
    wire_free(test.wire);
}
END_TEST

static bool is_after(const struct sim_packet *packet, void *context)
{
    return !mtp_case_is_before(packet, context);
}

/* When the old path's packets time out, those under way on the new one, which takes longer than a
 * round trip of the old one, are left alone. */
START_TEST(mtp__timeout_is_of_one_path)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {2}, .after = {3}, .switch_at = 200 * SIM_US};
    uint32_t sent = sent_by_the_switch(&test);
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                            .from = 0,
                                            .count = WIRE_ALL,
                                            .action = WIRE_DELAY,
                                            .delay = 300 * SIM_US,
                                            .match = is_after,
                                            .context = &test});
    mtp_case_rule(&test, (struct wire_rule){
                             .class = WIRE_FIRST, .from = 0, .nth = sent, .action = WIRE_DROP});
    mtp_case_start(&test);
    submit_endless(&test);
    struct mtp *mtp = mtp_case_host(&test, 0);
    wire_run(test.wire, 1190 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 0);
    uint64_t before = mtp_case_window(mtp, 3)->in_flight_bytes;
    ck_assert_uint_gt(before, 100000);
    wire_run(test.wire, 1210 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 1);
    ck_assert_uint_gt(mtp_case_window(mtp, 3)->in_flight_bytes, before / 2);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    wire_free(test.wire);
}
END_TEST

/* The first packet of a blob is lost: nothing ahead of it tells its path. At the timeout only
 * packets that are older than a round trip go with it, here none. */
START_TEST(mtp__timeout_spares_young_packets)
{
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_rule(
        &test, (struct wire_rule){.class = WIRE_FIRST, .from = 0, .nth = 2, .action = WIRE_DROP});
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 1000}, 0);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = SIM_ENDLESS}, SIM_MS / 2);
    wire_run(test.wire, SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 0);
    wire_run(test.wire, 1501 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 1);
    ck_assert_uint_gt(mtp_case_window(mtp_case_host(&test, 0), 1)->in_flight_bytes, 200000);
    wire_run(test.wire, 3 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 1);
    ck_assert_uint_eq(wire_counts(test.wire, 1).spurious_retransmissions, 0);
    wire_free(test.wire);
}
END_TEST

/* ---- windows ---- */

static uint64_t window_at(struct mtp_case *test, uint32_t id, sim_time time)
{
    wire_run(test->wire, time);
    return mtp_case_window(mtp_case_host(test, 0), id)->control.window_bytes;
}

START_TEST(mtp__window_resumes)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){
        .before = {2}, .after = {3}, .period = 400 * SIM_US, .mark = 0.3, .mark_path = 3};
    mtp_case_start(&test);
    submit_endless(&test);
    uint64_t fast = window_at(&test, 2, 470 * SIM_US), slow = window_at(&test, 3, 799 * SIM_US);
    ck_assert_uint_gt(fast, 200000);
    ck_assert_uint_lt(slow, 50000);
    ck_assert_uint_eq(window_at(&test, 2, 819 * SIM_US), fast);
    /* Back on the fast pathlet, the whole window is there at once. */
    wire_run(test.wire, 850 * SIM_US);
    ck_assert_uint_gt(mtp_case_window(mtp_case_host(&test, 0), 2)->in_flight_bytes, 200000);
    slow = window_at(&test, 3, 870 * SIM_US);
    ck_assert_uint_eq(window_at(&test, 3, 1199 * SIM_US), slow);
    wire_free(test.wire);
}
END_TEST

/* An unused window halves each window_ageing. */
START_TEST(mtp__window_ages)
{
    static const struct {
        sim_time idle;
        uint32_t halvings;
    } rows[] = {
        {SIM_MS, 0}, {9 * SIM_MS, 0}, {11 * SIM_MS, 1}, {21 * SIM_MS, 2}, {900 * SIM_MS, 9}};
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.window_ageing = 10 * SIM_MS;
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 4000000}, 0);
    wire_run(test.wire, SIM_MS);
    struct mtp *mtp = mtp_case_host(&test, 0);
    mtp_case_check_empty(mtp);
    const struct mtp_window *window = mtp_case_window(mtp, 1);
    uint64_t full = window->control.window_bytes, aged = full >> rows[_i].halvings;
    ck_assert_uint_gt(full, 200000);
    sim_time again = window->unused_at + rows[_i].idle;
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 100}, again);
    wire_run(test.wire, again);
    ck_assert_uint_eq(window->control.window_bytes, aged > 15000 ? aged : 15000);
    wire_free(test.wire);
}
END_TEST

/* Only the pathlet that binds grows: pathlet 2 is marked and keeps the sender at about two packets,
 * so pathlet 1 has no reason to grow. */
START_TEST(mtp__only_the_binding_pathlet_grows)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {1, 2}, .after = {1, 2}, .mark = 1, .mark_path = 2};
    mtp_case_start(&test);
    submit_endless(&test);
    uint64_t first = window_at(&test, 1, SIM_MS), then = window_at(&test, 1, 3 * SIM_MS);
    ck_assert_uint_le(first, 2 * 15000 + 1500);
    ck_assert_uint_eq(first, then);
    ck_assert_uint_le(window_at(&test, 2, 3 * SIM_MS), 3000);
    wire_free(test.wire);
}
END_TEST

/* A sender that never fills its window does not grow it. */
START_TEST(mtp__window_that_does_not_limit_stays)
{
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 100; i++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 1000}, i * 10 * SIM_US);
    wire_run(test.wire, 2 * SIM_MS);
    ck_assert_uint_eq(window_at(&test, 1, 2 * SIM_MS), 15000);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* ---- pathlet 0 ---- */

static uint32_t count_sent_to(const struct wire *wire, uint32_t dst)
{
    const GArray *sent = wire_sent(wire);
    uint32_t count = 0;
    for (guint i = 0; i < sent->len; i++) {
        const struct wire_sent *packet = &g_array_index(sent, struct wire_sent, i);
        count += packet->from == 0 && packet->packet.dst == dst;
    }
    return count;
}

START_TEST(mtp__unknown_destinations_have_a_window_each)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 4;
    mtp_case_start(&test);
    for (uint32_t dst = 1; dst < 4; dst++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = dst, .bytes = 1000000}, 0);
    wire_run(test.wire, 15 * SIM_US);
    for (uint32_t dst = 1; dst < 4; dst++)
        ck_assert_uint_eq(count_sent_to(test.wire, dst), 10);
    wire_free(test.wire);
}
END_TEST

/* Without labels, CE marks reach the window of pathlet 0. */
START_TEST(mtp__unlabelled_marks_count_for_pathlet_0)
{
    static const struct {
        uint32_t marked;
        uint64_t least, most;
    } rows[] = {{0, 200000, 1000000}, {WIRE_ALL, 3000, 3000}};
    struct mtp_case test;
    mtp_case_init(&test);
    test.route = (struct mtp_route){.before = {0}, .after = {0}};
    if (rows[_i].marked)
        mtp_case_rule(&test,
                      (struct wire_rule){
                          .class = WIRE_DATA, .from = 0, .count = WIRE_ALL, .action = WIRE_MARK});
    mtp_case_start(&test);
    submit_endless(&test);
    uint64_t window = window_at(&test, 0, SIM_MS);
    ck_assert_uint_ge(window, rows[_i].least);
    ck_assert_uint_le(window, rows[_i].most);
    ck_assert_uint_eq(mtp_case_host(&test, 0)->window_count, 1);
    wire_free(test.wire);
}
END_TEST

/* On a labelled path a mark by an unlabelled queue adds pathlet 0, which then stays. */
START_TEST(mtp__one_unlabelled_mark_adds_pathlet_0)
{
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_rule(
        &test, (struct wire_rule){.class = WIRE_DATA, .from = 0, .nth = 100, .action = WIRE_MARK});
    mtp_case_start(&test);
    submit_endless(&test);
    wire_run(test.wire, SIM_MS);
    const struct wire_sent *first = wire_sent_nth(test.wire, WIRE_ACKNOWLEDGEMENT, 1, 1);
    const struct wire_sent *marked = wire_sent_nth(test.wire, WIRE_ACKNOWLEDGEMENT, 1, 100);
    const struct wire_sent *later = wire_sent_nth(test.wire, WIRE_ACKNOWLEDGEMENT, 1, 500);
    ck_assert_uint_eq(first->packet.mtp.path_count, 1);
    ck_assert_uint_eq(marked->packet.mtp.path_count, 2);
    ck_assert_uint_eq(marked->lists.mtp.path[1].path, 0);
    ck_assert_uint_eq(marked->lists.mtp.path[1].value, 1);
    ck_assert_uint_eq(later->packet.mtp.path_count, 2);
    ck_assert_uint_eq(later->lists.mtp.path[1].value, 0);
    ck_assert_uint_eq(mtp_case_path(mtp_case_host(&test, 0)), 10);
    wire_free(test.wire);
}
END_TEST

/* ---- feedback returned selectively ---- */

START_TEST(mtp__feedback_every_nth)
{
    static const struct {
        uint64_t every;
        double mark;
        uint32_t least, most; /* of the first 400 acknowledgements, with feedback */
    } rows[] = {{1, 0, 400, 400}, {4, 0, 100, 101}, {4, 0.02, 104, 120}};
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.feedback_every = rows[_i].every;
    test.route.mark = rows[_i].mark;
    test.route.mark_path = 1;
    mtp_case_start(&test);
    submit_endless(&test);
    wire_run(test.wire, 2 * SIM_MS);
    uint32_t with = 0, marks = 0;
    for (uint32_t i = 1; i <= 400; i++) {
        const struct wire_sent *ack = wire_sent_nth(test.wire, WIRE_ACKNOWLEDGEMENT, 1, i);
        with += ack->packet.mtp.path_count > 0;
        marks += ack->packet.mtp.path_count && ack->lists.mtp.path[0].value;
    }
    ck_assert_uint_ge(with, rows[_i].least);
    ck_assert_uint_le(with, rows[_i].most);
    ck_assert_uint_eq(marks > 0, rows[_i].mark > 0);
    ck_assert_uint_eq(mtp_case_host(&test, 0)->path_count, 2); /* the unknown one, and 1 */
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, mtp__late_acknowledgements_do_not_flip_the_path);
    tcase_add_test(tcase, mtp__late_acknowledgements_do_not_flip_the_flow);
    tcase_add_test(tcase, mtp__an_answer_on_the_way_hides_no_pathlet);
    tcase_add_test(tcase, mtp__charges_move_with_the_path);
    tcase_add_test(tcase, mtp__probe_breaks_the_deadlock);
    tcase_add_loop_test(tcase, mtp__tail_drop_before_a_switch_waits_for_the_timeout, 0, 2);
    tcase_add_test(tcase, mtp__timeout_is_of_one_path);
    tcase_add_test(tcase, mtp__timeout_spares_young_packets);
    tcase_add_test(tcase, mtp__window_resumes);
    tcase_add_loop_test(tcase, mtp__window_ages, 0, 5);
    tcase_add_test(tcase, mtp__only_the_binding_pathlet_grows);
    tcase_add_test(tcase, mtp__window_that_does_not_limit_stays);
    tcase_add_test(tcase, mtp__unknown_destinations_have_a_window_each);
    tcase_add_loop_test(tcase, mtp__unlabelled_marks_count_for_pathlet_0, 0, 2);
    tcase_add_test(tcase, mtp__one_unlabelled_mark_adds_pathlet_0);
    tcase_add_loop_test(tcase, mtp__feedback_every_nth, 0, 3);
}

int main(void)
{
    return suite_run("mtp_paths", add);
}
