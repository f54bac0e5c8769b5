/* MTP on a scripted wire: what becomes of each class of packet when it is lost, repeated,
 * reordered, delayed or trimmed; with the exact outcome.
 *
 * The wire takes 10 us one way at 100 Gbps; a full packet of 1432 bytes (1444 with its feedback)
 * takes 114.56 ns of the sender's NIC. A round trip is 20.12 us. The first timeout is 3 ms, 1 ms
 * once a round trip was measured. */
#include <string.h>

#include "support/mtp_case.h"
#include "support/suite.h"

struct outcome {
    sim_time delivered, completed; /* in ns */
    uint64_t data, again, timeouts, nacks, spurious, reordered;
};

#define ALL WIRE_ALL
#define LOST(CLASS, NTH, COUNT)                                                                    \
    {                                                                                              \
        .class = CLASS, .from = WIRE_ANY_HOST, .nth = NTH, .count = COUNT, .action = WIRE_DROP     \
    }
#define TWICE(CLASS, NTH, COUNT, DELAY)                                                            \
    {                                                                                              \
        .class = CLASS, .from = WIRE_ANY_HOST, .nth = NTH, .count = COUNT,                         \
        .action = WIRE_DUPLICATE, .delay = DELAY                                                   \
    }
#define LATE(CLASS, NTH, COUNT, DELAY)                                                             \
    {                                                                                              \
        .class = CLASS, .from = WIRE_ANY_HOST, .nth = NTH, .count = COUNT, .action = WIRE_DELAY,   \
        .delay = DELAY                                                                             \
    }
#define TRIMMED(CLASS, NTH, COUNT)                                                                 \
    {                                                                                              \
        .class = CLASS, .from = WIRE_ANY_HOST, .nth = NTH, .count = COUNT, .action = WIRE_TRIM     \
    }
/* One message of 10 packets, or a blob of 10, or a message of one packet. */
enum what { MESSAGE, BLOB, SINGLE };

static const struct row {
    const char *name;
    enum what what;
    struct wire_rule rules[3];
    struct outcome expected;
} rows[] = {
    {"undisturbed", MESSAGE, {{0}}, {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"first data lost", MESSAGE, {LOST(WIRE_FIRST, 1, 1)}, {30581, 40591, 11, 1, 0, 0, 0, 0}},
    {"middle data lost", MESSAGE, {LOST(WIRE_FIRST, 5, 1)}, {31040, 41050, 11, 1, 0, 0, 0, 0}},
    {"last data lost", MESSAGE, {LOST(WIRE_FIRST, 10, 1)}, {1011145, 1021155, 11, 1, 1, 0, 0, 0}},
    {"last three lost", MESSAGE, {LOST(WIRE_FIRST, 8, 3)}, {1031155, 1041164, 13, 3, 1, 0, 0, 0}},
    {"all lost", MESSAGE, {LOST(WIRE_FIRST, 1, 10)}, {3070711, 3080720, 20, 10, 1, 0, 0, 0}},
    {"middle lost, again lost",
     MESSAGE,
     {LOST(WIRE_FIRST, 5, 1), LOST(WIRE_RETRANSMISSION, 1, 1)},
     {1031040, 1041050, 12, 2, 1, 0, 0, 0}},
    {"data twice",
     MESSAGE,
     {TWICE(WIRE_DATA, 1, ALL, 500 * SIM_NS)},
     {11145, 21155, 10, 0, 0, 0, 10, 0}},
    {"middle data late by 2",
     MESSAGE,
     {LATE(WIRE_FIRST, 5, 1, 250 * SIM_NS)},
     {11145, 21155, 10, 0, 0, 0, 0, 1}},
    {"middle data late by many",
     MESSAGE,
     {LATE(WIRE_FIRST, 5, 1, 5 * SIM_US)},
     {15572, 25582, 11, 1, 0, 0, 1, 1}},
    {"all data late",
     MESSAGE,
     {LATE(WIRE_FIRST, 1, ALL, 4 * SIM_MS)},
     {3070711, 3080720, 20, 10, 1, 0, 10, 0}},
    {"middle data trimmed",
     MESSAGE,
     {TRIMMED(WIRE_FIRST, 5, 1)},
     {30811, 40821, 11, 1, 0, 1, 0, 0}},
    {"all data trimmed",
     MESSAGE,
     {TRIMMED(WIRE_FIRST, 1, 10)},
     {51391, 61400, 20, 10, 0, 10, 0, 0}},
    {"trimmed, the NACK lost",
     MESSAGE,
     {TRIMMED(WIRE_FIRST, 5, 1), LOST(WIRE_ACKNOWLEDGEMENT, 5, 1)},
     {31040, 41050, 11, 1, 0, 1, 0, 0}},
    {"last trimmed, the NACK lost",
     MESSAGE,
     {TRIMMED(WIRE_FIRST, 10, 1), LOST(WIRE_ACKNOWLEDGEMENT, 10, 1)},
     {1011145, 1021155, 11, 1, 1, 1, 0, 0}},
    {"trimmed, the NACK twice",
     MESSAGE,
     {TRIMMED(WIRE_FIRST, 5, 1), TWICE(WIRE_ACKNOWLEDGEMENT, 5, 1, SIM_US)},
     {30811, 40821, 12, 2, 0, 1, 1, 0}},
    {"trimmed, the NACK late",
     MESSAGE,
     {TRIMMED(WIRE_FIRST, 5, 1), LATE(WIRE_ACKNOWLEDGEMENT, 5, 1, 50 * SIM_US)},
     {31040, 41050, 11, 1, 0, 1, 0, 0}},
    {"retransmission trimmed",
     MESSAGE,
     {LOST(WIRE_FIRST, 5, 1), TRIMMED(WIRE_RETRANSMISSION, 1, 1)},
     {51161, 61171, 12, 2, 0, 1, 0, 0}},
    {"retransmission twice",
     MESSAGE,
     {LOST(WIRE_FIRST, 5, 1), TWICE(WIRE_RETRANSMISSION, 1, 1, SIM_US)},
     {31040, 41050, 11, 1, 0, 0, 1, 0}},
    {"retransmission late",
     MESSAGE,
     {LOST(WIRE_FIRST, 5, 1), LATE(WIRE_RETRANSMISSION, 1, 1, 2 * SIM_MS)},
     {1031040, 1041050, 12, 2, 1, 0, 1, 0}},
    {"whole, then trimmed",
     MESSAGE,
     {TWICE(WIRE_FIRST, 5, 1, 0), TRIMMED(WIRE_FIRST, 5, 1), LATE(WIRE_FIRST, 5, 1, SIM_US)},
     {11145, 21155, 10, 0, 0, 0, 1, 0}},
    {"first ACK lost",
     MESSAGE,
     {LOST(WIRE_ACKNOWLEDGEMENT, 1, 1)},
     {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"three ACKs lost",
     MESSAGE,
     {LOST(WIRE_ACKNOWLEDGEMENT, 2, 3)},
     {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"four ACKs lost",
     MESSAGE,
     {LOST(WIRE_ACKNOWLEDGEMENT, 2, 4)},
     {11145, 21155, 11, 1, 0, 0, 1, 0}},
    {"message SACK lost",
     MESSAGE,
     {LOST(WIRE_ACKNOWLEDGEMENT, 10, 1)},
     {11145, 1021155, 11, 1, 1, 0, 1, 0}},
    {"all ACKs lost",
     MESSAGE,
     {LOST(WIRE_ACKNOWLEDGEMENT, 1, 10)},
     {11145, 3020124, 11, 1, 1, 0, 1, 0}},
    {"ACKs twice",
     MESSAGE,
     {TWICE(WIRE_ACKNOWLEDGEMENT, 1, ALL, 5 * SIM_US)},
     {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"an ACK late",
     MESSAGE,
     {LATE(WIRE_ACKNOWLEDGEMENT, 3, 1, 5 * SIM_US)},
     {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"message SACK late",
     MESSAGE,
     {LATE(WIRE_ACKNOWLEDGEMENT, 10, 1, 2 * SIM_MS)},
     {11145, 1021155, 11, 1, 1, 0, 1, 0}},
    {"undisturbed", BLOB, {{0}}, {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"first data lost", BLOB, {LOST(WIRE_FIRST, 1, 1)}, {3010114, 3020124, 11, 1, 1, 0, 0, 0}},
    {"middle data lost", BLOB, {LOST(WIRE_FIRST, 5, 1)}, {31040, 41050, 11, 1, 0, 0, 0, 0}},
    {"last data lost", BLOB, {LOST(WIRE_FIRST, 10, 1)}, {1011145, 1021155, 11, 1, 1, 0, 0, 0}},
    {"middle data late by many",
     BLOB,
     {LATE(WIRE_FIRST, 5, 1, 5 * SIM_US)},
     {15572, 25582, 11, 1, 0, 0, 1, 1}},
    {"data twice",
     BLOB,
     {TWICE(WIRE_DATA, 1, ALL, 500 * SIM_NS)},
     {11145, 21155, 10, 0, 0, 0, 10, 0}},
    {"middle data trimmed", BLOB, {TRIMMED(WIRE_FIRST, 5, 1)}, {30811, 40821, 11, 1, 0, 1, 0, 0}},
    {"first ACK lost", BLOB, {LOST(WIRE_ACKNOWLEDGEMENT, 1, 1)}, {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"last ACK lost",
     BLOB,
     {LOST(WIRE_ACKNOWLEDGEMENT, 10, 1)},
     {11145, 1021155, 11, 1, 1, 0, 1, 0}},
    {"ACKs twice",
     BLOB,
     {TWICE(WIRE_ACKNOWLEDGEMENT, 1, ALL, 5 * SIM_US)},
     {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"an ACK late",
     BLOB,
     {LATE(WIRE_ACKNOWLEDGEMENT, 3, 1, 5 * SIM_US)},
     {11145, 21155, 10, 0, 0, 0, 0, 0}},
    {"last ACK late",
     BLOB,
     {LATE(WIRE_ACKNOWLEDGEMENT, 10, 1, 2 * SIM_MS)},
     {11145, 1021155, 11, 1, 1, 0, 1, 0}},
    {"middle data trimmed, the NACK lost",
     BLOB,
     {TRIMMED(WIRE_FIRST, 5, 1), LOST(WIRE_ACKNOWLEDGEMENT, 5, 1)},
     {31040, 41050, 11, 1, 0, 1, 0, 0}},
    {"undisturbed", SINGLE, {{0}}, {10084, 20091, 1, 0, 0, 0, 0, 0}},
    {"lost", SINGLE, {LOST(WIRE_FIRST, 1, 1)}, {3010084, 3020091, 2, 1, 1, 0, 0, 0}},
    {"lost twice", SINGLE, {LOST(WIRE_DATA, 1, 2)}, {9010084, 9020091, 3, 2, 2, 0, 0, 0}},
    {"twice", SINGLE, {TWICE(WIRE_FIRST, 1, 1, SIM_US)}, {10084, 20091, 1, 0, 0, 0, 1, 0}},
    {"trimmed", SINGLE, {TRIMMED(WIRE_FIRST, 1, 1)}, {30175, 40182, 2, 1, 0, 1, 0, 0}},
    {"trimmed, the NACK lost",
     SINGLE,
     {TRIMMED(WIRE_FIRST, 1, 1), LOST(WIRE_ACKNOWLEDGEMENT, 1, 1)},
     {3010084, 3020091, 2, 1, 1, 1, 0, 0}},
    {"ACK lost", SINGLE, {LOST(WIRE_ACKNOWLEDGEMENT, 1, 1)}, {10084, 3020092, 2, 1, 1, 0, 1, 0}},
    {"ACK late",
     SINGLE,
     {LATE(WIRE_ACKNOWLEDGEMENT, 1, 1, 4 * SIM_MS)},
     {10084, 3020092, 2, 1, 1, 0, 1, 0}},
};

static struct outcome outcome_of(struct mtp_case *test, uint32_t number)
{
    struct sim_transport_counts sender = wire_counts(test->wire, 0);
    struct sim_transport_counts receiver = wire_counts(test->wire, 1);
    return (struct outcome){
        .delivered = wire_delivered_at(test->wire, 1, 0, number) / SIM_NS,
        .completed = wire_completed_at(test->wire, 0, number) / SIM_NS,
        .data = sender.data_packets,
        .again = sender.retransmissions,
        .timeouts = sender.timeouts,
        .nacks = receiver.nacks,
        .spurious = receiver.spurious_retransmissions,
        .reordered = receiver.reordered,
    };
}

START_TEST(mtp__one_disturbance)
{
    static const uint64_t bytes[] = {[MESSAGE] = 10 * 1376, [BLOB] = 10 * 1352, [SINGLE] = 1000};
    const struct row *row = &rows[_i];
    struct mtp_case test;
    mtp_case_init(&test);
    for (uint32_t i = 0; i < 3 && row->rules[i].from; i++)
        mtp_case_rule(&test, row->rules[i]);
    mtp_case_start(&test);
    uint32_t number = wire_submit(
        test.wire, 0,
        (struct sim_message){.dst = 1, .bytes = bytes[row->what], .blob = row->what == BLOB}, 0);
    wire_run(test.wire, SIM_S / 2);
    struct outcome o = outcome_of(&test, number);
    const struct outcome *expected = &row->expected;
    ck_assert_msg(memcmp(&o, expected, sizeof o) == 0,
                  "%s: {%ld, %ld, %lu, %lu, %lu, %lu, %lu, %lu}", row->name, (long)o.delivered,
                  (long)o.completed, (unsigned long)o.data, (unsigned long)o.again,
                  (unsigned long)o.timeouts, (unsigned long)o.nacks, (unsigned long)o.spurious,
                  (unsigned long)o.reordered);
    ck_assert_uint_eq(wire_delivered_times(test.wire, 1, 0, number), 1);
    ck_assert_uint_eq(wire_received_bytes(test.wire, 1), bytes[row->what]);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* Packets 1 and 3 are lost, 4 and 5 are acknowledged, then 2, which was late: with it, three are
 * behind packet 1, but not behind 3. */
START_TEST(mtp__late_packet_counts_with_those_behind_it)
{
    struct mtp_case test;
    mtp_case_init(&test);
    const struct wire_rule rules[] = {LOST(WIRE_FIRST, 2, 1), LOST(WIRE_FIRST, 4, 1),
                                      LATE(WIRE_FIRST, 3, 1, 5 * SIM_US)};
    for (uint32_t i = 0; i < 3; i++)
        mtp_case_rule(&test, rules[i]);
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 6 * 1376}, 0);
    wire_run(test.wire, 24 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 0);
    wire_run(test.wire, 900 * SIM_US);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 1);
    ck_assert_uint_eq(wire_sent_nth(test.wire, WIRE_RETRANSMISSION, 0, 1)->packet.mtp.packet, 1);
    wire_run(test.wire, SIM_S / 2);
    ck_assert_uint_eq(wire_counts(test.wire, 0).retransmissions, 2);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, mtp__late_packet_counts_with_those_behind_it);
    tcase_add_loop_test(tcase, mtp__one_disturbance, 0, (int)(sizeof rows / sizeof rows[0]));
}

int main(void)
{
    return suite_run("mtp", add);
}
