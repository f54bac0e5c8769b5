/* NDP as a rider on MTP: an incast takes what the receiver's link needs for the packets, whatever
 * the number of senders, without a drop or a timeout; and each trimmed packet is asked for and sent
 * again once. */
#include "support/run.h"
#include "support/suite.h"

#define MESSAGE_BYTES 100000
#define START         (10 * SIM_US)

static const struct incast_case {
    uint32_t senders;
    double above; /* share by which it may be above the closed form, */
    double
        extra; /* and us: ways, and the round trip in which the last trimmed packets come again */
} cases[] = {{2, 0, 33}, {10, 0, 12}, {30, 0.02, 12}, {100, 0.02, 12}};

static char *incast_text(uint32_t senders)
{
    return g_strdup_printf(
        "name: incast\n"
        "duration: 3ms\n"
        "topology: {dumbbell: {senders: %u, receivers: 1, rate: 100Gbps, delay: 1us, bottleneck: "
        "{rate: 400Gbps}}}\n"
        "queue: {trim: {capacity: 8, mark_at: 6}}\n"
        "workload: [{messages: {from: \"s*\", to: r0, bytes: %uB, start: 10us}}]\n"
        "transport: {mtp: {pull: true, congestion: {fixed: {window: 10p}}}}\n",
        senders, MESSAGE_BYTES);
}

/* When the last message was there, us after they began. */
static double completion_us(const struct run *run, uint32_t senders)
{
    g_autoptr(GArray) messages = simulation_messages(run->simulation);
    sim_time last = 0;
    ck_assert_uint_eq(messages->len, senders);
    for (guint i = 0; i < messages->len; i++) {
        sim_time at = g_array_index(messages, struct message_record, i).delivered;
        ck_assert_int_ne(at, SIM_NEVER);
        last = at > last ? at : last;
    }
    return (double)(last - START) / (double)SIM_US;
}

/* Payload over what the link carries of it, each packet's header with the feedback that it
 * collects. */
static double closed_form_us(const struct sim_transport_counts *counts, uint32_t senders)
{
    double sent = (double)(counts->data_payload_bytes + counts->data_header_bytes +
                           counts->feedback_bytes);
    double share = (double)counts->data_payload_bytes / sent;
    return senders * MESSAGE_BYTES * 8 / (share * 1e5);
}

START_TEST(ndp_incast__takes_what_the_link_needs)
{
    const struct incast_case *c = &cases[_i];
    g_autofree char *text = incast_text(c->senders);
    struct run run;
    struct simulation_totals totals;
    struct sim_transport_counts counts;
    run_init(&run, text, 0);
    simulation_run(run.simulation, 3 * SIM_MS, NULL);
    simulation_totals(run.simulation, &totals);
    simulation_counts(run.simulation, &counts);
    double took = completion_us(&run, c->senders), closed = closed_form_us(&counts, c->senders);
    g_print("%u senders: %.1f us, closed form %.1f us, %llu packets trimmed\n", c->senders, took,
            closed, (unsigned long long)counts.nacks);
    ck_assert_double_ge(took, closed);
    ck_assert_double_le(took, closed * (1 + c->above) + c->extra);
    ck_assert_uint_eq(counts.timeouts, 0);
    ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
    ck_assert_uint_gt(counts.nacks, 0);
    ck_assert_uint_ge(counts.retransmissions, counts.nacks);
    ck_assert_uint_le(counts.retransmissions, counts.nacks + 1);
    run_clear(&run);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, ndp_incast__takes_what_the_link_needs, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("ndp_incast", add_cases);
}
