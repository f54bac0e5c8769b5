/* The route with the most labelled ports, on networks where it can be counted by hand. */
#include "net/pathlet_count.h"

#include "support/network.h"
#include "support/suite.h"

START_TEST(pathlet_count__nothing_is_labelled)
{
    struct network network;
    network_dumbbell(&network, 2, 100, SIM_US);
    ck_assert_uint_eq(pathlet_count_most(&network.spec).pathlets, 0);
}
END_TEST

/* Hosts 0 and 1 at one switch, 2 and 3 at the other. */
START_TEST(pathlet_count__of_a_direction)
{
    struct network network;
    network_dumbbell(&network, 2, 100, SIM_US);
    uint32_t middle = network.spec.link_count - 1;
    network.links[middle].pathlet_back = 1; /* right to left */
    struct pathlet_route route = pathlet_count_most(&network.spec);
    ck_assert_uint_eq(route.pathlets, 1);
    ck_assert_uint_ge(route.from, 2);
    ck_assert_uint_lt(route.to, 2);
}
END_TEST

/* Links are {host i, its switch}: pathlet is the NIC's port, pathlet_back the switch's. */
START_TEST(pathlet_count__hosts_ports_count)
{
    struct network network;
    network_dumbbell(&network, 2, 100, SIM_US);
    uint32_t middle = network.spec.link_count - 1;
    network.links[middle].pathlet = network.links[middle].pathlet_back = 1;
    for (uint32_t i = 0; i < middle; i++) {
        if (network.links[i].ends[0] == 1)
            network.links[i].pathlet = 2;
        if (network.links[i].ends[0] == 2)
            network.links[i].pathlet_back = 3;
    }
    struct pathlet_route route = pathlet_count_most(&network.spec);
    ck_assert_uint_eq(route.pathlets, 3);
    ck_assert_uint_eq(route.from, 1);
    ck_assert_uint_eq(route.to, 2);
}
END_TEST

/* A longer way round with labels everywhere is no route. */
START_TEST(pathlet_count__shortest_routes_only)
{
    struct network network;
    network_init(&network, 2, 4); /* 0 - 2 - 3 - 1, and 2 - 4 - 5 - 3 */
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 3, 100, SIM_US)->pathlet = 1;
    network_link(&network, 3, 1, 100, SIM_US)->pathlet = 2;
    network_link(&network, 2, 4, 100, SIM_US)->pathlet = 3;
    network_link(&network, 4, 5, 100, SIM_US)->pathlet = 4;
    network_link(&network, 5, 3, 100, SIM_US)->pathlet = 5;
    struct pathlet_route route = pathlet_count_most(&network.spec);
    ck_assert_uint_eq(route.pathlets, 2);
    ck_assert_uint_eq(route.from, 0);
    ck_assert_uint_eq(route.to, 1);
}
END_TEST

/* Of equally short routes the one with more. */
START_TEST(pathlet_count__the_best_of_equal_routes)
{
    struct network network;
    network_init(&network, 2, 4); /* 0 - 2 - {3, 4} - 5 - 1 */
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 2, 3, 100, SIM_US);
    network_link(&network, 2, 4, 100, SIM_US)->pathlet = 1;
    network_link(&network, 3, 5, 100, SIM_US)->pathlet = 2;
    network_link(&network, 4, 5, 100, SIM_US)->pathlet = 3;
    network_link(&network, 5, 1, 100, SIM_US)->pathlet = 4;
    ck_assert_uint_eq(pathlet_count_most(&network.spec).pathlets, 3);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, pathlet_count__nothing_is_labelled);
    tcase_add_test(tcase, pathlet_count__of_a_direction);
    tcase_add_test(tcase, pathlet_count__hosts_ports_count);
    tcase_add_test(tcase, pathlet_count__shortest_routes_only);
    tcase_add_test(tcase, pathlet_count__the_best_of_equal_routes);
}

int main(void)
{
    return suite_run("pathlet count", add_cases);
}
