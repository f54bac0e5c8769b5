#include <string.h>

#include "cli/options.h"
#include "support/suite.h"

static const struct option_row rows[] = {
    {"set", "PATH=VALUE", "change a value", true},
    {"seed", "N", "the seed", false},
    {"quiet", NULL, "no messages", false},
    {"help", NULL, "this text", true},
    {NULL, NULL, NULL, false},
};

START_TEST(options__values)
{
    const char *arguments[] = {"a.yaml", "--set", "x=1", "--seed=7", "--set=y=2", "--quiet", "-", NULL};
    struct options options;
    const char *const *sets;

    ck_assert(options_parse(&options, rows, (char **)arguments, NULL));
    sets = options_values(&options, "set");
    ck_assert_str_eq(sets[0], "x=1");
    ck_assert_str_eq(sets[1], "y=2");
    ck_assert_ptr_null(sets[2]);
    ck_assert_str_eq(options_value(&options, "seed"), "7");
    ck_assert(options_has(&options, "quiet"));
    ck_assert(!options_has(&options, "help"));
    ck_assert_ptr_null(options_value(&options, "help"));
    ck_assert_uint_eq(options_positional_count(&options), 2);
    ck_assert_str_eq(options.positional->pdata[0], "a.yaml");
    ck_assert_str_eq(options.positional->pdata[1], "-");
    options_clear(&options);
}
END_TEST

START_TEST(options__errors)
{
    static const struct {
        const char *first, *second, *problem;
    } cases[] = {
        {"--seeed", "7", "unknown option \"--seeed\"; did you mean \"--seed\"?"},
        {"--quiet=yes", NULL, "--quiet takes no argument"},
        {"--seed", NULL, "--seed needs an argument: --seed N"},
        {"--seed=1", "--seed=2", "--seed is given twice"},
        {"-q", NULL, "unknown option \"-q\"; options begin with --"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *arguments[] = {(char *)cases[i].first, (char *)cases[i].second, NULL};
        struct options options;
        GError *error = NULL;

        ck_assert(!options_parse(&options, rows, arguments, &error));
        ck_assert_str_eq(error->message, cases[i].problem);
        g_clear_error(&error);
        options_clear(&options);
    }
}
END_TEST

START_TEST(options__help_lists_all)
{
    char *help = options_help(rows);

    ck_assert_str_eq(help, "  --set PATH=VALUE      change a value\n"
                           "  --seed N              the seed\n"
                           "  --quiet               no messages\n"
                           "  --help                this text\n");
    g_free(help);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, options__values);
    tcase_add_test(tcase, options__errors);
    tcase_add_test(tcase, options__help_lists_all);
}

int main(void)
{
    return suite_run("options", add_cases);
}
