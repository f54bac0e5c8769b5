#include <string.h>

#include "scenario/graphviz.h"
#include "support/suite.h"

/* clang-format off */
START_TEST(graphviz__exact_text)
{
    static const char *const names[] = {"a", "b.1", "s"};
    const struct spec_link links[] = {
        {.name = "in", .ends = {0, 2}, .rate_bps = 100000000000u, .delay = 1500 * SIM_NS},
        {.name = "out", .ends = {2, 1}, .rate_bps = 10000000000u, .delay = 0, .loss = 0.015, .pathlet = 7, .pathlet_back = 8},
    };
    const struct spec spec = {.system = "mtp", .host_count = 2, .node_count = 3, .link_count = 2, .node_names = names, .links = links};
    g_autofree char *text = graphviz_text(&spec);
    ck_assert_str_eq(text, "graph \"mtp\" {\n"
                           "  rankdir=LR\n"
                           "  node [shape=ellipse]\n"
                           "  \"a\"\n"
                           "  \"b.1\"\n"
                           "  node [shape=box]\n"
                           "  \"s\"\n"
                           "  \"a\" -- \"s\" [label=\"in\\n100Gbps 1500ns\"]\n"
                           "  \"s\" -- \"b.1\" [label=\"out\\n10Gbps 0ps\\nloss 0.015\\npathlet 7 to b.1\\npathlet 8 to s\"]\n"
                           "}\n");
}
END_TEST

/* Two hosts without a switch; and so many links that labels become tooltips. */
START_TEST(graphviz__sizes)
{
    enum { LINKS = 101 };
    static const char *const names[] = {"a", "b"};
    struct spec_link links[LINKS];
    struct spec spec = {.system = "x", .host_count = 2, .node_count = 2, .node_names = names, .links = links};
    for (int i = 0; i < LINKS; i++)
        links[i] = (struct spec_link){.name = "l", .ends = {0, 1}, .rate_bps = 1000000};
    for (spec.link_count = LINKS - 1; spec.link_count <= LINKS; spec.link_count++) {
        g_autofree char *text = graphviz_text(&spec);
        ck_assert_ptr_null(strstr(text, "box"));
        ck_assert(!strstr(text, "label") == (spec.link_count == LINKS));
        ck_assert(!strstr(text, "tooltip") == (spec.link_count != LINKS));
    }
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, graphviz__exact_text);
    tcase_add_test(tcase, graphviz__sizes);
}

int main(void)
{
    return suite_run("graphviz", add_cases);
}
