#include <math.h>
#include <string.h>

#include <glib.h>
#include <mtpsim/rng.h>

#include "measure/quantile.h"
#include "support/suite.h"

/* By the definition: the least value such that at least the share of all values is not above it. */
static sim_time naive_percentile(const sim_time *values, size_t count, uint32_t per_mille)
{
    sim_time best = SIM_NEVER;

    for (size_t i = 0; i < count; i++) {
        size_t not_above = 0;

        for (size_t j = 0; j < count; j++)
            not_above += values[j] <= values[i];
        if (not_above * 1000 >= count * per_mille && values[i] < best)
            best = values[i];
    }
    return best;
}

START_TEST(quantile__same_as_by_definition)
{
    static const uint32_t per_mille[] = {1, 10, 333, 500, 501, 900, 990, 999, 1000};
    struct sim_rng rng;
    sim_time values[1201], sorted[1201];

    sim_rng_init(&rng, 1, "quantile");
    for (size_t count = 1; count <= 1201; count += count < 20 ? 1 : 197) {
        for (size_t i = 0; i < count; i++) {
            values[i] = (sim_time)sim_rng_below(&rng, count);
            if (sim_rng_below(&rng, 50) == 0)
                values[i] = SIM_NEVER;
        }
        memcpy(sorted, values, sizeof values);
        quantile_sort(sorted, count);
        for (size_t i = 0; i < G_N_ELEMENTS(per_mille); i++)
            ck_assert_int_eq(quantile_nearest_rank(sorted, count, per_mille[i]),
                             naive_percentile(values, count, per_mille[i]));
    }
}
END_TEST

START_TEST(quantile__exact_ranks)
{
    sim_time hundred[100];

    for (int i = 0; i < 100; i++)
        hundred[i] = i + 1;
    ck_assert_int_eq(quantile_nearest_rank(hundred, 100, 990), 99);
    ck_assert_int_eq(quantile_nearest_rank(hundred, 100, 999), 100);
    ck_assert_int_eq(quantile_nearest_rank(hundred, 100, 500), 50);
    ck_assert_int_eq(quantile_nearest_rank(hundred, 100, 1), 1);
}
END_TEST

START_TEST(quantile__unfinished_are_greatest)
{
    sim_time values[] = {SIM_NEVER, 3, 1, SIM_NEVER};

    quantile_sort(values, 4);
    ck_assert_int_eq(quantile_nearest_rank(values, 4, 500), 3);
    ck_assert_int_eq(quantile_nearest_rank(values, 4, 501), SIM_NEVER);
    ck_assert_int_eq(quantile_nearest_rank(values, 0, 500), SIM_NEVER);
}
END_TEST

START_TEST(quantile__median)
{
    double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2}, missing[] = {1, INFINITY, 2, INFINITY};
    double most[] = {1, INFINITY, 2};

    ck_assert_double_eq(quantile_median(odd, 3), 3);
    ck_assert_double_eq(quantile_median(even, 4), 2.5);
    ck_assert(isinf(quantile_median(missing, 4)));
    ck_assert_double_eq(quantile_median(most, 3), 2);
    ck_assert(isinf(quantile_median(odd, 0)));
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, quantile__same_as_by_definition);
    tcase_add_test(tcase, quantile__exact_ranks);
    tcase_add_test(tcase, quantile__unfinished_are_greatest);
    tcase_add_test(tcase, quantile__median);
}

int main(void)
{
    return suite_run("quantile", add_cases);
}
