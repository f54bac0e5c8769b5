#include "cli/metrics_csv.h"
#include "support/suite.h"

static void check_table(const char *const *headers, const char *const *const *keys,
                        const char *const *summaries, guint count, const char *expected)
{
    struct metrics_row *rows = g_new(struct metrics_row, count);
    char *text;

    for (guint i = 0; i < count; i++)
        rows[i] = (struct metrics_row){keys[i], json_from_string(summaries[i], NULL)};
    text = metrics_csv(headers, rows, count);
    ck_assert_str_eq(text, expected);
    g_free(text);
    for (guint i = 0; i < count; i++)
        json_node_unref(rows[i].summary);
    g_free(rows);
}

START_TEST(metrics_csv__columns_of_all_rows)
{
    static const char *const headers[] = {"system", "seed", NULL};
    static const char *const five[] = {"mtp", "5", NULL}, *const six[] = {"mtp", "6", NULL};
    static const char *const *const keys[] = {five, six};
    static const char *const summaries[] = {
        "{\"goodput\": 3, \"fct\": {\"p99\": 10.5}, \"bins\": [{\"n\": 1}], "
        "\"cpu_seconds\": 1, \"digest\": \"0x1\"}",
        "{\"goodput\": 1, \"fct\": {\"p99\": null}, \"bins\": [{\"n\": 2}, {\"n\": 7}], "
        "\"cpu_seconds\": 2, \"digest\": \"0x2\"}",
    };

    check_table(headers, keys, summaries, 2,
                "system,seed,goodput,fct.p99,bins.0.n,digest,bins.1.n\n"
                "mtp,5,3,10.5,1,0x1,\n"
                "mtp,6,1,,2,0x2,7\n");
}
END_TEST

START_TEST(metrics_csv__ranges)
{
    static const char *const headers[] = {"system", NULL};
    static const char *const key[] = {"mtp", NULL};
    static const char *const *const keys[] = {key};
    static const char *const summaries[] = {
        "{\"goodput\": 3, \"fct\": {\"p99\": 10}, \"range\": {\"goodput\": [1, 4], "
        "\"fct\": {\"p99\": [8, null]}}}",
    };

    check_table(headers, keys, summaries, 1,
                "system,goodput,fct.p99,goodput.low,goodput.high,fct.p99.low,fct.p99.high\n"
                "mtp,3,10,1,4,8,\n");
}
END_TEST

START_TEST(metrics_csv__quotes)
{
    static const char *const headers[] = {"a,b", "system", NULL};
    static const char *const empty[] = {"", "m\"t\"p", NULL};
    static const char *const *const keys[] = {empty};
    static const char *const summaries[] = {"{\"n\": 1}"};

    check_table(headers, keys, summaries, 1, "\"a,b\",system,n\n,\"m\"\"t\"\"p\",1\n");
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, metrics_csv__columns_of_all_rows);
    tcase_add_test(tcase, metrics_csv__ranges);
    tcase_add_test(tcase, metrics_csv__quotes);
}

int main(void)
{
    return suite_run("metrics_csv", add_cases);
}
