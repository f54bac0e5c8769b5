/* Order across messages on the wire of test_mtp.c: 10 us one way, 100 Gbps. A message of one packet
 * goes every 2 us, so that a round trip of 20.1 us holds ten of them, and the reordering window of
 * 5 us is passed by the third message behind a lost one. */
#include <mtpsim/rng.h>

#include "support/mtp_case.h"
#include "support/suite.h"

#define INTERVAL (2 * SIM_US)
#define COUNT    900 /* messages */
#define LOST     800 /* which of them is disturbed; 0: the first */
#define LOST_AT  (LOST * INTERVAL)

static const struct sim_message single = {.dst = 1, .bytes = 1000};

/* Windows of 40 packets: a halved one still holds all that is under way. */
static void init(struct mtp_case *test)
{
    mtp_case_init(test);
    test->params.initial_window = 40;
}

static void set_route(struct mtp_case *test, const struct mtp_route *route, bool unlabelled)
{
    if (unlabelled)
        test->route = (struct mtp_route){.period = 0};
    else if (route->before[0])
        test->route = *route;
}

/* Submits messages from `start` on. */
static void submit(struct mtp_case *test, uint32_t count, struct sim_message message,
                   sim_time start, sim_time interval)
{
    for (uint32_t i = 0; i < count; i++)
        wire_submit(test->wire, 0, message, start + i * interval);
}

/* Something happens to the first transmission of some messages of one packet. */
static void disturb(struct mtp_case *test, uint32_t message, uint32_t count,
                    enum wire_action action, sim_time delay)
{
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_FIRST,
                                           .from = 0,
                                           .nth = message + 1,
                                           .count = count,
                                           .action = action,
                                           .delay = delay});
}

static void finish(struct mtp_case *test, uint32_t messages)
{
    struct mtp *mtp = mtp_case_host(test, 0);
    mtp_case_check_charges(mtp);
    wire_run(test->wire, SIM_S / 2);
    mtp_case_check_empty(mtp);
    for (uint32_t i = 0; i < messages; i++)
        ck_assert_uint_eq(
            wire_delivered_times(test->wire, 1, 0, i) +
                (test->config.host_count > 2 ? wire_delivered_times(test->wire, 2, 0, i) : 0),
            1);
    wire_free(test->wire);
}

/* ---- what order tells, and what it does not ---- */

#define FOUND_BY(T) .most = T, .again = 1
#define TIMED_OUT   .least = 1000, .most = 1060, .again = 1, .timeouts = 1

static const struct row {
    const char *name;
    sim_time least, most;     /* latency of the disturbed message, us */
    uint64_t again, timeouts; /* again: for each packet disturbed */
    enum wire_action action;  /* WIRE_DROP */
    uint32_t delay;           /* us */
    uint32_t packets;         /* of the disturbed message; 0 is 1 */
    uint32_t before, after;   /* messages before and behind it; 0: all */
    uint8_t priority, behind; /* of the disturbed message and those behind it; the others' is 0 */
    struct mtp_route route;   /* none: always pathlet 1 */
    bool unlabelled;
    bool whole;     /* all packets of the message are disturbed, not the last alone */
    bool elsewhere; /* what is behind it goes to another host */
} rows[] = {
    {"lost", FOUND_BY(42)},
    {"on a path of two", FOUND_BY(42), .route = {.before = {1, 2}, .after = {1, 2}}},
    {"nothing behind it", TIMED_OUT, .after = 1},
    {"too little behind it", TIMED_OUT, .after = 3},
    {"enough behind it", FOUND_BY(42), .after = 4},
    {"last of three", FOUND_BY(42), .packets = 3},
    {"all of three", TIMED_OUT, .packets = 3, .whole = true},
    {"unlabelled", TIMED_OUT, .unlabelled = true},
    {"of another priority", TIMED_OUT, .priority = 1},
    {"before another priority", TIMED_OUT, .behind = 1},
    {"to another host", TIMED_OUT, .elsewhere = true},
    {"last before a switch", TIMED_OUT,
     .route = {.before = {1}, .after = {2}, .switch_at = LOST_AT + SIM_US}},
    {"first after a switch", TIMED_OUT,
     .route = {.before = {1}, .after = {2}, .switch_at = LOST_AT - SIM_US}},
    {"within a timeout after a switch", TIMED_OUT,
     .route = {.before = {1}, .after = {2}, .switch_at = LOST_AT - 990 * SIM_US}},
    {"a timeout after a switch", FOUND_BY(42),
     .route = {.before = {1}, .after = {2}, .switch_at = LOST_AT - 1010 * SIM_US}},
    {"behind too few that agree", TIMED_OUT, .before = 25, .after = 4},
    {"behind enough that agree", FOUND_BY(42), .before = 32, .after = 4},
    {"placed in turn", TIMED_OUT, .route = {.before = {1}, .after = {2}, .period = INTERVAL}},
    {"trimmed", FOUND_BY(31), .action = WIRE_TRIM},
    {"late within the window", .most = 15, .action = WIRE_DELAY, .delay = 4},
    {"late beyond it", FOUND_BY(41), .action = WIRE_DELAY, .delay = 30},
};

START_TEST(order__one_disturbance)
{
    const struct row *row = &rows[_i];
    struct mtp_case test;
    init(&test);
    set_route(&test, &row->route, row->unlabelled);
    test.config.host_count = row->elsewhere ? 3 : 2;
    uint32_t packets = row->packets ? row->packets : 1;
    uint32_t before = row->before ? row->before : LOST;
    uint32_t after = row->after ? row->after : COUNT - LOST;
    uint32_t disturbed = row->whole ? packets : 1;
    disturb(&test, before + packets - disturbed, disturbed, row->action, row->delay * SIM_US);
    mtp_case_start(&test);
    submit(&test, before, single, 0, LOST_AT / before);
    submit(&test, 1,
           (struct sim_message){
               .dst = 1, .bytes = (packets - 1) * 1376 + 1000, .priority = row->priority},
           LOST_AT, 0);
    submit(
        &test, after - 1,
        (struct sim_message){.dst = row->elsewhere ? 2 : 1, .bytes = 1000, .priority = row->behind},
        LOST_AT + INTERVAL, INTERVAL);
    wire_run(test.wire, LOST_AT + 3 * SIM_MS);
    sim_time latency = wire_delivered_at(test.wire, 1, 0, before) - LOST_AT;
    struct sim_transport_counts counts = wire_counts(test.wire, 0);
    ck_assert_msg(latency >= row->least * SIM_US && latency <= row->most * SIM_US &&
                      counts.retransmissions == row->again * disturbed &&
                      counts.timeouts == row->timeouts,
                  "%s: %.3f us, sent again %lu, timeouts %lu", row->name, (double)latency / SIM_US,
                  (unsigned long)counts.retransmissions, (unsigned long)counts.timeouts);
    finish(&test, before + after);
}
END_TEST

/* A message ahead of the lost one is trimmed, so it is sent again behind it, and acknowledged. */
START_TEST(order__retransmissions_are_no_evidence)
{
    struct mtp_case test;
    init(&test);
    disturb(&test, LOST - 1, 1, WIRE_TRIM, 0);
    disturb(&test, LOST, 1, WIRE_DROP, 0);
    mtp_case_start(&test);
    submit(&test, LOST + 1, single, 0, INTERVAL);
    wire_run(test.wire, LOST_AT + 900 * SIM_US);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, LOST - 1), 1);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    wire_run(test.wire, LOST_AT + 2 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 2);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 1);
    finish(&test, LOST + 1);
}
END_TEST

/* The retransmission of a message is lost too, and found by the same order. */
START_TEST(order__retransmissions_are_found)
{
    struct mtp_case test;
    init(&test);
    disturb(&test, LOST, 1, WIRE_DROP, 0);
    mtp_case_rule(&test,
                  (struct wire_rule){.class = WIRE_RETRANSMISSION, .from = 0, .action = WIRE_DROP});
    mtp_case_start(&test);
    submit(&test, COUNT, single, 0, INTERVAL);
    wire_run(test.wire, LOST_AT + 80 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 2);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, LOST), 1);
    finish(&test, COUNT);
}
END_TEST

/* ---- the reordering window ---- */

#define EARLIER 200 /* a message before there is any history that tells where it went */

static void to_pathlet_2(struct wire *wire, struct sim_packet *packet, void *context)
{
    (void)context;
    sim_packet_lists(wire_pool(wire), packet)->mtp.path[0].path = 2;
}

static bool is_two_in_40(const struct sim_packet *packet, void *context)
{
    (void)context;
    return packet->mtp.message % 40 < 2;
}

/* A message that was overtaken and then acknowledged widens the window, so that one that is 12 us
 * late is left alone: but not one of another path, and for 16 recoveries only, of two losses each.
 */
static const struct {
    const char *name;
    sim_time late;       /* us */
    uint32_t recoveries; /* between it and the next late one */
    bool elsewhere;
    uint64_t spurious;
} seen[] = {
    {"nothing", 0, 0, false, 1},
    {"overtaken", 100, 0, false, 0},
    {"of another path", 100, 0, true, 1},
    {"15 recoveries ago", 100, 15, false, 0},
    {"16 recoveries ago", 100, 16, false, 1},
};

START_TEST(order__window_is_what_was_seen)
{
    struct mtp_case test;
    init(&test);
    test.params.initial_window = 1 << 24; /* enough when it is halved 16 times */
    uint32_t last = LOST + seen[_i].recoveries * 40;
    if (seen[_i].late)
        disturb(&test, EARLIER, 1, WIRE_DELAY, seen[_i].late * SIM_US);
    if (seen[_i].elsewhere)
        mtp_case_rule(&test, (struct wire_rule){.class = WIRE_FIRST,
                                                .nth = EARLIER + 1,
                                                .action = WIRE_TRANSFORM,
                                                .transform = to_pathlet_2});
    if (seen[_i].recoveries)
        mtp_case_rule(&test, (struct wire_rule){.class = WIRE_FIRST,
                                                .nth = LOST / 20 + 1,
                                                .count = 2 * seen[_i].recoveries,
                                                .match = is_two_in_40});
    disturb(&test, last + 20, 1, WIRE_DELAY, 12 * SIM_US);
    mtp_case_start(&test);
    submit(&test, last + 100, single, 0, INTERVAL);
    wire_run(test.wire, (last + 100) * INTERVAL + SIM_MS);
    ck_assert_msg(wire_counts(test.wire, 1).spurious_retransmissions == seen[_i].spurious &&
                      wire_counts(test.wire, 0).retransmissions ==
                          seen[_i].spurious + 2 * seen[_i].recoveries,
                  "%s: sent again %lu, for nothing %lu", seen[_i].name,
                  (unsigned long)wire_counts(test.wire, 0).retransmissions,
                  (unsigned long)wire_counts(test.wire, 1).spurious_retransmissions);
    finish(&test, last + 100);
}
END_TEST

/* A message that was overtaken by 900 us leaves a window of a round trip. */
START_TEST(order__window_is_a_round_trip_at_most)
{
    struct mtp_case test;
    init(&test);
    disturb(&test, EARLIER, 1, WIRE_DELAY, 900 * SIM_US);
    disturb(&test, LOST, 1, WIRE_DROP, 0);
    mtp_case_start(&test);
    submit(&test, COUNT, single, 0, INTERVAL);
    wire_run(test.wire, LOST_AT + 70 * SIM_US);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, LOST), 1);
    wire_run(test.wire, LOST_AT + 3 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 0);
    finish(&test, COUNT);
}
END_TEST

/* ---- whose order it is ---- */

static bool is_of_one_packet(const struct sim_packet *packet, void *context)
{
    (void)context;
    return packet->mtp.message_packets == 1;
}

/* The last packet of a message is lost with others' ahead of it and behind it, which take pathlet
 * 2. What the message reported of its own packets decides: it took pathlet 1, or theirs. */
START_TEST(order__own_path_is_the_runs)
{
    struct mtp_case test;
    init(&test);
    struct wire_rule *rule = mtp_case_rule(&test, (struct wire_rule){.class = WIRE_DATA,
                                                                     .count = WIRE_ALL,
                                                                     .action = WIRE_TRANSFORM,
                                                                     .transform = to_pathlet_2});
    rule->match = _i ? NULL : is_of_one_packet;
    disturb(&test, LOST + 3, 1, WIRE_DROP, 0);
    mtp_case_start(&test);
    submit(&test, LOST, single, 0, INTERVAL);
    submit(&test, 1, (struct sim_message){.dst = 1, .bytes = 3 * 1376}, LOST_AT, 0);
    submit(&test, COUNT - LOST, single, LOST_AT + 130 * SIM_NS, INTERVAL);
    wire_run(test.wire, LOST_AT + 3 * SIM_MS);
    const struct wire_sent *lost = wire_sent_nth(test.wire, WIRE_FIRST, 0, LOST + 4);
    ck_assert_uint_eq(lost->packet.mtp.packet, 2);
    sim_time latency = wire_delivered_at(test.wire, 1, 0, LOST) - LOST_AT;
    ck_assert_msg(_i ? latency < 60 * SIM_US : latency > SIM_MS, "%.3f us",
                  (double)latency / SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, _i ? 0 : 1);
    finish(&test, COUNT + 1);
}
END_TEST

/* A port that was silent while the network lost its labels sends a message, which is lost: it is
 * looked for as one of pathlet 1, among others that took no labelled path. */
START_TEST(order__unlabelled_runs_tell_nothing)
{
    struct mtp_case test;
    init(&test);
    test.route = (struct mtp_route){.before = {1}, .switch_at = _i ? SIM_S : LOST_AT / 4};
    disturb(&test, LOST, 1, WIRE_DROP, 0);
    mtp_case_start(&test);
    struct sim_message other = single;
    other.src_port = 1;
    submit(&test, 1, other, 0, 0);
    submit(&test, LOST - 1, single, INTERVAL, INTERVAL);
    submit(&test, 1, other, LOST_AT, 0);
    submit(&test, COUNT - LOST, single, LOST_AT + INTERVAL, INTERVAL);
    wire_run(test.wire, LOST_AT + 3 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, _i ? 0 : 1);
    finish(&test, COUNT);
}
END_TEST

/* As if a device had absorbed the message: its packet is acknowledged, the message is not. */
static void strip_message_sack(struct wire *wire, struct sim_packet *packet, void *context)
{
    union sim_packet_lists *lists = sim_packet_lists(wire_pool(wire), packet);
    (void)context;
    for (uint32_t i = 0; i < lists->mtp.sack_count; i++)
        lists->mtp.sack[i].packet = 0;
}

/* The packet of a message that is sent again as a whole, a timeout after it was acknowledged, is
 * lost. What it took the first time says nothing about it. */
START_TEST(order__restarts_are_not_found)
{
    struct mtp_case test;
    init(&test);
    mtp_case_rule(&test, (struct wire_rule){.class = WIRE_ACKNOWLEDGEMENT,
                                            .from = 1,
                                            .nth = LOST + 1,
                                            .count = SIM_MTP_SACK_MAX,
                                            .action = WIRE_TRANSFORM,
                                            .transform = strip_message_sack});
    mtp_case_rule(&test,
                  (struct wire_rule){.class = WIRE_RETRANSMISSION, .from = 0, .action = WIRE_DROP});
    mtp_case_start(&test);
    submit(&test, 2 * LOST, single, 0, INTERVAL);
    wire_run(test.wire, LOST_AT + 1900 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    ck_assert_int_eq(wire_completed_at(test.wire, 0, LOST), SIM_NEVER);
    wire_run(test.wire, LOST_AT + 3 * SIM_MS);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 2);
    finish(&test, 2 * LOST);
}
END_TEST

/* ---- what the window hears ---- */

static uint64_t window_now(struct mtp_case *test, sim_time time)
{
    wire_run(test->wire, time);
    return mtp_case_window(mtp_case_host(test, 0), test->route.before[0])->control.window_bytes;
}

/* A burst of losses within a round trip halves the window once, however it is found; also by the
 * timeout, as long as what was sent later arrives. When nothing arrives the window collapses. */
static const struct {
    bool unlabelled;
    uint32_t count, behind;
    uint64_t timeouts;
    bool collapses;
} bursts[] = {
    {false, 1, COUNT - LOST - 1, 0, false},   {false, 5, COUNT - LOST - 5, 0, false},
    {false, 12, COUNT - LOST - 12, 0, false}, {true, 1, COUNT - LOST - 1, 1, false},
    {true, 5, COUNT - LOST - 5, 5, false},    {false, 1, 0, 1, true},
};

START_TEST(order__window_of_a_burst)
{
    struct mtp_case test;
    init(&test);
    set_route(&test, &test.route, bursts[_i].unlabelled);
    disturb(&test, LOST, bursts[_i].count, WIRE_DROP, 0);
    mtp_case_start(&test);
    uint32_t end = LOST + bursts[_i].count + bursts[_i].behind;
    submit(&test, end, single, 0, INTERVAL);
    uint64_t before = window_now(&test, LOST_AT);
    uint64_t after = window_now(&test, LOST_AT + 1010 * SIM_US);
    ck_assert_uint_eq(after, bursts[_i].collapses ? 1500 : before / 2);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, bursts[_i].count);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, bursts[_i].timeouts);
    finish(&test, end);
}
END_TEST

/* ---- runs ---- */

#define PACKETS 4000
#define PATHS   3

/* Packets take paths in stretches and are acknowledged with up to 40 others ahead of them. Whatever
 * is within a run has its path as its acknowledged neighbours have. */
struct acknowledged {
    struct mtp_path *paths[PACKETS]; /* NULL: not */
};

static const struct mtp_path *neighbour(const struct acknowledged *acked, uint32_t packet, int step)
{
    while (packet > 0 && packet < PACKETS - 1 && !acked->paths[packet])
        packet += (uint32_t)step;
    return acked->paths[packet];
}

static void check_runs(const struct mtp_order *order, const struct acknowledged *acked)
{
    for (uint32_t i = 0; i < MTP_RUNS && order->runs[i].path; i++) {
        const struct mtp_run *run = &order->runs[i];
        if (i && run->newest >= order->runs[i - 1].first)
            ck_abort_msg("run %u overlaps a newer one", i);
        for (uint64_t packet = run->first; packet <= run->newest; packet++)
            if (neighbour(acked, (uint32_t)packet, -1) != run->path ||
                neighbour(acked, (uint32_t)packet, 1) != run->path)
                ck_abort_msg("packet %lu is within a run and was not", (unsigned long)packet);
    }
}

START_TEST(order__runs_are_what_was_acknowledged)
{
    static const uint32_t stretches[] = {1, 3, 20, 200};
    struct mtp_path paths[PATHS] = {{.index = 0}};
    struct mtp_destination destination = {.index = 0};
    struct mtp_stream stream = {.destination = &destination};
    struct acknowledged acked = {{NULL}};
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "runs");
    for (uint32_t i = 0; i < 2 * PACKETS; i++) {
        uint32_t packet = i / 2 + (uint32_t)sim_rng_below(&rng, 40);
        if (packet >= PACKETS || acked.paths[packet])
            continue;
        struct mtp_path *path = &paths[sim_mix64(packet / stretches[_i]) % PATHS];
        struct mtp_record record = {.clock = packet, .sent_at = packet};
        mtp_order_insert(&stream, &record, path, true);
        acked.paths[packet] = path;
        check_runs(&destination.order, &acked);
    }
}
END_TEST

#define ROWS(TABLE) ((int)(sizeof(TABLE) / sizeof(TABLE)[0]))

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, order__one_disturbance, 0, ROWS(rows));
    tcase_add_test(tcase, order__retransmissions_are_no_evidence);
    tcase_add_test(tcase, order__retransmissions_are_found);
    tcase_add_test(tcase, order__restarts_are_not_found);
    tcase_add_loop_test(tcase, order__runs_are_what_was_acknowledged, 0, 4);
    tcase_add_loop_test(tcase, order__window_is_what_was_seen, 0, ROWS(seen));
    tcase_add_test(tcase, order__window_is_a_round_trip_at_most);
    tcase_add_loop_test(tcase, order__own_path_is_the_runs, 0, 2);
    tcase_add_loop_test(tcase, order__unlabelled_runs_tell_nothing, 0, 2);
    tcase_add_loop_test(tcase, order__window_of_a_burst, 0, ROWS(bursts));
}

int main(void)
{
    return suite_run("mtp_order", add);
}
