#include "support/scheduler.h"
#include "support/suite.h"

extern const struct sim_queue_ops strict_priority_queue;

/* As in models/queue/classes.h. */
struct params {
    struct sim_length capacity, mark_at;
    uint64_t classes;
    uint32_t by;
};

#define PACKETS(n)                                                                                 \
    {                                                                                              \
        .value = (n), .packets = true, .set = true                                                 \
    }

static const struct params by_priority = {PACKETS(4), PACKETS(2), 3, 1};

/* clang-format off */
START_TEST(strict_priority_take__the_most_urgent_first)
{
    static const uint32_t put[] = {2, 0, 1, 2, 0, 1}, taken[] = {1, 4, 2, 5, 0, 3};
    struct scheduler queue;
    scheduler_init(&queue, &strict_priority_queue, &by_priority);
    ck_assert_uint_eq(scheduler_take(&queue).bytes, 0);
    for (uint32_t i = 0; i < 6; i++)
        scheduler_put(&queue, 0, put[i], 1500, i);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_uint_eq(scheduler_take(&queue).name, taken[i]);
    ck_assert_uint_eq(scheduler_take(&queue).bytes, 0);
    scheduler_clear(&queue);
}
END_TEST

START_TEST(strict_priority_take__an_urgent_one_overtakes_what_waits)
{
    struct scheduler queue;
    scheduler_init(&queue, &strict_priority_queue, &by_priority);
    scheduler_put(&queue, 0, 1, 1500, 0);
    scheduler_put(&queue, 0, 1, 1500, 1);
    ck_assert_uint_eq(scheduler_take(&queue).name, 0);
    scheduler_put(&queue, 0, 0, 1500, 2);
    ck_assert_uint_eq(scheduler_take(&queue).name, 2);
    ck_assert_uint_eq(scheduler_take(&queue).name, 1);
    scheduler_clear(&queue);
}
END_TEST

START_TEST(strict_priority__priorities_beyond_the_classes_share_the_last)
{
    struct scheduler queue;
    scheduler_init(&queue, &strict_priority_queue, &by_priority);
    scheduler_put(&queue, 0, 200, 1500, 0);
    scheduler_put(&queue, 0, 2, 1500, 1);
    ck_assert_uint_eq(scheduler_take(&queue).name, 0);
    ck_assert_uint_eq(scheduler_take(&queue).name, 1);
    scheduler_clear(&queue);
}
END_TEST

START_TEST(strict_priority__by_traffic_class)
{
    struct params params = by_priority;
    struct scheduler queue;
    params.by = 0;
    scheduler_init(&queue, &strict_priority_queue, &params);
    scheduler_put(&queue, 1, 0, 1500, 0);
    scheduler_put(&queue, 0, 1, 1500, 1);
    ck_assert_uint_eq(scheduler_take(&queue).name, 1);
    scheduler_clear(&queue);
}
END_TEST

START_TEST(strict_priority_admit__limits_of_each_class)
{
    static const enum sim_verdict found[] = {SIM_ACCEPT, SIM_ACCEPT, SIM_ACCEPT, SIM_MARK, SIM_DROP};
    struct scheduler queue;
    scheduler_init(&queue, &strict_priority_queue, &by_priority);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_int_eq(scheduler_verdict(&queue, 0, 2, 1500), found[i]);
        ck_assert_int_eq(scheduler_verdict(&queue, 0, 0, 1500), SIM_ACCEPT);
        scheduler_put(&queue, 0, 2, 1500, 0);
    }
    scheduler_clear(&queue);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, strict_priority_take__the_most_urgent_first);
    tcase_add_test(tcase, strict_priority_take__an_urgent_one_overtakes_what_waits);
    tcase_add_test(tcase, strict_priority__priorities_beyond_the_classes_share_the_last);
    tcase_add_test(tcase, strict_priority__by_traffic_class);
    tcase_add_test(tcase, strict_priority_admit__limits_of_each_class);
}

int main(void)
{
    return suite_run("strict_priority", add_cases);
}
