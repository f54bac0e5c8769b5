/* Sets of ranges against a set of single numbers. */
#include "models/transport/ranges.h"

#include <mtpsim/rng.h>
#include <string.h>

#include "support/suite.h"

enum { NUMBERS = 200 };

static struct range draw(struct sim_rng *rng)
{
    uint64_t start = sim_rng_below(rng, NUMBERS - 1);
    uint64_t most = NUMBERS - start < 20 ? NUMBERS - start : 20;
    return (struct range){start, start + 1 + sim_rng_below(rng, most)};
}

/* Ascending, disjoint, not touching, and just the numbers that are there. */
static void compare(const struct ranges *ranges, const bool *there)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < ranges->count; i++) {
        for (; number < ranges->items[i].start; number++)
            ck_assert(number < ranges->floor || !there[number]);
        ck_assert(i == 0 || ranges->items[i].start > ranges->items[i - 1].end);
        ck_assert_uint_lt(ranges->items[i].start, ranges->items[i].end);
        for (; number < ranges->items[i].end; number++)
            ck_assert(there[number]);
    }
    for (; number < NUMBERS; number++)
        ck_assert(number < ranges->floor || !there[number]);
}

static uint64_t set(bool *there, struct range range, bool to)
{
    uint64_t changed = 0;
    for (uint64_t i = range.start; i < range.end; i++) {
        changed += there[i] != to;
        there[i] = to;
    }
    return changed;
}

static bool covers(const bool *there, struct range range)
{
    for (uint64_t i = range.start; i < range.end; i++)
        if (!there[i])
            return false;
    return true;
}

START_TEST(ranges__against_numbers)
{
    struct ranges ranges = {0};
    struct sim_rng rng;
    bool there[NUMBERS] = {false};
    sim_rng_init(&rng, (uint64_t)_i, "ranges");
    for (int step = 0; step < 3000; step++) {
        struct range range = draw(&rng), merged;
        if (sim_rng_below(&rng, 100) < 45) {
            ranges_remove(&ranges, range);
            set(there, range, false);
        } else {
            uint64_t fresh = ranges_add(&ranges, range, &merged);
            ck_assert_uint_eq(fresh, set(there, range, true));
            ck_assert(merged.start <= range.start && merged.end >= range.end);
            ck_assert(covers(there, merged));
        }
        compare(&ranges, there);
        range = draw(&rng);
        ck_assert_int_eq(ranges_cover(&ranges, range), covers(there, range));
    }
    ranges_clear(&ranges);
}
END_TEST

/* What is forgotten counts as there; memory is bounded. */
START_TEST(ranges__forget)
{
    struct ranges ranges = {0};
    bool there[NUMBERS] = {false};
    for (uint64_t i = 0; i < NUMBERS; i += 2) {
        ck_assert_uint_eq(ranges_add(&ranges, (struct range){i, i + 1}, NULL), 1);
        there[i] = true;
        ranges_forget(&ranges, 4);
        ck_assert_uint_le(ranges.count, 4);
        compare(&ranges, there);
    }
    ck_assert_uint_eq(ranges.floor, NUMBERS - 8);
    ck_assert_uint_eq(ranges_add(&ranges, (struct range){0, NUMBERS - 8}, NULL), 0);
    ck_assert(ranges_cover(&ranges, (struct range){3, NUMBERS - 8}));
    ck_assert_uint_eq(ranges_add(&ranges, (struct range){0, NUMBERS}, NULL), 4);
    ranges_clear(&ranges);
}
END_TEST

START_TEST(ranges__advance)
{
    struct ranges ranges = {0};
    ranges_add(&ranges, (struct range){10, 20}, NULL);
    ranges_add(&ranges, (struct range){30, 40}, NULL);
    ck_assert_uint_eq(ranges_advance(&ranges, 5), 5);
    ck_assert_uint_eq(ranges_advance(&ranges, 10), 20);
    ck_assert_uint_eq(ranges.count, 1);
    ck_assert_uint_eq(ranges_advance(&ranges, 35), 40);
    ck_assert_uint_eq(ranges_end(&ranges), 0);
    ranges_clear(&ranges);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, ranges__against_numbers, 0, 4);
    tcase_add_test(tcase, ranges__forget);
    tcase_add_test(tcase, ranges__advance);
}

int main(void)
{
    return suite_run("ranges", add);
}
