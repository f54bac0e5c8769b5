#include <string.h>

#include "scenario/scenario.h"
#include "support/bad_cases.h"
#include "support/suite.h"

/* Loads a case as the command line does; gives the messages. */
static char *messages_of(const struct bad_case *bad, gboolean *loaded)
{
    struct registry *registry = registry_new();
    struct scenario_errors *errors;
    struct scenario_options options = {0};
    const char *sets[] = {NULL, NULL, NULL}, *systems[] = {NULL, NULL}, *varies[] = {NULL, NULL};
    guint set_count = 0;

    for (guint i = 0; i < bad->options->len; i++) {
        const char *option = g_ptr_array_index(bad->options, i);
        const char *value = strchr(option, ' ') + 1;

        if (g_str_has_prefix(option, "--set ") && set_count < 2)
            sets[set_count++] = value;
        else if (g_str_has_prefix(option, "--vary "))
            varies[0] = value;
        else if (g_str_has_prefix(option, "--seed "))
            options.seed = value;
        else if (g_str_has_prefix(option, "--duration "))
            options.duration = value;
        else if (g_str_has_prefix(option, "--system "))
            systems[0] = value;
        else
            ck_abort_msg("unknown option %s", option);
    }
    options.sets = sets;
    options.varies = varies;
    options.systems = systems[0] ? systems : NULL;
    struct scenario *scenario =
        scenario_load_text("bad.yaml", bad->text->str, bad->text->len, &options, registry, &errors);
    char *text = scenario_errors_text(errors);
    *loaded = scenario != NULL;
    scenario_errors_free(errors);
    scenario_free(scenario);
    registry_free(registry);
    return text;
}

/* clang-format off */
START_TEST(bad_scenarios__exact_messages)
{
    GPtrArray *cases = bad_cases_read();
    guint differences = 0;
    ck_assert_uint_ge(cases->len, 40);
    for (guint i = 0; i < cases->len; i++) {
        const struct bad_case *bad = g_ptr_array_index(cases, i);
        gboolean loaded;
        char *messages = messages_of(bad, &loaded);
        if (loaded || strcmp(messages, bad->expected->str) != 0) {
            fprintf(stderr, "cases.txt:%u: %s\nexpected:\n%sfound:\n%s\n", bad->line, bad->name, bad->expected->str,
                    loaded ? "a scenario\n" : messages);
            differences++;
        }
        g_free(messages);
    }
    ck_assert_uint_eq(differences, 0);
    g_ptr_array_unref(cases);
}
END_TEST

/* The base of all cases is right, so that each message is due to its change. */
START_TEST(bad_scenarios__base_loads)
{
    struct registry *registry = registry_new();
    struct scenario_errors *errors;
    char *path = bad_cases_file("base.yaml");
    struct scenario *scenario = scenario_load(path, NULL, registry, &errors);
    char *text = scenario_errors_text(errors);
    ck_assert_msg(scenario, "%s", text);
    ck_assert_uint_eq(scenario_system_count(scenario), 2);
    g_free(text);
    g_free(path);
    scenario_errors_free(errors);
    scenario_free(scenario);
    registry_free(registry);
}
END_TEST

START_TEST(bad_scenarios__files)
{
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"/nowhere/scenario.yaml", "/nowhere/scenario.yaml: No such file or directory\n"},
        {"/tmp", "/tmp: Is a directory\n"},
        {"/dev/zero", "/dev/zero: larger than 16 MiB\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scenario_errors *errors;
        struct registry *registry = registry_new();
        ck_assert_ptr_null(scenario_load(cases[i].path, NULL, registry, &errors));
        char *text = scenario_errors_text(errors);
        ck_assert_str_eq(text, cases[i].expected);
        g_free(text);
        scenario_errors_free(errors);
        registry_free(registry);
    }
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, bad_scenarios__base_loads);
    tcase_add_test(tcase, bad_scenarios__exact_messages);
    tcase_add_test(tcase, bad_scenarios__files);
}

int main(void)
{
    return suite_run("scenario_errors", add_cases);
}
