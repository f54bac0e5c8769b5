#include "support/scheduler.h"
#include "support/suite.h"

extern const struct sim_queue_ops drr_queue;

/* As in models/queue/drr.c. */
struct params {
    struct sim_length capacity, mark_at;
    uint64_t classes;
    uint32_t by;
    const char *weights;
    uint64_t quantum_bytes;
};

#define PACKETS(n)                                                                                 \
    {                                                                                              \
        .value = (n), .packets = true, .set = true                                                 \
    }
#define BYTES(n)                                                                                   \
    {                                                                                              \
        .value = (n), .packets = false, .set = true                                                \
    }

static const struct params plain = {PACKETS(1000), PACKETS(500), 4, 0, NULL, 1500};

/* Classes that always have packets; how much of the bytes each gets. */
static const struct share_case {
    const char *weights;
    uint32_t bytes[4]; /* of each class's packets; 0: it has none */
    double shares[4];
} share_cases[] = {
    {NULL, {1500, 1500, 0, 0}, {1. / 2, 1. / 2, 0, 0}},
    {NULL, {1500, 1500, 1500, 1500}, {1. / 4, 1. / 4, 1. / 4, 1. / 4}},
    {NULL, {64, 1500, 0, 0}, {1. / 2, 1. / 2, 0, 0}},
    {NULL, {300, 1500, 700, 0}, {1. / 3, 1. / 3, 1. / 3, 0}},
    {"3:1", {1500, 1500, 0, 0}, {3. / 4, 1. / 4, 0, 0}},
    {"1:3", {1500, 100, 0, 0}, {1. / 4, 3. / 4, 0, 0}},
    {"0.5:1:2", {1500, 1500, 1500, 0}, {1. / 7, 2. / 7, 4. / 7, 0}},
    {"3:1", {0, 1500, 0, 0}, {0, 1, 0, 0}},
    {"3:1", {1500, 1500, 1500, 0}, {3. / 5, 1. / 5, 1. / 5, 0}}, /* beyond the list: 1 */
};

/* clang-format off */
START_TEST(drr_take__bytes_by_weights)
{
    const struct share_case *c = &share_cases[_i];
    struct params params = plain;
    struct scheduler drr;
    double bytes[4] = {0}, total = 0;
    params.weights = c->weights;
    scheduler_init(&drr, &drr_queue, &params);
    for (uint32_t class = 0; class < 4; class++)
        for (int i = 0; i < 3 && c->bytes[class]; i++)
            scheduler_put(&drr, class, 0, c->bytes[class], 0);
    while (total < 3e6) {
        struct scheduler_out out = scheduler_take(&drr);
        ck_assert_uint_ne(out.bytes, 0);
        scheduler_put(&drr, out.tc, 0, out.bytes, 0);
        bytes[out.tc] += out.bytes;
        total += out.bytes;
    }
    for (uint32_t class = 0; class < 4; class++)
        ck_assert_double_eq_tol(bytes[class] / total, c->shares[class], 0.005);
    scheduler_clear(&drr);
}
END_TEST

START_TEST(drr_take__in_order_within_a_class)
{
    struct scheduler drr;
    uint32_t next[2] = {0};
    scheduler_init(&drr, &drr_queue, &plain);
    for (uint32_t i = 0; i < 100; i++)
        scheduler_put(&drr, i % 2, 0, 100 + 37 * i % 1400, i / 2);
    for (uint32_t i = 0; i < 100; i++) {
        struct scheduler_out out = scheduler_take(&drr);
        ck_assert_uint_eq(out.name, next[out.tc]++);
    }
    ck_assert_uint_eq(scheduler_take(&drr).bytes, 0);
    scheduler_clear(&drr);
}
END_TEST

/* A class that ran empty starts with one quantum, whatever it had left. */
START_TEST(drr_take__an_empty_class_saves_nothing)
{
    struct scheduler drr;
    scheduler_init(&drr, &drr_queue, &plain);
    for (uint32_t i = 0; i < 20; i++) { /* each leaves 1400 of a quantum of 1500 */
        scheduler_put(&drr, 0, 0, 100, 0);
        ck_assert_uint_eq(scheduler_take(&drr).bytes, 100);
    }
    for (uint32_t i = 0; i < 4; i++) {
        scheduler_put(&drr, 0, 0, 1500, 0);
        scheduler_put(&drr, 1, 0, 1500, 0);
    }
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(scheduler_take(&drr).tc, i % 2);
    scheduler_clear(&drr);
}
END_TEST

START_TEST(drr_admit__limits_of_each_class)
{
    struct params params = {PACKETS(4), PACKETS(2), 2, 0, NULL, 1500};
    static const enum sim_verdict found[] = {SIM_ACCEPT, SIM_ACCEPT, SIM_ACCEPT, SIM_MARK, SIM_DROP};
    struct scheduler drr;
    scheduler_init(&drr, &drr_queue, &params);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_int_eq(scheduler_verdict(&drr, 1, 0, 1500), found[i]);
        ck_assert_int_eq(scheduler_verdict(&drr, 7, 0, 1500), found[i]); /* in the last class too */
        ck_assert_int_eq(scheduler_verdict(&drr, 0, 0, 1500), SIM_ACCEPT);
        scheduler_put(&drr, 1, 0, 1500, 0);
    }
    scheduler_clear(&drr);
}
END_TEST

START_TEST(drr_admit__limits_in_bytes_and_classes_by_priority)
{
    struct params params = {BYTES(4000), BYTES(1500), 2, 1, NULL, 1500};
    struct scheduler drr;
    scheduler_init(&drr, &drr_queue, &params);
    scheduler_put(&drr, 0, 1, 1500, 0);
    ck_assert_int_eq(scheduler_verdict(&drr, 0, 1, 1500), SIM_ACCEPT);
    scheduler_put(&drr, 0, 1, 1, 0);
    ck_assert_int_eq(scheduler_verdict(&drr, 0, 1, 2499), SIM_MARK);
    ck_assert_int_eq(scheduler_verdict(&drr, 0, 1, 2500), SIM_DROP);
    ck_assert_int_eq(scheduler_verdict(&drr, 1, 0, 2500), SIM_ACCEPT);
    scheduler_clear(&drr);
}
END_TEST

static const struct weights_case {
    const char *text;
    bool good;
} weights_cases[] = {
    {NULL, true},    {"1", true},    {"3:1", true}, {"0.001:1000:2.5", true}, {"", false},
    {"3:", false},   {":1", false},  {"3,1", false}, {"0:1", false},          {"-1:1", false},
    {"1:2x", false}, {"nan", false}, {"1e9", false},
};

START_TEST(drr_check__weights)
{
    struct params params = plain;
    params.weights = weights_cases[_i].text;
    ck_assert_int_eq(drr_queue.plugin.check(&params) == NULL, weights_cases[_i].good);
}
END_TEST

START_TEST(drr_check__a_mark_that_cannot_happen)
{
    struct params params = plain;
    params.mark_at = params.capacity;
    ck_assert_ptr_nonnull(drr_queue.plugin.check(&params));
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, drr_take__bytes_by_weights, 0,
                        sizeof share_cases / sizeof *share_cases);
    tcase_add_test(tcase, drr_take__in_order_within_a_class);
    tcase_add_test(tcase, drr_take__an_empty_class_saves_nothing);
    tcase_add_test(tcase, drr_admit__limits_of_each_class);
    tcase_add_test(tcase, drr_admit__limits_in_bytes_and_classes_by_priority);
    tcase_add_loop_test(tcase, drr_check__weights, 0, sizeof weights_cases / sizeof *weights_cases);
    tcase_add_test(tcase, drr_check__a_mark_that_cannot_happen);
}

int main(void)
{
    return suite_run("drr", add_cases);
}
