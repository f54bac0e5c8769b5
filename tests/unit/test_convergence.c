#include "measure/convergence.h"

#include "support/suite.h"

/* Two tenants, ten bins of 10 us each, windows of 2 bins, 20 %. */
static const struct convergence_case {
    const char *what;
    uint64_t bytes[2][10];
    double weights[2];
    uint32_t window;
    sim_time from, expected;
} cases[] = {
    {"fair from the start",
     {{50, 50, 50, 50, 50, 50, 50, 50, 50, 50}, {50, 50, 50, 50, 50, 50, 50, 50, 50, 50}},
     {1, 1},
     2,
     50 * SIM_US,
     0},
    {"from the third bin on",
     {{10, 20, 50, 50, 50, 50, 50, 50, 50, 50}, {90, 80, 50, 50, 50, 50, 50, 50, 50, 50}},
     {1, 1},
     2,
     50 * SIM_US,
     20 * SIM_US},
    {"one tenant below, the other in bounds",
     {{0, 0, 0, 50, 50, 50, 50, 50, 50, 50}, {50, 50, 50, 50, 50, 50, 50, 50, 50, 50}},
     {1, 1},
     2,
     50 * SIM_US,
     30 * SIM_US},
    {"saw-teeth that a window smooths",
     {{20, 80, 20, 80, 20, 80, 20, 80, 20, 80}, {80, 20, 80, 20, 80, 20, 80, 20, 80, 20}},
     {1, 1},
     2,
     0,
     0},
    {"the same without smoothing",
     {{20, 80, 20, 80, 20, 80, 20, 80, 20, 80}, {80, 20, 80, 20, 80, 20, 80, 20, 80, 20}},
     {1, 1},
     1,
     0,
     SIM_NEVER},
    {"the bound itself is within",
     {{60, 60, 60, 60, 60, 60, 60, 60, 60, 60}, {40, 40, 40, 40, 40, 40, 40, 40, 40, 40}},
     {1, 1},
     2,
     0,
     0},
    {"past the bound",
     {{61, 61, 61, 61, 61, 61, 61, 61, 61, 61}, {39, 39, 39, 39, 39, 39, 39, 39, 39, 39}},
     {1, 1},
     2,
     0,
     SIM_NEVER},
    {"by weights",
     {{75, 75, 75, 75, 75, 75, 75, 75, 75, 75}, {25, 25, 25, 25, 25, 25, 25, 25, 25, 25}},
     {3, 1},
     2,
     0,
     0},
    {"it falls apart at the end",
     {{50, 50, 50, 50, 50, 50, 50, 50, 10, 10}, {50, 50, 50, 50, 50, 50, 50, 50, 90, 90}},
     {1, 1},
     2,
     0,
     SIM_NEVER},
    {"equal but far below what it ends up with",
     {{10, 10, 10, 10, 10, 50, 50, 50, 50, 50}, {10, 10, 10, 10, 10, 50, 50, 50, 50, 50}},
     {1, 1},
     2,
     50 * SIM_US,
     50 * SIM_US},
    {"nothing after the start", {{0}, {0}}, {1, 1}, 2, 0, SIM_NEVER},
    {"no bin is measured", {{50}, {50}}, {1, 1}, 2, 100 * SIM_US, SIM_NEVER},
    {"a window longer than the series", {{50}, {50}}, {1, 1}, 11, 0, SIM_NEVER},
};

START_TEST(convergence__time)
{
    const struct convergence_case *c = &cases[_i];
    struct convergence_series series = {c->bytes[0], c->weights, 2, 10, 10 * SIM_US};
    sim_time time = convergence_time(&series, c->window, 0.2, c->from);
    ck_assert_msg(time == c->expected, "%s: %lld us", c->what, (long long)(time / SIM_US));
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, convergence__time, 0, sizeof cases / sizeof *cases);
}

int main(void)
{
    return suite_run("convergence", add_cases);
}
