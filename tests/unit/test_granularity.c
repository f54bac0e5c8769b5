/* granularity: a network that is written out gets the labels that a generator gives the same
 * network; and labels of its own stay. */
#include "scenario/granularity.h"

#include <string.h>

#include "scenario/scenario.h"
#include "support/suite.h"

struct fixture {
    struct registry *registry;
    struct scenario *scenario;
    const struct spec *spec;
    char *errors;
};

static struct fixture load(const char *topology, const char *rest)
{
    g_autofree char *text =
        g_strdup_printf("name: g\nduration: 10us\nqueue: droptail\ntransport: mtp\ntopology:\n%s"
                        "workload: {long_flow: {from: all, to: all, pattern: permutation}}\n%s",
                        topology, rest);
    struct scenario_errors *errors;
    struct fixture f = {.registry = registry_new()};

    f.scenario = scenario_load_text("f", text, strlen(text), NULL, f.registry, &errors);
    f.errors = scenario_errors_text(errors);
    f.spec = f.scenario ? scenario_spec(f.scenario, 0) : NULL;
    scenario_errors_free(errors);
    return f;
}

static void clear(struct fixture *f)
{
    if (f->scenario)
        scenario_free(f->scenario);
    registry_free(f->registry);
    g_free(f->errors);
}

/* The same network, written out. */
static char *written_out(const struct spec *spec, const char *word)
{
    GString *text = g_string_new("  hosts: [");
    for (uint32_t i = 0; i < spec->node_count; i++)
        g_string_append_printf(text, "%s%s", spec->node_names[i],
                               i + 1 == spec->host_count   ? "]\n  switches: ["
                               : i + 1 == spec->node_count ? "]\n  links:\n"
                                                           : ", ");
    for (uint32_t i = 0; i < spec->link_count; i++)
        g_string_append_printf(text, "    - {ends: [%s, %s], rate: 1Gbps, delay: 1us}\n",
                               spec->node_names[spec->links[i].ends[0]],
                               spec->node_names[spec->links[i].ends[1]]);
    g_string_append_printf(text, "  pathlets: %s\n", word);
    return g_string_free(text, FALSE);
}

static const char *const generators[] = {
    "dumbbell: {senders: 2, receivers: 3, rate: 1Gbps, pathlets: %s}",
    "leaf_spine: {leaves: 3, spines: 2, hosts_per_leaf: 2, rate: 1Gbps, uplink_rate: 1Gbps, "
    "pathlets: %s}",
    "fat_tree: {k: 4, rate: 1Gbps, pathlets: %s}",
};

START_TEST(granularity__as_the_generators)
{
    const char *word = granularity_words[_i / 3];
    g_autoptr(GString) generator = g_string_new("  ");
    g_string_append_printf(generator, generators[_i % 3], word);
    g_string_append_c(generator, '\n');
    struct fixture made = load(generator->str, "");
    ck_assert_str_eq(made.errors, "");
    g_autofree char *topology = written_out(made.spec, word);
    struct fixture written = load(topology, "");
    ck_assert_str_eq(written.errors, "");
    ck_assert_uint_eq(written.spec->link_count, made.spec->link_count);
    for (uint32_t i = 0; i < made.spec->link_count; i++) {
        const struct spec_link *a = &made.spec->links[i], *b = &written.spec->links[i];
        ck_assert_msg(a->pathlet == b->pathlet && a->pathlet_back == b->pathlet_back,
                      "%s, %s: %u and %u, the generator has %u and %u", word, a->name, b->pathlet,
                      b->pathlet_back, a->pathlet, a->pathlet_back);
    }
    clear(&written);
    clear(&made);
}
END_TEST

static const char own_labels[] = "  hosts: [a, b]\n  switches: [s, t]\n  pathlets: %s\n  links:\n"
                                 "    - {ends: [a, s], rate: 1Gbps, delay: 1us}\n"
                                 "    - {ends: [s, t], rate: 1Gbps, delay: 1us, pathlet: 7}\n"
                                 "    - {ends: [b, t], rate: 1Gbps, delay: 1us}\n";

/* The labels of the three links, and what follows is a model for one of them. */
static const struct {
    const char *word, *labels, *pathlets, *errors;
} own_cases[] = {
    {"none", "0 0 7 0 0 0", "{7: {}}", ""},
    {"port", "0 8 7 0 0 9", "{7: {}, 9: {}}", ""},
    {"tier", "0 8 7 0 0 8", "{8: {}}", ""},
    {"network", "0 8 7 0 0 8", "{8: {}}", ""},
    {"network", NULL, "{8: {}, 9: {}}", "f:14:19: no link and no device has the pathlet 9\n"},
    {"none", NULL, "{8: {}}", "f:14:12: no link and no device has the pathlet 8\n"},
    {"ports", NULL, "{}", "f:8:13: pathlets is \"ports\"; did you mean \"port\"?\n"},
};

START_TEST(granularity__own_labels_stay)
{
    g_autofree char *topology = g_strdup_printf(own_labels, own_cases[_i].word);
    g_autofree char *rest = g_strdup_printf("pathlets: %s\n", own_cases[_i].pathlets);
    g_autoptr(GString) labels = g_string_new(NULL);
    struct fixture f = load(topology, rest);
    ck_assert_str_eq(f.errors, own_cases[_i].errors);
    for (uint32_t i = 0; f.spec && i < f.spec->link_count; i++)
        g_string_append_printf(labels, "%s%u %u", i ? " " : "", f.spec->links[i].pathlet,
                               f.spec->links[i].pathlet_back);
    if (own_cases[_i].labels)
        ck_assert_str_eq(labels->str, own_cases[_i].labels);
    clear(&f);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, granularity__as_the_generators, 0, 4 * 3);
    tcase_add_loop_test(tcase, granularity__own_labels_stay, 0, G_N_ELEMENTS(own_cases));
}

int main(void)
{
    return suite_run("granularity", add_cases);
}
