#include "support/run.h"
#include "support/suite.h"

/* Two sources, one message or a burst each 10 us. */
static const char scenario[] = "name: messages\n"
                               "duration: 1ms\n"
                               "topology:\n"
                               "  hosts: [a, b, c]\n"
                               "  switches: [s]\n"
                               "  links:\n"
                               "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                               "    - {ends: [b, s], rate: 100Gbps, delay: 1us}\n"
                               "    - {ends: [c, s], rate: 100Gbps, delay: 1us}\n"
                               "queue: ecn_threshold\n"
                               "transport: {%s: {}}\n"
                               "workload:\n"
                               "  - messages: {from: [a, b], to: c, bytes: 3000B, count: %d, "
                               "burst: %d, every: 10us, start: 5us}\n";

static const struct {
    const char *transport;
    int count, burst;
    guint expected; /* of both sources */
    sim_time last;  /* when the last is submitted */
} cases[] = {
    {"mtp", 1, 1, 2, 5 * SIM_US},     {"mtp", 7, 1, 14, 65 * SIM_US},
    {"mtp", 7, 3, 14, 25 * SIM_US},   {"tcp", 7, 3, 14, 25 * SIM_US},
    {"mtp", 0, 2, 400, 995 * SIM_US}, {"tcp", 0, 1, 200, 995 * SIM_US},
};

/* clang-format off */
START_TEST(messages__count_burst_and_times)
{
    struct run run;
    g_autofree char *text =
        g_strdup_printf(scenario, cases[_i].transport, cases[_i].count, cases[_i].burst);
    run_init(&run, text, 0);
    simulation_run(run.simulation, SIM_MS, NULL);
    GArray *messages = simulation_messages(run.simulation);
    ck_assert_uint_eq(messages->len, cases[_i].expected);
    sim_time last = 0;
    guint unfinished = 0;
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        ck_assert_int_eq(message->submitted % (10 * SIM_US), 5 * SIM_US);
        ck_assert_uint_eq(message->bytes, 3000);
        last = message->submitted > last ? message->submitted : last;
        unfinished += message->delivered == SIM_NEVER;
    }
    ck_assert_int_eq(last, cases[_i].last);
    ck_assert_uint_le(unfinished, cases[_i].count ? 0 : 4);
    g_array_unref(messages);
    run_clear(&run);
}
END_TEST

/* A run that ends before its workloads begin: their timers are in one heap when they go. */
START_TEST(messages__gone_before_they_begin_beside_others)
{
    static const char late[] =
        "  - messages: {from: [a, b], to: c, bytes: 1B, start: 9us}\n"
        "  - gradients: {from: [a, b], servers: c, start: 7us}\n"
        "  - closed_loop: {from: [a, b], to: c, bytes: 1B, outstanding: 5, start: 8us}\n";
    struct run run;
    g_autofree char *first = g_strdup_printf(scenario, "mtp", 1, 1);
    g_autofree char *text = g_strconcat(first, late, NULL);
    run_init(&run, text, 0);
    simulation_run(run.simulation, 1, NULL);
    GArray *messages = simulation_messages(run.simulation);
    ck_assert_uint_eq(messages->len, 0);
    g_array_unref(messages);
    run_clear(&run);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, messages__count_burst_and_times, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, messages__gone_before_they_begin_beside_others);
}

int main(void)
{
    return suite_run("messages", add_cases);
}
