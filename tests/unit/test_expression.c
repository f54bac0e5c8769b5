#include <math.h>
#include <string.h>

#include "measure/expression.h"
#include "support/suite.h"

static const char *const systems[] = {"mtp", "mtp-fast", "dctcp", "v1.2", "v1", "4way", "min", NULL};

/* mtp.two is 2, and so on; anything else has no value. */
static double look_up(void *context, const char *path)
{
    static const struct {
        const char *path;
        double value;
    } metrics[] = {
        {"mtp.two", 2},       {"mtp.messages.fct_us.p99", 99},
        {"mtp-fast.two", 20}, {"dctcp.three", 3},
        {"v1.2.five", 5},     {"4way.four", 4},
        {"min.one", 1},       {"mtp.zero", 0},
    };

    (void)context;
    for (size_t i = 0; i < G_N_ELEMENTS(metrics); i++)
        if (strcmp(metrics[i].path, path) == 0)
            return metrics[i].value;
    return NAN;
}

/* clang-format off */
START_TEST(expression__values)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"1", 1}, {"1.5e1", 15}, {".5", 0.5}, {"1 + 2 * 3", 7}, {"(1 + 2) * 3", 9}, {"7 - 2 - 1", 4}, {"8 / 4 / 2", 1},
        {"-2 * -3", 6}, {"--2", 2}, {"2 - -2", 4}, {"mtp.two / dctcp.three", 2.0 / 3}, {"mtp.two-1", 1},
        {"mtp-fast.two-1", 19}, {"mtp-fast.two - mtp.two", 18}, {"mtp.two-mtp-fast.two", -18}, {"v1.2.five", 5},
        {"4way.four * 4", 16}, {"min.one", 1}, {"min(3, mtp.two, 7)", 2}, {"max(1)", 1}, {"max(1, 2) - abs(-3)", -1},
        {"abs(mtp.two-5)", 3}, {"  mtp.messages.fct_us.p99  ", 99}, {"min(1,2)*max(3,4)", 4},
        {"mtp.two / 0", NAN}, {"mtp.zero / mtp.zero", NAN}, {"mtp.unknown", NAN}, {"min(1, mtp.unknown)", NAN},
        {"max(mtp.unknown, 1)", NAN}, {"1e308 * 10", NAN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct expression_error error;
        struct expression *expression = expression_parse(cases[i].text, systems, &error);
        ck_assert_msg(expression, "%s: %s", cases[i].text, error.message);
        double value = expression_evaluate(expression, look_up, NULL);
        ck_assert_msg(isnan(cases[i].value) ? isnan(value) : fabs(value - cases[i].value) < 1e-12, "%s is %g",
                      cases[i].text, value);
        expression_free(expression);
    }
}
END_TEST

START_TEST(expression__mistakes)
{
    static const struct {
        const char *text;
        uint32_t offset;
        const char *message;
    } cases[] = {
        {"", 0, "the expression ends too early"},
        {"1 +", 3, "the expression ends too early"},
        {"(1", 2, "expected \")\""},
        {"1)", 1, "expected +, -, * or / instead of \")\""},
        {"1 2", 2, "expected +, -, * or / instead of \"2\""},
        {"1 + * 2", 4, "expected a number, a metric or \"(\" instead of \"*\""},
        {"é", 0, "expected a number, a metric or \"(\" instead of \"é\""},
        {"mtp", 0, "a metric of \"mtp\" is missing: write mtp.METRIC"},
        {"mtp. + 1", 0, "a metric of \"mtp\" is missing: write mtp.METRIC"},
        {"goodput", 0, "\"goodput\" is no metric; write SYSTEM.METRIC"},
        {"1 - dctpc.x", 4, "unknown system \"dctpc\"; did you mean \"dctcp\"?"},
        {"sqrt(2)", 0, "unknown function \"sqrt\"; allowed: min, max, abs"},
        {"max()", 4, "expected a number, a metric or \"(\" instead of \")\""},
        {"min(1, 2", 8, "expected \")\" or \",\""},
        {"abs(1, 2)", 0, "abs takes one argument"},
        {"1.5x", 0, "\"1.5x\" is not a number"},
        {"1e999", 0, "\"1e999\" is not a number"},
        {"mtp.two = 3", 8, "expected +, -, * or / instead of \"=\""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct expression_error error;
        ck_assert_msg(!expression_parse(cases[i].text, systems, &error), "%s", cases[i].text);
        ck_assert_msg(strcmp(error.message, cases[i].message) == 0, "%s: %s", cases[i].text, error.message);
        ck_assert_msg(error.offset == cases[i].offset, "%s: at %u", cases[i].text, error.offset);
        g_free(error.message);
    }
}
END_TEST

/* Whatever is nested a million times is refused, not a stack overflow. */
START_TEST(expression__depth)
{
    static const char *const openings[] = {"(", "-", "abs("};
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        GString *text = g_string_new(NULL);
        struct expression_error error;
        for (int j = 0; j < 1000000; j++)
            g_string_append(text, openings[i]);
        ck_assert_ptr_null(expression_parse(text->str, systems, &error));
        ck_assert_str_eq(error.message, "nested too deeply");
        g_free(error.message);
        g_string_free(text, TRUE);
    }
}
END_TEST

START_TEST(expression__names_its_systems)
{
    struct expression_error error;
    struct expression *expression = expression_parse("mtp-fast.two / dctcp.three", systems, &error);
    ck_assert(expression_uses(expression, "mtp-fast"));
    ck_assert(expression_uses(expression, "dctcp"));
    ck_assert(!expression_uses(expression, "mtp"));
    expression_free(expression);
    expression = expression_parse("v1.2.five", systems, &error);
    ck_assert(expression_uses(expression, "v1.2"));
    ck_assert(!expression_uses(expression, "v1"));
    expression_free(expression);
}
END_TEST
/* clang-format on */

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, expression__values);
    tcase_add_test(tcase, expression__mistakes);
    tcase_add_test(tcase, expression__depth);
    tcase_add_test(tcase, expression__names_its_systems);
}

int main(void)
{
    return suite_run("expression", add_cases);
}
