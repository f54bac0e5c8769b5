#include <mtpsim/timers.h>

#include <mtpsim/rng.h>

#include <string.h>

#include "support/suite.h"

#define TIMERS 100

/* A timer that notes when it fired. */
struct noted {
    struct sim_timer timer;
    sim_time fired;
    uint32_t order;
};

static uint32_t fired_count;

static void note(struct sim_timer *timer, sim_time now)
{
    struct noted *noted = (struct noted *)timer;
    noted->fired = now;
    noted->order = fired_count++;
}

static void run_upto(struct sim_timers *timers, sim_time until)
{
    while (sim_timers_next(timers) <= until)
        sim_timers_step(timers, sim_timers_next(timers));
}

/* clang-format off */
START_TEST(timers__equal_deadlines_fire_in_order_of_setting)
{
    struct sim_timers timers;
    struct noted noted[8] = {0};
    sim_timers_init(&timers);
    fired_count = 0;
    for (int i = 0; i < 8; i++) {
        sim_timer_init(&noted[i].timer, note);
        sim_timer_set(&timers, &noted[i].timer, 500);
    }
    run_upto(&timers, 500);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(noted[i].order, i);
    sim_timers_clear(&timers);
}
END_TEST

START_TEST(timers__later_deadline_keeps_one_entry)
{
    struct sim_timers timers;
    struct noted noted = {0};
    sim_timers_init(&timers);
    sim_timer_init(&noted.timer, note);
    for (sim_time deadline = 10; deadline <= 1000; deadline += 10) {
        sim_timer_set(&timers, &noted.timer, deadline);
        ck_assert_uint_eq(timers.count, 1);
    }
    run_upto(&timers, 999);
    ck_assert_int_eq(noted.fired, 0);
    run_upto(&timers, 1000);
    ck_assert_int_eq(noted.fired, 1000);
    ck_assert_uint_eq(timers.count, 0);
    sim_timers_clear(&timers);
}
END_TEST

START_TEST(timers__earlier_deadline_moves_up)
{
    struct sim_timers timers;
    struct noted noted[3] = {0};
    sim_timers_init(&timers);
    for (int i = 0; i < 3; i++) {
        sim_timer_init(&noted[i].timer, note);
        sim_timer_set(&timers, &noted[i].timer, 100 + i);
    }
    sim_timer_set(&timers, &noted[2].timer, 50);
    ck_assert_int_eq(sim_timers_next(&timers), 50);
    run_upto(&timers, 60);
    ck_assert_int_eq(noted[2].fired, 50);
    ck_assert_int_eq(noted[0].fired, 0);
    sim_timers_clear(&timers);
}
END_TEST

START_TEST(timers__forget_unsets_all)
{
    struct sim_timers timers;
    struct noted noted[9] = {0};
    sim_timers_init(&timers);
    for (int i = 0; i < 9; i++) {
        sim_timer_init(&noted[i].timer, note);
        sim_timer_set(&timers, &noted[i].timer, 100 + i);
    }
    sim_timers_forget(&timers);
    ck_assert_int_eq(sim_timers_next(&timers), SIM_NEVER);
    /* Clearing one no longer touches another, which may be gone. */
    memset(&noted[8], 0xff, sizeof noted[8]);
    for (int i = 0; i < 8; i++)
        sim_timer_clear(&timers, &noted[i].timer);
    ck_assert_int_eq(noted[0].timer.deadline, SIM_NEVER);
    ck_assert_uint_eq(timers.count, 0);
    sim_timer_set(&timers, &noted[3].timer, 7);
    ck_assert_int_eq(sim_timers_next(&timers), 7);
    sim_timers_clear(&timers);
}
END_TEST

/* Random sets, moves and clears against a plain array: every timer fires at its last deadline, and only then. */
START_TEST(timers__random_operations_match_an_array)
{
    struct sim_timers timers;
    static struct noted noted[TIMERS];
    sim_time expected[TIMERS];
    struct sim_rng rng;
    sim_rng_init(&rng, (uint64_t)_i, "timers");
    sim_timers_init(&timers);
    for (int i = 0; i < TIMERS; i++) {
        sim_timer_init(&noted[i].timer, note);
        expected[i] = SIM_NEVER;
    }
    for (sim_time now = 0; now < 20000; now++) {
        uint64_t i = sim_rng_below(&rng, TIMERS);
        if (sim_rng_below(&rng, 10) == 0) {
            sim_timer_clear(&timers, &noted[i].timer);
            expected[i] = SIM_NEVER;
        } else {
            expected[i] = now + (sim_time)sim_rng_below(&rng, 300);
            sim_timer_set(&timers, &noted[i].timer, expected[i]);
        }
        run_upto(&timers, now);
        uint32_t wrong = 0;
        for (int t = 0; t < TIMERS; t++) {
            if (expected[t] <= now) {
                wrong += noted[t].fired != expected[t];
                expected[t] = SIM_NEVER;
            }
            wrong += noted[t].timer.deadline != expected[t];
        }
        ck_assert_uint_eq(wrong, 0);
    }
    ck_assert_uint_le(timers.count, TIMERS);
    sim_timers_clear(&timers);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, timers__equal_deadlines_fire_in_order_of_setting);
    tcase_add_test(tcase, timers__later_deadline_keeps_one_entry);
    tcase_add_test(tcase, timers__earlier_deadline_moves_up);
    tcase_add_test(tcase, timers__forget_unsets_all);
    tcase_add_loop_test(tcase, timers__random_operations_match_an_array, 0, 4);
}

int main(void)
{
    return suite_run("timers", add_cases);
}
