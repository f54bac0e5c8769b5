/* Coefficients of variation against values by hand. */
#include <math.h>

#include "measure/variation.h"
#include "support/suite.h"

START_TEST(variation__by_hand)
{
    static const struct {
        uint64_t samples[4];
        uint32_t count;
        double expected; /* NAN: none */
    } cases[] = {
        {{0}, 0, NAN},
        {{7}, 1, NAN},
        {{0, 0, 0}, 3, NAN},
        {{5, 5, 5}, 3, 0},
        {{1, 3}, 2, 0.5},
        {{0, 0, 0, 4}, 4, sqrt(3)},
        {{2, 4, 4, 6}, 4, sqrt(2) / 4},
    };
    const uint64_t *samples = cases[_i].samples;
    double value = variation_coefficient(samples, cases[_i].count);
    if (isnan(cases[_i].expected))
        ck_assert(isnan(value));
    else
        ck_assert_double_eq_tol(value, cases[_i].expected, 1e-15);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, variation__by_hand, 0, 7);
}

int main(void)
{
    return suite_run("variation", add);
}
