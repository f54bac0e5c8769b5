/* MTP's path exclude: who asks for another path, when, and what it makes of the answer. The wire is
 * that of test_mtp.c. */
#include "support/mtp_case.h"
#include "support/suite.h"

struct selector {
    bool listens, atomic; /* atomic: all packets of a message take the path of its first */
    uint32_t excluded;    /* messages that asked */
    uint64_t heeded;      /* the newest of them */
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
        selector->heeded = packet->mtp.message;
    }
    bool heeds = lists->mtp.exclude_count || (selector->atomic && selector->excluded);
    if (heeds && selector->listens && selector->heeded == packet->mtp.message)
        path = 3;
    packet->size_bytes += (uint16_t)mtp_feedback_growth(true, 1);
    lists->mtp.path[packet->mtp.path_count++] =
        (struct sim_path_entry){.path = path, .type = SIM_FEEDBACK_ECN, .length = 1};
}

/* Starts the case with the selector on the way, and a message on each path. */
static void start_selecting(struct mtp_case *test, struct selector *selector)
{
    test->route = (struct mtp_route){.before = {0}, .after = {0}};
    mtp_case_rule(test, (struct wire_rule){.class = WIRE_DATA,
                                           .from = 0,
                                           .count = WIRE_ALL,
                                           .action = WIRE_TRANSFORM,
                                           .transform = select_path,
                                           .context = selector});
    mtp_case_start(test);
    for (uint16_t port = 2; port <= 3; port++)
        wire_submit(test->wire, 0, (struct sim_message){.dst = 1, .src_port = port, .bytes = 100},
                    0);
}

START_TEST(mtp__full_pathlets_are_excluded)
{
    static const struct {
        bool enabled, listens;
        uint32_t least, most; /* messages that asked */
    } rows[] = {{true, true, 15, 30}, {true, false, 1, 1}, {false, true, 0, 0}};
    struct selector selector = {.listens = rows[_i].listens};
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.path_exclude = rows[_i].enabled;
    start_selecting(&test, &selector);
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

/* Nine packets leave room for one in the window of pathlet 2. A message of four that comes then
 * would stop half-way; it goes where all of it has room, and is there before anything of the other
 * is acknowledged. One of twelve has room nowhere, and begins as it would. */
START_TEST(mtp__begins_where_all_of_it_has_room)
{
    static const struct {
        uint64_t bytes;
        uint32_t asks;
    } rows[] = {{4 * 1376, 1}, {1376, 0}, {12 * 1376, 0}};
    struct selector selector = {.listens = true, .atomic = true};
    const sim_time first = 100 * SIM_US, second = first + 3 * SIM_US / 2;
    struct mtp_case test;
    mtp_case_init(&test);
    start_selecting(&test, &selector);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .src_port = 2, .bytes = 9 * 1376},
                first);
    uint32_t last =
        wire_submit(test.wire, 0,
                    (struct sim_message){.dst = 1, .src_port = 2, .bytes = rows[_i].bytes}, second);
    wire_run(test.wire, SIM_MS);
    ck_assert_uint_eq(selector.excluded, rows[_i].asks);
    sim_time took = wire_delivered_at(test.wire, 1, 0, last) - second;
    ck_assert_int_eq(took < 15 * SIM_US, rows[_i].bytes <= 4 * 1376);
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
    tcase_add_loop_test(tcase, mtp__full_pathlets_are_excluded, 0, 3);
    tcase_add_loop_test(tcase, mtp__begins_where_all_of_it_has_room, 0, 3);
    tcase_add_test(tcase, mtp__avoided_pathlets_are_listed);
    tcase_add_test(tcase, mtp__avoided_pathlets_as_text);
}

int main(void)
{
    return suite_run("mtp_exclude", add);
}
