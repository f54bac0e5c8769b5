/* Frequencies of ranks against k^-s / sum of k^-s, within five standard deviations. */
#include "models/workload/zipf.h"

#include <math.h>

#include "support/suite.h"

#define DRAWS 200000u

static const struct zipf_case {
    uint64_t count;
    double exponent;
} cases[] = {{1, 0.99}, {2, 0}, {10, 0}, {10, 0.5}, {1000, 0.99}, {1000, 1}, {50, 2.5}};

static double weight_up_to(const struct zipf_case *c, uint64_t ranks)
{
    double sum = 0;
    for (uint64_t k = 1; k <= ranks; k++)
        sum += pow((double)k, -c->exponent);
    return sum;
}

START_TEST(zipf__frequencies)
{
    const struct zipf_case *c = &cases[_i];
    uint64_t bounds[] = {1, 2, c->count / 10 + 1, c->count / 2 + 1, c->count};
    uint32_t below[5] = {0};
    struct zipf zipf;
    struct sim_rng rng;
    sim_rng_init(&rng, 3, "zipf");
    zipf_init(&zipf, c->count, c->exponent);
    for (uint32_t i = 0; i < DRAWS; i++) {
        uint64_t rank = zipf_draw(&zipf, &rng);
        ck_assert_uint_lt(rank, c->count);
        for (uint32_t b = 0; b < 5; b++)
            below[b] += rank < bounds[b];
    }
    for (uint32_t b = 0; b < 5; b++) {
        uint64_t ranks = bounds[b] < c->count ? bounds[b] : c->count;
        double share = weight_up_to(c, ranks) / weight_up_to(c, c->count);
        double deviation = sqrt(share * (1 - share) / DRAWS);
        ck_assert_double_le(fabs((double)below[b] / DRAWS - share), 5 * deviation + 1e-9);
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, zipf__frequencies, 0, sizeof cases / sizeof *cases);
}

int main(void)
{
    return suite_run("zipf", add);
}
