/* csv: rows as they are, and all that is wrong with its place. What models add is in their tests.
 */
#include <mtpsim/csv.h>

#include <unistd.h>

#include "support/files.h"
#include "support/suite.h"

/* clang-format off */
static const struct sim_csv_column columns[] = {{"time", -1, 1e3, false}, {"place", 0, 7, true}};

static const struct { const char *text; double sum; const char *says; } cases[] = {
    {"", 0, ""},
    {"1,2\n0.5,3", 6.5, ""},
    {"# a comment, of 3, or more\n\n  \r\n1 , 2\r\n\t-1,0\n", 2, ""},
    {"1e2,7\n", 107, ""},
    {"1\n1,2\n", 3, "1:2: the row ends before place; allowed: time,place\n"},
    {"1,2,3\n1,2\n", 3, "1:4: the row goes on after place; allowed: time,place\n"},
    {"1,2,\n", 0, "1:4: the row goes on after place; allowed: time,place\n"},
    {",2\n", 0, "1:1: time is \"\"; allowed: a number from -1 to 1000\n"},
    {"1, \n", 0, "1:4: place is \"\"; allowed: a whole number from 0 to 7\n"},
    {"1,2 3\n", 0, "1:3: place is \"2 3\"; allowed: a whole number from 0 to 7\n"},
    {"1, 8\n", 0, "1:4: place is \"8\"; allowed: a whole number from 0 to 7\n"},
    {"1,2.5\n", 0, "1:3: place is \"2.5\"; allowed: a whole number from 0 to 7\n"},
    {"nan,-1\n1,1", 2, "1:1: time is \"nan\"; allowed: a number from -1 to 1000\n1:5: place is \"-1\"; allowed: a whole number from 0 to 7\n"},
    {"inf,1\n", 0, "1:1: time is \"inf\"; allowed: a number from -1 to 1000\n"},
    {"a\"b\xff,1\n", 0, "1:1: time is \"a\\\"b\\357\\277\\275\"; allowed: a number from -1 to 1000\n"},
};

START_TEST(csv__rows_and_what_is_wrong)
{
    struct file_report report = file_report_new();
    struct sim_csv csv;
    double numbers[2], sum = 0;
    sim_csv_open(&csv, file_of(cases[_i].text), columns, 2, &report.report);
    while (sim_csv_next(&csv, numbers))
        sum += numbers[0] + numbers[1];
    sim_csv_close(&csv);
    unlink(csv.name);
    ck_assert_double_eq(sum, cases[_i].sum);
    file_report_end(&report, cases[_i].says);
}
END_TEST
/* clang-format on */

START_TEST(csv__a_byte_0_is_no_end)
{
    struct file_report report = file_report_new();
    struct sim_csv csv;
    double numbers[2];
    const char *name = file_of("");
    ck_assert(g_file_set_contents(name, "1,2\0003\n4,5\n", 10, NULL));
    sim_csv_open(&csv, name, columns, 2, &report.report);
    ck_assert(sim_csv_next(&csv, numbers));
    ck_assert_double_eq(numbers[0], 4);
    sim_csv_close(&csv);
    unlink(name);
    file_report_end(&report, "1:4: a byte 0 is in the line\n");
}
END_TEST

/* What is no CSV at all is not reported line by line. */
START_TEST(csv__very_much_is_wrong)
{
    struct file_report report = file_report_new();
    GString *text = g_string_new(NULL), *says = g_string_new(NULL);
    struct sim_csv csv;
    double numbers[2];
    for (int i = 1; i <= 1000; i++) {
        g_string_append(text, "1\n");
        if (i <= 20)
            g_string_append_printf(says, "%d:2: the row ends before place; allowed: time,place\n",
                                   i);
    }
    g_string_append(says, "21:1: so much is wrong that the rest is not read\n");
    sim_csv_open(&csv, file_of(text->str), columns, 2, &report.report);
    ck_assert(!sim_csv_next(&csv, numbers));
    sim_csv_close(&csv);
    unlink(csv.name);
    file_report_end(&report, says->str);
    g_string_free(text, TRUE);
    g_string_free(says, TRUE);
}
END_TEST

START_TEST(csv__a_file_that_is_not_there)
{
    struct file_report report = file_report_new();
    struct sim_csv csv;
    double numbers[2];
    sim_csv_open(&csv, "/nonexistent/rows.csv", columns, 2, &report.report);
    ck_assert(!sim_csv_next(&csv, numbers));
    sim_csv_close(&csv);
    file_report_end(&report, "0:1: cannot be read\n");
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, csv__rows_and_what_is_wrong, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, csv__a_byte_0_is_no_end);
    tcase_add_test(tcase, csv__very_much_is_wrong);
    tcase_add_test(tcase, csv__a_file_that_is_not_there);
}

int main(void)
{
    return suite_run("csv", add_cases);
}
