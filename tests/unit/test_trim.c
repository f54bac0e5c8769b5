#include "support/run.h"
#include "support/scheduler.h"
#include "support/suite.h"

extern const struct sim_queue_ops trim_queue;

/* As in models/queue/trim.c. */
struct params {
    uint64_t capacity, mark_at, header_capacity, headers_in_turn;
};

static const struct params params = {4, 2, 6, 3};

/* Packets of MTP with and without payload, of TCP, and one that was trimmed before. */
enum { DATA, ACK, TCP_DATA, TCP_ACK, TRIMMED };

static struct sim_packet packet_of(int what)
{
    struct sim_packet packet = {.protocol = SIM_PROTOCOL_MTP, .size_bytes = 100};
    if (what == TCP_DATA || what == TCP_ACK)
        packet.protocol = SIM_PROTOCOL_TCP;
    if (what == DATA || what == TRIMMED)
        packet.mtp.payload_bytes = 1352;
    if (what == TCP_DATA)
        packet.tcp.payload_bytes = 1460;
    if (what == TRIMMED)
        packet.flags = SIM_PACKET_TRIMMED;
    return packet;
}

static void put(struct scheduler *queue, int what, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct sim_packet *packet = sim_packet_new(&queue->pool), model = packet_of(what);
        model.hash = (uint32_t)what;
        *packet = model;
        trim_queue.put(queue->state, &queue->pool, packet);
    }
}

static enum sim_verdict verdict(struct scheduler *queue, int what)
{
    struct sim_packet packet = packet_of(what);
    struct sim_queue_view view = {0};
    return trim_queue.admit(queue->state, &view, &packet);
}

static const struct verdict_case {
    uint32_t data, headers; /* that wait */
    int what;
    enum sim_verdict expected;
} verdicts[] = {
    {0, 0, DATA, SIM_ACCEPT},   {2, 0, DATA, SIM_ACCEPT},    {3, 0, DATA, SIM_MARK},
    {4, 0, DATA, SIM_TRIM},     {4, 6, DATA, SIM_DROP},      {3, 6, DATA, SIM_MARK},
    {4, 5, ACK, SIM_ACCEPT},    {0, 6, ACK, SIM_DROP},       {4, 0, TCP_DATA, SIM_DROP},
    {3, 0, TCP_DATA, SIM_MARK}, {4, 0, TCP_ACK, SIM_ACCEPT}, {4, 0, TRIMMED, SIM_ACCEPT},
    {0, 6, TRIMMED, SIM_DROP},
};

/* clang-format off */
START_TEST(trim_admit__verdict)
{
    const struct verdict_case *c = &verdicts[_i];
    struct scheduler queue;
    scheduler_init(&queue, &trim_queue, &params);
    put(&queue, DATA, c->data);
    put(&queue, ACK, c->headers);
    ck_assert_int_eq(verdict(&queue, c->what), c->expected);
    scheduler_clear(&queue);
}
END_TEST

START_TEST(trim_take__headers_first_but_not_only)
{
    static const uint32_t expected[] = {ACK, ACK, TRIMMED, DATA, TRIMMED, DATA};
    struct scheduler queue;
    scheduler_init(&queue, &trim_queue, &params);
    put(&queue, DATA, 2);
    put(&queue, ACK, 2);
    put(&queue, TRIMMED, 2);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(scheduler_take(&queue).name, expected[i]);
    ck_assert_uint_eq(scheduler_take(&queue).bytes, 0);
    scheduler_clear(&queue);
}
END_TEST

/* Headers that went while no data waited are no debt to the data that comes later. */
START_TEST(trim_take__turns_count_while_data_waits)
{
    static const uint32_t expected[] = {ACK, ACK, ACK, DATA, ACK, DATA};
    struct scheduler queue;
    scheduler_init(&queue, &trim_queue, &params);
    put(&queue, ACK, 5);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(scheduler_take(&queue).name, ACK);
    put(&queue, DATA, 2);
    put(&queue, ACK, 4);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(scheduler_take(&queue).name, expected[i]);
    scheduler_clear(&queue);
}
END_TEST

START_TEST(trim_check__a_mark_that_cannot_happen)
{
    struct params wrong = {8, 8, 10, 10};
    ck_assert_ptr_nonnull(trim_queue.plugin.check(&wrong));
    ck_assert_ptr_null(trim_queue.plugin.check(&params));
}
END_TEST

/* Eight hosts send 150 KB each to one at the same time, over a queue of eight packets. With
 * trimming every loss is told by a NACK, and nobody waits for a timeout. */
static const char incast[] =
    "name: incast\n"
    "duration: 5ms\n"
    "topology:\n"
    "  hosts: [a, b, c, d, e, f, g, h, to]\n"
    "  switches: [s]\n"
    "  links:\n"
    "    - {ends: [a, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [b, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [c, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [d, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [e, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [f, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [g, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [h, s], rate: 100Gbps, delay: 1us}\n"
    "    - {ends: [s, to], rate: 100Gbps, delay: 1us, pathlet: 1}\n"
    "queue: {trim: {capacity: 8, mark_at: 6}}\n"
    "workload:\n"
    "  - messages: {from: [a, b, c, d, e, f, g, h], to: to, bytes: 150KB, count: 1}\n"
    "systems:\n"
    "  mtp: {transport: {mtp: {congestion: {dctcp: {}}}}}\n";

START_TEST(trim__an_incast_without_timeouts)
{
    struct run run;
    struct sim_transport_counts counts = {0};
    struct simulation_totals totals;
    run_init(&run, incast, 0);
    simulation_run(run.simulation, 5 * SIM_MS, NULL);
    simulation_counts(run.simulation, &counts);
    simulation_totals(run.simulation, &totals);
    GArray *messages = simulation_messages(run.simulation);
    ck_assert_uint_eq(messages->len, 8);
    for (guint i = 0; i < messages->len; i++)
        ck_assert_int_lt(g_array_index(messages, struct message_record, i).delivered, SIM_MS);
    g_array_unref(messages);
    ck_assert_uint_gt(counts.nacks, 10);
    ck_assert_uint_eq(counts.retransmissions, counts.nacks);
    ck_assert_uint_eq(counts.timeouts, 0);
    ck_assert_uint_eq(totals.drops[DROP_QUEUE_FULL], 0);
    run_clear(&run);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, trim_admit__verdict, 0, sizeof verdicts / sizeof *verdicts);
    tcase_add_test(tcase, trim_take__headers_first_but_not_only);
    tcase_add_test(tcase, trim_take__turns_count_while_data_waits);
    tcase_add_test(tcase, trim_check__a_mark_that_cannot_happen);
    tcase_add_test(tcase, trim__an_incast_without_timeouts);
}

int main(void)
{
    return suite_run("trim", add_cases);
}
