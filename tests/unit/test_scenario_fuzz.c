/* Robustness: thousands of scenarios that differ from a right one by a few bytes. Loading must end
 * without a crash (the sanitizers watch), and what loads must be what the text says: its effective
 * scenario loads too, to itself. */
#include <mtpsim/rng.h>
#include <string.h>

#include "scenario/scenario.h"
#include "support/bad_cases.h"
#include "support/suite.h"

#define VARIANTS 4000

/* One to four changes: a byte replaced, a byte removed, a piece copied elsewhere, a piece removed.
 */
static GString *mutate(const char *text, struct sim_rng *rng)
{
    static const char bytes[] = "{}[]:,-#&*!|>'\"%@`?\n\t 0159abzAZ._/=~\\\x80\xff";
    GString *mutated = g_string_new(text);
    uint64_t changes = 1 + sim_rng_below(rng, 4);

    for (uint64_t i = 0; i < changes && mutated->len > 1; i++) {
        gsize at = sim_rng_below(rng, mutated->len);
        gsize most = mutated->len - at, wanted = 1 + sim_rng_below(rng, 20);
        gsize length = MIN(wanted, most);
        char *piece = g_strndup(mutated->str + at, length);

        switch (sim_rng_below(rng, 4)) {
        case 0:
            mutated->str[at] = bytes[sim_rng_below(rng, sizeof bytes)];
            break;
        case 1:
            g_string_erase(mutated, (gssize)at, 1);
            break;
        case 2:
            g_string_insert(mutated, (gssize)sim_rng_below(rng, mutated->len), piece);
            break;
        default:
            g_string_erase(mutated, (gssize)at, (gssize)length);
            break;
        }
        g_free(piece);
    }
    return mutated;
}

/* Whether it loads; fails the test when it loads to something that it does not say. */
static gboolean try_text(const GString *text, struct registry *registry)
{
    struct scenario_errors *errors, *errors_again;
    struct scenario *scenario =
        scenario_load_text("f", text->str, text->len, NULL, registry, &errors);

    if (!scenario) {
        char *messages = scenario_errors_text(errors);

        ck_assert_msg(g_str_has_prefix(messages, "f:"), "refused without a place: %s", messages);
        g_free(messages);
        scenario_errors_free(errors);
        return FALSE;
    }
    const GString *effective = scenario->effective;
    struct scenario *again =
        scenario_load_text("f", effective->str, effective->len, NULL, registry, &errors_again);
    ck_assert_msg(again && strcmp(again->effective->str, effective->str) == 0, "of %s\n%s",
                  text->str, effective->str);
    scenario_free(again);
    scenario_free(scenario);
    scenario_errors_free(errors);
    scenario_errors_free(errors_again);
    return TRUE;
}

/* clang-format off */
START_TEST(fuzz__mutated_scenarios)
{
    struct registry *registry = registry_new();
    struct sim_rng rng;
    char *path = bad_cases_file("base.yaml"), *base;
    guint loaded = 0;
    ck_assert(g_file_get_contents(path, &base, NULL, NULL));
    sim_rng_init(&rng, 1, "fuzz");
    for (int i = 0; i < VARIANTS; i++) {
        GString *text = mutate(base, &rng);
        loaded += try_text(text, registry);
        g_string_free(text, TRUE);
    }
    /* Most changes are mistakes; those that are not rename things, change a number, or drop an optional key. */
    ck_assert_uint_gt(loaded, 0);
    ck_assert_uint_lt(loaded, VARIANTS / 4);
    g_free(base);
    g_free(path);
    registry_free(registry);
}
END_TEST

/* What makes other things: a generator, a sweep, patterns, events. */
static const char makers[] = "name: m\nduration: 1ms\nqueue: droptail\ntransport: tcp\n"
                             "topology: {leaf_spine: {leaves: 2, spines: 2, hosts_per_leaf: 2, rate: 9Gbps, uplink_rate: 4Gbps},\n"
                             "           hosts: [tap], links: [{ends: [tap, s0], rate: 1Gbps, delay: 1us}]}\n"
                             "workload: {long_flow: {from: l?_*, to: 'l[01]_*', pattern: permutation}}\n"
                             "vary: {duration: [1ms, 2ms], topology.leaf_spine.pathlets: [port, tier]}\n"
                             "tenants: {t: {from: [l0_*, tap], ports: 1..9}}\n"
                             "events: [{at: 5us, link: '*-s1', loss: 1%}]\n";

START_TEST(fuzz__mutated_makers)
{
    struct registry *registry = registry_new();
    struct sim_rng rng;
    guint loaded = 0;
    sim_rng_init(&rng, 3, "fuzz");
    for (int i = 0; i < VARIANTS; i++) {
        GString *text = mutate(makers, &rng);
        loaded += try_text(text, registry);
        g_string_free(text, TRUE);
    }
    ck_assert_uint_gt(loaded, 0);
    ck_assert_uint_lt(loaded, VARIANTS / 4);
    registry_free(registry);
}
END_TEST

/* Overrides are texts of the user's too. */
START_TEST(fuzz__mutated_overrides)
{
    static const char *const seeds[] = {"topology.links.slow.rate=25Gbps", "systems.mtp.transport.mtp.congestion.dctcp.g=0.1",
                                        "measure={after: 1us, throughput: {every: 2us}}", "workload.long_flow.to=[b, c]"};
    struct registry *registry = registry_new();
    struct sim_rng rng;
    char *path = bad_cases_file("base.yaml"), *base;
    ck_assert(g_file_get_contents(path, &base, NULL, NULL));
    sim_rng_init(&rng, 2, "fuzz");
    for (int i = 0; i < VARIANTS; i++) {
        GString *set = mutate(seeds[i % G_N_ELEMENTS(seeds)], &rng);
        const char *const sets[] = {set->str, NULL};
        const struct scenario_options options = {.sets = sets};
        struct scenario_errors *errors;
        scenario_free(scenario_load_text("f", base, strlen(base), &options, registry, &errors));
        scenario_errors_free(errors);
        g_string_free(set, TRUE);
    }
    g_free(base);
    g_free(path);
    registry_free(registry);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, fuzz__mutated_scenarios);
    tcase_add_test(tcase, fuzz__mutated_makers);
    tcase_add_test(tcase, fuzz__mutated_overrides);
}

int main(void)
{
    g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
    return suite_run("scenario_fuzz", add_cases);
}
