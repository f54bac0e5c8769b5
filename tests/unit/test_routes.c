#include "net/network.h"

#include "support/network.h"
#include "support/suite.h"

/* Output ports from one switch towards a host. */
static struct route_group group_at(const struct simulation *simulation, uint32_t node,
                                   uint32_t host)
{
    const struct fabric_switch *at = simulation->nodes[node].fabric_switch;
    uint32_t to = at->attachments[host].node - at->first_switch;
    return at->groups[at->switch_groups[to]];
}

/* clang-format off */
START_TEST(routes__all_shortest_paths_and_no_other)
{
    struct network network;
    network_square(&network); /* switches 8 to 11 in a ring */
    struct simulation *simulation = network_build(&network);
    for (uint32_t node = 8; node < 12; node++)
        for (uint32_t host = 0; host < 8; host++) {
            uint32_t hops = (8 + host / 2 + 4 - node) % 4;
            uint32_t expected = hops == 0 ? 0 : hops == 2 ? 2 : 1;
            ck_assert_uint_eq(group_at(simulation, node, host).count, expected);
        }
    simulation_free(simulation);
}
END_TEST

START_TEST(routes__equal_groups_are_one)
{
    struct network network;
    network_dumbbell(&network, 6, 100, SIM_US);
    struct simulation *simulation = network_build(&network);
    /* Nothing to choose (at the destination's own switch), and the way across from each side. */
    ck_assert_uint_le(simulation->routes.groups->len, 3);
    simulation_free(simulation);
}
END_TEST

START_TEST(routes__parallel_links_are_one_group)
{
    struct network network;
    network_init(&network, 2, 2);
    network_link(&network, 0, 2, 100, SIM_US);
    for (int i = 0; i < 5; i++)
        network_link(&network, 2, 3, 100, SIM_US);
    network_link(&network, 3, 1, 100, SIM_US);
    struct simulation *simulation = network_build(&network);
    ck_assert_uint_eq(group_at(simulation, 2, 1).count, 5);
    simulation_free(simulation);
}
END_TEST

START_TEST(routes__an_unreachable_host_is_refused)
{
    struct network network;
    GError *error = NULL;
    network_init(&network, 2, 2);
    network_link(&network, 0, 2, 100, SIM_US);
    network_link(&network, 1, 3, 100, SIM_US);
    ck_assert_ptr_null(simulation_new(&network.spec, &error));
    ck_assert_str_eq(error->message, "there is no path from host n0 to host n1");
    g_error_free(error);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, routes__all_shortest_paths_and_no_other);
    tcase_add_test(tcase, routes__equal_groups_are_one);
    tcase_add_test(tcase, routes__parallel_links_are_one_group);
    tcase_add_test(tcase, routes__an_unreachable_host_is_refused);
}

int main(void)
{
    return suite_run("routes", add_cases);
}
