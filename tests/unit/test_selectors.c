#include <mtpsim/selector.h>

#include "support/suite.h"

extern const struct sim_selector_ops alternate_selector, ecmp_selector;

struct alternate_parameters {
    uint32_t at;
    struct sim_list over;
    sim_time period, phase;
};

union any_selector {
    char bytes[256];
    uint64_t align;
};

static const uint32_t port_link[4] = {10, 11, 12, 13};
static const uint16_t ports[3] = {1, 2, 3};
static const struct sim_selector_env env = {.port_count = 4, .port_link = port_link, .salt = 5};

/* clang-format off */
START_TEST(alternate__stays_a_period_on_each_link_in_turn)
{
    static const struct {
        sim_time phase, now;
        uint32_t port;
    } cases[] = {
        {0, 0, 3}, {0, 99, 3}, {0, 100, 1}, {0, 199, 1}, {0, 200, 3}, {0, 1000000, 3},
        {0, 1000100, 1}, {30, 29, 1}, {30, 30, 3}, {30, 129, 3}, {30, 130, 1}, {250, 0, 1},
        {250, 50, 3}, {250, 150, 1}, {250, 250, 3},
    };
    uint32_t links[2] = {13, 11};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alternate_parameters params = {0, {links, 2}, 100, cases[i].phase};
        union any_selector state = {{0}};
        alternate_selector.init(&state, &params, &env, false);
        ck_assert_msg(alternate_selector.choose(&state, ports, 3, NULL, cases[i].now) == cases[i].port,
                      "case %zu", i);
    }
}
END_TEST

START_TEST(alternate__is_right_after_any_jump_in_time)
{
    uint32_t links[3] = {11, 12, 13};
    struct alternate_parameters params = {0, {links, 3}, 7, 2};
    union any_selector state = {{0}};
    alternate_selector.init(&state, &params, &env, false);
    for (sim_time now = 0; now < 3000; now += 1 + now % 23) {
        uint32_t expected = (uint32_t)((now + 21 - 2) / 7 % 3); /* 21: three stays, to count from below 0 */
        ck_assert_uint_eq(alternate_selector.choose(&state, ports, 3, NULL, now), ports[expected]);
    }
}
END_TEST

START_TEST(alternate__the_far_end_keeps_to_the_first_link)
{
    uint32_t links[2] = {12, 11};
    struct alternate_parameters params = {0, {links, 2}, 100, 0};
    union any_selector state = {{0}};
    alternate_selector.init(&state, &params, &env, true);
    for (sim_time now = 0; now < 1000; now += 50)
        ck_assert_uint_eq(alternate_selector.choose(&state, ports, 3, NULL, now), 2);
}
END_TEST

START_TEST(ecmp__keeps_a_flow_on_its_path_and_spreads_flows_evenly)
{
    enum { FLOWS = 30000 };
    union any_selector state = {{0}};
    uint32_t uses[4] = {0};
    ecmp_selector.init(&state, NULL, &env, false);
    for (uint32_t flow = 0; flow < FLOWS; flow++) {
        struct sim_packet packet = {.hash = flow};
        uint32_t port = ecmp_selector.choose(&state, ports, 3, &packet, flow);
        ck_assert_uint_eq(ecmp_selector.choose(&state, ports, 3, &packet, flow + 1000), port);
        uses[port]++;
    }
    ck_assert_uint_eq(uses[0], 0);
    for (int port = 1; port <= 3; port++) /* 5 standard deviations of a binomial */
        ck_assert_int_lt(labs((long)uses[port] - FLOWS / 3), 5 * 82);
}
END_TEST

START_TEST(ecmp__switches_choose_independently)
{
    union any_selector a = {{0}}, b = {{0}};
    struct sim_selector_env other = env;
    other.salt = 6;
    ecmp_selector.init(&a, NULL, &env, false);
    ecmp_selector.init(&b, NULL, &other, false);
    int same = 0;
    for (uint32_t flow = 0; flow < 3000; flow++) {
        struct sim_packet packet = {.hash = flow};
        same += ecmp_selector.choose(&a, ports, 3, &packet, 0) ==
                ecmp_selector.choose(&b, ports, 3, &packet, 0);
    }
    ck_assert_int_lt(labs((long)same - 1000), 5 * 26);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, alternate__stays_a_period_on_each_link_in_turn);
    tcase_add_test(tcase, alternate__is_right_after_any_jump_in_time);
    tcase_add_test(tcase, alternate__the_far_end_keeps_to_the_first_link);
    tcase_add_test(tcase, ecmp__keeps_a_flow_on_its_path_and_spreads_flows_evenly);
    tcase_add_test(tcase, ecmp__switches_choose_independently);
}

int main(void)
{
    return suite_run("selectors", add_cases);
}
