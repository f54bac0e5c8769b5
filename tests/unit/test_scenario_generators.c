#include <string.h>

#include "net/simulation.h"
#include "scenario/scenario.h"
#include "support/run.h"
#include "support/suite.h"

struct fixture {
    struct registry *registry;
    struct scenario *scenario;
    const struct spec *spec;
};

/* A scenario with this topology; `rest` stands in the topology after the generator. */
static struct fixture load(const char *generator, const char *rest)
{
    g_autofree char *text =
        g_strdup_printf("name: g\nduration: 10us\nqueue: droptail\ntransport: tcp\n"
                        "topology:\n  %s\n%s"
                        "workload: {long_flow: {from: all, to: all, pattern: permutation}}\n",
                        generator, rest);
    struct scenario_errors *errors;
    struct fixture f = {.registry = registry_new()};

    f.scenario = scenario_load_text("f", text, strlen(text), NULL, f.registry, &errors);
    g_autofree char *messages = scenario_errors_text(errors);
    ck_assert_msg(f.scenario, "%s", messages);
    scenario_errors_free(errors);
    f.spec = scenario_spec(f.scenario, 0);
    return f;
}

static void clear(struct fixture *f)
{
    scenario_free(f->scenario);
    registry_free(f->registry);
}

static const struct spec_link *link_of(const struct spec *spec, const char *name)
{
    for (uint32_t i = 0; i < spec->link_count; i++)
        if (strcmp(spec->links[i].name, name) == 0)
            return &spec->links[i];
    ck_abort_msg("no link %s", name);
}

/* Name, ends and pathlets of a link, as a text. */
static void assert_link(const struct spec *spec, const char *name, const char *expected)
{
    const struct spec_link *link = link_of(spec, name);
    g_autofree char *found = g_strdup_printf(
        "%s>%s %u %u %" G_GUINT64_FORMAT "Gbps %dns", spec->node_names[link->ends[0]],
        spec->node_names[link->ends[1]], link->pathlet, link->pathlet_back,
        link->rate_bps / 1000000000, (int)(link->delay / SIM_NS));

    ck_assert_str_eq(found, expected);
}

/* clang-format off */
START_TEST(generators__counts)
{
    static const struct {
        const char *generator;
        uint32_t hosts, switches, links;
    } cases[] = {
        {"dumbbell: {senders: 3, receivers: 2, rate: 1Gbps}", 5, 2, 6},
        {"leaf_spine: {leaves: 4, spines: 3, hosts_per_leaf: 5, rate: 1Gbps, uplink_rate: 2Gbps}", 20, 7, 32},
        {"fat_tree: {k: 2, rate: 1Gbps}", 2, 5, 6},
        {"fat_tree: {k: 4, rate: 1Gbps}", 16, 20, 48},
        {"fat_tree: {k: 16, rate: 1Gbps}", 1024, 320, 3072},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fixture f = load(cases[i].generator, "");
        ck_assert_uint_eq(f.spec->host_count, cases[i].hosts);
        ck_assert_uint_eq(f.spec->node_count - f.spec->host_count, cases[i].switches);
        ck_assert_uint_eq(f.spec->link_count, cases[i].links);
        GError *error = NULL; /* every host reaches every other */
        struct simulation *simulation = simulation_new(f.spec, &error);
        ck_assert_msg(simulation, "%s", error ? error->message : "");
        simulation_free(simulation);
        clear(&f);
    }
}
END_TEST

START_TEST(generators__links)
{
    static const struct {
        const char *generator, *link, *expected;
    } cases[] = {
        {"dumbbell: {senders: 2, receivers: 2, rate: 9Gbps, delay: 5ns}", "s1-left", "s1>left 0 2 9Gbps 5ns"},
        {"dumbbell: {senders: 2, receivers: 2, rate: 9Gbps}", "bottleneck", "left>right 5 6 9Gbps 1000ns"},
        {"dumbbell: {senders: 2, receivers: 2, rate: 9Gbps, bottleneck: {rate: 1Gbps, delay: 7ns}}", "bottleneck", "left>right 5 6 1Gbps 7ns"},
        {"dumbbell: {senders: 2, receivers: 2, rate: 9Gbps, pathlets: none}", "bottleneck", "left>right 0 0 9Gbps 1000ns"},
        {"dumbbell: {senders: 2, receivers: 2, rate: 9Gbps, pathlets: tier}", "bottleneck", "left>right 2 3 9Gbps 1000ns"},
        {"dumbbell: {senders: 2, receivers: 2, rate: 9Gbps, pathlets: network}", "r1-right", "r1>right 0 1 9Gbps 1000ns"},
        {"leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 1, rate: 9Gbps, uplink_rate: 4Gbps}", "l1-s0", "l1>s0 7 8 4Gbps 1000ns"},
        {"leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 1, rate: 9Gbps, over_subscription: 1.5}", "l1-s0", "l1>s0 7 8 3Gbps 1000ns"},
        {"leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 1, rate: 9Gbps, uplink_rate: 4Gbps}", "l1_h0-l1", "l1_h0>l1 0 6 9Gbps 1000ns"},
        {"leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 1, rate: 9Gbps, uplink_rate: 4Gbps, pathlets: tier}", "l1-s1", "l1>s1 2 3 4Gbps 1000ns"},
        {"fat_tree: {k: 4, rate: 9Gbps, pathlets: tier}", "p1_e0_h1-p1_e0", "p1_e0_h1>p1_e0 0 1 9Gbps 1000ns"},
        {"fat_tree: {k: 4, rate: 9Gbps, pathlets: tier}", "p3_e1-p3_a0", "p3_e1>p3_a0 2 3 9Gbps 1000ns"},
        {"fat_tree: {k: 4, rate: 9Gbps, pathlets: tier}", "p3_a1-c2", "p3_a1>c2 4 5 9Gbps 1000ns"},
        {"fat_tree: {k: 4, rate: 9Gbps, pathlets: port}", "p3_a1-c3", "p3_a1>c3 79 80 9Gbps 1000ns"},
        {"fat_tree: {k: 4, rate: 9Gbps, pathlets: network}", "p0_a0-c1", "p0_a0>c1 1 1 9Gbps 1000ns"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fixture f = load(cases[i].generator, "");
        assert_link(f.spec, cases[i].link, cases[i].expected);
        clear(&f);
    }
}
END_TEST

/* What is listed joins what is generated, after it; patterns find both. */
START_TEST(generators__with_listed_nodes)
{
    struct fixture f = load("dumbbell: {senders: 2, receivers: 1, rate: 9Gbps, bottleneck: {rate: 1Gbps, loss: 2%}}",
                            "  hosts: [tap]\n  switches: [extra]\n  links:\n"
                            "    - {ends: [left, extra], rate: 2Gbps, delay: 3ns, pathlet: 50}\n"
                            "    - {ends: [tap, extra], rate: 2Gbps, delay: 3ns}\n"
                            "pathlets: {50: {}, 4: {}}\nmeasure: {queues: {every: 1us, links: ['*left*', bottleneck]}}\n"
                            "tenants: {t: {from: [s*, tap]}}\n");
    const struct spec *spec = f.spec;
    ck_assert(spec->host_count == 4 && spec->node_count == 7 && spec->link_count == 6);
    ck_assert_str_eq(spec->node_names[3], "tap");
    ck_assert_str_eq(spec->node_names[6], "extra");
    assert_link(spec, "left-extra", "left>extra 50 0 2Gbps 3ns");
    ck_assert(link_of(spec, "bottleneck")->loss == 0.02 && link_of(spec, "s0-left")->loss == 0);
    ck_assert_uint_eq(spec->queue_links.count, 4);
    ck_assert_uint_eq(spec->queue_links.items[2], 4);
    ck_assert_uint_eq(spec->queue_links.items[3], 3);
    ck_assert(spec->tenants[0].from.count == 3 && spec->tenants[0].from.items[2] == 3);
    clear(&f);
}
END_TEST

/* The effective scenario has the generator, not its links, and loads to the same. */
START_TEST(generators__effective)
{
    struct fixture f = load("fat_tree: {k: 8, rate: 9Gbps}", "");
    const char *text = f.scenario->effective->str;
    ck_assert_ptr_nonnull(strstr(text, "fat_tree: {k: 8, rate: 9Gbps, delay: 1us, pathlets: port}"));
    ck_assert_ptr_nonnull(strstr(text, "from: all"));
    ck_assert_uint_lt(strlen(text), 1000);
    struct scenario_errors *errors;
    struct scenario *again = scenario_load_text("f", text, strlen(text), NULL, f.registry, &errors);
    ck_assert_ptr_nonnull(again);
    ck_assert_str_eq(again->effective->str, text);
    ck_assert_uint_eq(scenario_spec(again, 0)->link_count, 384);
    scenario_errors_free(errors);
    scenario_free(again);
    clear(&f);
}
END_TEST

/* Entry i of `workload` has the source ports from 1024 + 1000 i on, at every host: what the rule of a tenant refers to. */
START_TEST(generators__source_ports_of_a_workload)
{
    static const char text[] = "name: g\nduration: 1ms\nqueue: droptail\ntransport: tcp\n"
                               "topology: {dumbbell: {senders: 2, receivers: 2, rate: 10Gbps}}\n"
                               "workload:\n"
                               "  - messages: {from: s1, to: r0, bytes: 1KB}\n"
                               "  - messages: {from: s*, to: r*, bytes: 2KB, count: 3}\n"
                               "tenants: {t1: {from: all, ports: 2024..3023}}\n";
    struct run run;
    run_init(&run, text, 0);
    simulation_run(run.simulation, SIM_MS, NULL);
    GArray *messages = simulation_messages(run.simulation);
    ck_assert_uint_eq(messages->len, 7);
    for (guint i = 0; i < messages->len; i++) {
        const struct message_record *message = &g_array_index(messages, struct message_record, i);
        uint32_t first = message->bytes == 1000 ? 1024 : 2024;
        ck_assert(message->src_port >= first && message->src_port < first + 1000);
    }
    ck_assert_uint_eq(simulation_measured_bytes(run.simulation, 0), 12000);
    ck_assert_uint_eq(simulation_measured_bytes(run.simulation, 1), 1000);
    g_array_unref(messages);
    run_clear(&run);
}
END_TEST

/* The permutation is the same in every system, and another with another seed. */
START_TEST(generators__permutation_of_a_run)
{
    static const char text[] = "name: g\nduration: 100us\nseed: %d\nqueue: droptail\n"
                               "topology: {fat_tree: {k: 4, rate: 10Gbps}}\nmeasure: {after: 0us}\n"
                               "workload: {long_flow: {from: all, to: all, pattern: permutation}}\n"
                               "tenants: {t: {from: p0_*}}\n"
                               "systems: {a: {transport: tcp}, b: {transport: tcp}}\n";
    uint64_t digests[3];
    for (int i = 0; i < 3; i++) {
        g_autofree char *seeded = g_strdup_printf(text, i == 2 ? 2 : 1);
        struct simulation_totals totals;
        struct run run;
        run_init(&run, seeded, i == 1);
        simulation_run(run.simulation, 100 * SIM_US, NULL);
        simulation_totals(run.simulation, &totals);
        digests[i] = totals.digest;
        run_clear(&run);
    }
    ck_assert(digests[0] == digests[1] && digests[0] != digests[2]);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, generators__counts);
    tcase_add_test(tcase, generators__links);
    tcase_add_test(tcase, generators__with_listed_nodes);
    tcase_add_test(tcase, generators__effective);
    tcase_add_test(tcase, generators__source_ports_of_a_workload);
    tcase_add_test(tcase, generators__permutation_of_a_run);
}

int main(void)
{
    return suite_run("scenario_generators", add_cases);
}
