#include <math.h>
#include <string.h>

#include <mtpsim/packet.h>
#include <mtpsim/rng.h>
#include <mtpsim/time.h>

#include "support/suite.h"

/* clang-format off */
START_TEST(time__wire_times_are_exact)
{
    static const struct {
        uint64_t bps;
        uint32_t bytes;
        sim_time expected;
    } cases[] = {
        {100000000000u, 1500, 120000},
        {10000000000u, 1500, 1200000},
        {400000000000u, 64, 1280},
        {1000000000u, 9000, 72000000},
        {1000000u, 65535, 524280000000},
        {3000000000u, 3, 8000}, /* 2666.67 ps a byte */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(sim_wire_time(sim_rate_of(cases[i].bps), cases[i].bytes), cases[i].expected);
}
END_TEST

START_TEST(rng__streams_repeat_and_differ)
{
    struct sim_rng a, b, other_name, other_seed;
    sim_rng_init(&a, 7, "a");
    sim_rng_init(&b, 7, "a");
    sim_rng_init(&other_name, 7, "b");
    sim_rng_init(&other_seed, 8, "a");
    for (int i = 0; i < 100; i++) {
        uint64_t value = sim_rng_next(&a);
        ck_assert_uint_eq(value, sim_rng_next(&b));
        ck_assert_uint_ne(value, sim_rng_next(&other_name));
        ck_assert_uint_ne(value, sim_rng_next(&other_seed));
    }
}
END_TEST

/* Mean and variance within 5 standard errors of the law's. */
START_TEST(rng__moments)
{
    enum { DRAWS = 1000000 };
    struct sim_rng rng;
    double sum = 0, square = 0, below = 0;
    sim_rng_init(&rng, 1, "moments");
    for (int i = 0; i < DRAWS; i++) {
        double x = sim_rng_exponential(&rng, 3);
        sum += x;
        square += x * x;
        below += (double)sim_rng_below(&rng, 7);
    }
    ck_assert_double_eq_tol(sum / DRAWS, 3, 5 * 3 / sqrt(DRAWS));
    ck_assert_double_eq_tol(square / DRAWS, 18, 5 * 18 * sqrt(5) / sqrt(DRAWS));
    ck_assert_double_eq_tol(below / DRAWS, 3, 5 * 2 / sqrt(DRAWS));
}
END_TEST

START_TEST(pool__last_freed_is_next_given_and_is_zero)
{
    struct sim_pool pool;
    sim_pool_init(&pool, 100);
    struct sim_packet *a = sim_packet_new(&pool), *b = sim_packet_new(&pool);
    ck_assert_uint_eq(sim_packet_index(&pool, a), 1);
    ck_assert_uint_eq(pool.live, 2);
    b->src = 77;
    sim_packet_free(&pool, a);
    sim_packet_free(&pool, b);
    struct sim_packet *c = sim_packet_new(&pool);
    ck_assert_ptr_eq(c, b);
    ck_assert_uint_eq(c->src, 0);
    ck_assert_ptr_eq(sim_packet_new(&pool), a);
    ck_assert_uint_eq(pool.live, 2);
    sim_pool_clear(&pool);
}
END_TEST

START_TEST(pool__exhaustion_aborts)
{
    struct sim_pool pool;
    sim_pool_init(&pool, 3);
    for (int i = 0; i < 3; i++)
        sim_packet_new(&pool);
    sim_pool_clear(&pool);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, time__wire_times_are_exact);
    tcase_add_test(tcase, rng__streams_repeat_and_differ);
    tcase_add_test(tcase, rng__moments);
    tcase_add_test(tcase, pool__last_freed_is_next_given_and_is_zero);
    tcase_add_test_raise_signal(tcase, pool__exhaustion_aborts, 6);
}

int main(void)
{
    return suite_run("core", add_cases);
}
