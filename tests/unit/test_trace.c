#include "support/run.h"
#include "support/suite.h"

/* One message of one packet from a to b; another flow that is not traced. */
static const char scenario[] = "name: trace\n"
                               "duration: 1ms\n"
                               "topology:\n"
                               "  hosts: [a, b, c]\n"
                               "  switches: [s]\n"
                               "  links:\n"
                               "    - {name: la, ends: [a, s], rate: 100Gbps, delay: 1us}\n"
                               "    - {name: lb, ends: [b, s], rate: 100Gbps, delay: 1us}\n"
                               "    - {name: lc, ends: [c, s], rate: 100Gbps, delay: 1us}\n"
                               "queue: ecn_threshold\n"
                               "transport: mtp\n"
                               "workload:\n"
                               "  - messages: {from: a, to: b, bytes: 1000B, start: 10us}\n"
                               "  - long_flow: {from: c, to: a}\n"
                               "measure: {packets: {between: [a, b], from: %s, until: %s}}\n";

static GArray *traced(struct run *run, const char *from, const char *until)
{
    g_autofree char *text = g_strdup_printf(scenario, from, until);
    run_init(run, text, 0);
    simulation_run(run->simulation, SIM_MS, NULL);
    return simulation_packets(run->simulation);
}

/* clang-format off */
START_TEST(trace__a_message_and_its_acknowledgement)
{
    static const struct {
        uint32_t node, link;
        uint8_t flags;
        enum packet_outcome outcome;
        uint32_t out_link;
    } expected[] = {
        {3, 0, SIM_MTP_DATA, PACKET_SENT, 1},
        {1, 1, SIM_MTP_DATA, PACKET_RECEIVED, UINT32_MAX},
        {3, 1, SIM_MTP_ACK, PACKET_SENT, 0},
        {0, 0, SIM_MTP_ACK, PACKET_RECEIVED, UINT32_MAX},
    };
    struct run run;
    GArray *records = traced(&run, "0s", "1ms");
    ck_assert_uint_eq(records->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < records->len; i++) {
        const struct packet_record *record = &g_array_index(records, struct packet_record, i);
        ck_assert_uint_eq(record->node, expected[i].node);
        ck_assert_uint_eq(record->link, expected[i].link);
        ck_assert_uint_eq(record->packet.mtp.flags, expected[i].flags);
        ck_assert_int_eq(record->outcome, expected[i].outcome);
        ck_assert_uint_eq(record->out_link, expected[i].out_link);
        ck_assert_int_gt(record->time, i ? (record - 1)->time : 11 * SIM_US);
    }
    g_array_unref(records);
    run_clear(&run);
}
END_TEST

START_TEST(trace__keeps_to_its_interval)
{
    struct run run;
    GArray *records = traced(&run, "12us", "13us"); /* the data at b, and nothing else */
    ck_assert_uint_eq(records->len, 1);
    ck_assert_uint_eq(g_array_index(records, struct packet_record, 0).node, 1);
    g_array_unref(records);
    run_clear(&run);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, trace__a_message_and_its_acknowledgement);
    tcase_add_test(tcase, trace__keeps_to_its_interval);
}

int main(void)
{
    return suite_run("trace", add_cases);
}
