/* closed_loop: how many messages are outstanding, where they go, when they start. */
#include "support/run.h"
#include "support/suite.h"

/* Two sources and three servers on one switch; %s are the workload's further parameters and the
 * transport. */
static const char text_format[] = "name: test\n"
                                  "duration: 1ms\n"
                                  "topology:\n"
                                  "  hosts: [a, b, x, y, z]\n"
                                  "  switches: [s]\n"
                                  "  links:\n"
                                  "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {ends: [b, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {ends: [x, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {ends: [y, s], rate: 100Gbps, delay: 1us}\n"
                                  "    - {ends: [z, s], rate: 100Gbps, delay: 1us}\n"
                                  "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
                                  "workload:\n"
                                  "  - closed_loop: {from: [a, b], bytes: 16KiB, %s}\n"
                                  "systems:\n"
                                  "  only: {transport: %s}\n";

enum { A, B, X, Y, Z, SOURCES = 2 };

static GArray *messages_of(struct run *run, const char *workload, const char *transport)
{
    g_autofree char *text = g_strdup_printf(text_format, workload, transport);
    run_init(run, text, 0);
    simulation_run(run->simulation, scenario_spec(run->scenario, 0)->duration, NULL);
    return simulation_messages(run->simulation);
}

static int earlier(gconstpointer a, gconstpointer b)
{
    const sim_time *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Whatever happens, no source ever has more outstanding than it may; and with nothing to wait for,
 * never less: the n-th delivery is before the (n + outstanding)-th submission. */
static void check_outstanding(const GArray *messages, uint32_t source, uint32_t outstanding)
{
    g_autoptr(GArray) delivered = g_array_new(FALSE, FALSE, sizeof(sim_time));
    uint32_t count = 0;
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        if (message->src == source)
            g_array_append_val(delivered, message->delivered);
    }
    g_array_sort(delivered, earlier);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        if (message->src != source)
            continue;
        if (count >= outstanding)
            ck_assert_int_lt(g_array_index(delivered, sim_time, count - outstanding),
                             message->submitted);
        count++;
    }
    ck_assert_uint_gt(count, 4 * outstanding);
}

START_TEST(closed_loop__outstanding)
{
    static const char *const workloads[] = {
        "to: x, outstanding: 1",
        "to: x, outstanding: 7, persistent: true",
        "to: [x, y], outstanding: 5, jitter: 3us",
        "to: [x, y, z], order: cycle, outstanding: 3",
    };
    static const uint32_t outstanding[] = {1, 7, 5, 3};
    static const char *const transports[] = {"tcp", "mtp"};
    struct run run;
    g_autoptr(GArray) messages = messages_of(&run, workloads[_i / 2], transports[_i % 2]);
    for (uint32_t source = 0; source < SOURCES; source++)
        check_outstanding(messages, source, outstanding[_i / 2]);
    run_clear(&run);
}
END_TEST

/* By the rule, not by the code: the n-th message (from 1) of source s. */
START_TEST(closed_loop__destinations)
{
    static const struct {
        const char *workload;
        uint32_t to[SOURCES][6]; /* of messages 1 to 6 */
    } cases[] = {
        {"to: x, outstanding: 2", {{X, X, X, X, X, X}, {X, X, X, X, X, X}}},
        {"to: [y, z], outstanding: 2", {{Y, Y, Y, Y, Y, Y}, {Z, Z, Z, Z, Z, Z}}},
        {"to: [y, z], order: cycle, outstanding: 2", {{Y, Z, Y, Z, Y, Z}, {Y, Z, Y, Z, Y, Z}}},
        {"to: x, other: z, every: 3, outstanding: 4", {{X, X, Z, X, X, Z}, {X, X, Z, X, X, Z}}},
        {"to: [x, y], other: z, every: 2, outstanding: 1",
         {{X, Z, X, Z, X, Z}, {Y, Z, Y, Z, Y, Z}}},
    };
    uint32_t seen[SOURCES] = {0};
    struct run run;
    g_autoptr(GArray) messages = messages_of(&run, cases[_i].workload, "tcp");
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        uint32_t number = seen[message->src]++;
        if (number < 6)
            ck_assert_uint_eq(message->dst, cases[_i].to[message->src][number]);
    }
    ck_assert_uint_ge(seen[A], 6);
    ck_assert_uint_ge(seen[B], 6);
    run_clear(&run);
}
END_TEST

START_TEST(closed_loop__count_and_start)
{
    struct run run;
    g_autoptr(GArray) messages = messages_of(
        &run, "to: x, outstanding: 4, count: 6, start: 100us, jitter: 50us", _i ? "mtp" : "tcp");
    ck_assert_uint_eq(messages->len, 6 * SOURCES);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        ck_assert_int_ge(message->submitted, 100 * SIM_US);
        if (message->number < 4)
            ck_assert_int_lt(message->submitted, 150 * SIM_US);
        ck_assert_int_ne(message->delivered, SIM_NEVER);
        ck_assert(i == 0 || message->submitted != message[-1].submitted);
    }
    run_clear(&run);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, closed_loop__outstanding, 0, 8);
    tcase_add_loop_test(tcase, closed_loop__destinations, 0, 5);
    tcase_add_loop_test(tcase, closed_loop__count_and_start, 0, 2);
}

int main(void)
{
    return suite_run("closed_loop", add);
}
