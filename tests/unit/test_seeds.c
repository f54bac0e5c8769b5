#include "cli/json_text.h"
#include "cli/seeds.h"
#include "support/suite.h"

static const char *const texts[] = {
    "{\"goodput\": 3, \"fct\": {\"p99\": 10.5}, \"bins\": [{\"n\": 1}], \"cpu_seconds\": 1, "
    "\"digest\": \"0x1\"}",
    "{\"goodput\": 1, \"fct\": {\"p99\": null}, \"bins\": [{\"n\": 2}, {\"n\": 7}], "
    "\"cpu_seconds\": 2, \"digest\": \"0x2\"}",
    "{\"goodput\": 2, \"fct\": {\"p99\": 12}, \"bins\": [{\"n\": 9}], \"cpu_seconds\": 3, "
    "\"digest\": \"0x3\"}",
};

static GPtrArray *make_summaries(guint count)
{
    GPtrArray *summaries = g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(summaries, json_from_string(texts[i], NULL));
    return summaries;
}

START_TEST(seeds__median_and_range)
{
    GPtrArray *summaries = make_summaries(3);
    JsonNode *combined = seeds_combine(summaries);
    char *text = json_text(combined);

    ck_assert_str_eq(text, "{\n"
                           "  \"goodput\": 2,\n"
                           "  \"fct\": {\n"
                           "    \"p99\": 12\n"
                           "  },\n"
                           "  \"bins\": [\n"
                           "    {\n"
                           "      \"n\": 2\n"
                           "    },\n"
                           "    {\n"
                           "      \"n\": null\n"
                           "    }\n"
                           "  ],\n"
                           "  \"cpu_seconds\": 2,\n"
                           "  \"digest\": [\"0x1\", \"0x2\", \"0x3\"],\n"
                           "  \"range\": {\n"
                           "    \"goodput\": [1, 3],\n"
                           "    \"fct\": {\n"
                           "      \"p99\": [10.5, null]\n"
                           "    },\n"
                           "    \"bins\": [\n"
                           "      {\n"
                           "        \"n\": [1, 9]\n"
                           "      },\n"
                           "      {\n"
                           "        \"n\": [7, null]\n"
                           "      }\n"
                           "    ]\n"
                           "  }\n"
                           "}\n");
    g_free(text);
    json_node_unref(combined);
    g_ptr_array_unref(summaries);
}
END_TEST

START_TEST(seeds__one_seed_is_itself)
{
    GPtrArray *summaries = make_summaries(1);
    JsonNode *combined = seeds_combine(summaries);
    char *text = json_text(combined), *expected = json_text(summaries->pdata[0]);

    ck_assert_str_eq(text, expected);
    g_free(text);
    g_free(expected);
    json_node_unref(combined);
    g_ptr_array_unref(summaries);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_test(tcase, seeds__median_and_range);
    tcase_add_test(tcase, seeds__one_seed_is_itself);
}

int main(void)
{
    return suite_run("seeds", add_cases);
}
