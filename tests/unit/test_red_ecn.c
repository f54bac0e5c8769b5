/* red_ecn: the share of marks at a constant length, its bounds, its stream. */
#include <math.h>
#include <string.h>

#include <mtpsim/queue.h>

#include "support/suite.h"

extern const struct sim_queue_ops red_ecn_queue;

struct params {
    struct sim_length capacity, k_min, k_max;
    double p_max;
};

static const struct params published = {
    .capacity = {1000, true, true},
    .k_min = {5000, false, true},
    .k_max = {200000, false, true},
    .p_max = 0.01,
};

static void queue_init(uint64_t *state, const struct params *params, uint64_t seed)
{
    struct sim_rng rng;
    memset(state, 0, red_ecn_queue.plugin.state_size);
    sim_rng_init(&rng, seed, "queue/0/0");
    red_ecn_queue.init(state, params);
    red_ecn_queue.seed(state, &rng);
}

static enum sim_verdict admit(uint64_t *state, uint64_t packets, uint64_t bytes)
{
    struct sim_packet packet = {.size_bytes = 1500, .ecn = SIM_ECN_ECT};
    struct sim_queue_view view = {.packets = packets, .bytes = bytes};
    return red_ecn_queue.admit(state, &view, &packet);
}

START_TEST(red_ecn__probability)
{
    static const struct {
        uint64_t bytes;
        double probability;
    } rows[] = {{0, 0},           {5000, 0},      {5195, 0.00001}, {102500, 0.005},
                {151250, 0.0075}, {200000, 0.01}, {200001, 1}};
    const double draws = 200000, p = rows[_i].probability;
    uint64_t state[32];
    double marks = 0;
    queue_init(state, &published, 1);
    for (int i = 0; i < (int)draws; i++)
        marks += admit(state, 50, rows[_i].bytes) == SIM_MARK;
    ck_assert_double_le(fabs(marks - p * draws), 4 * sqrt(draws * p * (1 - p)));
}
END_TEST

START_TEST(red_ecn__capacity_and_quiet)
{
    uint64_t state[32], packets, bytes;
    queue_init(state, &published, 1);
    red_ecn_queue.quiet(state, &packets, &bytes);
    ck_assert_uint_eq(packets, 999);
    ck_assert_uint_eq(bytes, 5000);
    ck_assert_int_eq(admit(state, 999, 5000), SIM_ACCEPT);
    ck_assert_int_eq(admit(state, 1000, 5000), SIM_DROP);
}
END_TEST

/* The choices are those of the stream that it was given. */
START_TEST(red_ecn__stream)
{
    uint64_t first[32], same[32], other[32];
    int differ = 0;
    queue_init(first, &published, 1);
    queue_init(same, &published, 1);
    queue_init(other, &published, 2);
    for (int i = 0; i < 20000; i++) {
        enum sim_verdict verdict = admit(first, 50, 190000);
        ck_assert_int_eq(admit(same, 50, 190000), verdict);
        differ += admit(other, 50, 190000) != verdict;
    }
    ck_assert_int_gt(differ, 100);
}
END_TEST

START_TEST(red_ecn__check)
{
    struct params params = published;
    ck_assert_ptr_null(red_ecn_queue.plugin.check(&params));
    params.k_max.packets = true;
    ck_assert_ptr_nonnull(red_ecn_queue.plugin.check(&params));
    params = published;
    params.k_min.value = 200000;
    ck_assert_ptr_nonnull(red_ecn_queue.plugin.check(&params));
    params = published;
    params.capacity = (struct sim_length){5000, false, true};
    ck_assert_ptr_nonnull(red_ecn_queue.plugin.check(&params));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, red_ecn__probability, 0, 7);
    tcase_add_test(tcase, red_ecn__capacity_and_quiet);
    tcase_add_test(tcase, red_ecn__stream);
    tcase_add_test(tcase, red_ecn__check);
}

int main(void)
{
    return suite_run("red_ecn", add);
}
