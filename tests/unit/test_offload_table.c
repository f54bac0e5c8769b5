#include "models/offload/table.h"

#include <mtpsim/rng.h>

#include "support/suite.h"

#define CAPACITY 24u

/* The same in the plainest way: a list in the order of use, oldest first. */
struct plain {
    uint64_t keys[CAPACITY][2];
    uint32_t count;
};

static uint32_t plain_find(const struct plain *plain, uint64_t first, uint64_t second)
{
    for (uint32_t i = 0; i < plain->count; i++)
        if (plain->keys[i][0] == first && plain->keys[i][1] == second)
            return i;
    return OFFLOAD_NONE;
}

static void plain_remove(struct plain *plain, uint32_t at)
{
    for (plain->count--; at < plain->count; at++) {
        plain->keys[at][0] = plain->keys[at + 1][0];
        plain->keys[at][1] = plain->keys[at + 1][1];
    }
}

static void plain_add(struct plain *plain, uint64_t first, uint64_t second)
{
    plain->keys[plain->count][0] = first;
    plain->keys[plain->count++][1] = second;
}

static void step(struct offload_table *table, struct plain *plain, struct sim_rng *rng)
{
    uint64_t first = sim_rng_below(rng, 6), second = sim_rng_below(rng, 6);
    uint32_t at = plain_find(plain, first, second);
    uint32_t place = offload_table_find(table, first, second);
    ck_assert_uint_eq(at == OFFLOAD_NONE, place == OFFLOAD_NONE);
    if (place == OFFLOAD_NONE) {
        uint32_t added = offload_table_add(table, first, second);
        ck_assert_uint_eq(added == OFFLOAD_NONE, plain->count == CAPACITY);
        if (added != OFFLOAD_NONE)
            plain_add(plain, first, second);
        return;
    }
    plain_remove(plain, at);
    if (sim_rng_below(rng, 2)) {
        offload_table_remove(table, place);
    } else {
        offload_table_use(table, place);
        plain_add(plain, first, second);
    }
}

static void check_order(const struct offload_table *table, const struct plain *plain)
{
    uint32_t place = table->oldest;
    ck_assert_uint_eq(table->count, plain->count);
    for (uint32_t i = 0; i < plain->count; i++) {
        ck_assert_uint_eq(table->places[place].first, plain->keys[i][0]);
        ck_assert_uint_eq(table->places[place].second, plain->keys[i][1]);
        place = table->places[place].newer;
    }
    ck_assert_uint_eq(place, OFFLOAD_NONE);
}

START_TEST(offload_table__does_what_a_plain_list_does)
{
    struct offload_table table;
    struct plain plain = {.count = 0};
    struct sim_rng rng;
    sim_rng_init(&rng, 5, "offload_table");
    offload_table_init(&table, CAPACITY);
    for (uint32_t i = 0; i < 20000; i++) {
        step(&table, &plain, &rng);
        check_order(&table, &plain);
        if (i % 5000 == 4999) {
            offload_table_empty(&table);
            plain.count = 0;
        }
    }
    offload_table_clear(&table);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, offload_table__does_what_a_plain_list_does);
}

int main(void)
{
    return suite_run("offload_table", add);
}
