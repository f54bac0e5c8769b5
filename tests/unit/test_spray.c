/* Selectors that place packets one by one, and least_loaded by message. */
#include "support/selecting.h"
#include "support/suite.h"

extern const struct sim_selector_ops spray_selector, least_loaded_selector;

struct least_loaded_parameters {
    uint32_t by;
    uint64_t pins;
    sim_time idle;
};

/* clang-format off */
START_TEST(spray__random_is_even_and_in_no_order)
{
    enum { PACKETS = 30000 };
    uint32_t order = 0, uses[4] = {0}, repeats = 0, last = 0;
    struct selecting s;
    selecting_init(&s, &spray_selector, &order);
    for (int i = 0; i < PACKETS; i++) {
        uint32_t port = selecting_choose(&s, "123", selecting_mtp(&s, 0, 1, 9, 1));
        uses[port]++;
        repeats += port == last;
        last = port;
    }
    ck_assert_uint_eq(uses[0], 0);
    for (int port = 1; port <= 3; port++) /* 5 standard deviations of a binomial */
        ck_assert_int_lt(labs((long)uses[port] - PACKETS / 3), 5 * 82);
    ck_assert_int_lt(labs((long)repeats - PACKETS / 3), 5 * 82);
    selecting_clear(&s);
}
END_TEST

START_TEST(spray__round_robin_takes_each_in_turn)
{
    uint32_t order = 1;
    struct selecting s;
    selecting_init(&s, &spray_selector, &order);
    for (uint32_t i = 0; i < 9; i++)
        ck_assert_uint_eq(selecting_choose(&s, "123", selecting_mtp(&s, 0, 1, 9, 1)), 1 + i % 3);
    selecting_clear(&s);
}
END_TEST

START_TEST(least_loaded__packets_go_where_least_waits_and_equals_take_turns)
{
    struct least_loaded_parameters p = {0, 16, SIM_MS};
    struct selecting s;
    uint32_t uses[4] = {0};
    selecting_init(&s, &least_loaded_selector, &p);
    s.backlog[1] = 30, s.backlog[2] = 20, s.backlog[3] = 21;
    ck_assert_uint_eq(selecting_choose(&s, "123", selecting_mtp(&s, 0, 1, 9, 1)), 2);
    s.backlog[2] = 22;
    ck_assert_uint_eq(selecting_choose(&s, "123", selecting_mtp(&s, 0, 1, 9, 2)), 3);
    s.backlog[1] = s.backlog[2] = s.backlog[3] = 5;
    for (int i = 0; i < 30; i++)
        uses[selecting_choose(&s, "123", selecting_mtp(&s, 0, 1, 9, 3))]++;
    for (int port = 1; port <= 3; port++)
        ck_assert_uint_eq(uses[port], 10);
    selecting_clear(&s);
}
END_TEST

START_TEST(least_loaded__messages_stay_where_they_began)
{
    struct least_loaded_parameters p = {1, 16, SIM_MS};
    struct selecting s;
    selecting_init(&s, &least_loaded_selector, &p);
    s.backlog[0] = 10;
    ck_assert_uint_eq(selecting_choose(&s, "01", selecting_mtp(&s, 0, 1, 9, 0)), 1);
    s.backlog[1] = 20;
    ck_assert_uint_eq(selecting_choose(&s, "01", selecting_mtp(&s, 0, 1, 9, 1)), 1);
    ck_assert_uint_eq(selecting_choose(&s, "01", selecting_mtp(&s, 0, 2, 9, 0)), 0);
    ck_assert_uint_eq(selecting_choose(&s, "01", selecting_tcp(&s, 7, SIM_TCP_SYN, 100, 0, 0)), 0);
    s.backlog[0] = 30;
    ck_assert_uint_eq(selecting_choose(&s, "01", selecting_tcp(&s, 7, SIM_TCP_ACK, 101, 1000, 0)), 0);
    ck_assert_uint_eq(selecting_choose(&s, "01", selecting_mtp(&s, 0, 2, 9, 1)), 0);
    selecting_clear(&s);
}
END_TEST

START_TEST(least_loaded__avoids_what_a_packet_excludes_while_something_is_left)
{
    struct least_loaded_parameters p = {0, 16, SIM_MS};
    struct selecting s;
    selecting_init(&s, &least_loaded_selector, &p);
    s.backlog[1] = 10;
    for (uint8_t excluded = 1; excluded <= 2; excluded++) {
        struct sim_packet *packet = selecting_mtp(&s, 0, 1, 9, 0);
        union sim_packet_lists *lists = sim_packet_lists(&s.pool, packet);
        union sim_packet_rare *rare = sim_packet_rare(&s.pool, packet);
        lists->mtp.exclude_count = excluded;
        rare->mtp.exclude[0].path = 1;
        rare->mtp.exclude[1].path = 2;
        ck_assert_uint_eq(selecting_choose(&s, "01", packet), excluded == 1 ? 1 : 0);
    }
    selecting_clear(&s);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, spray__random_is_even_and_in_no_order);
    tcase_add_test(tcase, spray__round_robin_takes_each_in_turn);
    tcase_add_test(tcase, least_loaded__packets_go_where_least_waits_and_equals_take_turns);
    tcase_add_test(tcase, least_loaded__messages_stay_where_they_began);
    tcase_add_test(tcase, least_loaded__avoids_what_a_packet_excludes_while_something_is_left);
}

int main(void)
{
    return suite_run("spray", add_cases);
}
