/* How long a lost message of one packet takes, against what RACK's rule says (models/transport/mtp/
 * order.c), over intervals between messages from a 200th of a round trip to two of them.
 *
 * The loss is proven when the first message that was sent a quarter of the round trip later, or at
 * the next multiple of the interval, is acknowledged. The sender looks at ages of 5/4 round trips
 * and 9/8 of the age before; the retransmission takes one more way. Without order it would be the
 * timeout of 1 ms. */
#include "support/mtp_case.h"
#include "support/suite.h"

#define START (3 * SIM_MS) /* of the lost message: a run begins to count after a timeout */

static const struct {
    sim_time delay, interval;
} rows[] = {
    {10 * SIM_US, 100 * SIM_NS}, {10 * SIM_US, SIM_US},      {10 * SIM_US, 2 * SIM_US},
    {10 * SIM_US, 7 * SIM_US},   {10 * SIM_US, 40 * SIM_US}, {2 * SIM_US, 2 * SIM_US},
    {50 * SIM_US, 2 * SIM_US},
};

static sim_time proven_after(sim_time round_trip, sim_time interval)
{
    sim_time later = (round_trip / 4 + interval - 1) / interval * interval;
    sim_time proof = later + round_trip, age = round_trip + round_trip / 4;
    while (age < proof)
        age += age / 8;
    return age;
}

START_TEST(mtp_loss__takes_what_rack_says)
{
    struct mtp_case test;
    mtp_case_init(&test);
    test.params.initial_window = 2000;
    test.config.delay = rows[_i].delay;
    uint32_t lost = (uint32_t)(START / rows[_i].interval);
    mtp_case_rule(&test, (struct wire_rule){
                             .class = WIRE_FIRST, .from = 0, .nth = lost + 1, .action = WIRE_DROP});
    mtp_case_start(&test);
    uint32_t count = lost + (uint32_t)(SIM_MS / rows[_i].interval);
    for (uint32_t i = 0; i < count; i++)
        wire_submit(test.wire, 0, (struct sim_message){.dst = 1, .bytes = 1000},
                    i * rows[_i].interval);
    wire_run(test.wire, SIM_S / 2);
    sim_time submitted = lost * rows[_i].interval;
    sim_time before = submitted - rows[_i].interval;
    sim_time round_trip = wire_completed_at(test.wire, 0, lost - 1) - before;
    sim_time one_way = wire_delivered_at(test.wire, 1, 0, lost - 1) - before;
    double expected = (double)(proven_after(round_trip, rows[_i].interval) + one_way);
    double found = (double)(wire_delivered_at(test.wire, 1, 0, lost) - submitted);
    ck_assert_double_eq_tol(found / expected, 1, 0.01);
    ck_assert_uint_eq(wire_counts(test.wire, 0).timeouts, 0);
    mtp_case_check_empty(mtp_case_host(&test, 0));
    wire_free(test.wire);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, mtp_loss__takes_what_rack_says, 0,
                        (int)(sizeof rows / sizeof rows[0]));
}

int main(void)
{
    return suite_run("mtp_loss", add);
}
