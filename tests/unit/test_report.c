#include <string.h>

#include "cli/progress.h"
#include "cli/report.h"
#include "cli/table.h"
#include "support/suite.h"

static const char summary_text[] =
    "{\"systems\": {"
    "  \"dctcp\": {\"goodput_gbps\": 44.1234, \"drops\": 0, \"timeouts\": 0,"
    "    \"messages\": {\"completed\": 9, \"unfinished\": 1, \"fct_us\": {\"p50\": 12, \"p99\": "
    "null}},"
    "    \"digest\": \"0xaa\"},"
    "  \"mtp\": {\"goodput_gbps\": 50, \"drops\": 3, \"timeouts\": 0,"
    "    \"messages\": {\"completed\": 10, \"unfinished\": 0, \"fct_us\": {\"p50\": 9.5, \"p99\": "
    "20}},"
    "    \"digest\": \"0xbb\"}},"
    " \"expectations\": ["
    "  {\"that\": \"mtp.goodput_gbps / dctcp.goodput_gbps\", \"value\": 1.133, \"at_least\": 1.2,"
    "   \"at_most\": null, \"paper\": 1.33, \"holds\": false},"
    "  {\"that\": \"mtp.drops\", \"value\": 3, \"at_least\": 1, \"at_most\": 5, \"paper\": null,"
    "   \"holds\": true},"
    "  {\"that\": \"mtp.timeouts\", \"value\": null, \"at_least\": null, \"at_most\": 5,"
    "   \"paper\": null, \"holds\": null}]}";

START_TEST(report__tables)
{
    JsonNode *summary = json_from_string(summary_text, NULL);
    char *text = report_text(summary, false);

    ck_assert_str_eq(
        text, "system  goodput Gbps  messages  unfinished  fct p50 us  p99 us  drops  digest\n"
              "dctcp         44.123         9           1       12.00       -      0    0xaa\n"
              "mtp           50.000        10           0        9.50   20.00      3    0xbb\n"
              "\n"
              "expectation                            value   bound  paper       holds\n"
              "mtp.goodput_gbps / dctcp.goodput_gbps  1.133  >= 1.2   1.33          NO\n"
              "mtp.drops                                  3  1 .. 5      -         yes\n"
              "mtp.timeouts                               -    <= 5      -  not judged\n");
    g_free(text);
    json_node_unref(summary);
}
END_TEST

START_TEST(report__ranges)
{
    JsonNode *summary = json_from_string(
        "{\"systems\": {\"mtp\": {\"goodput_gbps\": 50, \"drops\": 1, \"digest\": [\"0x1\", "
        "\"0x2\"],"
        " \"range\": {\"goodput_gbps\": [50, 50], \"drops\": [0, 2]}}}, \"expectations\": []}",
        NULL);
    char *text = report_text(summary, false);

    ck_assert_str_eq(text, "system  goodput Gbps     drops        digest\n"
                           "mtp           50.000  1 [0, 2]  in seeds.csv\n");
    g_free(text);
    json_node_unref(summary);
}
END_TEST

static const char sweep_text[] =
    "{\"points\": ["
    "  {\"values\": {\"queue.mark_at\": \"5p\", \"load\": 0.5}, \"systems\": {"
    "    \"dctcp\": {\"goodput_gbps\": 44, \"drops\": 0},"
    "    \"mtp\": {\"goodput_gbps\": 50, \"drops\": 0}}},"
    "  {\"values\": {\"queue.mark_at\": \"20p\", \"load\": 0.5}, \"systems\": {"
    "    \"dctcp\": {\"goodput_gbps\": 45, \"drops\": 0},"
    "    \"mtp\": {\"goodput_gbps\": null, \"drops\": 1}}}],"
    " \"expectations\": ["
    "  {\"point\": \"mark_at=5p,load=0.5\", \"that\": \"mtp.drops\", \"value\": 0,"
    "   \"at_least\": null, \"at_most\": 0, \"paper\": null, \"holds\": true},"
    "  {\"point\": \"mark_at=20p,load=0.5\", \"that\": \"mtp.drops\", \"value\": 1,"
    "   \"at_least\": null, \"at_most\": 0, \"paper\": null, \"holds\": false}]}";

START_TEST(report__sweep)
{
    JsonNode *summary = json_from_string(sweep_text, NULL);
    char *text = report_text(summary, false);

    ck_assert_str_eq(text, "mark_at  load  system  goodput Gbps  drops\n"
                           "5p       0.5   dctcp         44.000      0\n"
                           "5p       0.5   mtp           50.000      0\n"
                           "20p      0.5   dctcp         45.000      0\n"
                           "20p      0.5   mtp                -      1\n"
                           "\n"
                           "at                    expectation  value  bound  paper  holds\n"
                           "mark_at=20p,load=0.5  mtp.drops        1   <= 0      -     NO\n"
                           "\n"
                           "expectations: 2, of which 1 does not hold\n");
    g_free(text);
    json_node_unref(summary);
}
END_TEST

START_TEST(report__sweep_without_a_point)
{
    JsonNode *summary = json_from_string("{\"points\": [], \"expectations\": []}", NULL);
    char *text = report_text(summary, false);

    ck_assert_str_eq(text, "");
    g_free(text);
    json_node_unref(summary);
}
END_TEST

START_TEST(report__colours_only_when_asked)
{
    JsonNode *summary = json_from_string(summary_text, NULL);
    char *text = report_text(summary, true);

    ck_assert_ptr_nonnull(strstr(text, "\033[1;31mNO\033[0m"));
    ck_assert_ptr_nonnull(strstr(text, "\033[32myes\033[0m"));
    g_free(text);
    json_node_unref(summary);
}
END_TEST

START_TEST(progress__text)
{
    struct progress progress = {.jobs = 2, .duration = 40 * SIM_MS};
    struct progress_state state = {.simulated = 10 * SIM_MS, .packet_hops = 50000000};
    char *text = progress_text(&progress, &state, 2);

    ck_assert_str_eq(text,
                     " 25 %, 5.000 of 20.000 ms in each of 2 runs, 25.0 M packet-hops/s, 6 s left");
    g_free(text);
    text = progress_text(&progress, &state, 3000);
    ck_assert_ptr_nonnull(strstr(text, "2 h 30 min left"));
    g_free(text);
    state.simulated = 40 * SIM_MS;
    text = progress_text(&progress, &state, 2);
    ck_assert_ptr_null(strstr(text, "left"));
    g_free(text);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, report__tables);
    tcase_add_test(tcase, report__ranges);
    tcase_add_test(tcase, report__sweep);
    tcase_add_test(tcase, report__sweep_without_a_point);
    tcase_add_test(tcase, report__colours_only_when_asked);
    tcase_add_test(tcase, progress__text);
}

int main(void)
{
    return suite_run("report", add_cases);
}
