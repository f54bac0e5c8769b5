/* When the paths of a system alternate for all of its traffic. */
#include "support/run.h"
#include "support/suite.h"

#define SLOW_AND_FAST "{alternate: {at: s, over: [fast, slow], period: 384us}}"

static const struct crossing_case {
    const char *what, *selectors, *workload;
    bool crosses;
} cases[] = {
    {"one flow", SLOW_AND_FAST, "long_flow: {from: a, to: c}", true},
    {"all sources", SLOW_AND_FAST, "messages: {from: [a, b], to: [c, d], bytes: 1KB}", true},
    {"no selector", "ecmp", "long_flow: {from: a, to: c}", false},
    {"two of them", SLOW_AND_FAST ", {alternate: {at: u, over: [left, right], period: 384us}}",
     "long_flow: {from: a, to: c}", false},
    {"backwards", SLOW_AND_FAST, "long_flow: {from: c, to: a}", false},
    {"a flow that stays", SLOW_AND_FAST, "long_flow: {from: [a, b], to: [c, a]}", false},
    {"and one more", SLOW_AND_FAST, "long_flow: {from: a, to: c}\n  - long_flow: {from: b, to: a}",
     false},
    {"by another way", SLOW_AND_FAST, "long_flow: {from: a, to: e}", false},
};

/* a, b - s =fast, slow= t - c, d; and from s another way to e, over u. */
static char *scenario_text(const struct crossing_case *c)
{
    return g_strdup_printf("name: crossing\nduration: 1ms\n"
                           "topology:\n"
                           "  hosts: [a, b, c, d, e]\n"
                           "  switches: [s, t, u, v]\n"
                           "  links:\n"
                           "    - {ends: [a, s], rate: 200Gbps, delay: 1us}\n"
                           "    - {ends: [b, s], rate: 200Gbps, delay: 1us}\n"
                           "    - {name: fast, ends: [s, t], rate: 100Gbps, delay: 1us}\n"
                           "    - {name: slow, ends: [s, t], rate: 10Gbps, delay: 1us}\n"
                           "    - {ends: [t, c], rate: 200Gbps, delay: 1us}\n"
                           "    - {ends: [t, d], rate: 200Gbps, delay: 1us}\n"
                           "    - {ends: [s, u], rate: 200Gbps, delay: 1us}\n"
                           "    - {name: left, ends: [u, v], rate: 100Gbps, delay: 1us}\n"
                           "    - {name: right, ends: [u, v], rate: 100Gbps, delay: 1us}\n"
                           "    - {ends: [v, e], rate: 200Gbps, delay: 1us}\n"
                           "queue: {droptail: {capacity: 100p}}\n"
                           "selector: [%s]\n"
                           "workload:\n  - %s\n"
                           "transport: tcp\n",
                           c->selectors, c->workload);
}

START_TEST(alternating__only_where_all_traffic_crosses)
{
    const struct crossing_case *c = &cases[_i];
    g_autofree char *text = scenario_text(c);
    struct alternation alternation;
    struct run run;
    run_init(&run, text, 0);
    ck_assert_msg(simulation_alternation(run.simulation, &alternation) == c->crosses, "%s",
                  c->what);
    if (c->crosses) {
        ck_assert_uint_eq(alternation.path_count, 2);
        ck_assert_uint_eq(alternation.rates_bps[1], 10000000000u);
    }
    run_clear(&run);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, alternating__only_where_all_traffic_crosses, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return suite_run("alternating", add_cases);
}
