#include <string.h>

#include "cli/json_text.h"
#include "cli/points.h"
#include "scenario/scenario.h"
#include "support/suite.h"

struct name_case {
    const char *labels[3];
    const char *name;
};

START_TEST(points__name)
{
    static const struct name_case cases[] = {
        {{"queue.ecn_threshold.mark_at=5p"}, "mark_at=5p"},
        {{"queue.ecn_threshold.mark_at=5p", "topology.mtu=1500B"}, "mark_at=5p,mtu=1500B"},
        {{"links.fast.rate=1Gbps", "links.slow.rate=2Gbps"},
         "links.fast.rate=1Gbps,links.slow.rate=2Gbps"},
        {{"seed=-1"}, "seed=-1"},
        {{"workload.0.poisson.load=50%"}, "load=50%"},
        {{"queue={drr: {a: ../b}}"}, "queue=_drr___a__.._b__"},
        {{"g"}, "g="},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *name = points_name(cases[i].labels);

        ck_assert_str_eq(name, cases[i].name);
        g_free(name);
    }
}
END_TEST

static const char sweep[] = "name: sweep\n"
                            "duration: 1ms\n"
                            "seeds: 3..4\n"
                            "topology:\n"
                            "  hosts: [a, b]\n"
                            "  switches: [s]\n"
                            "  links:\n"
                            "    - {name: one, ends: [a, s], rate: 10Gbps, delay: 1us}\n"
                            "    - {name: two, ends: [s, b], rate: 10Gbps, delay: 1us}\n"
                            "queue: {ecn_threshold: {capacity: 128p, mark_at: 20p}}\n"
                            "workload:\n"
                            "  - long_flow: {from: a, to: b}\n"
                            "systems:\n"
                            "  tcp: {transport: {tcp: {congestion: dctcp}}}\n";

/* Loads the sweep's points with the overrides; NULL when that fails. */
static struct points *load(struct registry *registry, struct scenario **scenario,
                           const char *const *varies)
{
    struct scenario_options options = {.varies = varies};
    struct scenario_errors *errors;

    *scenario = scenario_load_text("sweep.yaml", sweep, strlen(sweep), &options, registry, &errors);
    ck_assert_ptr_nonnull(*scenario);
    scenario_errors_free(errors);
    return points_load(*scenario);
}

START_TEST(points__combinations)
{
    static const char *const varies[] = {"queue.ecn_threshold.mark_at=5p,20p",
                                         "topology.links.one.delay=1us,2us,3us", NULL};
    struct registry *registry = registry_new();
    struct scenario *scenario;
    struct points *points = load(registry, &scenario, varies);
    char *folder;

    ck_assert_ptr_nonnull(points);
    ck_assert(points->swept);
    ck_assert_uint_eq(points->count, 6);
    ck_assert_str_eq(points->items[1].name, "mark_at=5p,delay=2us");
    ck_assert_str_eq(points->items[5].name, "mark_at=20p,delay=3us");
    ck_assert_int_eq(scenario_spec(points->items[5].scenario, 0)->links[0].delay, 3 * SIM_US);
    folder = point_folder(&points->items[0]);
    ck_assert_str_eq(folder, "sweep/mark_at=5p,delay=1us");
    g_free(folder);
    points_free(points);
    scenario_free(scenario);
    registry_free(registry);
}
END_TEST

START_TEST(points__nothing_varied)
{
    struct registry *registry = registry_new();
    struct scenario *scenario;
    struct points *points = load(registry, &scenario, NULL);
    char *folder = point_folder(&points->items[0]);

    ck_assert(!points->swept);
    ck_assert_uint_eq(points->count, 1);
    ck_assert_ptr_eq(points->items[0].scenario, scenario);
    ck_assert_str_eq(folder, ".");
    g_free(folder);
    points_free(points);
    scenario_free(scenario);
    registry_free(registry);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, points__name);
    tcase_add_test(tcase, points__combinations);
    tcase_add_test(tcase, points__nothing_varied);
}

int main(void)
{
    return suite_run("points", add_cases);
}
