/* The connection table against an array that is searched from end to end. */
#include "models/transport/demux.h"

#include <stdbool.h>

#include "support/suite.h"

START_TEST(demux__against_an_array)
{
    enum { KEYS = 300 };
    struct demux demux;
    struct sim_rng rng;
    bool there[KEYS] = {false};
    char objects[KEYS];
    demux_init(&demux);
    sim_rng_init(&rng, (uint64_t)_i, "demux");
    for (int step = 0; step < 20000; step++) {
        /* Few hosts and neighbouring ports, so that keys crowd together. */
        uint32_t key = (uint32_t)sim_rng_below(&rng, KEYS);
        uint64_t bits = demux_key(key % 3, (uint16_t)(key / 3), 80);
        if (there[key])
            demux_remove(&demux, bits);
        else
            demux_add(&demux, bits, &objects[key]);
        there[key] = !there[key];
        uint32_t probe = (uint32_t)sim_rng_below(&rng, KEYS);
        void *found = demux_find(&demux, demux_key(probe % 3, (uint16_t)(probe / 3), 80));
        ck_assert_ptr_eq(found, there[probe] ? &objects[probe] : NULL);
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        void *found = demux_find(&demux, demux_key(key % 3, (uint16_t)(key / 3), 80));
        ck_assert_ptr_eq(found, there[key] ? &objects[key] : NULL);
    }
    demux_clear(&demux);
}
END_TEST

/* An empty one has nothing, and takes no memory. */
START_TEST(demux__empty)
{
    struct demux demux = {0};
    char object;
    ck_assert_ptr_null(demux_find(&demux, 7));
    ck_assert_uint_eq(demux_bytes(&demux), 0);
    demux_add(&demux, 7, &object);
    ck_assert_ptr_eq(demux_find(&demux, 7), &object);
    ck_assert_ptr_null(demux_find(&demux, 8));
    demux_remove(&demux, 7);
    ck_assert_ptr_null(demux_find(&demux, 7));
    demux_clear(&demux);
    ck_assert_uint_eq(demux_bytes(&demux), 0);
}
END_TEST

/* Host, peer's port and own port all tell connections apart. */
START_TEST(demux__key)
{
    ck_assert_uint_ne(demux_key(1, 2, 3), demux_key(2, 2, 3));
    ck_assert_uint_ne(demux_key(1, 2, 3), demux_key(1, 3, 2));
    ck_assert_uint_eq(demux_key(1, 0xffff, 0xffff), UINT64_C(0x1ffffffff));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, demux__against_an_array, 0, 5);
    tcase_add_test(tcase, demux__empty);
    tcase_add_test(tcase, demux__key);
}

int main(void)
{
    return suite_run("demux", add);
}
