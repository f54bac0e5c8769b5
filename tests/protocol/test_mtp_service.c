/* MTP's order of service: by priority, and within one the message with the least left. The wire is
 * that of test_mtp.c. */
#include "support/mtp_case.h"
#include "support/suite.h"

START_TEST(mtp__least_left_goes_first)
{
    static const struct {
        struct sim_message messages[3];
        sim_time times[3];
        uint32_t order[3]; /* numbers, in the order of completion */
    } rows[] = {
        /* by priority, whatever the size */
        {{{.bytes = 20000, .priority = 2},
          {.bytes = 500000, .priority = 0},
          {.bytes = 100000, .priority = 1}},
         {0},
         {1, 2, 0}},
        /* by size */
        {{{.bytes = 900000}, {.bytes = 300000}, {.bytes = 600000}}, {0}, {1, 2, 0}},
        /* by what is left when the others come: 1.2 MB are sent in 100 us */
        {{{.bytes = 3000000}, {.bytes = 2500000}, {.bytes = 200000}},
         {0, 200 * SIM_US, 220 * SIM_US},
         {2, 0, 1}},
        /* a finite blob like a message; an endless one last */
        {{{.bytes = 900000, .blob = true}, {.bytes = 300000}, {.bytes = 600000, .blob = true}},
         {0},
         {1, 2, 0}},
        /* a smaller packet does not take the room that a more urgent one waits for */
        {{{.bytes = 3000000}, {.bytes = 1000}, {.bytes = 1000, .priority = 1}},
         {0, 50 * SIM_US, 50 * SIM_US},
         {1, 0, 2}},
    };
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 3; i++) {
        struct sim_message message = rows[_i].messages[i];
        message.dst = 1;
        wire_submit(test.wire, 0, message, rows[_i].times[i]);
    }
    wire_run(test.wire, 10 * SIM_MS);
    for (uint32_t i = 1; i < 3; i++)
        ck_assert_int_lt(wire_delivered_at(test.wire, 1, 0, rows[_i].order[i - 1]),
                         wire_delivered_at(test.wire, 1, 0, rows[_i].order[i]));
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

/* The one with the least left does not notice the others. */
START_TEST(mtp__least_left_goes_alone)
{
    sim_time alone[3];
    for (uint32_t others = 0; others < 3; others++) {
        struct mtp_case test;
        mtp_case_init(&test);
        mtp_case_start(&test);
        for (uint32_t i = 0; i < others; i++)
            wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 900000}, 0);
        uint32_t number = wire_submit(
            test.wire, 0, (struct sim_message){.dst = 1, .src_port = 1, .bytes = 300000}, 0);
        wire_run(test.wire, 5 * SIM_MS);
        alone[others] = wire_delivered_at(test.wire, 1, 0, number);
        wire_free(test.wire);
    }
    ck_assert_int_lt(alone[0], 120 * SIM_US);
    ck_assert_int_le(alone[2] - alone[0], 120 * SIM_NS); /* a packet on the wire already */
    ck_assert_int_le(alone[1] - alone[0], 120 * SIM_NS);
}
END_TEST

/* The window is full for the next packet of the large message, and has room for the small one. */
START_TEST(mtp__smaller_and_more_urgent_uses_the_room)
{
    struct mtp_case test;
    mtp_case_init(&test);
    mtp_case_start(&test);
    wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 30000}, 0);
    uint32_t number =
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 300}, 5 * SIM_US);
    wire_run(test.wire, SIM_MS);
    ck_assert_int_lt(wire_delivered_at(test.wire, 1, 0, number), 16 * SIM_US);
    wire_free(test.wire);
}
END_TEST

/* Long flows of equal priority take turns; one to each destination, and two to one. */
START_TEST(mtp__endless_flows_share)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.config.host_count = 3;
    mtp_case_start(&test);
    for (uint32_t i = 0; i < 3; i++)
        wire_submit(test.wire, 0,
                    (struct sim_message){
                        .dst = 1 + i % 2, .src_port = (uint16_t)(i + 1), .bytes = SIM_ENDLESS},
                    0);
    wire_run(test.wire, 3 * SIM_MS);
    double one = (double)wire_received_bytes(test.wire, 1);
    double two = (double)wire_received_bytes(test.wire, 2);
    ck_assert_double_eq_tol(one / two, 2, 0.02);
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp__least_left_goes_first, 0, 5);
    tcase_add_test(tcase, mtp__least_left_goes_alone);
    tcase_add_test(tcase, mtp__smaller_and_more_urgent_uses_the_room);
    tcase_add_test(tcase, mtp__endless_flows_share);
}

int main(void)
{
    return suite_run("mtp_service", add);
}
