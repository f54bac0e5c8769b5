#include "core/number.h"

#include <glib.h>

#include "support/suite.h"

START_TEST(number__shortest_text)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},
        {0, "0"},
        {-0.0, "0"},
        {20000, "20000"},
        {1e14, "100000000000000"},
        {1.0 / 3, "0.3333333333333333"},
        {1e-7, "1e-07"},
        {-2.5, "-2.5"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e300, "1e+300"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = number_text(cases[i].value);

        ck_assert_str_eq(text, cases[i].text);
        ck_assert_double_eq(g_ascii_strtod(text, NULL), cases[i].value);
        g_free(text);
    }
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, number__shortest_text);
}

int main(void)
{
    return suite_run("number", add_cases);
}
