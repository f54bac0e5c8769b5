/* Bytes that are written and read again. */
#include "core/bytes.h"

#include "support/suite.h"

/* clang-format off */
START_TEST(bytes__what_is_put_is_got_in_order_across_growth)
{
    struct bytes bytes = {0};
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 10000; i++)
            bytes_put(&bytes, &i, sizeof i);
        bytes_put(&bytes, NULL, 0);
        for (uint64_t i = 0; i < 10000; i++) {
            uint64_t got;
            bytes_get(&bytes, &got, sizeof got);
            ck_assert_uint_eq(got, i);
        }
        ck_assert_uint_eq(bytes.taken, bytes.length);
        bytes_empty(&bytes);
    }
    bytes_clear(&bytes);
    ck_assert_uint_eq(bytes.capacity, 0);
}
END_TEST

START_TEST(bytes__more_than_is_there_aborts)
{
    struct bytes bytes = {0};
    bytes_put(&bytes, "abc", 3);
    bytes_take(&bytes, 4);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, bytes__what_is_put_is_got_in_order_across_growth);
    tcase_add_test_raise_signal(tcase, bytes__more_than_is_there_aborts, 6);
}

int main(void)
{
    return suite_run("bytes", add_cases);
}
