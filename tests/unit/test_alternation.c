#include <math.h>
#include <string.h>

#include <glib.h>

#include "measure/alternation.h"
#include "support/suite.h"

/* Two paths, 100 and 10 bytes a sample of 1 us; stays of 4 us: 4 samples each. */
#define FAST_BPS 800000000
#define SLOW_BPS 80000000

static const struct alternation two_paths = {
    .period = 4 * SIM_US, .path_count = 2, .rates_bps = {FAST_BPS, SLOW_BPS}};

START_TEST(alternation__ideal)
{
    static const struct {
        sim_time from_us, to_us, phase_us;
        double fast_share;
    } cases[] = {
        {0, 8, 0, 0.5},      {0, 4, 0, 1},    {4, 8, 0, 0},    {2, 6, 0, 0.5},
        {0, 12, 0, 8. / 12}, {0, 4, 1, 0.75}, {0, 8, -3, 0.5}, {1, 2, 9, 1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct alternation paths = two_paths;
        double expected = SLOW_BPS + cases[i].fast_share * (FAST_BPS - SLOW_BPS);

        paths.phase = cases[i].phase_us * SIM_US;
        ck_assert_double_eq_tol(
            alternation_ideal_bps(&paths, cases[i].from_us * SIM_US, cases[i].to_us * SIM_US),
            expected, 1);
    }
}
END_TEST

/* Each case is the goodput of successive samples in bytes; stays on the fast path begin at samples
 * 0, 8, 16 ... */
START_TEST(alternation__recovery)
{
    static const struct {
        const char *name;
        uint64_t bytes[24];
        uint32_t bins;
        sim_time from_us, to_us;
        uint32_t switches, never;
        double median, most;
    } cases[] = {
        {"at once", {[8] = 100, [16] = 100}, 24, 1, 24, 2, 0, 1, 1},
        {"exactly 90 %", {[9] = 90, [10] = 100}, 16, 1, 16, 1, 0, 2, 2},
        {"just below", {[9] = 89, [10] = 90}, 16, 1, 16, 1, 0, 3, 3},
        {"the last sample of the stay", {[11] = 95}, 16, 1, 16, 1, 0, 4, 4},
        {"a sample of the next stay is too late", {[12] = 95}, 16, 1, 16, 1, 1, INFINITY, INFINITY},
        {"one of two never", {[10] = 95}, 24, 1, 24, 2, 1, INFINITY, INFINITY},
        {"one of three never", {[0] = 95, [9] = 95}, 24, 0, 24, 3, 1, 2, INFINITY},
        {"before the measured time", {[8] = 100, [17] = 100}, 24, 9, 24, 1, 0, 2, 2},
        {"a stay that is cut short", {[8] = 100, [16] = 100}, 19, 1, 19, 1, 0, 1, 1},
        {"none", {0}, 8, 1, 8, 0, 0, INFINITY, INFINITY},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct alternation_series series = {cases[i].bytes, cases[i].bins, SIM_US};
        struct alternation_recovery recovery;

        alternation_recovery(&two_paths, &series, 1, cases[i].from_us * SIM_US,
                             cases[i].to_us * SIM_US, &recovery);
        ck_assert_msg(recovery.switches == cases[i].switches, "%s: %u switches", cases[i].name,
                      recovery.switches);
        ck_assert_msg(recovery.never == cases[i].never, "%s: %u never", cases[i].name,
                      recovery.never);
        ck_assert_msg(recovery.samples_median == cases[i].median, "%s: median %g", cases[i].name,
                      recovery.samples_median);
        ck_assert_msg(recovery.samples_max == cases[i].most, "%s: most %g", cases[i].name,
                      recovery.samples_max);
    }
}
END_TEST

START_TEST(alternation__payload_share_lowers_the_goal)
{
    static const uint64_t bytes[16] = {[9] = 73, [10] = 100};
    struct alternation_series series = {bytes, 16, SIM_US};
    struct alternation_recovery recovery;

    alternation_recovery(&two_paths, &series, 0.8, SIM_US, 16 * SIM_US, &recovery);
    ck_assert_double_eq(recovery.samples_max, 2);
}
END_TEST

/* Bins of 1.5 us against stays from 4 us: the bin of 3 to 4.5 us holds both paths and is skipped.
 */
START_TEST(alternation__mixed_samples_are_skipped)
{
    static const uint64_t bytes[8] = {[2] = 150, [3] = 150};
    struct alternation paths = two_paths;
    struct alternation_series series = {bytes, 8, 3 * SIM_US / 2};
    struct alternation_recovery recovery;

    paths.phase = -4 * SIM_US; /* slow from 0, fast from 4 us */
    alternation_recovery(&paths, &series, 1, SIM_US, 8 * SIM_US, &recovery);
    ck_assert_uint_eq(recovery.switches, 1);
    ck_assert_double_eq(recovery.samples_max, 1); /* bin 3, from 4.5 us, not bin 2 */
    series.bytes = (const uint64_t[8]){[2] = 150, [3] = 0, [4] = 0};
    alternation_recovery(&paths, &series, 1, SIM_US, 8 * SIM_US, &recovery);
    ck_assert_uint_eq(recovery.never, 1);
}
END_TEST

START_TEST(alternation__equal_paths_have_no_switch)
{
    static const uint64_t bytes[24] = {0};
    struct alternation paths = two_paths;
    struct alternation_series series = {bytes, 24, SIM_US};
    struct alternation_recovery recovery;

    paths.rates_bps[1] = FAST_BPS;
    alternation_recovery(&paths, &series, 1, 0, 24 * SIM_US, &recovery);
    ck_assert_uint_eq(recovery.switches, 0);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, alternation__ideal);
    tcase_add_test(tcase, alternation__recovery);
    tcase_add_test(tcase, alternation__payload_share_lowers_the_goal);
    tcase_add_test(tcase, alternation__mixed_samples_are_skipped);
    tcase_add_test(tcase, alternation__equal_paths_have_no_switch);
}

int main(void)
{
    return suite_run("alternation", add_cases);
}
